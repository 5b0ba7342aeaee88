//! What the operator is told, and what is ordered.

use axum::http::Method;
use tokio::sync::mpsc;

use super::*;
use crate::domain::id::SensorId;
use crate::domain::notice::Evidence;
use crate::domain::reading::LinkScope;
use crate::domain::sign::{Health, Stranger};
use crate::domain::status::{InterlockStatus, OccupancyStatus, SensorStatus, SignStatus};
use crate::domain::time::Wall;
use crate::http::test_shop::{Answer, BEFORE, CHECKPOINT, NOW, ask, credentials, fixture};

fn example(ready: bool) -> Status {
    let interlock = |zone: &str, activity: &str, interlock| InterlockStatus {
        zone: ZoneId::new(zone),
        activity: ActivityId::new(activity),
        interlock,
        reason: "the sign \"door\" <is> shown".to_owned(),
    };
    Status {
        interlocks: vec![
            interlock("entrance", "footfall", "open"),
            interlock("till", "footfall", "closed"),
            interlock("entrance", "presence", "opening"),
        ],
        occupancies: vec![
            (ZoneId::new("entrance"), Some(OccupancyStatus { count: 12, may_be_off: true })),
            (ZoneId::new("till"), None),
        ],
        signs: vec![
            SignStatus {
                id: SignId::new("door"),
                state: "active",
                evidence: Evidence::Confirmed,
                last_poll: Some(Wall(1_785_312_389_250)),
                health: Health {
                    battery_mv: Some(3_904),
                    battery_percent: Some(71),
                    powered: Some(false),
                    signal_dbm: Some(-61),
                    firmware: Some("1.8.14".to_owned()),
                    model: None,
                },
                attested: None,
                alerts: vec!["battery low: <charge> it".to_owned()],
            },
            SignStatus {
                id: SignId::new("board"),
                state: "active",
                evidence: Evidence::Sighted,
                last_poll: None,
                health: Health::default(),
                attested: Some(("shift-lead".to_owned(), Wall(1_785_312_389_250))),
                alerts: Vec::new(),
            },
        ],
        pending: vec![Stranger {
            name: "AA:BB:CC:DD:EE:01".to_owned(),
            protocol: "trmnl",
            size: Some((800, 480)),
            health: Health { model: Some("<og>".to_owned()), ..Health::default() },
            asked: Wall(1_785_312_389_250),
        }],
        sensors: vec![SensorStatus {
            id: SensorId::new("front"),
            last_heard: None,
            offline: Some(LinkScope::Bridge),
            accepted: 5,
            refused: vec![("privacy", 2), ("malformed", 1)],
        }],
        broker: "connected".to_owned(),
        store: "writing".to_owned(),
        clock: "trusted".to_owned(),
        ready,
    }
}

/// A listener whose engine gives the example, refuses to stop "till" and takes every other order.
fn listener(ready: bool) -> (Router, mpsc::Receiver<Order>) {
    let (requests, mut engine) = mpsc::channel(4);
    let (taken, orders) = mpsc::channel(4);
    tokio::spawn(async move {
        while let Some(request) = engine.recv().await {
            match request {
                Request::Stranger(_) | Request::Given { .. } => panic!("nobody asks here"),
                Request::Status(answer) => {
                    let look = Look { status: example(ready), at: Wall(1_785_312_449_250) };
                    answer.send(look).unwrap();
                }
                Request::Order(Order::Stop(zone, _), answer) if zone.as_str() == "till" => {
                    answer.send(Err("no zone \"till\"".to_owned())).unwrap();
                }
                Request::Order(order, answer) => {
                    taken.send(order).await.unwrap();
                    answer.send(Ok(())).unwrap();
                }
                Request::Event(_) | Request::Setup { .. } | Request::Objection { .. } => panic!("not on this listener"),
            }
        }
    });
    (router(requests), orders)
}

fn router(requests: mpsc::Sender<Request>) -> Router {
    operator_router(OperatorState {
        shown: watch::channel(Arc::new(fixture(100))).1,
        engine: EngineLine::new(requests),
        credentials: credentials(),
        time_zone: TimeZone::get("Europe/Warsaw").unwrap(),
    })
}

async fn get(router: &Router, path: &str) -> Answer {
    ask(router, Method::GET, path, &[("Host", "127.0.0.1:8081")], "").await
}

#[tokio::test]
async fn the_status_has_the_fields_of_the_contract() {
    let answer = get(&listener(true).0, "/api/v1/status").await;
    assert_eq!(answer.status, StatusCode::OK);
    let reason = "the sign \\\"door\\\" <is> shown";
    let nothing = "\"health\":{\"battery_mv\":null,\"battery_percent\":null,\"powered\":null,\"signal_dbm\":null,\
                   \"firmware\":null,\"model\":null}";
    let model = nothing.replace("\"model\":null", "\"model\":\"<og>\"");
    assert_eq!(
        answer.text(),
        format!(
            "{{\"zones\":[{{\"id\":\"entrance\",\"activities\":[\
             {{\"id\":\"footfall\",\"interlock\":\"open\",\"reason\":\"{reason}\"}},\
             {{\"id\":\"presence\",\"interlock\":\"opening\",\"reason\":\"{reason}\"}}],\
             \"occupancy\":{{\"count\":12,\"may_be_off\":true}}}},\
             {{\"id\":\"till\",\"activities\":[\
             {{\"id\":\"footfall\",\"interlock\":\"closed\",\"reason\":\"{reason}\"}}],\
             \"occupancy\":null}}],\
             \"signs\":[{{\"id\":\"door\",\"state\":\"active\",\"evidence\":\"confirmed\",\
             \"last_poll\":\"2026-07-29T10:06:00+02:00\",\
             \"health\":{{\"battery_mv\":3904,\"battery_percent\":71,\"powered\":false,\"signal_dbm\":-61,\
             \"firmware\":\"1.8.14\",\"model\":null}},\"attested\":null,\"alerts\":[\"battery low: <charge> it\"]}},\
             {{\"id\":\"board\",\"state\":\"active\",\"evidence\":\"sighted\",\"last_poll\":null,{nothing},\
             \"attested\":{{\"by\":\"shift-lead\",\"until\":\"2026-07-29T10:06:00+02:00\"}},\"alerts\":[]}}],\
             \"pending\":[{{\"name\":\"AA:BB:CC:DD:EE:01\",\"protocol\":\"trmnl\",\"width\":800,\"height\":480,\
             \"asked\":\"2026-07-29T10:06:00+02:00\",{model}}}],\
             \"sensors\":[{{\"id\":\"front\",\"last_heard\":null,\"link\":\"bridge offline\",\"accepted\":5,\"refused\":3,\
             \"refusals\":{{\"malformed\":1,\"privacy\":2}}}}],\
             \"broker\":\"connected\",\"store\":\"writing\",\"clock\":\"trusted\",\"ready\":true}}"
        )
    );
}

#[tokio::test]
async fn every_address_is_closed_to_other_names() {
    let (router, _orders) = listener(true);
    for path in ["/", "/api/v1/status", "/metrics", "/livez", "/readyz", "/nowhere"] {
        let answer = ask(&router, Method::GET, path, &[("Host", "evil.example:8081")], "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let answer = ask(&router, Method::POST, "/api/v1/orders", &[("Host", "evil.example")], "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn health_tells_alive_from_ready() {
    let (well, _orders) = listener(true);
    assert_eq!(get(&well, "/livez").await.status, StatusCode::OK);
    assert_eq!(get(&well, "/readyz").await.status, StatusCode::OK);
    let (unwell, _orders) = listener(false);
    assert_eq!(get(&unwell, "/livez").await.status, StatusCode::OK);
    let answer = get(&unwell, "/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text(), "not ready: broker connected; store writing; clock trusted\n");
}

#[tokio::test]
async fn a_silent_engine_is_said_everywhere() {
    let (requests, engine) = mpsc::channel(1);
    drop(engine);
    let router = router(requests);
    for path in ["/", "/api/v1/status", "/metrics", "/livez", "/readyz"] {
        let answer = get(&router, path).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::SERVICE_UNAVAILABLE, "the engine does not answer\n"));
    }
}

async fn order_with(router: &Router, token: Option<&str>, body: &str) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("Host", "localhost:8081")];
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    ask(router, Method::POST, "/api/v1/orders", &headers, body).await
}

#[tokio::test]
async fn orders_reach_the_engine_with_the_operators_token_only() {
    let (router, mut orders) = listener(true);
    let operator = credentials().operator();
    let stop = "{\"order\":\"stop\",\"zone\":\"entrance\",\"activity\":\"footfall\"}";
    let door = credentials().sign(&SignId::new("door"));
    for wrong in [None, Some(""), Some(door.as_str())] {
        assert_eq!(order_with(&router, wrong, stop).await.status, StatusCode::UNAUTHORIZED);
    }
    assert!(orders.try_recv().is_err());
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    for (body, expected) in [
        (stop.to_owned(), Order::Stop(zone.clone(), activity.clone())),
        (stop.replace("stop", "start"), Order::Start(zone, activity)),
        ("{\"order\":\"pair\",\"sign\":\"door\"}".to_owned(), Order::Pair(SignId::new("door"))),
        (
            "{\"order\":\"attest\",\"sign\":\"board\",\"by\":\"shift-lead\"}".to_owned(),
            Order::Attest(SignId::new("board"), "shift-lead".to_owned()),
        ),
    ] {
        assert_eq!(order_with(&router, Some(&operator), &body).await.status, StatusCode::NO_CONTENT);
        assert_eq!(orders.try_recv().unwrap(), expected);
    }
}

#[tokio::test]
async fn wrong_orders_are_answered_with_what_is_expected() {
    let (router, mut orders) = listener(true);
    let operator = credentials().operator();
    for body in [
        "",
        "{\"order\":\"pair\"}",
        "{\"order\":\"stop\",\"zone\":\"entrance\"}",
        "{\"order\":\"stop\",\"zone\":\"Entrance!\",\"activity\":\"footfall\"}",
        "{\"order\":\"pair\",\"sign\":\"door\",\"zone\":\"entrance\"}",
        "{\"order\":\"pair\",\"sign\":\"door\",\"more\":1}",
        "{\"order\":\"dance\",\"sign\":\"door\"}",
        "{\"order\":\"attest\",\"sign\":\"door\"}",
        "{\"order\":\"attest\",\"by\":\"staff\"}",
        "{\"order\":\"attest\",\"sign\":\"door\",\"by\":\"Anna Nowak\"}",
        "{\"order\":\"attest\",\"sign\":\"door\",\"by\":\"abcdefghijklmnopqrstuvwxyz-123456\"}",
        "{\"order\":\"pair\",\"sign\":\"door\",\"by\":\"staff\"}",
    ] {
        assert_eq!(order_with(&router, Some(&operator), body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let refused = "{\"order\":\"stop\",\"zone\":\"till\",\"activity\":\"footfall\"}";
    let answer = order_with(&router, Some(&operator), refused).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::CONFLICT, "no zone \"till\"\n"));
    assert!(orders.try_recv().is_err());
}

#[tokio::test]
async fn the_page_shows_the_status_and_trusts_no_text() {
    let answer = get(&listener(true).0, "/").await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.text().contains("<td>the sign &quot;door&quot; &lt;is&gt; shown"), "{}", answer.text());
    for told in [
        "<td>door<td>active<td>confirmed<td>2026-07-29 10:06<td>71 %, 3.90 V<td>-61 dBm<td>1.8.14",
        "battery low: &lt;charge&gt; it",
        "<td>sighted, by shift-lead until 2026-07-29 10:06<td>never",
        "<td>AA:BB:CC:DD:EE:01<td>trmnl<td>800 × 480<td>&lt;og&gt;<td>2026-07-29 10:06",
        "noticed sign pending",
        "As of 2026-07-29 10:07.",
    ] {
        assert!(answer.text().contains(told), "{told} is missing in {}", answer.text());
    }
    assert!(!answer.text().contains("<script"));
}

#[tokio::test]
async fn metrics_are_open_metrics_to_the_end() {
    let answer = get(&listener(true).0, "/metrics").await;
    assert_eq!(answer.header("content-type"), Some(metrics::CONTENT_TYPE));
    let text = answer.text();
    for line in [
        "noticed_ready 1",
        "noticed_condition_info{part=\"broker\",condition=\"connected\"} 1",
        "noticed_sign_events_lost_total 0",
        "noticed_interlock{zone=\"entrance\",activity=\"footfall\",noticed_interlock=\"open\"} 1",
        "noticed_interlock{zone=\"entrance\",activity=\"footfall\",noticed_interlock=\"closed\"} 0",
        "noticed_sign_evidence{sign=\"door\",noticed_sign_evidence=\"confirmed\"} 1",
        "noticed_sign_last_poll_seconds{sign=\"door\"} 1785312360",
        "noticed_sign_evidence_age_seconds{sign=\"door\"} 60",
        "noticed_sign_battery_volts{sign=\"door\"} 3.904",
        "noticed_sign_battery_ratio{sign=\"door\"} 0.71",
        "noticed_sign_signal_dbm{sign=\"door\"} -61",
        "noticed_sensor_accepted_messages_total{sensor=\"front\"} 5",
        "noticed_sensor_refused_messages_total{sensor=\"front\",reason=\"privacy\"} 2",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} not in\n{text}");
    }
    assert!(text.ends_with("\n# EOF\n"));
    assert!(!text.contains("AA:BB") && !text.contains("sign=\"board\"} 0"), "{text}");
}

#[test]
fn only_addresses_and_localhost_name_the_box() {
    for good in ["127.0.0.1", "127.0.0.1:8081", "localhost:8081", "LOCALHOST", "[::1]", "[::1]:8081"] {
        assert!(is_address_or_localhost(good), "{good}");
    }
    let bad = ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "::1", "[127.0.0.1]", "a]"];
    for bad in bad.into_iter().chain(["127.0.0.1:x", "[evil]:80"]) {
        assert!(!is_address_or_localhost(bad), "{bad}");
    }
}

/// A form as a browser sends it from the page of the sign "door", with these changes.
async fn send_form(router: &Router, changes: &[(&str, &str)], from: (&str, &str)) -> Answer {
    let (token, notice) = (credentials().operator(), NOW.short());
    let mut fields = vec![("notice", notice.as_str()), ("by", "shift-lead"), ("token", token.as_str())];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = [("Host", "127.0.0.1:8081"), ("Content-Type", "application/x-www-form-urlencoded"), from];
    ask(router, Method::POST, "/attest/door", &headers, &body.join("&")).await
}

const HERE: (&str, &str) = ("Origin", "http://127.0.0.1:8081");

#[tokio::test]
async fn a_member_of_staff_who_has_seen_the_sign_says_so_by_a_form() {
    let (router, mut orders) = listener(true);
    let page = get(&router, "/attest/door").await;
    let text = page.text();
    assert!(text.contains("action=\"/attest/door\"") && text.contains(&NOW.short()), "{text}");
    assert!(text.contains("data:image/png;base64,qamp") && !text.contains("<script"), "what to compare with: {text}");
    assert!(!text.contains("http-equiv"), "it does not load itself again while somebody types: {text}");
    assert!(page.header("content-security-policy").unwrap().contains("form-action 'self'"));
    for from in [HERE, ("Sec-Fetch-Site", "same-origin")] {
        let answer = send_form(&router, &[], from).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some("/")), "{from:?}");
        assert_eq!(orders.recv().await, Some(Order::Attest(SignId::new("door"), "shift-lead".to_owned())));
    }
    assert_eq!(get(&router, "/attest/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_of_somebody_else_attests_nothing() {
    let (router, mut orders) = listener(true);
    let other = crate::http::credential::Credentials::new([8; 32]).operator();
    let sign = credentials().sign(&SignId::new("door"));
    let (short, named) = (BEFORE.short(), "a".repeat(ROLE_MAX_BYTES + 1));
    for (changes, from, code, said) in [
        (&[][..], ("Origin", "http://evil.example"), StatusCode::FORBIDDEN, "not sent from this page"),
        (&[], ("Origin", "null"), StatusCode::FORBIDDEN, "not sent from this page"),
        (&[], ("Sec-Fetch-Site", "cross-site"), StatusCode::FORBIDDEN, "not sent from this page"),
        (&[], ("Sec-Fetch-Site", "same-site"), StatusCode::FORBIDDEN, "not sent from this page"),
        (&[], ("Accept", "*/*"), StatusCode::FORBIDDEN, "not sent from this page"),
        (&[("token", "")], HERE, StatusCode::FORBIDDEN, "not the operator"),
        (&[("token", &other)], HERE, StatusCode::FORBIDDEN, "not the operator"),
        (&[("token", &sign)], HERE, StatusCode::FORBIDDEN, "not the operator"),
        (&[("by", "Anna+Nowak")], HERE, StatusCode::BAD_REQUEST, "Never write the name"),
        (&[("by", "")], HERE, StatusCode::BAD_REQUEST, "Write a role"),
        (&[("by", &named)], HERE, StatusCode::BAD_REQUEST, "Write a role"),
        (&[("notice", &short)], HERE, StatusCode::CONFLICT, "another notice since"),
        (&[("notice", "")], HERE, StatusCode::CONFLICT, "another notice since"),
    ] {
        let answer = send_form(&router, changes, from).await;
        assert_eq!(answer.status, code, "{changes:?} {from:?}");
        assert!(answer.text().contains(said), "{changes:?}: {}", answer.text());
        assert!(!answer.text().contains("Nowak") && !answer.text().contains(&sign), "nothing of it is repeated");
    }
    let long = "a".repeat(attest::FORM_MAX_BYTES);
    assert_eq!(send_form(&router, &[("by", &long)], HERE).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(orders.try_recv().is_err());
}

#[tokio::test]
async fn the_page_carries_the_newest_checkpoint_as_text_and_as_a_code() {
    let page = get(&listener(true).0, "/").await;
    let text = page.text();
    assert!(text.contains(&format!("<svg></svg><pre>{CHECKPOINT}</pre>")), "{text}");
    assert!(text.contains("href=\"/attest/door\""), "{text}");
}
