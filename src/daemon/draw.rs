//! Pictures are drawn off the runtime, one at a time, and kept for as long as a sign may fetch them.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use crate::config::Config;
use crate::domain::id::SignId;
use crate::domain::notice::SignState;
use crate::domain::text::Language;
use crate::http::Picture;
use crate::notice::copy::copy;
use crate::notice::facts::Facts;
use crate::notice::wording::Wordings;
use crate::sign::font::Fonts;
use crate::sign::panel::Panel;
use crate::sign::picture::picture;

/// Pictures waiting to be handed to the core. Each sign has at most one under way, and a shop has a handful of signs.
pub(super) const DRAWN_QUEUED: usize = 16;

/// A picture that was asked for.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) sign: SignId,
    pub(super) state: SignState,
    pub(super) picture: Option<Arc<Picture>>,
}

/// Draws on a thread of the runtime's blocking ones.
pub(super) struct Drawer {
    easel: Arc<Easel>,
    drawn: mpsc::Sender<Drawn>,
    /// One picture at a time keeps the memory of a small box.
    turn: Arc<Semaphore>,
}

struct Easel {
    wordings: Arc<Wordings>,
    fonts: Fonts,
    signs: Vec<(SignId, Panel, Language, Facts)>,
}

impl Drawer {
    pub(super) fn new(config: &Config) -> (Self, mpsc::Receiver<Drawn>) {
        let (drawn, receiver) = mpsc::channel(DRAWN_QUEUED);
        let sign = |s: &crate::config::Sign| (s.id.clone(), s.panel, s.language, super::plan::facts(config, &s.zones));
        let easel = Easel {
            wordings: Arc::clone(&config.wordings),
            fonts: Fonts::embedded(),
            signs: config.signs.iter().map(sign).collect(),
        };
        (Self { easel: Arc::new(easel), drawn, turn: Arc::new(Semaphore::new(1)) }, receiver)
    }

    /// Begins to draw what `sign` shall say; the answer arrives on the receiver.
    pub(super) fn draw(&self, sign: SignId, state: SignState) {
        let (easel, drawn, turn) = (Arc::clone(&self.easel), self.drawn.clone(), Arc::clone(&self.turn));
        tokio::spawn(async move {
            let Ok(turn) = turn.acquire_owned().await else { return };
            tokio::task::spawn_blocking(move || {
                let picture = easel.picture(&sign, &state);
                drop(turn);
                // The receiver is gone only when the daemon is going down.
                let _ = drawn.blocking_send(Drawn { sign, state, picture });
            });
        });
    }
}

impl Easel {
    fn picture(&self, id: &SignId, state: &SignState) -> Option<Arc<Picture>> {
        let (_, panel, language, facts) = self.signs.iter().find(|(sign, ..)| sign == id)?;
        match picture(*panel, &copy(&self.wordings, facts, state, *language), &self.fonts) {
            Ok(drawn) => Some(Arc::new(Picture { notice: drawn.notice, png: drawn.png.into(), bmp: drawn.bmp.into() })),
            Err(error) => {
                tracing::error!(sign = %id, state = state.word(), %error, "the notice cannot be drawn; nothing is counted under it");
                None
            }
        }
    }
}

/// Draws every notice that a sign can be asked to show, to find out before the day begins whether each fits its panel. Gives a
/// sentence for each that does not.
pub(crate) fn rehearse(config: &Config) -> Vec<String> {
    let fonts = Fonts::embedded();
    let mut faults = Vec::new();
    for sign in &config.signs {
        let facts = super::plan::facts(config, &sign.zones);
        for state in every_state(&facts) {
            if let Err(error) = picture(sign.panel, &copy(&config.wordings, &facts, &state, sign.language), &fonts) {
                faults.push(format!("sign \"{}\" cannot show its {} notice: {error}", sign.id, state.word()));
            }
        }
    }
    faults
}

fn every_state(facts: &Facts) -> Vec<SignState> {
    let all: Vec<_> = facts.activities.iter().map(|a| a.id.clone()).collect();
    let valid_until = crate::domain::time::Wall(0);
    let mut states = vec![SignState::Inactive { valid_until }, SignState::Unknown];
    states.extend(all.iter().map(|activity| SignState::Active(vec![activity.clone()])));
    if all.len() > 1 {
        states.push(SignState::Active(all));
    }
    states
}
