//! People who hold the shop to its word: a customer and an officer who keep a checkpoint, and a member of staff who has seen a sign. In a
//! real browser where they use one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use noticed::cli::client::ask;
use serde_json::Value;

use crate::browser::Browser;
use crate::shop::{Shop, noticed, wait_until};
use crate::verifier::COSIGNATURE;

/// A signature of some other kind, by nobody that is known.
const ANOTHER: &str =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QM=\n";

fn checkpoint(shop: &Shop) -> String {
    let answer = ask(shop.signage, "GET", "/checkpoint", &[], "").ok().filter(|answer| answer.code == 200);
    answer.map(|answer| answer.text()).unwrap_or_default()
}

/// Over how many entries it is.
fn size(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or_default()
}

fn export(shop: &Shop, name: &str) -> String {
    let file = shop.path(name);
    let file = file.to_str().unwrap();
    let exported = shop.noticed(&["evidence", "--export", file]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    file.to_owned()
}

/// The exit code of the verifier over an export beside what was kept, and what it says.
fn verdict(file: &str, seen: &Path) -> (Option<i32>, String) {
    let output = noticed(&["ledger", "verify", file, "--checkpoint", seen.to_str().unwrap()]);
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// What a telephone reads from a picture of a screen.
fn scan(shop: &Shop, png: &[u8]) -> String {
    let file = shop.path("screen.png");
    fs::write(&file, png).unwrap();
    let only_qr = ["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"];
    let zbar = Command::new("zbarimg").args(only_qr).arg(&file).stderr(Stdio::null()).output();
    String::from_utf8(zbar.expect("zbarimg runs; Debian's package is zbar-tools").stdout).unwrap()
}

#[test]
fn a_checkpoint_from_the_notice_or_photographed_from_the_operators_page_is_held_against_the_export_later() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let sign = shop.hang_up_sign();
    shop.wait_until_open();
    wait_until("that it opened is signed", || size(&checkpoint(&shop)) >= 4);
    let first = checkpoint(&shop);

    let phone = Browser::phone("a customer's");
    phone.open(&format!("http://{}/notice/en", shop.signage));
    assert_eq!(phone.run("return document.querySelector('details').open"), false, "folded away");
    phone.press("summary");
    let read = phone.run("return document.querySelector('details pre').textContent");
    assert_eq!(read, first.as_str(), "as it is, to be copied");
    let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(phone.run(fits), true, "long lines do not make the page wider than the phone");
    assert!(
        ask(shop.signage, "GET", "/n/nothing/en", &[], "").unwrap().text().contains(&first),
        "also behind the code on the sign"
    );

    let operator = Browser::start();
    operator.open(&format!("http://{}/", shop.operator));
    operator.run("document.querySelector('.seal').scrollIntoView()");
    let photographed = scan(&shop, &operator.screenshot());
    assert_eq!(photographed.trim_end(), first.trim_end());
    let console = operator.log("browser");
    assert!(console.is_empty(), "{console:?}");
    assert_eq!(size(&checkpoint(&shop)), size(&first), "to look at it adds nothing to it");

    assert!(shop.noticed(&["stop", "entrance", "footfall"]).status.success());
    wait_until("the next one is over more", || size(&checkpoint(&shop)) > size(&first));
    drop(sign);
    assert_eq!(daemon.stop(), Some(0));

    let whole = export(&shop, "evidence.json");
    let keep = |name: &str, text: &str| {
        let path = shop.path(name);
        fs::write(&path, text).unwrap();
        path
    };
    let cosigned = format!("{first}{COSIGNATURE}{ANOTHER}");
    for (name, text) in
        [("photographed", photographed.as_str()), ("copied", first.as_str()), ("cosigned", cosigned.as_str())]
    {
        let (code, said) = verdict(&whole, &keep(name, text));
        assert!(code == Some(0) && said.contains("1 checkpoint(s) given"), "{name}: {said}");
    }
    let own = first.lines().last().unwrap().to_owned() + "\n";
    let (code, said) = verdict(&whole, &keep("strangers-only", &cosigned.replace(&own, "")));
    assert!(code == Some(1) && said.contains("signed by no key of this log"), "{said}");
    // The same witness in the export itself.
    let mut text: Value = serde_json::from_str(&fs::read_to_string(&whole).unwrap()).unwrap();
    let last = text["checkpoints"].as_array_mut().unwrap().last_mut().unwrap();
    *last = Value::String(format!("{}{COSIGNATURE}", last.as_str().unwrap()));
    let witnessed = keep("witnessed.json", &text.to_string());
    assert_eq!(verdict(witnessed.to_str().unwrap(), &shop.path("copied")).0, Some(0));

    // The shop begins its ledger anew, and hides what was before.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(shop.path(name));
    }
    let daemon = shop.start_daemon();
    wait_until("there is a ledger again", || size(&checkpoint(&shop)) > 0);
    assert_eq!(daemon.stop(), Some(0));
    let (code, said) = verdict(&export(&shop, "anew.json"), &shop.path("copied"));
    assert!(code == Some(1) && said.contains("signed by no key of this log"), "{said}");
}

fn operator_token(shop: &Shop) -> String {
    String::from_utf8(shop.noticed(&["operator", "token"]).stdout).unwrap().trim().to_owned()
}

#[test]
fn a_member_of_staff_who_has_seen_the_sign_says_so_in_a_browser() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    let browser = Browser::start();
    browser.open(&format!("http://{}/", shop.operator));
    browser.press("a[href='/attest/sign']");
    assert_eq!(browser.run("return document.scripts.length"), 0, "it works without any");
    assert_eq!(browser.run("return document.querySelector('img').naturalWidth"), 800, "what to compare with");
    let fill = |field: &str, text: &str| {
        browser.run(&format!("document.querySelector('input[name={field}]').value = '{text}'"));
    };
    let alert =
        || browser.run("var found = document.querySelector('[role=alert]'); return found ? found.textContent : ''");

    fill("by", "shift-lead");
    fill("token", &"0".repeat(64));
    browser.press("button");
    wait_until("the wrong token is told", || alert().as_str().unwrap().contains("not the operator's token"));
    fill("by", "Anna Nowak");
    fill("token", &operator_token(&shop));
    browser.press("button");
    assert_eq!(
        browser.run("return document.querySelector('input[name=by]').validity.patternMismatch"),
        true,
        "names are not sent"
    );
    assert!(shop.status()["signs"][0]["attested"].is_null());
    fill("by", "shift-lead");
    browser.press("button");
    wait_until("it leads back", || browser.run("return location.pathname") == "/");
    wait_until("the sign is seen", || shop.status()["signs"][0]["attested"]["by"] == "shift-lead");
    assert_eq!(shop.status()["signs"][0]["evidence"], "sighted");
    browser.run("location.reload()");
    wait_until("the page says so", || {
        browser
            .run("return document.body.textContent")
            .as_str()
            .is_some_and(|text| text.contains("by shift-lead until"))
    });
    let ours = format!("http://{}/", shop.operator);
    let asked = browser.requests().into_iter().filter(|url| url.starts_with("http"));
    let elsewhere: Vec<String> = asked.filter(|url| !url.starts_with(&ours)).collect();
    assert_eq!(elsewhere, [] as [&str; 0]);

    assert_eq!(daemon.stop(), Some(0));
    let text = fs::read_to_string(export(&shop, "evidence.json")).unwrap();
    assert!(text.contains("\\\"evidence\\\":\\\"sighted\\\""), "{text}");
    assert!(!text.contains("shift-lead"), "who it was is not for the world");
    for secret in [operator_token(&shop), "Nowak".to_owned()] {
        assert!(!shop.log().contains(&secret) && !text.contains(&secret));
    }
}
