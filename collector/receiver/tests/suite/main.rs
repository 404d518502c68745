//! The receiver from outside: over sockets, with a consumer that records.
//!
//! Where a client library would refuse to misbehave, the bytes are written by hand.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod grpc;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod life;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod tls;
