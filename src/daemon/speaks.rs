//! How each sign of the configuration speaks, and what that asks of its pace.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Config, Protocol, Sign};
use crate::domain::id::SignId;
use crate::domain::notice::SignState;
use crate::engine::Plan;
use crate::engine::glass::SignPlan;
use crate::http::{Kiosk, Label, Speaks};
use crate::notice::copy::copy;
use crate::notice::kiosk;
use crate::notice::wording::Wordings;

/// Slowest pace of a page in a browser: it hangs on mains power, and after every change it shall be true within one poll.
const KIOSK_REFRESH_MAX: Duration = Duration::from_secs(15);

/// Its slowest pace while counting opens or closes.
const KIOSK_TRANSITION_MAX: Duration = Duration::from_secs(5);

/// How long a page is believed at most after a missed poll.
const KIOSK_GRACE_MAX: Duration = Duration::from_secs(60);

/// How much longer a page goes on showing a picture than it is believed to: the time of one question whose answer got lost, and the
/// drift of a cheap clock. So what is believed is there, and a page that lost us says so itself after at most 90 s.
const KIOSK_MARGIN: Duration = Duration::from_secs(15);

/// How every sign speaks, in the order of the configuration.
pub(super) fn speaks(config: &Config) -> Vec<(SignId, Speaks)> {
    let wordings = &config.wordings;
    config.signs.iter().map(|sign| (sign.id.clone(), one(config, sign, wordings))).collect()
}

fn one(config: &Config, sign: &Sign, wordings: &Wordings) -> Speaks {
    let address = || sign.address.clone().unwrap_or_default();
    match sign.protocol {
        Protocol::Trmnl => Speaks::Trmnl { mac: address() },
        Protocol::Http => Speaks::Http,
        Protocol::OpenEPaperLink => {
            let tracked = sign.access_point.is_some();
            Speaks::Label(Label { mac: address(), tracked, marked: false, holds: None })
        }
        Protocol::Kiosk => {
            let facts = super::facts(config, &sign.zones);
            let unknown = copy(wordings, &facts, &SignState::Unknown, sign.language);
            let (refresh, grace) = (sign.refresh.min(KIOSK_REFRESH_MAX), sign.grace.min(KIOSK_GRACE_MAX));
            Speaks::Kiosk(Kiosk {
                page: Arc::from(kiosk::page(&unknown, sign.id.as_str())),
                policy: kiosk::POLICY,
                pace_seconds: refresh.as_secs() as u32,
                hold_seconds: (refresh + grace + KIOSK_MARGIN).as_secs() as u32,
            })
        }
        Protocol::Printed => Speaks::Paper,
    }
}

/// Makes the core expect a page as often as it comes.
pub(super) fn fit(plan: &mut Plan, config: &Config) {
    let pages = plan.signs.iter_mut().zip(&config.signs).filter(|(_, sign)| sign.protocol == Protocol::Kiosk);
    for (SignPlan { refresh, transition_refresh, grace, .. }, _) in pages.map(|((plan, _), sign)| (plan, sign)) {
        *refresh = (*refresh).min(KIOSK_REFRESH_MAX);
        *transition_refresh = (*transition_refresh).min(KIOSK_TRANSITION_MAX);
        *grace = (*grace).min(KIOSK_GRACE_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::open::parse;
    use crate::device::catalog::Catalogue;
    use crate::engine::glass::Proof;

    fn config(protocol: &str) -> Config {
        let sample = include_str!("../../config/noticed.toml");
        let mut text = sample.replace("protocol = \"trmnl\"", &format!("protocol = {protocol:?}"));
        if protocol != "trmnl" {
            let address = text.lines().find(|line| line.starts_with("address = \"AA")).unwrap().to_owned();
            let label = if protocol == "openepaperlink" { "address = \"0000021AC7B53B1A\"" } else { "" };
            text = text.replace(&address, label);
        }
        parse("F", &text, &Catalogue::builtin()).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn plan(config: &Config) -> SignPlan {
        let mut plan = super::super::plan::plan(config, None, "boot".to_owned(), 1);
        fit(&mut plan, config);
        plan.signs.remove(0).0
    }

    #[test]
    fn a_page_goes_on_showing_longer_than_it_is_believed_and_never_longer_than_ninety_seconds() {
        let config = config("kiosk");
        let plan = plan(&config);
        let (_, Speaks::Kiosk(kiosk)) = speaks(&config).remove(0) else { panic!("no page") };
        let believed = (plan.refresh + plan.grace).as_secs() as u32;
        assert!(believed < kiosk.hold_seconds && kiosk.hold_seconds <= 90, "{believed} {}", kiosk.hold_seconds);
        assert!(plan.refresh.as_secs() <= 15 && plan.transition_refresh <= plan.refresh);
        assert!(kiosk.page.contains("STAN NIEZNANY"), "{}", kiosk.page);
    }

    #[test]
    fn only_the_word_of_a_page_or_an_access_point_confirms() {
        for protocol in ["kiosk", "openepaperlink"] {
            assert_eq!(plan(&config(protocol)).proof, Proof::WordOnly, "{protocol}");
        }
        let (_, speaks) = speaks(&config("openepaperlink")).remove(0);
        let mac = "0000021AC7B53B1A".to_owned();
        assert_eq!(speaks, Speaks::Label(Label { mac, tracked: false, marked: false, holds: None }));
    }
}
