//! The flat block that carries a view to a guest or its edits back: header, section table, rows.
//!
//! ```text
//! u32 magic | u32 version | u32 sections S
//! S times: u32 id | u32 rows | u32 stride in bytes | u32 offset from the start of the frame
//! rows, one section after the other
//! ```
//!
//! All integers are little-endian. A reader finds a section by its id and steps by the stride that
//! the frame names, so either side may append sections and columns; what it does not know it skips,
//! and a column that is not there reads as the caller's default. A reader never trusts: every access
//! is bounds-checked, none panics.

use core::fmt;

const MAGIC: u32 = u32::from_le_bytes(*b"TAMF");
const VERSION: u32 = 1;
const HEADER: usize = 12;
/// Rows begin at a multiple of so many bytes, for readers that take whole words.
const ALIGNMENT: usize = 4;
const ENTRY: usize = 16;

/// The arena's section in every frame: rows of one byte.
pub(crate) const ARENA: u32 = 1;

/// Why a frame cannot be read. Holds numbers only, never content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// Shorter than its own header or section table says.
    Short {
        /// Bytes that are there.
        len: usize,
    },
    /// Does not begin with the magic number.
    Magic,
    /// Written in a version that this reader does not know.
    Version {
        /// The version it names.
        version: u32,
    },
    /// A section's rows do not lie inside the frame, or a row is narrower than its first columns.
    Section {
        /// The section's id.
        id: u32,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { len } => write!(f, "frame of {len} bytes ends before its sections"),
            Self::Magic => f.write_str("frame does not begin with its magic number"),
            Self::Version { version } => {
                write!(f, "frame version {version} is unknown, expected {VERSION}")
            }
            Self::Section { id } => write!(f, "section {id} does not lie inside the frame"),
        }
    }
}

impl core::error::Error for FrameError {}

/// Rows of one section while they are gathered.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    cells: Vec<u32>,
    rows: u32,
}

impl Rows {
    pub(crate) fn push(&mut self, row: &[u32]) -> u32 {
        self.cells.extend_from_slice(row);
        self.rows += 1;
        self.rows - 1
    }

    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.rows = 0;
    }

    /// Changes a cell of a row that is there.
    pub(crate) fn set(&mut self, row: u32, column: usize, cell: u32) {
        let columns = self.cells.len().checked_div(self.rows as usize);
        let at = columns.map(|columns| row as usize * columns + column);
        if let Some(place) = at.and_then(|at| self.cells.get_mut(at)) {
            *place = cell;
        }
    }

    /// The row that was appended last, of so many columns.
    pub(crate) fn last_mut<const N: usize>(&mut self) -> Option<&mut [u32; N]> {
        self.cells.last_chunk_mut()
    }

    pub(crate) fn len(&self) -> u32 {
        self.rows
    }

    /// Bytes that these rows take in a frame.
    pub(crate) fn bytes(&self) -> usize {
        self.cells.len() * 4
    }
}

/// Bytes of the header and the table of a frame with so many sections beside the arena.
pub(crate) const fn room(sections: usize) -> usize {
    HEADER + ENTRY * (sections + 1)
}

/// Writes a frame into `out`, which is cleared first. `sections` are `(id, rows, columns)`.
pub(crate) fn write<const N: usize>(
    out: &mut Vec<u8>,
    sections: &[(u32, &Rows, usize); N],
    arena: &[u8],
) {
    let rows: usize = sections.iter().map(|(_, rows, _)| rows.bytes()).sum();
    out.clear();
    out.reserve(room(N) + rows + arena.len());
    out.resize(room(N), 0);
    out.extend_from_slice(arena);
    complete(out, sections);
}

/// Makes a frame of an arena that stands behind [`room`] for as many sections: nothing of it is copied.
pub(crate) fn complete<const N: usize>(out: &mut Vec<u8>, sections: &[(u32, &Rows, usize); N]) {
    let arena = out.len().saturating_sub(room(N));
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    let mut offset = out.len();
    let lists = sections.iter().flat_map(|(id, rows, columns)| {
        let begin = offset;
        offset += rows.bytes();
        [*id, rows.rows, *columns as u32 * 4, begin as u32]
    });
    let first = [MAGIC, VERSION, N as u32 + 1];
    let own = [ARENA, arena as u32, 1, room(N) as u32];
    set(out, first.into_iter().chain(own).chain(lists));
    for (_, rows, _) in sections {
        let from = out.len();
        out.resize(from + rows.bytes(), 0);
        set(
            out.get_mut(from..).unwrap_or_default(),
            rows.cells.iter().copied(),
        );
    }
}

/// Writes words from the begin of these bytes on.
fn set(bytes: &mut [u8], words: impl Iterator<Item = u32>) {
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
}

/// A section of a frame that was read: rows of `stride` bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Section<'a> {
    bytes: &'a [u8],
    stride: usize,
    rows: u32,
}

impl<'a> Section<'a> {
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    /// The cell at `row` and `column`; `None` past the end of the section or of its rows.
    pub(crate) fn cell(&self, row: u32, column: usize) -> Option<u32> {
        if row >= self.rows || column * 4 + 4 > self.stride {
            return None;
        }
        word(self.bytes, row as usize * self.stride + column * 4)
    }

    /// The first cells of a row, over those that count where a row is narrower; `None` past the end, or if a
    /// row has fewer than `least` columns.
    pub(crate) fn cells<const N: usize>(
        &self,
        row: u32,
        least: usize,
        mut cells: [u32; N],
    ) -> Option<[u32; N]> {
        if row >= self.rows {
            return None;
        }
        let at = row as usize * self.stride;
        let (words, _) = self.bytes.get(at..at + self.stride)?.as_chunks::<4>();
        if let Some(words) = words.first_chunk::<N>() {
            return Some(words.map(u32::from_le_bytes));
        }
        for (cell, word) in cells.iter_mut().zip(words) {
            *cell = u32::from_le_bytes(*word);
        }
        (words.len() >= least).then_some(cells)
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// A frame whose section table has been checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    bytes: &'a [u8],
    sections: u32,
}

impl<'a> Frame<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let short = FrameError::Short { len: bytes.len() };
        let (Some(magic), Some(version), Some(sections)) =
            (word(bytes, 0), word(bytes, 4), word(bytes, 8))
        else {
            return Err(short);
        };
        if magic != MAGIC {
            return Err(FrameError::Magic);
        }
        if version != VERSION {
            return Err(FrameError::Version { version });
        }
        if (sections as usize)
            .saturating_mul(ENTRY)
            .saturating_add(HEADER)
            > bytes.len()
        {
            return Err(short);
        }
        Ok(Self { bytes, sections })
    }

    /// The first section with this id; an absent one has no rows.
    pub(crate) fn section(&self, id: u32) -> Result<Section<'a>, FrameError> {
        for index in 0..self.sections as usize {
            let at = HEADER + index * ENTRY;
            if word(self.bytes, at) == Some(id) {
                return self.rows_at(id, at).ok_or(FrameError::Section { id });
            }
        }
        Ok(Section::default())
    }

    fn rows_at(&self, id: u32, at: usize) -> Option<Section<'a>> {
        let rows = word(self.bytes, at + 4)?;
        let stride = word(self.bytes, at + 8)? as usize;
        let offset = word(self.bytes, at + 12)? as usize;
        let least = if id == ARENA { 1 } else { 4 };
        if rows > 0 && stride < least {
            return None;
        }
        let end = (rows as usize).checked_mul(stride)?.checked_add(offset)?;
        let bytes = self.bytes.get(offset..end)?;
        Some(Section {
            bytes,
            stride,
            rows,
        })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(word.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read() {
        let mut rows = Rows::default();
        rows.push(&[1, 2, 3]);
        rows.push(&[4, 5, 6]);
        let mut out = Vec::new();
        write(&mut out, &[(7, &rows, 3)], b"arena");
        let frame = Frame::read(&out).unwrap();
        let section = frame.section(7).unwrap();
        assert_eq!(section.rows(), 2);
        assert_eq!(section.cell(1, 2), Some(6));
        assert_eq!(
            section.cell(1, 3),
            None,
            "a column that the writer did not know"
        );
        assert_eq!(section.cell(2, 0), None);
        assert_eq!(frame.section(ARENA).unwrap().bytes(), b"arena");
        let rows_at = frame.section(7).unwrap().bytes().as_ptr() as usize;
        assert_eq!((rows_at - out.as_ptr() as usize) % ALIGNMENT, 0);
        assert_eq!(frame.section(9).unwrap().rows(), 0);
    }

    #[test]
    fn a_section_outside_the_frame_is_an_error() {
        let mut out = Vec::new();
        write(&mut out, &[], b"arena");
        out.truncate(room(0) + 4);
        assert_eq!(
            Frame::read(&out).unwrap().section(ARENA).unwrap_err(),
            FrameError::Section { id: ARENA }
        );
        assert_eq!(
            Frame::read(b"TAMF").unwrap_err(),
            FrameError::Short { len: 4 }
        );
        assert_eq!(Frame::read(&[0; 12]).unwrap_err(), FrameError::Magic);
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..96), sections in 0u32..4) {
            if bytes.len() >= 12 {
                bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
                bytes[4..8].copy_from_slice(&VERSION.to_le_bytes());
                bytes[8..12].copy_from_slice(&sections.to_le_bytes());
            }
            if let Ok(frame) = Frame::read(&bytes) {
                for id in 0..8 {
                    if let Ok(section) = frame.section(id) {
                        for row in 0..section.rows().min(50) {
                            let _ = section.cell(row, 0);
                        }
                    }
                }
            }
        }
    }
}
