//! An HTTP server that records what it is sent and answers 200.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A request that arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) path: String,
    pub(crate) encoding: Option<String>,
    pub(crate) decoded: Vec<u8>,
}

/// The server.
pub(crate) struct Sink {
    pub(crate) endpoint: String,
    address: std::net::SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    accepting: JoinHandle<()>,
}

impl Sink {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&arrived);
        let accepting = thread::spawn(move || {
            let mut connections = Vec::new();
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&shared));
                let mut reader = BufReader::new(stream);
                let Some(first) = request(&mut reader, &shared) else {
                    break;
                };
                if first == "/close" {
                    break;
                }
                connections.push(thread::spawn(move || {
                    while request(&mut reader, &shared).is_some() {}
                }));
            }
        });
        Self {
            endpoint: format!("http://{address}"),
            address,
            arrived,
            accepting,
        }
    }

    /// What arrived until now.
    pub(crate) fn close(self) -> Vec<Arrived> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(b"POST /close HTTP/1.1\r\n\r\n").unwrap();
        self.accepting.join().unwrap();
        let mut arrived = self.arrived.lock().unwrap();
        arrived.retain(|request| request.path != "/close");
        std::mem::take(&mut *arrived)
    }
}

/// Reads, records and answers a request; its path, or none at the connection's end.
fn request(reader: &mut BufReader<TcpStream>, arrived: &Mutex<Vec<Arrived>>) -> Option<String> {
    let (mut head, mut length, mut encoding) = (Vec::new(), 0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "content-encoding" => encoding = Some(value.to_owned()),
                _ => {}
            }
        }
        head.push(line);
    }
    let path = head.first()?.split(' ').nth(1)?.to_owned();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let decoded = match encoding.as_deref() {
        None => body,
        Some("gzip") => {
            let mut decoded = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(body.as_slice());
            decoder.read_to_end(&mut decoded).unwrap();
            decoded
        }
        Some(other) => panic!("encoding {other}"),
    };
    arrived.lock().unwrap().push(Arrived {
        path: path.clone(),
        encoding,
        decoded,
    });
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    Some(path)
}
