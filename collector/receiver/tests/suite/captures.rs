//! Real captures, each over the transport that it was captured on: the consumer gets the bytes.

use std::path::{Path, PathBuf};

use otlp_wire::Signal;

use crate::harness::{Client, start};
use crate::raw::{exchange, post};

/// The bodies, with what stands beside them.
fn captures() -> Vec<(PathBuf, serde_json::Value, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let Ok(folders) = std::fs::read_dir(&root) else {
        eprintln!("skipped: no captures beside the project");
        return Vec::new();
    };
    let files = folders.filter_map(|folder| std::fs::read_dir(folder.ok()?.path()).ok());
    let bodies = files.flatten().map(|file| file.unwrap().path());
    let bodies = bodies.filter(|path| path.extension().is_some_and(|end| end == "bin"));
    let captures: Vec<_> = bodies
        .map(|path| {
            let about = std::fs::read(path.with_extension("json")).unwrap();
            let body = std::fs::read(&path).unwrap();
            (path, serde_json::from_slice(&about).unwrap(), body)
        })
        .collect();
    assert!(captures.len() > 30, "{}", captures.len());
    captures
}

fn signal(path: &Path) -> Signal {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    Signal::parse(stem.rsplit('-').next().unwrap()).unwrap()
}

#[tokio::test]
async fn every_capture_arrives_as_it_is() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    for (path, about, body) in captures() {
        let signal = signal(&path);
        let headers: Vec<(&str, &str)> = about["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .filter(|(name, _)| !["host", "content-length", "connection"].contains(name))
            .collect();
        let is_json = headers.contains(&("content-type", "application/json"));
        if about["transport"] == "grpc" {
            client.accepted(signal, &body).await;
        } else {
            let request = post(about["path"].as_str().unwrap(), &headers, &body);
            let answer = exchange(running.http, &request).await;
            assert_eq!(answer.status, 200, "{} {answer:?}", path.display());
        }
        let batch = running.recorder.take().pop().unwrap();
        assert_eq!(batch.signal, signal, "{}", path.display());
        assert!(batch.items > 0, "{}", path.display());
        let mut expected = body;
        if is_json {
            let text = std::mem::take(&mut expected);
            otlp_json::to_protobuf(signal, &text, &mut expected).unwrap();
        }
        assert!(batch.bytes == expected, "{}", path.display());
    }
}
