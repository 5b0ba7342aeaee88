//! What can be seen of a display, and what it says to whoever reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ring::digest::{SHA256, digest};

use crate::domain::notice::{NoticeHash, SignState};
use crate::http::Shown;

/// A file that was drawn, by the digest of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Print([u8; 32]);

impl Print {
    pub(super) fn of(file: &[u8]) -> Self {
        Self(digest(&SHA256, file).as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

/// What is on the glass.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Glass {
    /// As it came from the box.
    #[default]
    Blank,
    /// The picture of this file.
    Picture(Print),
    /// Words of the display's own, over the file that it keeps for that.
    Own(&'static str, Option<Print>),
}

/// What a picture says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    pub(super) notice: NoticeHash,
    pub(super) state: SignState,
}

/// Every picture that was ever offered, by its files.
#[derive(Default)]
pub(super) struct Gallery {
    files: BTreeMap<Print, Said>,
    last: Option<Arc<Shown>>,
}

impl Gallery {
    pub(super) fn learn(&mut self, shown: Arc<Shown>) {
        if self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &shown)) {
            return;
        }
        for (board, picture) in shown.signs.iter().filter_map(|sign| sign.current()) {
            let files = [&picture.png, &picture.bmp, &picture.jpeg].into_iter().chain(&picture.marked_jpeg);
            for file in files.map(|file| Print::of(file)) {
                let said = Said { notice: board.notice, state: board.state.clone() };
                let before = self.files.insert(file, said.clone());
                assert!(before.is_none_or(|before| before == said), "two notices have one file");
            }
        }
        self.last = Some(shown);
    }

    /// What can be read on `glass`, behind words of the display's own as well.
    pub(super) fn read(&self, glass: &Glass) -> Option<&Said> {
        match glass {
            Glass::Blank | Glass::Own(_, None) => None,
            Glass::Picture(file) => {
                assert!(self.files.contains_key(file), "only pictures that were offered can be fetched");
                self.files.get(file)
            }
            Glass::Own(_, Some(file)) => self.files.get(file),
        }
    }

    /// In one word, for lists of what was drawn.
    pub(super) fn word(&self, glass: &Glass) -> &'static str {
        match glass {
            Glass::Blank => "blank",
            Glass::Own(words, _) => words,
            Glass::Picture(_) => self.read(glass).map_or("?", |said| said.state.word()),
        }
    }
}
