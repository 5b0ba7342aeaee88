//! Lines: one meaning, one line.

use proptest::prelude::*;

use super::shop;
use crate::domain::ledger::{Entry, Event};
use crate::domain::time::{Mono, Wall};
use crate::ledger::entry::{Record, parse, short_boot};

#[test]
fn every_kind_of_entry_has_the_line_that_is_documented() {
    let lines = shop::one_of_each();
    assert_eq!(
        lines,
        [
            r#"{"seq":0,"boot":"3f1c9a0b2d4e5f60","mono":41000,"wall":1764570000000,"trusted":false,"event":"started","version":"0.1.0"}"#,
            r#"{"seq":1,"boot":"3f1c9a0b2d4e5f60","mono":41000,"wall":1764570000000,"trusted":true,"event":"configured","rules":[{"zone":"entrance","activity":"footfall","mode":"enforce","quorum":1,"evidence":"confirmed","signs":["door","window"]}]}"#,
            r#"{"seq":2,"boot":"3f1c9a0b2d4e5f60","mono":72000,"wall":1764570031000,"trusted":true,"event":"shown","sign":"door","notice":"0707070707070707070707070707070707070707070707070707070707070707","activities":["footfall"],"evidence":"confirmed"}"#,
            r#"{"seq":3,"boot":"3f1c9a0b2d4e5f60","mono":72005,"wall":1764570031005,"trusted":true,"event":"opened","zone":"entrance","activity":"footfall"}"#,
            r#"{"seq":4,"boot":"3f1c9a0b2d4e5f60","mono":99000,"wall":1764570058000,"trusted":true,"event":"closed","zone":"entrance","activity":"footfall","cause":"outside-hours"}"#,
            r#"{"seq":5,"boot":"3f1c9a0b2d4e5f60","mono":99000,"wall":1764570058000,"trusted":true,"event":"gone","sign":"door","cause":"replaced"}"#,
        ]
    );
}

#[test]
fn the_documentation_shows_these_lines() {
    let page = include_str!("../../../docs/ledger.md");
    for line in shop::one_of_each() {
        assert!(page.contains(&line), "docs/ledger.md does not show {line}");
    }
}

#[test]
fn a_line_of_any_other_form_is_refused_with_its_place() {
    let line = shop::one_of_each().swap_remove(2);
    for (from, to, after, expected) in [
        ("{\"seq\":2", "{\"seq\":02", 7, "a whole number from 0"),
        ("{\"seq\":2", "{\"seq\":-2", 7, "a whole number from 0"),
        ("{\"seq\":2", "{\"seq\":9007199254740992", 7, "a whole number from 0"),
        ("{\"seq\":2", "{ \"seq\":2", 0, "`{\"seq\":`"),
        ("{\"seq\":2", "{\"seq\":2.0", 8, "`,\"boot\":`"),
        ("\"3f1c", "\"3F1C", 0, "a boot"),
        ("\"mono\":72000", "\"mono\":+72000", 7, "a whole number from -"),
        ("\"mono\":72000", "\"mono\":-0", 7, "a whole number from -"),
        ("\"trusted\":true", "\"trusted\":1", 10, "one of true, false"),
        ("\"shown\"", "\"showed\"", 0, "one of \"started\""),
        ("\"door\"", "\"Door\"", 0, "a name"),
        ("\"door\"", "\"do\\u006fr\"", 0, "a name"),
        ("[\"footfall\"]", "[\"footfall\",\"footfall\"]", 12, "a member that comes after"),
        ("[\"footfall\"]", "[\"footfall\",\"entering\"]", 12, "a member that comes after"),
        ("\"confirmed\"", "\"fetched\"", 0, "one of \"confirmed\", \"sighted\""),
        ("\"confirmed\"}", "\"confirmed\"} ", 12, "the end of the line"),
        ("\"confirmed\"}", "\"confirmed\"", 11, "`}`"),
    ] {
        let bad = line.replacen(from, to, 1);
        assert_ne!(bad, line, "{from}");
        let wrong = parse(&bad).unwrap_err();
        assert_eq!(wrong.column, line.find(from).unwrap() + after + 1, "{bad}: {wrong}");
        assert!(wrong.expected.starts_with(expected), "{bad}: {wrong}");
    }
}

#[test]
fn an_entry_that_no_line_can_say_is_not_written() {
    let entry = |event| Entry { mono: Mono(1), wall: Wall(2), trusted: true, event };
    let version = entry(Event::Started { boot: "a".to_owned(), version: "1\",\"x\":\"".to_owned() });
    assert!(Record::new(0, "a", version.clone()).line().is_err());
    let fine = entry(Event::Started { boot: "a".to_owned(), version: "1".to_owned() });
    assert!(Record::new(0, "", fine.clone()).line().is_err(), "before the first start there is no boot");
    assert!(Record::new(0, "a", fine).line().is_ok());
}

#[test]
fn a_boot_is_kept_as_sixteen_letters_and_digits() {
    assert_eq!(short_boot("3F1C9a0b-2d4e-5f60-8899-aabbccddeeff"), "3f1c9a0b2d4e5f60");
    assert_eq!(short_boot("unknown-12"), "unknown12");
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_what_reads_is_written_so(record in shop::any_record(), at in any::<prop::sample::Index>(), with in "[ -~]") {
        let line = record.line().unwrap();
        prop_assert_eq!(&parse(&line).unwrap(), &record);
        let mut bad = line.clone();
        let at = at.index(line.len());
        bad.replace_range(at..=at, &with);
        if let Ok(read) = parse(&bad) {
            prop_assert_eq!(read.line().unwrap(), bad);
        }
        let mut short = line;
        short.remove(at);
        if let Ok(read) = parse(&short) {
            prop_assert_eq!(read.line().unwrap(), short);
        }
    }

    #[test]
    fn no_text_makes_the_reader_fail_otherwise_than_by_saying_so(text in "\\PC*") {
        let _ = parse(&text);
        let _ = parse(&format!("{{\"seq\":{text}"));
    }
}
