//! What the gate reports, checked against plain search.

mod ask;
mod choice;
mod hostile;
mod literals;
mod oracle;
mod required;
