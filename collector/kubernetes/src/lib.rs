//! The table of a cluster's pods that the plugin `k8s-attributes` looks up.
//!
//! A [`Feed`] takes what the API server says, or a file, and publishes immutable snapshots; a
//! [`Pods`] answers questions from the newest one. Maps are persistent, so a change copies a path and
//! not the table, and readers never wait for a writer. What an answer says of a pod is written once,
//! when the pod changes: a look-up is a few hash look-ups and a copy.
//!
//! With the feature `watch` a [`Watcher`] follows the API server: lists, watches with bookmarks,
//! starts over where the server has forgotten (410), waits where it refuses, and goes on answering
//! from what it knew.
//!
//! Must never: block or fail a look-up because the cluster cannot be reached, keep more of an object
//! than the settings ask for, or write to the cluster.

#![warn(missing_docs)]
#![cfg_attr(
    not(any(feature = "watch", test)),
    expect(dead_code, reason = "whole lists come from a watcher only")
)]

mod answer;
mod feed;
mod file;
mod keep;
mod kind;
mod object;
mod pod;
mod pods;
mod question;
mod settings;
mod snapshot;
#[cfg(feature = "watch")]
mod watch;

pub use feed::Feed;
pub use file::FileError;
pub use kind::Kind;
pub use pods::{Pods, TableCounters};
pub use settings::{Settings, SettingsError, Source};
#[cfg(feature = "watch")]
pub use watch::{Connect, WatchError, Watcher};

/// The name under which plugins look the table up.
pub const TABLE: &str = "kubernetes";
