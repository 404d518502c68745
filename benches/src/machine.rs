//! What was measured, and on what: date, commit, processor, versions. The benches of the daemon take it, too.

use std::process::Command;

/// All of it in a line.
pub(crate) fn name() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpu.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or("?", |(_, value)| value.trim())
    };
    let flags = field("flags");
    let vector = ["avx512vbmi", "avx512f", "avx2", "ssse3"]
        .into_iter()
        .find(|feature| flags.split(' ').any(|flag| flag == *feature))
        .unwrap_or("none");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let folder = env!("CARGO_MANIFEST_DIR");
    format!(
        "{}, commit {}, {cores} cores of {} (family {}, model {}; {vector}), {}, wasmtime {}.",
        run("date", &["-u", "+%Y-%m-%d"]),
        run("git", &["-C", folder, "rev-parse", "--short", "HEAD"]),
        field("model name"),
        field("cpu family"),
        field("model\t"),
        run("rustc", &["--version"]),
        locked("wasmtime"),
    )
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "?".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// The version of a dependency.
fn locked(name: &str) -> &'static str {
    let package = format!("name = \"{name}\"\nversion = \"");
    let version = include_str!("../../Cargo.lock").split_once(&package);
    let version = version.and_then(|(_, rest)| rest.split_once('"'));
    version.map_or("?", |(version, _)| version)
}
