//! Files with many documents: JSON lines, or documents one after the other in any layout.
//!
//! A document that is broken must not hide its neighbours: it ends at the next line that begins
//! with a brace, which is where the next document begins in both layouts.

use crate::text::{BYTE_ORDER_MARK, Text};

/// The documents of a file, without the white space between them.
///
/// Every byte that is not white space or a byte order mark between documents is in one of them.
/// What is not JSON comes as a document too, and is refused by whoever reads it.
pub fn documents(file: &[u8]) -> Documents<'_> {
    Documents { rest: file }
}

/// An iterator over the documents of a file; see [`documents`].
#[derive(Clone)]
pub struct Documents<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Documents<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut rest = self.rest.trim_ascii_start();
        while let Some(marked) = rest.strip_prefix(BYTE_ORDER_MARK) {
            rest = marked.trim_ascii_start();
        }
        if rest.is_empty() {
            return None;
        }
        let mut text = Text::new(rest);
        let length = match text.skip() {
            Ok(()) => text.position(),
            Err(_) => rest
                .windows(2)
                .position(|pair| pair == b"\n{")
                .map_or(rest.len(), |newline| newline + 1),
        };
        let (document, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(document.trim_ascii_end())
    }
}
