//! What the gate reports, checked against plain search.

mod ask;
mod oracle;
mod required;
