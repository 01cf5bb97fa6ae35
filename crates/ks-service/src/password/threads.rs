//! Threads that hash passwords: as many as the machine has cores, each with the memory that a hash is computed in.
//!
//! A hash takes 19 MiB. Asked for anew each time, and on the hundreds of threads that the runtime lends for blocking work,
//! they come to half a gigabyte, because the allocator keeps some of them for each thread.

use std::sync::{Arc, OnceLock, mpsc};

use argon2::Block;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The memory of a thread.
pub(super) type Room = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Room) + Send>;

/// Work was not done: no thread could be started, or the one that did it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undone;

/// How many passwords are hashed at once: more than the cores would only queue.
pub(super) fn count() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn queue() -> &'static mpsc::Sender<Work> {
    static QUEUE: OnceLock<mpsc::Sender<Work>> = OnceLock::new();
    QUEUE.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..count() {
            let receiver = Arc::clone(&receiver);
            // Where none can be started, nobody is left to receive, and sending fails.
            let _ = std::thread::Builder::new().name("password".to_owned()).spawn(move || serve(&receiver));
        }
        sender
    })
}

fn serve(receiver: &Mutex<mpsc::Receiver<Work>>) {
    let mut room = Room::new();
    loop {
        let next = receiver.lock().recv();
        match next {
            Ok(work) => work(&mut room),
            Err(mpsc::RecvError) => return,
        }
    }
}

/// Does some work on one of the threads.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce(&mut Room) -> T + Send + 'static) -> Result<T, Undone> {
    let (sender, answer) = oneshot::channel();
    let work = move |room: &mut Room| {
        // Whoever asked may have gone away.
        let _ = sender.send(work(room));
    };
    queue().send(Box::new(work)).map_err(|_| Undone)?;
    answer.await.map_err(|_| Undone)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn there_are_no_more_threads_than_cores() {
        let work: Vec<_> = (0..50).map(|_| tokio::spawn(run(|_| std::thread::current().id()))).collect();
        let mut seen = HashSet::new();
        for done in work {
            seen.insert(done.await.unwrap().unwrap());
        }
        assert!(seen.len() <= count(), "{seen:?}");
    }
}
