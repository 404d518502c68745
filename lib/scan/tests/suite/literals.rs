//! Literals to search for, made the same way every time: for the suites and for measuring.
//!
//! Must never: depend on anything but the count.

use tamis_scan::Literal;

/// Literals as vendors choose them: a short name, a separator, sometimes a longer tail.
pub(crate) fn vendor_literals(count: usize) -> Vec<Literal> {
    let real = [
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "sk-ant-",
        "sk-proj-",
        "sk_live_",
        "rk_live_",
        "AIzaSy",
        "ya29.",
        "SG.",
        "npm_",
        "pypi-AgEIcHlwaS5vcmc",
        "dop_v1_",
        "hf_",
        "eyJ",
        "-----BEGIN",
        "shpat_",
        "whsec_",
        "AGE-SECRET-KEY-1",
        "PuTTY-User-Key-File",
        "LTAI",
    ];
    let mut literals: Vec<Literal> = real.into_iter().map(Literal::new).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    while literals.len() < count {
        let mut name = Vec::new();
        for _ in 0..3 + literals.len() % 5 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            name.push(
                b"abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
                    [(state >> 33) as usize % 60],
            );
        }
        name.push(b"_-."[literals.len() % 3]);
        literals.push(match literals.len() % 7 {
            0 => Literal::ascii_insensitive(name),
            _ => Literal::new(name),
        });
    }
    literals.truncate(count);
    literals
}
