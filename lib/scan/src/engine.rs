//! The engines that can run the scan, their names, and which of them this machine has.
//!
//! All engines report exactly the same hits; they differ in speed only. The environment variable
//! that forces one is read by the host, not here.
//!
//! Must never: choose an engine (that is the cost model's job) or run one.

use std::fmt;

use crate::simd::Machine;

/// What runs the scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Engine {
    /// The rare-window filter without vector instructions.
    Scalar,
    /// The same with 16-byte vectors: SSSE3 or NEON.
    Simd128,
    /// The same with 32-byte vectors.
    Avx2,
    /// The same with 64-byte vectors and byte permutations (AVX-512 BW, VBMI and VBMI2).
    Avx512,
    /// The `aho-corasick` crate: Teddy for few literals, an automaton for many.
    AhoCorasick,
}

impl Engine {
    /// All engines, whether this machine has them or not.
    pub const ALL: [Engine; 5] = [
        Engine::Scalar,
        Engine::Simd128,
        Engine::Avx2,
        Engine::Avx512,
        Engine::AhoCorasick,
    ];

    /// The engine of this name: `scalar`, `simd128`, `avx2`, `avx512` or `aho-corasick`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Engine> {
        Engine::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// The name that [`Engine::from_name`] takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Engine::Scalar => "scalar",
            Engine::Simd128 => "simd128",
            Engine::Avx2 => "avx2",
            Engine::Avx512 => "avx512",
            Engine::AhoCorasick => "aho-corasick",
        }
    }

    /// Whether this machine can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        Machine::detect(self).is_some()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for engine in Engine::ALL {
            assert_eq!(Engine::from_name(engine.name()), Some(engine));
        }
        assert_eq!(Engine::from_name("AVX2"), None);
    }
}
