//! Cuts a text as it stands: its head, its tail, or both, on borders of characters.
//!
//! Must never: give back more than the limit, or leave half of a mask.

use crate::marker::Marker;
use crate::masks::Masks;
use crate::measure::Measure;
use crate::settings::Strategy;

/// Bytes that are measured at once, at the most.
const STRETCH: usize = 128;

/// How a text is cut.
#[derive(Debug)]
pub(crate) struct Cutter {
    pub(crate) marker: Marker,
    pub(crate) masks: Masks,
}

/// How much of a text may stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) size: usize,
    pub(crate) lines: usize,
}

impl Room {
    /// Room for a text of any number of lines.
    pub(crate) fn of(size: usize) -> Self {
        Self {
            size,
            lines: usize::MAX,
        }
    }

    /// Whether a text has it.
    pub(crate) fn holds(self, text: &str, measure: Measure) -> bool {
        (self.size == usize::MAX || measure.fits(text, self.size))
            && (self.lines == usize::MAX || lines(text) <= self.lines)
    }

    /// What of it the beginning may take; the end has the rest.
    fn for_head(self, strategy: Strategy) -> Self {
        let share = |all: usize| match strategy {
            Strategy::Tail => 0,
            Strategy::Head | Strategy::HashOnly => all,
            Strategy::HeadTail if all == usize::MAX => all,
            Strategy::HeadTail => all - all / 2,
        };
        Self {
            size: share(self.size),
            lines: share(self.lines),
        }
    }

    fn for_tail(self, strategy: Strategy) -> Self {
        let share = |all: usize| match strategy {
            Strategy::Head | Strategy::HashOnly => 0,
            Strategy::Tail => all,
            Strategy::HeadTail if all == usize::MAX => all,
            Strategy::HeadTail => all / 2,
        };
        Self {
            size: share(self.size),
            lines: share(self.lines),
        }
    }
}

/// How many lines a text has.
pub(crate) fn lines(text: &str) -> usize {
    breaks(text) + usize::from(!text.is_empty() && !text.ends_with('\n'))
}

fn breaks(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

impl Cutter {
    /// The smallest room in which a cut text says something.
    pub(crate) fn least(&self, measure: Measure) -> usize {
        self.marker.room(measure) + 32
    }

    /// What stays of a text that has not the room it would need.
    pub(crate) fn cut(
        &self,
        text: &str,
        room: Room,
        strategy: Strategy,
        measure: Measure,
    ) -> String {
        let marked = room.size.checked_sub(self.marker.room(measure));
        let has_marker = marked.is_some() && !self.marker.is_empty();
        let strategy = match strategy {
            // Two ends without a word between them would read as one text.
            Strategy::HeadTail if !has_marker => Strategy::Head,
            strategy => strategy,
        };
        let room = Room {
            size: match room.size {
                usize::MAX => usize::MAX,
                all => marked.unwrap_or(all),
            },
            ..room
        };
        let head = head_end(text, room.for_head(strategy), measure);
        let tail = tail_start(text, room.for_tail(strategy), strategy, measure).max(head);
        let head = self.masks.before(text, head);
        let tail = self.masks.after(text, tail);
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        let mut out = part(0..head).to_owned();
        if has_marker {
            out.push_str(&self.marker.text(part(head..tail)));
        }
        out.push_str(part(tail..text.len()));
        out
    }
}

/// Where the beginning ends that fits: before a character, or before the end of its last line.
fn head_end(text: &str, room: Room, measure: Measure) -> usize {
    if room.size == 0 || room.lines == 0 {
        return 0;
    }
    let (mut used, mut ends, mut done) = (0, 0, 0);
    // What fits as a stretch needs no look at its characters.
    loop {
        let next = text.floor_char_boundary(done + STRETCH);
        let stretch = text.get(done..next).unwrap_or_default();
        let (size, breaks) = (measure.text(stretch), breaks(stretch));
        if stretch.is_empty() || used + size > room.size || ends + breaks >= room.lines {
            break;
        }
        (used, ends, done) = (used + size, ends + breaks, next);
    }
    for (at, char) in text.get(done..).unwrap_or_default().char_indices() {
        used += measure.char(char);
        ends += usize::from(char == '\n');
        if used > room.size || ends == room.lines {
            return done + at;
        }
    }
    text.len()
}

/// Where the end begins that fits. Behind a beginning it brings the line break before it along.
fn tail_start(text: &str, room: Room, strategy: Strategy, measure: Measure) -> usize {
    if room.size == 0 || room.lines == 0 {
        return text.len();
    }
    // The break that ends the text begins no line.
    let last = text.len() - usize::from(text.ends_with('\n'));
    let (mut used, mut ends, mut done) = (0, 0, text.len());
    loop {
        let next = text.ceil_char_boundary(done.saturating_sub(STRETCH));
        let stretch = text.get(next..done).unwrap_or_default();
        let begins = text.get(next..done.min(last)).unwrap_or_default();
        let (size, breaks) = (measure.text(stretch), breaks(begins));
        if stretch.is_empty() || used + size > room.size || ends + breaks >= room.lines {
            break;
        }
        (used, ends, done) = (used + size, ends + breaks, next);
    }
    for (at, char) in text.get(..done).unwrap_or_default().char_indices().rev() {
        used += measure.char(char);
        if used > room.size {
            return at + char.len_utf8();
        }
        ends += usize::from(char == '\n' && at < last);
        if ends == room.lines {
            return match strategy {
                Strategy::HeadTail => at,
                _ => at + 1,
            };
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Unit;
    use proptest::prelude::{Just, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

    fn cutter(marker: &str) -> Cutter {
        Cutter {
            marker: Marker::new(marker),
            masks: Masks::new(&["REDACTED".to_owned()]),
        }
    }

    fn cut(text: &str, size: usize, lines: usize, strategy: Strategy) -> String {
        let measure = Measure::new(Unit::Bytes);
        cutter("<{bytes}>").cut(text, Room { size, lines }, strategy, measure)
    }

    #[test]
    fn ends_and_lines_are_kept_and_what_went_is_named() {
        let any = usize::MAX;
        let text = "one\ntwo\nthree\nfour\nfive\n";
        for (size, lines, strategy, wanted) in [
            (20, any, Strategy::Head, "one\ntwo\n<16>"),
            (20, any, Strategy::Tail, "<16>ur\nfive\n"),
            (20, any, Strategy::HeadTail, "one\n<16>ive\n"),
            (any, 2, Strategy::Head, "one\ntwo<17>"),
            (any, 2, Strategy::Tail, "<14>four\nfive\n"),
            (any, 3, Strategy::HeadTail, "one\ntwo<11>\nfive\n"),
            (any, 1, Strategy::HeadTail, "one<21>"),
            (3, any, Strategy::HeadTail, "one"),
        ] {
            assert_eq!(cut(text, size, lines, strategy), wanted);
        }
    }

    #[test]
    fn lines_are_counted_as_people_count_them() {
        for (text, count) in [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)] {
            assert_eq!(lines(text), count);
        }
    }

    #[test]
    fn without_a_marker_it_is_the_collectors_cut() {
        let measure = Measure::new(Unit::Bytes);
        let cut = |text: &str, size| cutter("").cut(text, Room::of(size), Strategy::Head, measure);
        assert_eq!(cut("hello world", 5), "hello");
        assert_eq!(cut("a\u{e9}b", 2), "a");
        assert_eq!(cut("hello", 0), "");
    }

    /// How much of a text fits, character by character: its bytes, from whichever end.
    fn fitting(chars: impl Iterator<Item = char>, room: Room, measure: Measure) -> usize {
        let (mut used, mut ends, mut bytes) = (0, 0, 0);
        for char in chars {
            used += measure.char(char);
            ends += usize::from(char == '\n');
            if used > room.size || ends == room.lines {
                break;
            }
            bytes += char.len_utf8();
        }
        bytes
    }

    proptest! {
        /// Stretches are passed by at once; the oracle looks at every character.
        #[test]
        fn stretches_are_cut_where_characters_are(
            text in "([a-z\u{e9}\u{1f600}\"\\\\]|\n|[a-z]{20}){0,60}[^\n]",
            size in 1_usize..900,
            lines in prop_oneof![1_usize..30, Just(usize::MAX)],
            level in 0..3,
        ) {
            let measure = (0..level).fold(Measure::new(Unit::Bytes), |measure, _| measure.inside());
            let room = Room { size, lines };
            prop_assert_eq!(head_end(&text, room, measure), fitting(text.chars(), room, measure));
            let end = fitting(text.chars().rev(), room, measure);
            let start = tail_start(&text, room, Strategy::Tail, measure);
            prop_assert_eq!(text.len() - start, end);
        }

        #[test]
        fn what_stays_fits_and_stood_there(
            text in "([a-z\u{e9}\u{1f600}\"\\\\\n]|REDACTED-pin|\\*\\*\\*\\*){0,60}",
            size in 0_usize..90,
            lines in 1_usize..9,
            strategy in prop_oneof![Just(Strategy::Head), Just(Strategy::Tail), Just(Strategy::HeadTail)],
            is_inside in any::<bool>(),
        ) {
            let mut measure = Measure::new(Unit::Bytes);
            if is_inside {
                measure = measure.inside();
            }
            let room = Room { size, lines };
            if room.holds(&text, measure) {
                return Ok(());
            }
            let cutter = cutter("<{bytes}>");
            let out = cutter.cut(&text, room, strategy, measure);
            prop_assert!(room.holds(&out, measure), "{:?} of {:?}", out, text);
            let (head, tail) = match out.split_once('<') {
                Some((head, rest)) => (head, rest.split_once('>').map_or("", |(_, tail)| tail)),
                None if strategy == Strategy::Tail => ("", out.as_str()),
                None => (out.as_str(), ""),
            };
            prop_assert!(text.starts_with(head) && text.ends_with(tail));
            let whole = |part: &str| part.matches("REDACTED").count() == part.matches("REDACTED-pin").count();
            prop_assert!(whole(head) && !tail.starts_with("EDACTED") && !head.ends_with("REDAC"), "{:?}", out);
        }
    }
}
