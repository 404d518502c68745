//! What the gate reports, checked against plain search.

mod ask;
mod literals;
mod oracle;
mod required;
