//! The daemon and command line of Tamis.
//!
//! `main` parses and dispatches; a verb is a module of [`commands`]; [`config`] is the one loader
//! that all verbs use. Must never: know how a plugin works; that is the library's.

#![warn(missing_docs)]

pub mod commands;
pub mod config;
mod daemon;
pub mod exit;
mod scrub;
mod terminal;
