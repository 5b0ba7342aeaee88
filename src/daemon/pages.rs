//! The full notice as pages, made anew only when what they say changes.

use std::sync::Arc;

use super::pausing::page_of;
use super::plan::{facts, zone_states};
use crate::config::Config;
use crate::domain::id::ZoneId;
use crate::domain::notice::SignState;
use crate::domain::objection::PausePage;
use crate::domain::sign::Board;
use crate::domain::text::{Language, Texts};
use crate::engine::Engine;
use crate::http::Checkpoint;
use crate::notice::facts::Facts;
use crate::notice::page::{Current, page};

/// The public pages in every language of the shop.
pub(super) struct Pages {
    config: Config,
    facts: Facts,
    states: Option<Vec<(Texts, SignState)>>,
    checkpoint: Option<Arc<Checkpoint>>,
    made: Vec<(Language, Arc<str>)>,
    pausing: Arc<Vec<PausePage>>,
}

impl Pages {
    pub(super) fn new(config: &Config) -> Self {
        let zones: Vec<ZoneId> = config.zones.iter().map(|z| z.id.clone()).collect();
        Self {
            facts: facts(config, &zones),
            config: config.clone(),
            states: None,
            checkpoint: None,
            made: Vec::new(),
            pausing: Arc::default(),
        }
    }

    /// The pages as they are true now, with the newest head of the ledger.
    pub(super) fn current(
        &mut self,
        boards: &[Option<Board>],
        engine: &Engine,
        checkpoint: Option<&Arc<Checkpoint>>,
    ) -> Vec<(Language, Arc<str>)> {
        let mut states = zone_states(&self.config, boards);
        for (zone, (_, state)) in self.config.zones.iter().zip(&mut states) {
            // Whoever has just pressed the button reads what is true, before any sign can say it.
            if let Some(paused) = engine.zone_paused(&zone.id) {
                *state = paused;
            }
        }
        if self.states.as_ref() != Some(&states) || self.checkpoint.as_ref() != checkpoint {
            let checkpoint_text = checkpoint.map(|checkpoint| checkpoint.text.as_str());
            let languages = &self.config.shop.languages;
            let told = |language: Language| -> Vec<(String, SignState)> {
                states.iter().map(|(name, state)| (name.best(language).to_owned(), state.clone())).collect()
            };
            let make = |&language: &Language| {
                let zones = told(language);
                let now = Current { zones: &zones, checkpoint: checkpoint_text };
                let pausing = page_of(&self.config, &now, language);
                ((language, Arc::from(page(&self.config.wordings, &self.facts, &now, language, languages))), pausing)
            };
            let (notices, buttons) = languages.iter().map(make).unzip();
            self.made = notices;
            self.pausing = Arc::new(buttons);
            self.checkpoint = checkpoint.cloned();
            self.states = Some(states);
        }
        self.made.clone()
    }

    /// The pages behind the codes of signs, as they were true when [`Self::current`] was asked last.
    pub(super) fn pausing(&self) -> &Arc<Vec<PausePage>> {
        &self.pausing
    }
}
