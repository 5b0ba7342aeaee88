//! Displays hung up in a shop: from the box to counting.

use super::display::Display;
use super::esphome::{Esphome, Rest};
use super::firmware::{Firmware, GENERATIONS};
use super::inkplate::Inkplate;
use super::label::{self, Label};
use super::linux::Linux;
use super::page::Page;
use super::shop::{ALWAYS_OPEN, HOUR, Shop, sign};
use super::trmnl::Trmnl;

const MAC: &str = "AA:BB:CC:DD:EE:FF";

/// The sign `door` as each kind of display is configured. A small panel is drawn in a third of the time of a large one.
pub(super) fn trmnl_sign(panel: &str) -> String {
    sign("door", "trmnl", &format!("panel = {panel:?}\naddress = {MAC:?}"))
}

pub(super) const SMALL: &str = "400x300-bw";

pub(super) fn http_sign(refresh: &str) -> String {
    sign("door", "http", &format!("panel = {SMALL:?}\nrefresh = {refresh:?}"))
}

pub(super) fn label_sign() -> String {
    let more = format!("panel = \"400x300-bwr\"\naddress = {:?}\naccess-point = \"@ACCESS_POINT@\"", label::MAC);
    sign("door", "openepaperlink", &more)
}

pub(super) fn page_sign() -> String {
    sign("door", "kiosk", &format!("panel = {SMALL:?}"))
}

impl Rest {
    /// Those that go by an interval of their own, in seconds: on mains power five minutes, on battery a quarter of an hour.
    pub(super) fn interval(self) -> u64 {
        if self == Self::Awake { 300 } else { 900 }
    }
}

/// Every kind of display.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Trmnl(Firmware),
    Linux,
    Esphome(Rest),
    Inkplate,
    Label,
    Page,
}

pub(super) fn every_kind() -> Vec<Kind> {
    let trmnl = GENERATIONS.into_iter().map(Kind::Trmnl);
    let esphome = [Rest::Awake, Rest::Asleep, Rest::Dumb].map(Kind::Esphome);
    trmnl.chain([Kind::Linux]).chain(esphome).chain([Kind::Inkplate, Kind::Label, Kind::Page]).collect()
}

impl Kind {
    pub(super) fn sign(self) -> String {
        match self {
            Self::Trmnl(_) | Self::Linux => trmnl_sign(SMALL),
            Self::Esphome(Rest::Awake) => http_sign("5 min"),
            Self::Esphome(_) | Self::Inkplate => http_sign("15 min"),
            Self::Label => label_sign(),
            Self::Page => page_sign(),
        }
    }

    /// A display that is switched on now.
    pub(super) fn display(self, shop: &Shop) -> Display {
        let (now, token) = (shop.now_ms(), shop.token("door"));
        match self {
            Self::Trmnl(firmware) => Display::Trmnl(Trmnl::new(firmware, MAC, now)),
            Self::Linux => Display::Linux(Linux::new(MAC, token, now)),
            Self::Esphome(rest) => Display::Esphome(Esphome::new("door", token, rest.interval(), rest, now)),
            Self::Inkplate => Display::Inkplate(Inkplate::new("door", token, now)),
            Self::Label => Display::Label(Label::new(token, now)),
            Self::Page => Display::Page(Page::new("door", token, now)),
        }
    }

    /// A shop with one such display, switched on as the shop is.
    pub(super) async fn shop(self, hours: &str) -> Shop {
        let mut shop = Shop::furnish(hours, &[self.sign()]).await;
        shop.start().await;
        shop.connect().await;
        let display = self.display(&shop);
        shop.hang("door", display);
        shop
    }
}

#[tokio::test]
async fn the_original_display_takes_its_setup_and_its_notice_whatever_its_firmware() {
    for firmware in GENERATIONS {
        let mut shop = Shop::furnish(ALWAYS_OPEN, &[trmnl_sign("800x480-bw")]).await;
        shop.start().await;
        shop.connect().await;
        let now = shop.now_ms();
        shop.hang("door", Display::Trmnl(Trmnl::new(firmware, MAC, now).original()));
        shop.until(75).await;
        assert_eq!(shop.drew(0, 0), ["loading", "friendly id", "active"], "{firmware}");
        assert_eq!(shop.interlock().0, "open", "{firmware}: {:?}", shop.interlock());
    }
}

#[tokio::test]
async fn every_kind_of_display_opens_counting_only_by_what_proves_that_it_shows_the_notice() {
    for kind in every_kind() {
        let mut shop = kind.shop(ALWAYS_OPEN).await;
        while shop.interlock().0 != "open" && shop.seconds() < HOUR {
            shop.customer().await;
            shop.pass(1).await;
        }
        let opened = match kind {
            Kind::Trmnl(_) => 73,
            Kind::Linux => 63,
            Kind::Esphome(Rest::Awake | Rest::Asleep) => 6,
            Kind::Esphome(Rest::Dumb) => 900,
            Kind::Inkplate => 3,
            Kind::Label => 255,
            Kind::Page => 1,
        };
        assert_eq!((shop.seconds(), shop.counted()), (opened, 0), "{kind:?}: {:?}", shop.interlock());
    }
}
