//! The transcoder against oracles that know nothing of it.
//!
//! `prost` decodes what was made of JSON, `serde_json` judges and reads what was written, and the
//! serde feature of `opentelemetry-proto` gives a second opinion where it can be trusted. Nothing
//! here may take an expected value from the code under test.

mod batch;
mod captures;
#[path = "../../../otlp-wire/tests/oracle/generate.rs"]
mod generate;
mod hostile;
mod kinds;
mod members;
mod reading;
mod round_trip;
mod signals;
mod writing;
