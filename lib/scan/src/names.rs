//! The names that telemetry repeats in every record, and where in them a window would fit.
//!
//! A window in one of them is a candidate far more often than its letters suggest, and so is one that no
//! literal has, but that a bucket lets through for the company that its windows keep. Places in the names are
//! bits of a few words, so that what another window would let through is known after a few operations.
//!
//! Must never: decide what is found.

use std::sync::LazyLock;

use crate::literal::ByteClass;
use crate::window::{Precision, WIDTH};

/// Names of the OpenTelemetry conventions, of common tracing libraries and of coding agents.
const NAMES: &[u8] = b"service.name service.version service.instance.id \
    deployment.environment.name telemetry.sdk.language telemetry.sdk.name telemetry.sdk.version \
    host.name host.arch os.type process.pid process.command_args process.runtime.name \
    k8s.pod.name k8s.namespace.name container.id http.request.method http.response.status_code \
    url.path url.full server.address network.peer.address user_agent.original client.address \
    event.name event.timestamp conversation.id user.account_id user.email auth_mode session.id \
    gen_ai.request.model gen_ai.usage.input_tokens tool_name call_id arguments duration_ms success \
    output originator terminal.type code.file.path code.module.name code.line.number thread.id \
    thread.name busy_ns idle_ns target level exception.message exception.stacktrace \
    receive_message send_request otel.name otel.kind otel.status_code db.system db.statement \
    rpc.service messaging.destination le quantile true false null INFO DEBUG WARN ERROR \
    app.version app_server_version mcp.server mcp_server_origin tokio-rt-worker get_metadata \
    read_file write_file exec_command apply_patch run_shell_command list_directory grep_search \
    function_name function_args function_call tool_use_id tool_namespace tool_parameters \
    thread_id turn_id prompt_id prompt.length request_id session_source query_source cost_usd \
    cache_read_tokens cache_creation_tokens reasoning_effort sandbox_policy approval_policy \
    environment_count item_count decision source attempt status command description";

/// How often each of the names is expected per byte.
pub(crate) const RATE: f64 = 1.0 / 4096.0;

const WORDS: usize = NAMES.len().div_ceil(64);

/// A bit for each place in the names.
type Places = [u64; WORDS];

const NOWHERE: Places = [0; WORDS];
const EVERYWHERE: Places = {
    let mut places = [u64::MAX; WORDS];
    places[WORDS - 1] >>= WORDS * 64 - NAMES.len();
    places
};

/// Where each byte below 0x80 stands, and where any with the same lower or upper half does.
struct Stands {
    bytes: [Places; 128],
    lows: [Places; 16],
    highs: [Places; 8],
}

static STANDS: LazyLock<Stands> = LazyLock::new(|| {
    let mut stands = Stands {
        bytes: [NOWHERE; 128],
        lows: [NOWHERE; 16],
        highs: [NOWHERE; 8],
    };
    for (at, &byte) in NAMES.iter().enumerate() {
        let (word, bit) = (at / 64, 1 << (at % 64));
        stands.bytes[usize::from(byte & 0x7f)][word] |= bit;
        stands.lows[usize::from(byte & 15)][word] |= bit;
        stands.highs[usize::from(byte >> 4 & 7)][word] |= bit;
    }
    stands
});

/// Where in the names the bytes stand that a bucket takes at one of its positions.
#[derive(Clone, Copy)]
struct Position {
    /// By the byte or its lower half.
    by_low: Places,
    /// By its upper half, where halves count.
    by_high: Places,
}

/// Where in the names a bucket's windows fit, as far as its filter can tell.
#[derive(Clone, Copy)]
pub(crate) struct Fits {
    positions: [Position; WIDTH],
}

impl Fits {
    /// Of a bucket without a window.
    pub(crate) fn none(precision: Precision) -> Fits {
        let by_high = match precision {
            Precision::SevenBits => EVERYWHERE,
            Precision::Halves => NOWHERE,
        };
        let by_low = NOWHERE;
        Fits {
            positions: [Position { by_low, by_high }; WIDTH],
        }
    }

    /// The same for a bucket with a window of these sets more.
    pub(crate) fn with(&self, sets: &[ByteClass; WIDTH], precision: Precision) -> Fits {
        let mut fits = *self;
        for (position, set) in fits.positions.iter_mut().zip(sets) {
            position.add(set, precision);
        }
        fits
    }

    /// At how many places it fits.
    pub(crate) fn count(&self) -> u32 {
        let mut count = 0;
        for word in 0..WORDS {
            let all = (0..WIDTH).fold(u64::MAX, |all, at| all & self.positions[at].from(word, at));
            count += all.count_ones();
        }
        count
    }
}

impl Position {
    fn add(&mut self, set: &ByteClass, precision: Precision) {
        if *set == ByteClass::ANY {
            (self.by_low, self.by_high) = (EVERYWHERE, EVERYWHERE);
            return;
        }
        let stands = &*STANDS;
        for byte in set.bytes() {
            let (low, high) = (usize::from(byte & 15), usize::from(byte >> 4 & 7));
            match precision {
                Precision::SevenBits => {
                    join(&mut self.by_low, &stands.bytes[usize::from(byte & 0x7f)])
                }
                Precision::Halves => {
                    join(&mut self.by_low, &stands.lows[low]);
                    join(&mut self.by_high, &stands.highs[high]);
                }
            }
        }
    }

    /// The bits of the places that stand `at` bytes after those of the word.
    #[inline(always)]
    fn from(&self, word: usize, at: usize) -> u64 {
        let bits = |word: usize| match (self.by_low.get(word), self.by_high.get(word)) {
            (Some(low), Some(high)) => low & high,
            _ => 0,
        };
        match at {
            0 => bits(word),
            _ => bits(word) >> at | bits(word + 1) << (64 - at),
        }
    }
}

fn join(places: &mut Places, more: &Places) {
    for (place, more) in places.iter_mut().zip(more) {
        *place |= more;
    }
}

/// How often a window is expected per byte because a name has it.
pub(crate) fn rate_of(sets: &[ByteClass; WIDTH]) -> f64 {
    let exact = Precision::SevenBits;
    f64::from(Fits::none(exact).with(sets, exact).count()) * RATE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket::seen;

    fn sets(bytes: [&[u8]; WIDTH]) -> [ByteClass; WIDTH] {
        bytes.map(ByteClass::of)
    }

    #[test]
    fn what_fits_is_what_plain_code_counts() {
        let any = ByteClass::ANY;
        let [k, eight, s] = [b"k", b"8", b"s"].map(|byte| ByteClass::of(byte));
        let windows = [
            [k, eight, s, any],
            sets([b"kK", b"8", b"sS", b"."]),
            sets([b"aeiou", b"nrst", b"abcdefghijklmnopqrstuvwxyz", b"_. "]),
            sets([b"t", b"e", b"@A\x80", b"e"]),
            [any; WIDTH],
            sets([b"Z", b"Z", b"Z", b"Z"]),
        ];
        for precision in [Precision::SevenBits, Precision::Halves] {
            let mut fits = Fits::none(precision);
            let mut all = [ByteClass::EMPTY; WIDTH];
            assert_eq!(fits.count(), 0);
            for window in &windows[..] {
                fits = fits.with(window, precision);
                for (set, more) in all.iter_mut().zip(window) {
                    *set = set.union(*more);
                }
                let taken = all.map(|set| seen(set, precision));
                let stands = |place: &&[u8]| {
                    let mut pairs = taken.iter().zip(*place);
                    pairs.all(|(set, &byte)| set.contains(byte))
                };
                let counted = NAMES.windows(WIDTH).filter(stands).count();
                assert_eq!(fits.count() as usize, counted, "{precision:?}");
            }
        }
    }

    #[test]
    fn windows_of_names_are_common() {
        let rate = |bytes| rate_of(&sets(bytes)) / RATE;
        assert_eq!(rate([b"k", b"8", b"s", b"."]), 2.0);
        assert_eq!(rate([b"K", b"8", b"S", b"."]), 0.0);
        assert_eq!(rate([b"Z", b"Z", b"Z", b"Z"]), 0.0);
    }
}
