//! Runs the binary. Compiled plugins are kept between runs, as a user's are.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// What the planted secrets are recognised by.
pub(crate) const PLANTED: [&str; 5] = [
    "hunter2-dummy",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG",
    "sk-test-DUMMY",
    "4111 1111 1111 1111",
];

/// A run of the binary that has ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

/// Runs `tamis` in a folder with this standard input.
pub(crate) fn tamis_in(folder: &Path, args: &[&str], input: &[u8]) -> Run {
    static WARM: OnceLock<()> = OnceLock::new();
    // The first start compiles the plugins: once, not in every test at the same time.
    WARM.get_or_init(|| drop(start(Path::new("."), &["scrub", "--text", "-"], b"")));
    let Output {
        status,
        stdout,
        stderr,
    } = start(folder, args, input);
    Run {
        code: status.code(),
        out: stdout,
        err: String::from_utf8(stderr).unwrap(),
    }
}

pub(crate) fn tamis(args: &[&str], input: &[u8]) -> Run {
    tamis_in(Path::new("."), args, input)
}

fn start(folder: &Path, args: &[&str], input: &[u8]) -> Output {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tamis"))
        .args(args)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", cache)
        .env("TAMIS_TEST_SET", "from-the-environment")
        .env_remove("TAMIS_TEST_UNSET")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A file of the recorded session.
pub(crate) fn demo_file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/demo");
    folder.join(name)
}

/// Asserts that no planted secret stands in these bytes.
pub(crate) fn assert_clean(bytes: &[u8], what: &str) {
    for planted in PLANTED {
        let found = bytes
            .windows(planted.len())
            .any(|window| window == planted.as_bytes());
        assert!(!found, "{planted} in {what}");
    }
}
