//! Pictures are drawn off the runtime, one at a time, and kept for as long as a sign may fetch them.

use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::Date;
use tokio::sync::{Semaphore, mpsc};

use crate::config::{Config, Protocol, Sign};
use crate::domain::id::SignId;
use crate::domain::notice::SignState;
use crate::domain::text::Language;
use crate::http::Picture;
use crate::http::credential::Credentials;
use crate::notice::copy::{Copy, copy_in_turn, copy_in_two};
use crate::notice::facts::Facts;
use crate::notice::wording::Wordings;
use crate::sign::canvas::{Area, Canvas};
use crate::sign::encode;
use crate::sign::font::Fonts;
use crate::sign::panel::{Ink, Panel};
use crate::sign::picture::picture;

/// Pictures waiting to be handed to the core. Each sign has at most one under way, and a shop has a handful of signs.
pub(super) const DRAWN_QUEUED: usize = 16;

/// A picture that was asked for.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) sign: SignId,
    pub(super) state: SignState,
    pub(super) turn: u8,
    pub(super) picture: Option<Arc<Picture>>,
}

/// Draws on a thread of the runtime's blocking ones.
pub(super) struct Drawer {
    easel: Arc<Easel>,
    drawn: mpsc::Sender<Drawn>,
    /// One picture at a time keeps the memory of a small box.
    one: Arc<Semaphore>,
}

struct Easel {
    wordings: Arc<Wordings>,
    fonts: Fonts,
    signs: Vec<Placard>,
    credentials: Credentials,
}

/// What one sign may have to say, and on what.
pub(super) struct Placard {
    pub(super) sign: SignId,
    pub(super) panel: Panel,
    languages: (Language, Option<Language>),
    /// Languages that it shows in turn with the first.
    alternates: Vec<Language>,
    pub(super) facts: Facts,
    /// Whether it is an electronic label, which needs a second JPEG.
    is_label: bool,
}

impl Placard {
    pub(super) fn new(config: &Config, sign: &Sign) -> Self {
        Self {
            sign: sign.id.clone(),
            panel: sign.panel,
            languages: (sign.language, sign.second_language),
            alternates: sign.alternate_languages.clone(),
            facts: super::plan::sign_facts(config, sign),
            is_label: sign.protocol == Protocol::OpenEPaperLink,
        }
    }

    /// What it says in its turn number `turn`: after the last of its languages the local one again.
    pub(super) fn copy(&self, wordings: &Wordings, state: &SignState, turn: u8) -> Copy {
        self.copy_of(wordings, &self.facts, state, turn)
    }

    fn copy_of(&self, wordings: &Wordings, facts: &Facts, state: &SignState, turn: u8) -> Copy {
        let (local, second) = self.languages;
        match self.language_of(turn) {
            Some(other) => copy_in_turn(wordings, facts, state, local, other),
            None => copy_in_two(wordings, facts, state, local, second),
        }
    }

    /// Every turn that it takes.
    pub(super) fn turns(&self) -> impl Iterator<Item = u8> {
        0..=u8::try_from(self.alternates.len()).unwrap_or(0)
    }

    /// The other language of turn `turn`, if it has one.
    pub(super) fn language_of(&self, turn: u8) -> Option<Language> {
        usize::from(turn).checked_sub(1).and_then(|index| self.alternates.get(index).copied())
    }

    /// The same with the code of `day`, where it carries one.
    fn copy_on(&self, wordings: &Wordings, face: (&SignState, u8), credentials: &Credentials, day: Date) -> Copy {
        let code = self.facts.code.as_ref().map(|_| credentials.pause_code(&self.sign, &day.to_string()));
        let facts = Facts { code, ..self.facts.clone() };
        self.copy_of(wordings, &facts, face.0, face.1)
    }
}

impl Drawer {
    pub(super) fn new(config: &Config, credentials: &Credentials) -> (Self, mpsc::Receiver<Drawn>) {
        let (drawn, receiver) = mpsc::channel(DRAWN_QUEUED);
        let signs = config.signs.iter().map(|sign| Placard::new(config, sign)).collect();
        let easel = Easel {
            wordings: Arc::clone(&config.wordings),
            fonts: Fonts::embedded(),
            signs,
            credentials: credentials.clone(),
        };
        (Self { easel: Arc::new(easel), drawn, one: Arc::new(Semaphore::new(1)) }, receiver)
    }

    /// Begins to draw what `sign` shall say with the code of `day`; the answer arrives on the receiver.
    pub(super) fn draw(&self, sign: SignId, face: (SignState, u8), day: Date) {
        let (easel, drawn, one) = (Arc::clone(&self.easel), self.drawn.clone(), Arc::clone(&self.one));
        tokio::spawn(async move {
            let Ok(one) = one.acquire_owned().await else { return };
            tokio::task::spawn_blocking(move || {
                let (state, turn) = face;
                let picture = easel.picture(&sign, &state, turn, day);
                drop(one);
                // The receiver is gone only when the daemon is going down.
                let _ = drawn.blocking_send(Drawn { sign, state, turn, picture });
            });
        });
    }
}

impl Easel {
    fn picture(&self, id: &SignId, state: &SignState, turn: u8, day: Date) -> Option<Arc<Picture>> {
        let placard = self.signs.iter().find(|placard| placard.sign == *id)?;
        let copy = placard.copy_on(&self.wordings, (state, turn), &self.credentials, day);
        match picture(placard.panel, &copy, &self.fonts) {
            Ok(drawn) => Some(Arc::new(Picture {
                notice: drawn.notice,
                png: kept(drawn.png),
                bmp: kept(drawn.bmp),
                jpeg: kept(drawn.jpeg),
                marked_jpeg: placard
                    .is_label
                    .then(|| kept(encode::jpeg::file(&marked(drawn.canvas, placard.panel.ink)))),
                raw: kept(drawn.raw),
            })),
            Err(error) => {
                let state = state.word();
                match placard.language_of(turn) {
                    Some(language) => {
                        tracing::error!(sign = %id, %state, %language, %error, "the notice cannot be drawn in this language; it is skipped");
                    }
                    None => {
                        tracing::error!(sign = %id, %state, %error, "the notice cannot be drawn; nothing is counted under it");
                    }
                }
                None
            }
        }
    }
}

/// A file as it stays in memory for as long as the sign shows it: without the room in which it grew.
fn kept(file: Vec<u8>) -> Bytes {
    file.into_boxed_slice().into()
}

/// Turns the dot in the upper left corner over. It lies in the margin, where it says nothing, and is large enough to survive a
/// conversion to the label's inks.
fn marked(mut canvas: Canvas, ink: Ink) -> Canvas {
    const DOT_PIXELS: i32 = 2;
    let corner = canvas.get(0, 0);
    let other = ink.tints().iter().copied().find(|tint| *tint != corner).unwrap_or(corner);
    canvas.fill(Area { x: 0, y: 0, width: DOT_PIXELS, height: DOT_PIXELS }, other);
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::canvas::Tint;

    #[test]
    fn the_dot_changes_four_pixels_of_the_corner_whatever_is_there() {
        for corner in [Tint::Paper, Tint::Ink, Tint::Red] {
            let mut canvas = Canvas::new(16, 8);
            canvas.fill(Area { x: 0, y: 0, width: 16, height: 8 }, corner);
            let dotted = marked(canvas.clone(), Ink::BlackWhiteRed);
            let differ = (0..8).flat_map(|y| (0..16).map(move |x| (x, y)));
            let differ: Vec<_> = differ.filter(|(x, y)| canvas.get(*x, *y) != dotted.get(*x, *y)).collect();
            assert_eq!(differ, [(0, 0), (1, 0), (0, 1), (1, 1)]);
        }
    }
}
