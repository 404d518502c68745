//! Lines, rotation, and what happens when the disk does not take them.

use super::*;

const LINE: &[u8] = b"{\"resourceLogs\":[]}\n";

fn sink(folder: &Path, rotate_bytes: Option<u64>, backups_max: usize) -> FileSink {
    let settings = FileSettings {
        path: folder.join("out.x.json"),
        append: false,
        rotate_bytes,
        backups_max,
    };
    FileSink::open(&"file".into(), &settings).unwrap()
}

async fn write(sink: &FileSink) -> Outcome {
    sink.attempt(Signal::Logs, Bytes::from_static(LINE)).await
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_full_file_is_set_aside_and_the_oldest_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    for strange in [
        "out.x-1.jsonl",
        "out.x-a.json",
        "out.x-007.json",
        "out.json",
    ] {
        fs::write(folder.path().join(strange), "mine").unwrap();
    }
    let strangers = files(folder.path());
    let sink = sink(folder.path(), Some(50), 2);
    for _ in 0..9 {
        assert_eq!(write(&sink).await, Outcome::Accepted { rejected: None });
    }
    sink.finish().await;
    let ours: Vec<_> = files(folder.path())
        .into_iter()
        .filter(|name| !strangers.contains(name))
        .collect();
    assert_eq!(ours.len(), 3, "{ours:?}");
    for name in &ours {
        let text = fs::read(folder.path().join(name)).unwrap();
        assert!(text.len() <= 50 && text.ends_with(b"}\n"), "{name}");
    }
    for name in &strangers {
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"mine");
    }
}

#[tokio::test]
async fn a_line_larger_than_the_file_may_be_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(folder.path(), Some(5), 0);
    for _ in 0..4 {
        write(&sink).await;
    }
    assert_eq!(files(folder.path()).len(), 4);
}

#[tokio::test]
async fn append_keeps_what_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    let mut settings = FileSettings {
        path: path.clone(),
        append: true,
        rotate_bytes: None,
        backups_max: 0,
    };
    for expected in [1, 2, 1] {
        settings.append = expected == 2;
        let sink = FileSink::open(&"file".into(), &settings).unwrap();
        write(&sink).await;
        assert_eq!(fs::read(&path).unwrap(), LINE.repeat(expected));
    }
}

/// A device that is always full: the failure is told, and not as something to try again.
#[tokio::test]
async fn a_full_disk_is_an_error_with_its_kind() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let settings = FileSettings {
        path: full.into(),
        append: true,
        rotate_bytes: None,
        backups_max: 0,
    };
    let sink = FileSink::open(&"file".into(), &settings).unwrap();
    assert!(matches!(
        write(&sink).await,
        Outcome::Refused(Why::Write(_))
    ));
}

#[test]
fn what_cannot_be_a_file_is_found_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("file");
    fs::write(&taken, "").unwrap();
    for path in [
        folder.path().to_owned(),
        folder.path().join("none/out.json"),
        taken.join("out.json"),
        PathBuf::new(),
    ] {
        let settings = FileSettings {
            path,
            append: false,
            rotate_bytes: None,
            backups_max: 0,
        };
        let error = FileSink::check(&"file/a".into(), &settings).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("exporters.file/a.path: cannot use")
        );
    }
}
