//! Taking connections from a listening socket, and ending them when the door closes.
//!
//! A failure to take one (no file descriptors left) is waited out and said; it must never end the
//! loop nor turn it into a busy one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::connection::{Closing, serve};
use crate::consumer::Consumer;
use crate::door::Door;
use crate::notice::Mistake;

/// The first and the longest pause after a failure.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// Takes connections until the door closes, then waits for those that are left.
pub(crate) async fn run<C: Consumer>(
    door: Arc<Door<C>>,
    listener: TcpListener,
    slots: Arc<Semaphore>,
    closing: Closing,
) {
    let mut begun = closing.clone();
    let mut connections = JoinSet::new();
    tokio::select! {
        () = take(&door, &listener, &slots, &closing, &mut connections) => {}
        () = begun.begun() => {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn take<C: Consumer>(
    door: &Arc<Door<C>>,
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    closing: &Closing,
    connections: &mut JoinSet<()>,
) {
    let [first, longest] = PAUSES;
    let mut pause = first;
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((tcp, peer)) => {
                pause = first;
                let Ok(slot) = Arc::clone(slots).acquire_owned().await else {
                    return;
                };
                let (door, closing) = (Arc::clone(door), closing.clone());
                connections.spawn(async move {
                    serve(door, tcp, peer, closing).await;
                    drop(slot);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                let text = format!("no connection can be taken at the moment: {error}");
                door.notices.say(Mistake::Accept, &text);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(longest);
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
