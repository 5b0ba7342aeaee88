//! Whatever is done to an export, the verifier finds it and says where.

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::Index;

use super::year::{self, days};
use crate::domain::ledger::{Cause, Event};
use crate::domain::time::Mono;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::{Record, parse};
use crate::ledger::export::{Export, Folded, Picture};
use crate::ledger::keys::{Key, Seed};
use crate::ledger::note::Note;
use crate::ledger::state::Standing;
use crate::ledger::tree::{Hash, covering, leaf, root};
use crate::ledger::verify::{Circumstances, Fault, Place, Seen, Verdict, verify, verify_export};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::encode::png;
use crate::sign::panel::{Ink, Panel};
use crate::sign::picture::identity;

fn judge(export: &Export) -> Result<Verdict, Fault> {
    verify_export(export, &Circumstances::default())
}

fn judge_beside(export: &Export, seen: &str) -> Result<Verdict, Fault> {
    let seen = Seen { name: "phone".to_owned(), note: seen.to_owned() };
    verify_export(export, &Circumstances { seen: vec![seen], ..Circumstances::default() })
}

fn whole(count: i64) -> Export {
    days(1, count).log.export()
}

fn said(note: &str) -> Checkpoint {
    Checkpoint::parse(Note::parse(note).unwrap().text).unwrap()
}

/// The entries that a checkpoint is the first to cover.
fn covered(export: &Export, checkpoint: usize) -> Range<u64> {
    let size = |index: usize| said(&export.checkpoints[index]).size;
    let from = if checkpoint == 0 { 0 } else { size(checkpoint - 1) };
    from..size(checkpoint)
}

fn is_about(place: &Place, seq: u64) -> bool {
    match place {
        Place::Entries(from, to) => (*from..*to).contains(&seq),
        Place::Entry(at) => *at == seq,
        Place::Line(at) => *at as u64 == seq,
        Place::File(_) | Place::Folded(_) | Place::Checkpoint(_) | Place::Seen(_) | Place::Notice(_) => false,
    }
}

#[test]
fn an_untouched_log_is_whole_also_as_text_and_beside_every_checkpoint_ever_signed() {
    let mut shop = year::Shop::new(1);
    let mut seen = Vec::new();
    for number in 0..4 {
        shop.day(number);
        seen.push(Seen { name: format!("day {number}"), note: shop.log.book.checkpoint.clone() });
    }
    let export = shop.log.export();
    seen.extend(export.checkpoints.iter().map(|note| Seen { name: "old".to_owned(), note: note.clone() }));
    let verdict = verify(&export.text(), &Circumstances { seen, ..Circumstances::default() }).unwrap();
    assert_eq!((verdict.keys, verdict.entries, verdict.seen), (4, export.entries.len() as u64, 8));
    assert_eq!((verdict.shop.as_str(), verdict.whole_from), ("poznan-1", 0));
    assert_eq!(&verdict.checkpoint, export.checkpoints.last().unwrap());
    assert_eq!(verdict.first_key, export.keys[0]);
}

#[test]
fn a_file_of_another_form_is_no_export() {
    let export = whole(1);
    let text = export.text();
    let file = |text: &str| verify(text, &Circumstances::default()).unwrap_err();
    assert!(matches!(file(&text[..text.len() - 1]).place, Place::File(Some(_))));
    assert!(matches!(file(&text.replacen("\"shop\"", "\"more\":1,\"shop\"", 1)).place, Place::File(Some(_))));
    let spoilt: [fn(&mut Export); 5] = [
        |export| export.format = "noticed-evidence-2".to_owned(),
        |export| export.shop = "poznan-2".to_owned(),
        |export| export.keys.clear(),
        |export| export.keys.push(export.keys[0].clone()),
        |export| export.checkpoints.clear(),
    ];
    for spoil in spoilt {
        let mut bad = export.clone();
        spoil(&mut bad);
        assert_eq!(judge(&bad).unwrap_err().place, Place::File(None));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_entry_is_found_among_those_of_its_day(day in 2i64..5, which: Index, at: Index, with in "[ -~]") {
        let mut export = whole(day);
        let seq = which.index(export.entries.len());
        let line = &mut export.entries[seq];
        let at = at.index(line.len());
        prop_assume!(line[at..=at] != with);
        line.replace_range(at..=at, &with);
        let fault = judge(&export).unwrap_err();
        prop_assert!(is_about(&fault.place, seq as u64), "entry {seq}: {fault}");
    }

    #[test]
    fn no_character_of_the_file_can_be_changed_to_mean_something_else(day in 1i64..4, at: Index, with in "[ -~]") {
        let export = whole(day);
        let mut text = export.text();
        let places: Vec<usize> = text.char_indices().filter(|(_, c)| c.is_ascii()).map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        text.replace_range(at..=at, &with);
        if Export::read(&text).ok() != Some(export) {
            prop_assert!(verify(&text, &Circumstances::default()).is_err());
        }
    }

    #[test]
    fn an_entry_with_another_meaning_is_found_among_those_of_its_day(day in 2i64..5, which: Index) {
        let mut export = whole(day);
        let seq = which.index(export.entries.len());
        let mut record = parse(&export.entries[seq]).unwrap();
        record.entry.mono = Mono(record.entry.mono.0 + 1);
        export.entries[seq] = record.line().unwrap();
        let fault = judge(&export).unwrap_err();
        prop_assert!(matches!(&fault.place, Place::Entries(from, to) if (*from..*to).contains(&(seq as u64))), "{fault}");
    }

    #[test]
    fn a_deleted_repeated_or_moved_entry_is_found_where_it_was(day in 2i64..5, which: Index, other: Index, how in 0..3) {
        let mut export = whole(day);
        let last = export.entries.len() - 1;
        let (seq, to) = (which.index(last), other.index(last));
        let first_wrong = match how {
            0 => {
                export.entries.remove(seq);
                seq
            }
            1 => {
                let line = export.entries[seq].clone();
                export.entries.insert(seq, line);
                seq + 1
            }
            _ => {
                prop_assume!(seq != to);
                let line = export.entries.remove(seq);
                export.entries.insert(to, line);
                seq.min(to)
            }
        };
        prop_assert_eq!(judge(&export).unwrap_err().place, Place::Line(first_wrong));
    }

    #[test]
    fn entries_that_are_renumbered_after_a_deletion_are_found_from_that_day_on(day in 2i64..5, which: Index) {
        let mut export = whole(day);
        let seq = which.index(export.entries.len());
        export.entries.remove(seq);
        for (at, line) in export.entries.iter_mut().enumerate().skip(seq) {
            let record = parse(line).unwrap();
            *line = Record { seq: at as u64, ..record }.line().unwrap();
        }
        let fault = judge(&export).unwrap_err();
        let total = export.entries.len() as u64;
        prop_assert!(is_about(&fault.place, seq as u64) || fault.place == Place::Entry(total), "entry {seq}: {fault}");
    }

    #[test]
    fn a_truncated_log_is_found_where_it_ends(day in 2i64..5, keep: Index, checkpoints: Index) {
        let export = whole(day);
        let mut bad = export.clone();
        bad.entries.truncate(1 + keep.index(export.entries.len() - 1));
        let kept = bad.entries.len() as u64;
        let fault = judge(&bad).unwrap_err();
        prop_assert_eq!(&fault.place, &Place::Entry(kept), "{}", fault);
        // Cut behind the end of a day, together with its checkpoint.
        let mut bad = export.clone();
        bad.checkpoints.truncate(1 + checkpoints.index(export.checkpoints.len() - 1));
        let last = bad.checkpoints.len() - 1;
        prop_assert_eq!(judge(&bad).unwrap_err().place, Place::Checkpoint(last));
        bad.entries.truncate(covered(&bad, last).end as usize);
        prop_assert_eq!(judge(&bad).unwrap_err().place, Place::Checkpoint(last));
    }

    #[test]
    fn a_changed_checkpoint_is_named(day in 2i64..5, which: Index, at: Index, with in "[!-~]") {
        let mut export = whole(day);
        let index = which.index(export.checkpoints.len());
        let note = &mut export.checkpoints[index];
        let places: Vec<usize> = note.char_indices().filter(|(_, c)| c.is_ascii_graphic()).map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        prop_assume!(note[at..=at] != with);
        note.replace_range(at..=at, &with);
        let fault = judge(&export).unwrap_err();
        prop_assert_eq!(&fault.place, &Place::Checkpoint(index), "{}", fault);
    }

    #[test]
    fn a_deleted_repeated_or_moved_checkpoint_is_named(day in 3i64..6, which: Index, other: Index, how in 0..3) {
        let mut export = whole(day);
        let last = export.checkpoints.len() - 1;
        let (index, to) = (which.index(last), other.index(last));
        let first_wrong = match how {
            0 => {
                export.checkpoints.remove(index);
                index
            }
            1 => {
                let note = export.checkpoints[index].clone();
                export.checkpoints.insert(index, note);
                index + 1
            }
            _ => {
                prop_assume!(index != to);
                export.checkpoints.swap(index, to);
                index.min(to)
            }
        };
        prop_assert_eq!(judge(&export).unwrap_err().place, Place::Checkpoint(first_wrong));
    }

    #[test]
    fn a_checkpoint_signed_anew_by_another_key_is_named(day in 2i64..5, which: Index, byte: u8) {
        let mut export = whole(day);
        let index = which.index(export.checkpoints.len());
        let thief = Key::new("noticed/poznan-1", &Seed([byte; 32])).unwrap();
        export.checkpoints[index] = thief.sign(&said(&export.checkpoints[index]));
        prop_assert_eq!(judge(&export).unwrap_err().place, Place::Checkpoint(index));
    }

    #[test]
    fn a_swapped_first_key_is_found_at_the_first_checkpoint(day in 1i64..4, byte: u8) {
        let mut export = whole(day);
        let thief = Key::new("noticed/poznan-1", &Seed([byte; 32])).unwrap();
        export.keys = vec![thief.verifier().to_string()];
        prop_assert_eq!(judge(&export).unwrap_err().place, Place::Checkpoint(0));
    }

    /// Whoever has no key can write another log, sign it with keys of their own, and have it taken for whole; but not beside a checkpoint
    /// that a phone has seen.
    #[test]
    fn a_forged_log_is_not_taken_for_one_that_was_seen(day in 1i64..4, salt in 2u64..1000, when: Index) {
        let mut true_shop = year::Shop::new(1);
        let mut seen = Vec::new();
        for number in 0..4 {
            true_shop.day(number);
            seen.push(true_shop.log.book.checkpoint.clone());
        }
        seen.extend(true_shop.log.export().checkpoints);
        let seen = &seen[when.index(seen.len())];
        let forged = days(salt, day).log.export();
        prop_assert!(judge(&forged).is_ok());
        prop_assert_eq!(judge_beside(&forged, seen).unwrap_err().place, Place::Seen("phone".to_owned()));
        // With the true first key, the forger has to sign in its name.
        let forged = Export { keys: true_shop.log.export().keys, ..forged };
        prop_assert_eq!(judge_beside(&forged, seen).unwrap_err().place, Place::Checkpoint(0));
    }

    #[test]
    fn an_old_export_is_found_beside_what_was_seen_since(old in 1i64..4, more in 1i64..3, of_same_day: bool) {
        let mut shop = days(1, old);
        let export = shop.log.export();
        prop_assert!(judge(&export).is_ok(), "alone it cannot be told from a new one");
        if of_same_day {
            shop.wall -= 1;
            shop.mono -= 1;
            shop.tell(vec![year::closed("hall", "browsing", Cause::Stopped)]);
        } else {
            (old..old + more).for_each(|number| shop.day(number));
        }
        let seen = &shop.log.book.checkpoint;
        prop_assert!(judge_beside(&shop.log.export(), seen).is_ok());
        prop_assert_eq!(judge_beside(&export, seen).unwrap_err().place, Place::Seen("phone".to_owned()));
    }
}

#[test]
fn a_key_that_is_stolen_today_cannot_rewrite_yesterday_beside_what_was_seen() {
    let mut shop = days(1, 2);
    let seen = shop.log.closed[0].checkpoint.clone();
    // The thief has the present key and writes another yesterday.
    let mut lines: Vec<String> = shop.log.lines.clone();
    let last = said(&seen).size as usize - 1;
    lines.remove(last);
    for (at, line) in lines.iter_mut().enumerate().skip(last) {
        *line = Record { seq: at as u64, ..parse(line).unwrap() }.line().unwrap();
    }
    let leaves: Vec<Hash> = lines.iter().map(|line| leaf(line.as_bytes())).collect();
    let head = Checkpoint {
        origin: "noticed/poznan-1".to_owned(),
        size: leaves.len() as u64,
        root: root(&leaves),
        next: None,
    };
    let key = Key::new("noticed/poznan-1", &shop.log.book.seed).unwrap();
    shop.log.lines = lines;
    shop.log.book.checkpoint = key.sign(&head);
    let rewritten = shop.log.export();
    assert_eq!(judge(&rewritten).unwrap_err().place, Place::Entries(0, covered(&rewritten, 0).end));
    // As a log of its own, begun by that key, it is not the one that was seen.
    let own = Export { keys: vec![key.verifier().to_string()], checkpoints: vec![key.sign(&head)], ..rewritten };
    assert!(judge(&own).is_ok());
    assert_eq!(judge_beside(&own, &seen).unwrap_err().place, Place::Seen("phone".to_owned()));
}

#[test]
fn a_seen_checkpoint_must_be_of_this_log_by_its_key_and_over_its_beginning() {
    let shop = days(1, 3);
    let export = shop.log.export();
    let key = Key::new("noticed/poznan-1", &shop.log.book.seed).unwrap();
    let last = said(&shop.log.book.checkpoint);
    let yesterday = said(&shop.log.closed[1].checkpoint).size;
    let leaves: Vec<Hash> = shop.log.lines.iter().map(|line| leaf(line.as_bytes())).collect();
    let over = |size: u64| Checkpoint { size, root: root(&leaves[..size as usize]), ..last.clone() };
    assert!(judge_beside(&export, &key.sign(&over(yesterday + 1))).is_ok());
    for (bad, why) in [
        (key.sign(&over(yesterday)), "its key signed from"),
        (key.sign(&Checkpoint { size: last.size + 1, ..last.clone() }), "cut, or older"),
        (key.sign(&Checkpoint { root: [9; 32], ..last.clone() }), "rewritten"),
        (key.sign(&Checkpoint { next: Some(key.verifier().clone()), ..last.clone() }), "forked"),
        (key.sign(&Checkpoint { origin: "noticed/other".to_owned(), ..last.clone() }), "of the log"),
        (shop.log.book.checkpoint.replace("\n\n", "\nx\n\n"), "not by that key"),
        ("hello".to_owned(), "no signed note"),
    ] {
        let fault = judge_beside(&export, &bad).unwrap_err();
        assert_eq!(fault.place, Place::Seen("phone".to_owned()));
        assert!(fault.what.contains(why), "{fault} should say {why}");
    }
}

/// Folds the first `days` as the store does: a span for each day, without what is in force when it ends.
fn fold(export: &Export, days: usize) -> Export {
    let mut standing = Standing::default();
    let end = covered(export, days - 1).end;
    let records: Vec<Record> = export.entries.iter().map(|line| parse(line).unwrap()).collect();
    records.iter().take(end as usize).for_each(|record| standing.take(record));
    let kept = standing.in_force();
    let mut folded = Vec::new();
    for day in 0..days {
        let mut from = None;
        let span = covered(export, day);
        for seq in span.clone() {
            if kept.contains(&seq) {
                folded.extend(from.take().map(|from| from..seq));
            } else {
                from.get_or_insert(seq);
            }
        }
        folded.extend(from.map(|from| from..span.end));
    }
    let leaves = |span: &Range<u64>| {
        export.entries[span.start as usize..span.end as usize]
            .iter()
            .map(|line| leaf(line.as_bytes()))
            .collect::<Vec<_>>()
    };
    let is_left = |seq: &u64| *seq >= end || kept.contains(seq);
    Export {
        entries: (0..).zip(&export.entries).filter(|(seq, _)| is_left(seq)).map(|(_, line)| line.clone()).collect(),
        folded: folded
            .iter()
            .map(|span| Folded::new(span.start, span.end, &covering(span.start, &leaves(span))))
            .collect(),
        ..export.clone()
    }
}

#[test]
fn a_folded_log_is_whole_beside_the_checkpoints_at_the_ends_of_its_days() {
    let export = whole(6);
    let folded = fold(&export, 4);
    let verdict = judge(&folded).unwrap();
    assert_eq!((verdict.entries, verdict.whole_from), (export.entries.len() as u64, covered(&export, 3).end));
    assert!(folded.entries.len() < export.entries.len() / 2);
    assert!(verdict.folded_early && !judge(&export).unwrap().folded_early);
    for note in &export.checkpoints {
        judge_beside(&folded, note).unwrap();
    }
    // The account begins with the first entry that is not folded, and is the same from there on.
    let (of_all, of_rest) = (judge(&export).unwrap().account, verdict.account);
    let from = of_rest.period.unwrap().start;
    let circumstances = Circumstances {
        window: Some(crate::domain::time::Bucket { start: from, end: of_all.period.unwrap().end }),
        ..Circumstances::default()
    };
    let windowed = verify_export(&export, &circumstances).unwrap().account;
    let figures = |account: &crate::ledger::evidence::Account| {
        account.places.values().map(|sums| (sums.open_ms, sums.noticed_ms)).collect::<Vec<_>>()
    };
    assert_eq!(figures(&windowed), figures(&of_rest));
}

#[test]
fn a_checkpoint_within_a_folded_day_cannot_be_compared_and_that_is_said() {
    let mut shop = year::Shop::new(1);
    let key = Key::new("noticed/poznan-1", &shop.log.book.seed).unwrap();
    (0..6).for_each(|number| shop.day(number));
    let leaves: Vec<Hash> = shop.log.lines[..8].iter().map(|line| leaf(line.as_bytes())).collect();
    let origin = "noticed/poznan-1".to_owned();
    let early = key.sign(&Checkpoint { origin, size: 8, root: root(&leaves), next: None });
    let export = shop.log.export();
    judge_beside(&export, &early).unwrap();
    let folded = fold(&export, 3);
    judge(&folded).unwrap();
    let fault = judge_beside(&folded, &early).unwrap_err();
    assert!(fault.what.contains("nobody can compare"), "{fault}");
}

#[test]
fn tampered_spans_are_named() {
    let folded = fold(&whole(5), 3);
    for spoil in [
        |span: &mut Folded| span.to += 1,
        |span: &mut Folded| span.from = span.to,
        |span: &mut Folded| span.hashes.truncate(span.hashes.len() - 1),
        |span: &mut Folded| span.hashes[0].replace_range(0..1, "-"),
    ] {
        let mut bad = folded.clone();
        spoil(&mut bad.folded[1]);
        let place = judge(&bad).unwrap_err().place;
        assert!(matches!(place, Place::Folded(1 | 2) | Place::Line(_)), "{place}");
    }
    let mut bad = folded.clone();
    let hash = bad.folded[1].hashes[0].clone();
    bad.folded[0].hashes[0] = hash;
    assert!(matches!(judge(&bad).unwrap_err().place, Place::Entries(0, _)));
    let mut bad = folded;
    bad.folded.swap(0, 1);
    assert!(matches!(judge(&bad).unwrap_err().place, Place::Folded(0)));
}

#[test]
fn pictures_are_what_their_hashes_say_or_are_named() {
    let panel = Panel::new(400, 300, Ink::BlackWhite);
    let mut canvas = Canvas::new(400, 300);
    canvas.set(3, 4, Tint::Ink);
    let hash = identity(&canvas);
    let mut shop = days(1, 1);
    let mut event = year::shown("door", 0);
    if let Event::Shown { notice, .. } = &mut event {
        *notice = hash;
    }
    shop.tell(vec![event]);
    let mut export = shop.log.export();
    let missing = judge(&export).unwrap().missing;
    assert_eq!(missing.len(), 2, "none of the two pictures is there");
    let file = png::file(&canvas, panel.ink);
    export.notices = vec![Picture::new(hash.to_string(), panel.to_string(), &file)];
    assert_eq!(judge(&export).unwrap().missing.len(), 1);
    canvas.set(3, 4, Tint::Paper);
    let other = png::file(&canvas, panel.ink);
    for bad in [
        Picture::new(hash.to_string(), panel.to_string(), &other),
        Picture::new(hash.to_string(), panel.to_string(), &file[..40]),
        Picture::new(hash.to_string(), "400x300".to_owned(), &file),
        Picture::new(hash.short(), panel.to_string(), &file),
        Picture { png: "?".to_owned(), ..export.notices[0].clone() },
    ] {
        let mut export = export.clone();
        export.notices.push(bad);
        assert_eq!(judge(&export).unwrap_err().place, Place::Notice(1));
    }
}
