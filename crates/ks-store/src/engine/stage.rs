//! A stage for simulations: every call of a database waits here, before it is made and before its answer arrives, until
//! whoever directs lets it go on. With one thread nothing happens in any other order than the director's.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::fault::{Fault, Step};

/// The director's view of all nodes.
#[derive(Default)]
pub(crate) struct Stage {
    scene: Mutex<Scene>,
    /// Something that was let go on has come back.
    back: Notify,
}

#[derive(Default)]
struct Scene {
    is_up: bool,
    waiting: Vec<Waiting>,
    /// How many calls the database works on.
    running: usize,
    /// Which connection has the lock of writers.
    writer: Option<u64>,
    lines: u64,
    timeline: i64,
}

struct Waiting {
    node: usize,
    line: u64,
    timeline: Option<i64>,
    step: Step,
    is_answer: bool,
    go: oneshot::Sender<Option<Fault>>,
}

/// A call or an answer that waits, as the director sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cue {
    /// Where it stands among all that wait.
    pub(crate) place: usize,
    pub(crate) node: usize,
    pub(crate) is_answer: bool,
    /// It belongs to a server that is gone.
    pub(crate) is_dead: bool,
    pub(crate) is_commit: bool,
}

impl Stage {
    /// From now on calls wait, or they do no longer.
    pub(crate) fn raise(&self, is_up: bool) {
        self.scene.lock().is_up = is_up;
    }

    /// Waits until everybody waits.
    pub(crate) async fn settle(&self) {
        loop {
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
            if self.scene.lock().running == 0 {
                return;
            }
            self.back.notified().await;
        }
    }

    /// What may go on next. Nobody begins a change while another one is being made.
    pub(crate) fn cues(&self) -> Vec<Cue> {
        let mut scene = self.scene.lock();
        scene.waiting.retain(|it| !it.go.is_closed());
        let (is_free, timeline) = (scene.writer.is_none(), scene.timeline);
        let waiting = scene.waiting.iter().enumerate();
        let ready = waiting.filter(|(_, it)| is_free || it.is_answer || it.step != Step::Begin);
        let cue = |(place, it): (usize, &Waiting)| Cue {
            place,
            node: it.node,
            is_answer: it.is_answer,
            is_dead: it.timeline.is_some_and(|born| born != timeline),
            is_commit: it.step == Step::Commit,
        };
        ready.map(cue).collect()
    }

    /// Lets one go on, or fail.
    pub(crate) fn go(&self, cue: Cue, fault: Option<Fault>) {
        let mut scene = self.scene.lock();
        let it = scene.waiting.remove(cue.place);
        if !it.is_answer && fault != Some(Fault::Unsent) {
            scene.running += 1;
            if it.step == Step::Begin {
                scene.writer = Some(it.line);
            }
        }
        drop(scene);
        // Whoever waited may have been ended meanwhile.
        _ = it.go.send(fault);
    }

    /// Whether a change is being made.
    pub(crate) fn is_writing(&self) -> bool {
        self.scene.lock().writer.is_some()
    }

    /// Another server takes the place of the one that was.
    pub(crate) fn replace_server(&self) {
        self.scene.lock().timeline += 1;
    }

    fn line(self: &Arc<Self>, timeline: Option<i64>) -> Arc<Line> {
        let mut scene = self.scene.lock();
        scene.lines += 1;
        Arc::new(Line { stage: Arc::clone(self), id: scene.lines, timeline })
    }

    async fn wait(&self, gate: &Gate, step: Step, is_answer: bool) -> Option<Fault> {
        let (go, gone) = oneshot::channel();
        let waiting =
            Waiting { node: gate.node, line: gate.line.id, timeline: gate.line.timeline, step, is_answer, go };
        self.scene.lock().waiting.push(waiting);
        gone.await.ok().flatten()
    }

    fn came_back(&self) {
        self.scene.lock().running -= 1;
        self.back.notify_one();
    }
}

/// What the calls of one node go through; of one connection, once there is one.
#[derive(Clone)]
pub(crate) struct Gate {
    stage: Arc<Stage>,
    node: usize,
    line: Arc<Line>,
}

/// One connection.
struct Line {
    stage: Arc<Stage>,
    id: u64,
    /// To which server; `None`: to none yet.
    timeline: Option<i64>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut scene = self.stage.scene.lock();
        if scene.writer == Some(self.id) {
            scene.writer = None;
        }
    }
}

impl Gate {
    pub(crate) fn new(stage: &Arc<Stage>, node: usize) -> Self {
        Self { stage: Arc::clone(stage), node, line: stage.line(None) }
    }

    pub(super) fn of_connection(&self) -> Self {
        let timeline = self.timeline();
        Self { line: self.stage.line(Some(timeline)), ..self.clone() }
    }

    pub(super) fn timeline(&self) -> i64 {
        self.stage.scene.lock().timeline
    }

    pub(super) async fn call(&self, step: Step) -> (Option<Fault>, Option<Passage>) {
        if !self.stage.scene.lock().is_up {
            return (None, None);
        }
        let fault = self.stage.wait(self, step, false).await;
        let passage = (fault != Some(Fault::Unsent)).then(|| Passage { busy: self.busy_already(), step });
        (fault, passage)
    }

    /// Something that the director waits for, although it is no call.
    pub(super) fn busy(&self) -> Busy {
        self.stage.scene.lock().running += 1;
        self.busy_already()
    }

    fn busy_already(&self) -> Busy {
        Busy(self.clone())
    }
}

/// Until this is dropped, something goes on.
pub(super) struct Busy(Gate);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.stage.came_back();
    }
}

/// A call that was let through.
pub(super) struct Passage {
    busy: Busy,
    step: Step,
}

impl Passage {
    /// Waits until the answer may arrive; whether it is lost.
    pub(super) async fn answer(self) -> bool {
        let gate = self.busy.0.clone();
        let line = gate.line.id;
        {
            let mut scene = gate.stage.scene.lock();
            if self.step == Step::Commit && scene.writer == Some(line) {
                scene.writer = None;
            }
        }
        drop(self.busy);
        gate.stage.wait(&gate, self.step, true).await.is_some()
    }
}
