//! What the crate says, held against oracles that know nothing of it.
//!
//! `prost` decodes what was spliced; the descriptors of the protobuf compiler list the fields; a
//! writer of odd encodings plants secrets where `prost` does not look. Nothing here may take an
//! expected value from the code under test.

#[cfg(test)]
mod bytes;
#[cfg(test)]
mod check;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod fields;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod model;
#[cfg(test)]
mod records;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod scramble;
#[cfg(test)]
mod seek;
#[cfg(test)]
mod split;
#[cfg(test)]
mod usual;
