//! An API server that plays what it is told: lists and watches over a service, without a socket.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use kube::Client;
use kube::client::Body;
use serde_json::{Value as Json, json};
use tamis_kubernetes::{Connect, Feed, Watcher};
use tokio::sync::mpsc;

type Answer = UnsyncBoxBody<Bytes, Infallible>;

/// The server.
#[derive(Clone, Default)]
pub(crate) struct Api(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Objects by the path of their list, by name.
    objects: BTreeMap<String, BTreeMap<String, Json>>,
    version: u64,
    /// Watches that are open, by path.
    watches: Vec<(String, mpsc::UnboundedSender<Bytes>)>,
    /// What is answered instead, by path: for ever.
    refused: BTreeMap<String, u16>,
    requests: Vec<String>,
}

pub(crate) const PODS: &str = "/api/v1/pods";
pub(crate) const REPLICA_SETS: &str = "/apis/apps/v1/replicasets";

impl Api {
    /// A watcher of this server.
    pub(crate) async fn watch(&self, settings: &Json) -> Watcher {
        let api = self.clone();
        let connect = Connect::with(move || {
            let client = api.client();
            async move { Ok(client) }
        });
        let settings = super::settings(settings);
        Watcher::connected(Feed::new(&settings), &settings, connect)
            .await
            .unwrap()
    }

    fn client(&self) -> Client {
        let api = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let answer = api.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        });
        Client::new(service, "default")
    }

    /// Adds or changes an object, and tells the watches.
    pub(crate) fn put(&self, path: &str, mut object: Json) {
        let mut state = self.state();
        state.version += 1;
        object["metadata"]["resourceVersion"] = json!(state.version.to_string());
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let known = state.objects.entry(path.to_owned()).or_default();
        let is_new = known.insert(name, object.clone()).is_none();
        state.tell(path, if is_new { "ADDED" } else { "MODIFIED" }, &object);
    }

    /// Deletes an object, and tells the watches.
    pub(crate) fn delete(&self, path: &str, name: &str) {
        let mut state = self.state();
        state.version += 1;
        let gone = state
            .objects
            .get_mut(path)
            .and_then(|objects| objects.remove(name))
            .unwrap();
        state.tell(path, "DELETED", &gone);
    }

    /// Deletes an object while nobody looks.
    pub(crate) fn lose(&self, path: &str, name: &str) {
        self.state()
            .objects
            .get_mut(path)
            .and_then(|objects| objects.remove(name))
            .unwrap();
    }

    /// Ends every watch, as a restart does.
    pub(crate) fn drop_watches(&self) {
        self.state().watches.clear();
    }

    /// Tells every watch of a path that where it was is forgotten.
    pub(crate) fn forget(&self, path: &str) {
        let gone = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old resource version"});
        self.state().tell(path, "ERROR", &gone);
    }

    /// Sends a line to every watch of a path.
    pub(crate) fn line(&self, path: &str, line: &str) {
        let mut state = self.state();
        state.send(path, line);
    }

    /// Answers every request of a path with a status; none: no more.
    pub(crate) fn refuse(&self, path: &str, code: Option<u16>) {
        let mut state = self.state();
        match code {
            Some(code) => state.refused.insert(path.to_owned(), code),
            None => state.refused.remove(path),
        };
    }

    /// Requests so far whose path and query hold this.
    pub(crate) fn requests(&self, part: &str) -> usize {
        self.state()
            .requests
            .iter()
            .filter(|request| request.contains(part))
            .count()
    }

    /// Watches that are open.
    pub(crate) fn open(&self, path: &str) -> usize {
        let mut state = self.state();
        state.watches.retain(|(_, watch)| !watch.is_closed());
        state.watches.iter().filter(|(of, _)| of == path).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn answer(&self, request: &Request<Body>) -> Response<Answer> {
        let mut state = self.state();
        let (path, query) = (
            request.uri().path().to_owned(),
            request.uri().query().unwrap_or_default(),
        );
        state.requests.push(format!("{path}?{query}"));
        if let Some(&code) = state.refused.get(&path) {
            let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": "no", "reason": "No"});
            return respond(code, whole(&status));
        }
        if query.contains("watch=true") {
            return respond(200, state.open_watch(&path));
        }
        let items: Vec<_> = state
            .objects
            .entry(path)
            .or_default()
            .values()
            .cloned()
            .collect();
        let list = json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": state.version.to_string()}, "items": items});
        respond(200, whole(&list))
    }
}

impl State {
    fn tell(&mut self, path: &str, what: &str, object: &Json) {
        self.send(path, &json!({"type": what, "object": object}).to_string());
    }

    fn send(&mut self, path: &str, line: &str) {
        let line = Bytes::from(format!("{line}\n"));
        for (of, watch) in &self.watches {
            if of == path {
                // A watch that is over takes no more lines.
                let _ = watch.send(line.clone());
            }
        }
    }

    fn open_watch(&mut self, path: &str) -> Answer {
        let (watch, lines) = mpsc::unbounded_channel();
        self.watches.push((path.to_owned(), watch));
        let frames = stream::unfold(lines, |mut lines| async move {
            let line = lines.recv().await?;
            Some((Ok::<_, Infallible>(Frame::data(line)), lines))
        });
        StreamBody::new(frames).boxed_unsync()
    }
}

fn whole(json: &Json) -> Answer {
    Full::new(Bytes::from(json.to_string())).boxed_unsync()
}

fn respond(code: u16, body: Answer) -> Response<Answer> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}
