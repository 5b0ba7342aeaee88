//! Pictures of the signs: what was drawn, what is on offer and what was before it, and which of them the ledger speaks of.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Config;
use crate::domain::commit::{Commit, ShownPicture};
use crate::domain::id::SignId;
use crate::domain::ledger::Event;
use crate::domain::notice::NoticeHash;
use crate::http::Picture;

/// Pictures of all signs.
pub(super) struct Album {
    signs: HashMap<SignId, Pictures>,
    /// Each sign's panel, as the configuration writes it.
    panels: HashMap<SignId, String>,
}

/// Pictures of one sign.
#[derive(Default)]
pub(super) struct Pictures {
    drawn: Option<Arc<Picture>>,
    pub(super) shown: Option<Arc<Picture>>,
    pub(super) previous: Option<Arc<Picture>>,
}

impl Album {
    pub(super) fn new(config: &Config) -> Self {
        let panels = config.signs.iter().map(|sign| (sign.id.clone(), sign.panel.to_string())).collect();
        Self { signs: HashMap::new(), panels }
    }

    /// Puts in what was drawn for a sign.
    pub(super) fn put(&mut self, sign: SignId, picture: Option<Arc<Picture>>) {
        self.signs.entry(sign).or_default().drawn = picture;
    }

    /// The pictures of a sign whose board has this notice.
    pub(super) fn follow(&mut self, sign: &SignId, notice: Option<NoticeHash>) -> &Pictures {
        let pictures = self.signs.entry(sign.clone()).or_default();
        pictures.follow(notice);
        pictures
    }

    /// Notices that are on offer.
    pub(super) fn in_use(&self) -> Vec<NoticeHash> {
        self.signs.values().flat_map(Pictures::all).map(|picture| picture.notice).collect()
    }

    /// Adds to a commit the pictures that its entries speak of.
    pub(super) fn illustrate(&self, commit: &mut Commit) {
        for entry in &commit.ledger {
            let Event::Shown { sign, notice, .. } = &entry.event else { continue };
            let known = commit.pictures.iter().any(|picture| picture.notice == *notice);
            let found = self.signs.get(sign).and_then(|pictures| pictures.all().find(|p| p.notice == *notice));
            if let (Some(picture), Some(panel), false) = (found, self.panels.get(sign), known) {
                let (panel, png) = (panel.clone(), picture.png.to_vec());
                commit.pictures.push(ShownPicture { notice: *notice, panel, png });
            }
        }
    }
}

impl Pictures {
    /// Moves on to the picture of the present board, and keeps the one before it.
    fn follow(&mut self, notice: Option<NoticeHash>) {
        let is_shown = |p: &Option<Arc<Picture>>| p.as_ref().map(|p| p.notice) == notice;
        if !is_shown(&self.shown) && is_shown(&self.drawn) {
            self.previous = std::mem::replace(&mut self.shown, self.drawn.take());
        }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Picture>> {
        self.shown.iter().chain(&self.previous).chain(&self.drawn)
    }
}
