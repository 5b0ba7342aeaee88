//! Pictures of notices in the store: once each, for a while, and in the export.

use super::*;
use crate::domain::commit::ShownPicture;
use crate::domain::ledger::Event;
use crate::domain::notice::NoticeHash;
use crate::ledger::export::Export;
use crate::ledger::state::PICTURE_DAYS;
use crate::ledger::tests::year::{self, DAY_MS, Shop};
use crate::ledger::verify::{Circumstances, verify_export};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::encode::png;
use crate::sign::panel::{Ink, Panel};
use crate::sign::picture::identity;
use crate::store::schema;

/// A picture that differs from others by one dot.
fn picture(dot: i32) -> ShownPicture {
    let panel = Panel::TRMNL;
    let mut canvas = Canvas::new(panel.width, panel.height);
    canvas.set(dot, 0, Tint::Ink);
    ShownPicture { notice: identity(&canvas), panel: panel.to_string(), png: png::file(&canvas, Ink::BlackWhite) }
}

/// A commit that tells of a sign that shows a picture.
fn shows(shop: &mut Shop, picture: &ShownPicture) -> Commit {
    let mut event = year::shown("door", 0);
    if let Event::Shown { notice, .. } = &mut event {
        *notice = picture.notice;
    }
    shop.log.told.clear();
    shop.tell(vec![event]);
    Commit { ledger: shop.log.told.concat(), pictures: vec![picture.clone()], ..Commit::default() }
}

fn begun() -> (Place, Shop) {
    let (place, mut shop) = (place(), Shop::new(1));
    shop.boot();
    let (store, _) = place.open();
    write(&store, Commit { ledger: shop.log.told.concat(), ..Commit::default() }).unwrap();
    store.close();
    (place, shop)
}

fn export(place: &Place) -> Export {
    Reader::open(&place.path, &place.key).unwrap().ledger().unwrap().unwrap().export
}

fn forget(store: &Store, now: i64, in_use: &[NoticeHash]) -> u64 {
    let (tell, told) = channel();
    store.forget_pictures(Wall(now), in_use.to_vec(), Box::new(move |gone| tell.send(gone).unwrap()));
    told.recv().unwrap().unwrap()
}

#[test]
fn what_hung_there_is_in_the_export_as_a_picture_and_is_what_the_entries_name() {
    let (place, mut shop) = begun();
    let (store, _) = place.open();
    for dot in [1, 2, 1] {
        let commit = shows(&mut shop, &picture(dot));
        write(&store, commit).unwrap();
        shop.pass(60_000);
    }
    // A picture that nothing tells of is none of the ledger's.
    write(&store, Commit { pictures: vec![picture(3)], ..Commit::default() }).unwrap();
    store.close();
    let export = export(&place);
    assert_eq!(export.notices.len(), 2);
    let verdict = verify_export(&export, &Circumstances::default()).unwrap();
    assert_eq!((verdict.notices, verdict.missing), (2, vec![]));
}

#[test]
fn a_picture_that_is_shown_again_is_written_again_once_a_week_at_most() {
    let (place, mut shop) = begun();
    let mut writer = place.writer();
    let mut written = Vec::new();
    for _ in 0..16 {
        let commit = shows(&mut shop, &picture(1));
        writer.attempt(|conn| commit::apply(conn, &keeper(), &commit)).unwrap();
        let last: i64 = writer.conn.query_row("SELECT last_ms FROM ledger_picture", [], |row| row.get(0)).unwrap();
        written.push(last);
        shop.pass(DAY_MS);
    }
    written.dedup();
    assert_eq!(written.len(), 3, "on the first, eighth and fifteenth day: {written:?}");
}

#[test]
fn pictures_go_when_their_days_are_over_unless_they_are_still_on_offer() {
    let (place, mut shop) = begun();
    let (store, _) = place.open();
    let begin = shop.wall;
    for dot in [1, 2] {
        let commit = shows(&mut shop, &picture(dot));
        write(&store, commit).unwrap();
    }
    assert_eq!(forget(&store, begin + PICTURE_DAYS * DAY_MS, &[]), 0);
    assert_eq!(forget(&store, begin + (PICTURE_DAYS + 8) * DAY_MS, &[picture(2).notice]), 1);
    assert_eq!(
        export(&place).notices.iter().map(|kept| kept.hash.clone()).collect::<Vec<_>>(),
        [picture(2).notice.to_string()]
    );
    assert_eq!(forget(&store, begin + (PICTURE_DAYS + 8) * DAY_MS, &[]), 1);
    assert!(export(&place).notices.is_empty());
    store.close();
    let verdict = verify_export(&export(&place), &Circumstances::default()).unwrap();
    assert_eq!((verdict.notices, verdict.missing.len()), (2, 2), "they are named by their hashes for ever");
}

#[test]
fn a_store_without_pictures_is_upgraded_and_keeps_its_ledger() {
    let place = place();
    fs::File::create(&place.path).unwrap();
    let mut conn = open::connect_writer(&place.path, &place.key).unwrap();
    schema::upgrade(&mut conn, &schema::STEPS[..3]).unwrap();
    let entry = "INSERT INTO ledger_entry VALUES (0, 'x')";
    conn.execute_batch(&format!("{entry}; PRAGMA journal_mode = WAL")).unwrap();
    drop(conn);
    let error = Reader::open(&place.path, &place.key).unwrap_err();
    assert!(matches!(error, OpenError::Older { found: 3, .. }), "{error}");
    let (store, _) = place.open();
    store.close();
    let conn = open::connect_writer(&place.path, &place.key).unwrap();
    let rows =
        |table: &str| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((rows("ledger_entry"), rows("ledger_picture")), (1, 0));
}
