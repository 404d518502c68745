//! Tokens that a prefix or a marker and a run of bytes describe.
//!
//! Most providers spell their tokens so. A shape asks for as little as tells the token from
//! ordinary text, and then takes the maximal run, so that a lengthened or a cut token leaves no
//! tail. Must never clear a token because a checksum is wrong.

use crate::bytes::ByteClass;
use crate::detector::Validator;
use crate::escape::escape_tail;
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::look::{AROUND, Anchor, CUT_MIN, Look};

const EQUALS: ByteClass = ByteClass::of(&[(b'=', b'=')]);

/// The spelling of a token.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Literals that stand in the token, in the case in which they stand here.
    anchors: &'static [&'static str],
    /// What must follow an anchor.
    body: ByteClass,
    /// How many bytes of it.
    min: usize,
    /// What the token goes on with.
    run: ByteClass,
    /// What stands before the anchor.
    left: Left,
    /// Whether the end of the value may cut the token short.
    cut: bool,
    /// Whether the finding starts behind the anchor.
    keeps_anchor: bool,
    /// How many equals signs may pad the token.
    padding: usize,
    /// What else must hold for the token as found, of which the first `AROUND` bytes are shown.
    confirm: Option<fn(&[u8]) -> bool>,
}

/// What stands before an anchor.
#[derive(Clone, Copy, Debug)]
enum Left {
    /// Anything: the anchor is distinctive enough.
    Any,
    /// No letter, digit or underscore.
    Word,
    /// Bytes of the token itself: the class, how many at least and at most.
    Token(ByteClass, usize, usize),
}

impl Shape {
    /// A distinctive prefix, then at least `min` bytes of the class.
    pub(crate) const fn new(
        anchors: &'static [&'static str],
        body: ByteClass,
        min: usize,
    ) -> Shape {
        Shape {
            anchors,
            body,
            min,
            run: body,
            left: Left::Any,
            cut: true,
            keeps_anchor: false,
            padding: 0,
            confirm: None,
        }
    }

    /// The prefix is short: it must start a word, and a cut token is not recognised.
    pub(crate) const fn short(mut self) -> Shape {
        self.left = Left::Word;
        self.cut = false;
        self
    }

    /// The prefix must start a word.
    pub(crate) const fn word(mut self) -> Shape {
        self.left = Left::Word;
        self
    }

    /// The anchor stands inside the token, after at least `min` bytes of the class.
    pub(crate) const fn after(mut self, class: ByteClass, min: usize, max: usize) -> Shape {
        self.left = Left::Token(class, min, max);
        self.cut = false;
        self
    }

    /// The token goes on with a wider class than it must start with.
    pub(crate) const fn run(mut self, run: ByteClass) -> Shape {
        self.run = run;
        self
    }

    /// The anchor is not secret and stays.
    pub(crate) const fn keeps_anchor(mut self) -> Shape {
        self.keeps_anchor = true;
        self
    }

    /// Up to two equals signs belong to the token, and nothing behind them.
    pub(crate) const fn padded(mut self) -> Shape {
        self.padding = 2;
        self
    }

    /// Something else must hold for the token.
    pub(crate) const fn confirm(mut self, confirm: fn(&[u8]) -> bool) -> Shape {
        self.confirm = Some(confirm);
        self
    }

    /// What a host must scan for.
    pub(crate) fn literals(&self, literals: &mut Vec<GateLiteral>) {
        let min = if self.cut {
            self.min.min(CUT_MIN)
        } else {
            self.min
        };
        let min = u8::try_from(min).unwrap_or(u8::MAX);
        literals.extend(self.anchors.iter().map(|anchor| {
            let literal = GateLiteral::sensitive(anchor.as_bytes());
            if min == 0 {
                literal
            } else {
                literal.follow(self.body, min)
            }
        }));
    }

    /// Looks at one anchor.
    pub(crate) fn look(&self, look: &mut Look<'_>, anchor: Anchor, validator: Option<Validator>) {
        if look.is_done(anchor.detector, anchor.start) {
            return;
        }
        let count = look.count(&self.body, anchor.end, self.min);
        if count < self.min && !self.allows_cut(look, anchor.end, count) {
            return;
        }
        let Some((token_start, at_border)) = self.token_start(look, anchor) else {
            return;
        };
        let body_end = (anchor.end + self.min).min(look.text.len());
        if look.touches_mask(anchor.start, token_start..body_end) {
            return;
        }
        let run_end = look.run_end(&self.run, anchor.end + count);
        let end = trim(look.text, anchor.end, run_end.max(anchor.end + count));
        let end = end + EQUALS.run(look.text, end, self.padding);
        let token = look.text.get(token_start..end).unwrap_or_default();
        let check = match validator {
            None => Check::None,
            Some(validator) if validator.accepts(token) => Check::Valid,
            Some(_) => Check::Invalid,
        };
        if !at_border && check != Check::Valid {
            return;
        }
        let judged = &token[..token.len().min(AROUND)];
        look.work += judged.len();
        if count == self.min && !self.confirm.is_none_or(|confirm| confirm(judged)) {
            return;
        }
        if self.keeps_anchor && look.is_masked(&look.text[anchor.end..end]) {
            return;
        }
        let start = if self.keeps_anchor {
            anchor.end
        } else {
            token_start
        };
        look.claim(start, end, anchor.detector, check);
    }

    fn allows_cut(&self, look: &Look<'_>, end: usize, count: usize) -> bool {
        self.cut && count >= CUT_MIN && (look.loose() || look.is_cut(end + count))
    }

    /// Where the token starts, and whether it may start there.
    fn token_start(&self, look: &mut Look<'_>, anchor: Anchor) -> Option<(usize, bool)> {
        match self.left {
            Left::Any => Some((anchor.start, true)),
            Left::Word => Some((anchor.start, look.starts_word(anchor.start))),
            Left::Token(class, min, max) => {
                let count = look.count_back(&class, anchor.start, max);
                {
                    let tail = escape_tail(look.text, anchor.start - count).min(count);
                    (count - tail >= min).then(|| (anchor.start - count + tail, true))
                }
            }
        }
    }
}

/// The end without the dots that end a sentence rather than a token.
fn trim(text: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && text.get(end - 1) == Some(&b'.') {
        end -= 1;
    }
    end
}
