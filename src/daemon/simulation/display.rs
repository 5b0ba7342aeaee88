//! What displays have in common: they wake when it is their time, do one thing, and say when the next is due.

use super::esphome::Esphome;
use super::glass::Glass;
use super::inkplate::Inkplate;
use super::label::Label;
use super::line::Street;
use super::linux::Linux;
use super::page::Page;
use super::trmnl::Trmnl;
use crate::domain::time::Mono;

/// A display of any kind.
pub(super) enum Display {
    Trmnl(Trmnl),
    Linux(Linux),
    Esphome(Esphome),
    Inkplate(Inkplate),
    Label(Label),
    Page(Page),
}

/// The outside of a display, and what it went through.
#[derive(Default)]
pub(super) struct Face {
    glass: Glass,
    /// Every question for what to show: when.
    pub(super) polls: Vec<Mono>,
    /// Every drawing: when, and what.
    pub(super) drawings: Vec<(Mono, Glass)>,
    /// Everything that it was given and that its firmware does not take.
    pub(super) complaints: Vec<String>,
    /// It drew something of its own because of a person, of its power or of its Wi-Fi, and has not been able to say so since. Nobody
    /// who does not stand before it can know.
    pub(super) unsaid: bool,
    /// The notice that should be on the glass by what it was told, by its first sixteen digits.
    pub(super) due: Option<String>,
    /// How many of its next transfers of a picture break in the middle.
    pub(super) breaks: u32,
    /// Whether it reaches the shop's network.
    pub(super) wifi: bool,
    /// By how much it sleeps longer than it was told, in thousandths.
    pub(super) drift: i64,
}

impl Face {
    pub(super) fn new() -> Self {
        Self { wifi: true, ..Self::default() }
    }

    pub(super) fn glass(&self) -> &Glass {
        &self.glass
    }

    pub(super) fn draw(&mut self, glass: Glass, now: Mono) {
        if matches!(glass, Glass::Picture(_)) {
            self.unsaid = false;
        }
        self.glass = glass.clone();
        self.drawings.push((now, glass));
    }

    pub(super) fn polled(&mut self, now: Mono) {
        self.polls.push(now);
        self.unsaid = false;
    }

    /// Whether the next transfer breaks.
    pub(super) fn breaks(&mut self) -> bool {
        let breaks = self.breaks > 0;
        self.breaks = self.breaks.saturating_sub(1);
        breaks
    }

    pub(super) fn complain(&mut self, about: impl Into<String>) {
        self.complaints.push(about.into());
    }

    /// When it wakes after a sleep of `seconds` that begins now.
    pub(super) fn asleep_until(&self, now: Mono, seconds: u64) -> Mono {
        let ms = seconds as i64 * 1000;
        Mono(now.0 + ms + ms * self.drift / 1000)
    }
}

macro_rules! of_any {
    ($display:expr, $it:ident => $what:expr) => {
        match $display {
            Display::Trmnl($it) => $what,
            Display::Linux($it) => $what,
            Display::Esphome($it) => $what,
            Display::Inkplate($it) => $what,
            Display::Label($it) => $what,
            Display::Page($it) => $what,
        }
    };
}

impl Display {
    /// When it does something next by itself, if it ever does.
    pub(super) fn next(&self) -> Option<Mono> {
        match self {
            Self::Trmnl(it) => it.next(),
            Self::Linux(it) => Some(it.next()),
            Self::Esphome(it) => Some(it.next()),
            Self::Inkplate(it) => Some(it.next()),
            Self::Label(it) => Some(it.next()),
            Self::Page(it) => Some(it.next()),
        }
    }

    pub(super) async fn act(&mut self, street: &Street) {
        of_any!(self, it => it.act(street).await);
    }

    pub(super) fn face(&self) -> &Face {
        of_any!(self, it => &it.face)
    }

    pub(super) fn face_mut(&mut self) -> &mut Face {
        of_any!(self, it => &mut it.face)
    }

    /// Somebody presses its button, or loads its page anew.
    pub(super) fn press(&mut self, now: Mono) {
        match self {
            Self::Trmnl(it) => it.press(now),
            Self::Page(it) => it.load(now),
            Self::Linux(_) | Self::Esphome(_) | Self::Inkplate(_) | Self::Label(_) => {}
        }
    }

    /// Its power goes and comes back.
    pub(super) fn cut_power(&mut self, now: Mono) {
        of_any!(self, it => it.cut_power(now));
    }
}
