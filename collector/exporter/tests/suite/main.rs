//! Exporters against real servers on loopback that answer by a script.
//!
//! The stop of an exporter is what tests wait for: it ends when everything is accounted for.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod words;
