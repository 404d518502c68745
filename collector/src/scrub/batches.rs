//! The batches of one file, each through its chain, and the file that becomes of them.
//!
//! OTLP/JSON goes through the chain as protobuf and comes back as JSON. A document that nobody
//! changed is written as it stood, unless it has members that OTLP does not know: no plugin sees
//! those, so they must not leave.

use bytes::Bytes;
use otlp_json::{JsonError, Style};
use tamis::{Outcome, Refusal, Report, Signal, Tamis, WireError};

/// Where the batches of a file go.
pub(crate) trait Chains {
    /// The chain for a signal.
    ///
    /// # Errors
    /// Why there is none, in words.
    fn of(&self, signal: Signal) -> Result<&Tamis, String>;
}

/// What became of one batch, before it is forgotten.
pub(crate) struct Done<'b> {
    /// Its ordinal in the file.
    pub(crate) batch: usize,
    pub(crate) signal: Signal,
    /// As it came in, as protobuf.
    pub(crate) before: &'b [u8],
    pub(crate) report: &'b Report,
    /// Members or fields that OTLP does not know and that were left out.
    pub(crate) unknown: usize,
}

/// Why a batch, or a file, has no output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("neither OTLP protobuf nor OTLP/JSON; `--text` scrubs plain text")]
    NotOtlp,
    #[error("OTLP/JSON of {found}, not of {named}")]
    OtherSignal { found: Signal, named: Signal },
    #[error("may be a batch of more than one signal: name it with --signal")]
    Ambiguous,
    #[error("not a batch of {signal}")]
    Wire { signal: Signal, source: WireError },
    #[error("not a batch of {signal}")]
    Json { signal: Signal, source: JsonError },
    #[error("{0}")]
    NoChain(String),
    #[error("the batch may not leave")]
    Refused(#[source] Refusal),
}

/// Runs all batches of a file through their chains. `done` hears of every batch that went through
/// one; a batch with a fault is left out of the output, and the others go on.
pub(crate) fn scrub(
    file: Bytes,
    named: Option<Signal>,
    chains: &impl Chains,
    done: &mut dyn FnMut(Done<'_>),
) -> (Option<Bytes>, Vec<(usize, Fault)>) {
    if file.trim_ascii().is_empty() && !file.starts_with(b"\n") || file.is_empty() {
        return (Some(file), Vec::new());
    }
    match is_json(&file, named) {
        true => json_file(file, named, chains, done),
        false => match protobuf_file(file, named, chains, done) {
            Ok(output) => (output, Vec::new()),
            Err(fault) => (None, vec![(0, fault)]),
        },
    }
}

/// A batch of protobuf begins with a line feed, as JSON may: the length behind it may be a brace.
fn is_json(file: &[u8], named: Option<Signal>) -> bool {
    let text = file.trim_ascii_start();
    let text = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start();
    let braced = text.starts_with(b"{");
    let protobuf = || match named {
        Some(signal) => tamis::check(signal, file).is_ok(),
        None => otlp_json::guess(file).is_some(),
    };
    braced && !(file.starts_with(b"\n") && protobuf())
}

fn protobuf_file(
    file: Bytes,
    named: Option<Signal>,
    chains: &impl Chains,
    done: &mut dyn FnMut(Done<'_>),
) -> Result<Option<Bytes>, Fault> {
    let signal = match named {
        Some(signal) => signal,
        None => otlp_json::guess(&file).ok_or_else(|| why_no_signal(&file))?,
    };
    tamis::check(signal, &file).map_err(|source| Fault::Wire { signal, source })?;
    let chain = chains.of(signal).map_err(Fault::NoChain)?;
    let (output, report) = leave(chain.process(signal, file.clone()))?;
    done(Done {
        batch: 0,
        signal,
        before: &file,
        report: &report,
        unknown: 0,
    });
    Ok(output.map(|output| match output {
        Left::Same => file,
        Left::Edited(bytes) => bytes,
    }))
}

fn why_no_signal(file: &[u8]) -> Fault {
    let readings = Signal::ALL
        .iter()
        .filter(|signal| tamis::check(**signal, file).is_ok());
    match readings.count() {
        0 => Fault::NotOtlp,
        _ => Fault::Ambiguous,
    }
}

enum Left {
    Same,
    Edited(Bytes),
}

/// What may leave of an outcome; nothing when all was dropped.
fn leave(outcome: Outcome) -> Result<(Option<Left>, Report), Fault> {
    Ok(match outcome {
        Outcome::Unchanged { report, .. } => (Some(Left::Same), report),
        Outcome::Edited { bytes, report } => (Some(Left::Edited(bytes)), report),
        Outcome::Dropped { report } => (None, report),
        Outcome::Refused(refusal) => return Err(Fault::Refused(refusal)),
    })
}

fn json_file(
    file: Bytes,
    named: Option<Signal>,
    chains: &impl Chains,
    done: &mut dyn FnMut(Done<'_>),
) -> (Option<Bytes>, Vec<(usize, Fault)>) {
    let (mut output, mut faults) = (Vec::new(), Vec::new());
    let (mut same, mut written) = (true, 0);
    for (batch, document) in otlp_json::documents(&file).enumerate() {
        let start = output.len();
        match json_document(document, batch, named, chains, done, &mut output) {
            Ok(left) => {
                same &= matches!(left, Some(Left::Same));
                if left.is_some() {
                    written += 1;
                    output.push(b'\n');
                }
            }
            Err(fault) => {
                output.truncate(start);
                faults.push((batch, fault));
            }
        }
    }
    let output = match (written, faults.is_empty()) {
        (0, _) => None,
        (_, true) if same => Some(file),
        _ => Some(output.into()),
    };
    (output, faults)
}

/// Appends the document as it may leave; nothing when all was dropped.
fn json_document(
    document: &[u8],
    batch: usize,
    named: Option<Signal>,
    chains: &impl Chains,
    done: &mut dyn FnMut(Done<'_>),
    output: &mut Vec<u8>,
) -> Result<Option<Left>, Fault> {
    let signal = match (otlp_json::signal_of(document), named) {
        (Some(found), Some(named)) if found != named => {
            return Err(Fault::OtherSignal { found, named });
        }
        (Some(found), _) => found,
        (None, Some(named)) => named,
        (None, None) => return Err(Fault::NotOtlp),
    };
    let mut before = Vec::new();
    let transcoded = otlp_json::to_protobuf(signal, document, &mut before)
        .map_err(|source| Fault::Json { signal, source })?;
    let before = Bytes::from(before);
    let chain = chains.of(signal).map_err(Fault::NoChain)?;
    let (left, report) = leave(chain.process(signal, before.clone()))?;
    done(Done {
        batch,
        signal,
        before: &before,
        report: &report,
        unknown: transcoded.unknown_members,
    });
    let bytes = match left {
        None => return Ok(None),
        Some(Left::Same) if transcoded.unknown_members == 0 => {
            output.extend_from_slice(document);
            return Ok(Some(Left::Same));
        }
        Some(Left::Same) => before,
        Some(Left::Edited(bytes)) => bytes,
    };
    let style = match document.contains(&b'\n') {
        true => Style::Pretty,
        false => Style::Compact,
    };
    otlp_json::to_json(signal, &bytes, style, output)
        .map_err(|source| Fault::Wire { signal, source })?;
    Ok(Some(Left::Edited(bytes)))
}
