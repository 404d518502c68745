//! Writing a batch with some ranges replaced.
//!
//! Two kinds of replacements make up the output: the edits themselves, and the new lengths of the
//! messages around them. Sorted by position they turn one copy of the batch into the other.
//! Nothing else may change by a single byte; a length that stays is not even written minimally.

use std::cmp::Reverse;
use std::error::Error;
use std::fmt;
use std::ops::Range;

use crate::tree::{NONE, Nest};
use crate::varint;

/// A range of the batch that is replaced by a text.
///
/// A range is empty for an insertion. Whole fields are cut or inserted in the nest of the message
/// around them, text is replaced in the nest of its leaf.
#[derive(Clone)]
pub struct Edit<'a> {
    /// The innermost nest that contains the range; the range lies in its payload.
    pub nest: u32,
    /// What is replaced, in bytes of the batch.
    pub range: Range<usize>,
    /// What takes its place.
    pub text: &'a [u8],
}

impl fmt::Debug for Edit<'_> {
    /// Without the text, which is content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nest, range, text } = self;
        write!(
            f,
            "edit of {range:?} in nest {nest} with {} bytes",
            text.len()
        )
    }
}

/// Where a splice put things.
#[derive(Clone, Debug, Default)]
pub struct Written {
    texts: Vec<Range<usize>>,
    copied: Vec<Copied>,
}

/// A stretch that was copied as it stood.
#[derive(Clone, Copy, Debug)]
struct Copied {
    old: usize,
    new: usize,
    len: usize,
}

impl Written {
    /// Where the text of each edit stands in the output, in the order of the edits.
    pub fn texts(&self) -> &[Range<usize>] {
        &self.texts
    }

    /// Where a position of the batch stands in the output; for one within what was replaced, where
    /// the replacement begins.
    pub fn place(&self, old: usize) -> usize {
        let after = self.copied.partition_point(|copied| copied.old <= old);
        let before = after
            .checked_sub(1)
            .and_then(|index| self.copied.get(index));
        before.map_or(old, |copied| {
            copied.new + (old - copied.old).min(copied.len)
        })
    }

    fn clear(&mut self, edits: usize) {
        self.texts.clear();
        self.texts.resize(edits, 0..0);
        self.copied.clear();
    }
}

/// Why edits cannot be applied. The numbers are positions in the list of edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpliceError {
    /// The edit names a nest that does not exist, or whose offsets contradict its parent's.
    Nest {
        /// The edit.
        edit: usize,
    },
    /// The range of the edit is not within its nest.
    Range {
        /// The edit.
        edit: usize,
    },
    /// The edit begins within what another edit replaces, or the other way round.
    Overlap {
        /// The edit.
        edit: usize,
    },
}

impl fmt::Display for SpliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nest { edit } => write!(f, "edit {edit} names an invalid nest"),
            Self::Range { edit } => write!(f, "edit {edit} reaches beyond its nest"),
            Self::Overlap { edit } => write!(f, "edit {edit} overlaps another edit"),
        }
    }
}

impl Error for SpliceError {}

/// A range and what takes its place: the text of an edit, or the new length of a nest.
struct Patch {
    range: Range<usize>,
    nest: u32,
    content: Content,
}

enum Content {
    Edit(usize),
    Length(u64),
}

/// Applies edits to a batch and writes it to `out`, which is cleared.
///
/// Edits come in any order. Insertions at the same position of the same nest keep theirs, and at
/// a common end the inner nest comes first. `written` says where things stand in the output. The
/// lengths of all nests around an edit are repaired, everything else is copied as
/// it stands.
///
/// # Errors
/// An edit outside its nest, or two that overlap. `out` is then empty.
pub fn splice(
    bytes: &[u8],
    nests: &[Nest],
    edits: &[Edit<'_>],
    out: &mut Vec<u8>,
    written: &mut Written,
) -> Result<(), SpliceError> {
    out.clear();
    written.clear(edits.len());
    let mut patches = Vec::with_capacity(edits.len() * 4);
    let mut growth = vec![Growth::default(); nests.len()];
    for (index, edit) in edits.iter().enumerate() {
        place(bytes, nests, index, edit, &mut growth)?;
        patches.push(Patch {
            range: edit.range.clone(),
            nest: edit.nest,
            content: Content::Edit(index),
        });
    }
    let total = lengths(nests, &mut growth, &mut patches)?;
    patches.sort_by_key(|patch| {
        (
            patch.range.start,
            !patch.range.is_empty(),
            Reverse(patch.nest),
        )
    });
    disjoint(&patches, &growth)?;
    out.reserve(bytes.len().saturating_add_signed(total as isize));
    copy(bytes, edits, &patches, out, written);
    Ok(())
}

/// How much longer a nest becomes, in bytes, and by which edit first.
#[derive(Clone, Copy, Default)]
struct Growth {
    bytes: i64,
    edit: Option<usize>,
}

/// Checks an edit against its nest, and every nest around it against its parent.
fn place(
    bytes: &[u8],
    nests: &[Nest],
    index: usize,
    edit: &Edit<'_>,
    growth: &mut [Growth],
) -> Result<(), SpliceError> {
    let invalid = SpliceError::Nest { edit: index };
    let nest = nests.get(edit.nest as usize).ok_or(invalid)?;
    let within = nest.start <= edit.range.start && edit.range.end <= nest.end;
    if edit.range.start > edit.range.end || !within {
        return Err(SpliceError::Range { edit: index });
    }
    if let Some(own) = growth.get_mut(edit.nest as usize) {
        own.bytes += edit.text.len() as i64 - edit.range.len() as i64;
    }
    let mut at = edit.nest;
    // Above a nest that an earlier edit has passed, everything is checked.
    while let Some(seen) = growth
        .get_mut(at as usize)
        .filter(|seen| seen.edit.is_none())
    {
        seen.edit = Some(index);
        let nest = nests.get(at as usize).ok_or(invalid)?;
        if nest.parent == NONE {
            return if nest.end <= bytes.len() {
                Ok(())
            } else {
                Err(invalid)
            };
        }
        let parent = nests
            .get(nest.parent as usize)
            .filter(|_| nest.parent < at)
            .ok_or(invalid)?;
        let inside = parent.start <= nest.field && nest.end <= parent.end;
        let ordered = nest.field < nest.len && nest.len < nest.start && nest.start <= nest.end;
        if !(inside && ordered) {
            return Err(invalid);
        }
        at = nest.parent;
    }
    Ok(())
}

/// Adds up the growth from the inside out, with a patch for every length that changes; the growth
/// of the whole.
fn lengths(
    nests: &[Nest],
    growth: &mut [Growth],
    patches: &mut Vec<Patch>,
) -> Result<i64, SpliceError> {
    let mut total = 0;
    for (index, nest) in nests.iter().enumerate().rev() {
        let Some(&Growth {
            bytes,
            edit: Some(edit),
        }) = growth.get(index)
        else {
            continue;
        };
        if bytes == 0 {
            continue;
        }
        if nest.parent == NONE {
            total += bytes;
            continue;
        }
        let invalid = SpliceError::Nest { edit };
        let length = (nest.end - nest.start) as i64 + bytes;
        let length = u64::try_from(length).map_err(|_| SpliceError::Overlap { edit })?;
        let old_size = nest.start - nest.len;
        let grown = bytes + varint::size(length) as i64 - old_size as i64;
        growth.get_mut(nest.parent as usize).ok_or(invalid)?.bytes += grown;
        patches.push(Patch {
            range: nest.len..nest.start,
            nest: index as u32,
            content: Content::Length(length),
        });
    }
    Ok(total)
}

/// Checks that no patch begins before the end of the one before it.
fn disjoint(patches: &[Patch], growth: &[Growth]) -> Result<(), SpliceError> {
    let mut end = 0;
    for patch in patches {
        if patch.range.start < end {
            let edit = match patch.content {
                Content::Edit(edit) => Some(edit),
                Content::Length(_) => growth.get(patch.nest as usize).and_then(|seen| seen.edit),
            };
            return Err(SpliceError::Overlap {
                edit: edit.unwrap_or(0),
            });
        }
        end = patch.range.end;
    }
    Ok(())
}

/// Copies the batch with the patches, which are sorted and disjoint.
fn copy(
    bytes: &[u8],
    edits: &[Edit<'_>],
    patches: &[Patch],
    out: &mut Vec<u8>,
    written: &mut Written,
) {
    let mut at = 0;
    for patch in patches {
        verbatim(bytes, at..patch.range.start, out, written);
        at = patch.range.end;
        match patch.content {
            Content::Length(length) => varint::write(length, out),
            Content::Edit(index) => {
                let start = out.len();
                let text = edits.get(index).map_or(&[][..], |edit| edit.text);
                out.extend_from_slice(text);
                if let Some(place) = written.texts.get_mut(index) {
                    *place = start..out.len();
                }
            }
        }
    }
    verbatim(bytes, at..bytes.len(), out, written);
}

fn verbatim(bytes: &[u8], range: Range<usize>, out: &mut Vec<u8>, written: &mut Written) {
    let stretch = bytes.get(range.clone()).unwrap_or_default();
    written.copied.push(Copied {
        old: range.start,
        new: out.len(),
        len: stretch.len(),
    });
    out.extend_from_slice(stretch);
}
