//! A display as it truly is: what stands on its glass, and what it knows of it.

use super::world::Millis;
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::sign::Board;
use crate::domain::time::Wall;

/// How many questions in a row may fail before the firmware draws its own error screen.
const FAILURES_BORNE: u8 = 3;

/// What stands on a glass.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Face {
    /// Something that says nothing of counting: a logo, an error, nothing.
    Other,
    /// A notice.
    Notice(SignState),
}

/// One display.
#[derive(Clone, Hash, Debug)]
pub(super) struct Display {
    /// What stands on its glass.
    pub(super) face: Face,
    /// The name of the picture on it, while the firmware knows it.
    name: Option<(NoticeHash, Wall)>,
    /// A picture that has arrived whole and is about to be drawn.
    pub(super) arrived: Option<Board>,
    failures: u8,
    /// Nothing was drawn but what it was given, since it was last heard.
    pub(super) undisturbed: bool,
    /// Until when the daemon believes what it last heard of it.
    lease: Millis,
    /// What the glass said that nobody can know to be gone, and until when.
    believed: (Face, Millis),
}

impl Display {
    pub(super) fn new() -> Self {
        Self {
            face: Face::Other,
            name: None,
            arrived: None,
            failures: 0,
            undisturbed: false,
            lease: 0,
            believed: (Face::Other, 0),
        }
    }

    /// Its question reached the daemon, which believes what it believes until `lease`.
    pub(super) fn was_heard(&mut self, now: Millis, lease: Millis) {
        (self.undisturbed, self.lease) = (true, lease);
        if self.face != Face::Other || self.believed.1 <= now {
            self.believed = (self.face.clone(), lease);
        }
    }

    /// Whether it needs the picture of `board`, or shows it already.
    pub(super) fn needs(&self, board: &Board) -> bool {
        self.name != Some((board.notice, board.stamped))
    }

    /// It was answered, so nothing failed.
    pub(super) fn was_answered(&mut self) {
        self.failures = 0;
    }

    /// It got no answer.
    pub(super) fn failed(&mut self) {
        self.failures += 1;
        if self.failures > FAILURES_BORNE {
            self.disturb();
        }
    }

    /// Something else is drawn: the logo at a wake by its button, an error screen.
    pub(super) fn disturb(&mut self) {
        (self.face, self.name, self.arrived, self.undisturbed) = (Face::Other, None, None, false);
    }

    /// Draws what has arrived.
    pub(super) fn draw(&mut self) {
        if let Some(board) = self.arrived.take() {
            self.name = Some((board.notice, board.stamped));
            self.face = Face::Notice(board.state);
            self.believed = (self.face.clone(), self.lease);
        }
    }

    /// Whether it told a reader at `now` that `activity` goes on, or did so when it was last heard and nobody can know better yet.
    pub(super) fn tells(&self, activity: &crate::domain::id::ActivityId, now: Millis) -> bool {
        let names = |face: &Face| matches!(face, Face::Notice(state) if state.names(activity));
        let disturbed = self.face == Face::Other;
        names(&self.face) || (disturbed && names(&self.believed.0) && now < self.believed.1)
    }

    /// Until when it tells a reader that nobody counts.
    pub(super) fn denies_until(&self) -> Option<Wall> {
        if let Face::Notice(state) = &self.face { state.valid_until() } else { None }
    }
}
