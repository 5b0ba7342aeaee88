//! A world of one access point and one label, and what is believed of it.

use proptest::prelude::*;

use super::*;

const N: NoticeHash = NoticeHash([1; 32]);
const M: NoticeHash = NoticeHash([2; 32]);

/// What can be on a label's glass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Content {
    Notice(u8, bool),
    /// Half of a picture.
    Torn(u8),
    Foreign,
    Boot,
}

/// An access point with one label, as its source says that they behave, and the daemon's tracker of it.
struct World {
    tracker: Tracker,
    now: Mono,
    current: u8,
    stamped: i64,
    hash: String,
    updates: u64,
    queue: Option<Content>,
    /// What the label is just being sent.
    transfer: Option<Content>,
    glass: Content,
    ours: bool,
    asked: i64,
}

fn notice(n: u8) -> NoticeHash {
    NoticeHash([n; 32])
}

fn hash(content: Content) -> String {
    format!("{content:?} taken")
}

impl World {
    fn new() -> Self {
        Self {
            tracker: Tracker::new(Mono(0)),
            now: Mono(1_000_000),
            current: 1,
            stamped: 0,
            hash: "0".repeat(32),
            updates: 3,
            queue: None,
            transfer: None,
            glass: Content::Boot,
            ours: true,
            asked: 100,
        }
    }

    /// A world whose access point was seen idle.
    fn idle() -> Self {
        let mut world = Self::new();
        world.look();
        world.look();
        world
    }

    fn wait(&mut self, seconds: i64) {
        self.now = Mono(self.now.0 + seconds * 1000);
    }

    /// What the label is to show is offered since another time, or is something else.
    fn offer(&mut self, current: u8) {
        (self.current, self.stamped) = (current, self.stamped + 1);
        self.tracker.offer(notice(current), Wall(self.stamped));
    }

    /// The access point fetches the current picture.
    fn pull(&mut self, whole: bool, converts: bool) {
        let content = if whole {
            self.tracker.give(notice(self.current), true, self.now);
            self.tracker.arrived(notice(self.current));
            Content::Notice(self.current, self.tracker.marked)
        } else {
            self.tracker.give(notice(self.current), true, self.now);
            Content::Torn(self.current)
        };
        if converts && hash(content) != self.hash {
            self.queue = Some(content);
        }
    }

    fn begin(&mut self) {
        self.transfer = self.queue;
    }

    /// The label is done. The access point takes what waits now for what the label took.
    fn finish(&mut self) {
        let Some(content) = self.transfer.take() else { return };
        self.glass = content;
        self.updates += 1;
        self.hash = self.queue.take().map_or_else(|| "77".repeat(16), hash);
        self.asked += 1;
    }

    fn take(&mut self) {
        self.begin();
        self.finish();
    }

    fn look(&mut self) -> Vec<Word> {
        let answer = Answer {
            hash: self.hash.clone(),
            pending: u32::from(self.queue.is_some()),
            updates: self.updates,
            seen: self.asked,
            ours: self.ours,
            health: Health::default(),
        };
        self.tracker.answered(Some(answer), self.now)
    }

    /// Looks, and asks the label again, until everything is as it will stay.
    fn settle(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        for _ in 0..6 {
            self.wait(30);
            self.asked += 1;
            words.extend(self.look());
        }
        words
    }
}

#[test]
fn a_label_shows_what_it_took_after_the_time_for_drawing_and_whenever_it_asks_again() {
    let mut world = World::idle();
    world.pull(true, true);
    world.wait(5);
    assert_eq!(world.look(), [], "it waits for the label");
    world.take();
    assert_eq!((world.look(), world.tracker.holds()), (vec![], Some(N)), "taken, not yet drawn");
    world.wait(40);
    assert_eq!(world.look(), [Word::Shows(N)]);
    world.wait(30);
    assert_eq!(world.look(), [], "the label has not asked since");
    world.asked += 1;
    assert_eq!(world.look(), [Word::Shows(N)]);
}

#[test]
fn a_label_that_already_has_the_picture_is_offered_the_marked_one_and_takes_that() {
    let mut world = World::new();
    (world.hash, world.glass) = (hash(Content::Notice(1, false)), Content::Notice(1, false));
    world.look();
    world.look();
    world.pull(true, true);
    assert_eq!(world.settle(), []);
    assert!(world.tracker.marked, "nothing came of the fetch");
    world.pull(true, true);
    world.take();
    world.look();
    assert_eq!(world.settle()[0], Word::Shows(N));
    world.pull(true, true);
    assert!(world.settle().contains(&Word::Shows(N)));
    assert!(world.tracker.marked, "a picture that is known to be there is not changed");
}

#[test]
fn a_picture_that_is_offered_anew_is_drawn_anew_once_and_believed_all_the_while() {
    let mut world = World::idle();
    world.offer(1);
    world.pull(true, true);
    world.take();
    world.look();
    assert!(world.settle().contains(&Word::Shows(N)));
    for day in 1..4 {
        let before = world.updates;
        world.offer(1);
        world.pull(true, true);
        assert_eq!(world.look(), [], "it waits for the label");
        world.take();
        assert_eq!((world.look(), world.tracker.holds()), (vec![], Some(N)), "never lost");
        assert!(world.settle().contains(&Word::Shows(N)));
        for _ in 0..3 {
            world.tracker.offer(N, Wall(world.stamped));
            world.pull(true, true);
            world.take();
            assert!(world.settle().contains(&Word::Shows(N)));
        }
        assert_eq!(world.updates, before + 1, "day {day}");
    }
}

#[test]
fn a_label_of_which_nothing_is_known_or_that_is_to_show_something_else_is_not_made_to_draw_twice() {
    let mut world = World::idle();
    world.offer(1);
    world.offer(1);
    assert!(!world.tracker.marked, "it will draw anyway");
    world.pull(true, true);
    world.take();
    world.look();
    world.offer(2);
    assert!(!world.tracker.marked, "another notice is drawn anyway");
}

#[test]
fn a_picture_that_was_taken_before_we_asked_for_the_first_time_proves_nothing() {
    let mut world = World::new();
    world.pull(true, true);
    world.take();
    assert_eq!(world.look(), []);
    assert!(!world.settle().contains(&Word::Shows(N)));
    assert_eq!(world.tracker.holds(), None);
}

#[test]
fn of_two_pictures_that_wait_nobody_knows_which_was_taken() {
    let mut world = World::idle();
    world.pull(true, true);
    world.begin();
    world.current = 2;
    world.pull(true, true);
    world.finish();
    assert_eq!(world.look(), [Word::Lost]);
    assert_eq!(world.tracker.holds(), None);
    world.settle();
    world.pull(true, true);
    world.settle();
    world.pull(true, true);
    world.take();
    world.look();
    assert!(world.settle().contains(&Word::Shows(M)), "the next but one fetch tells");
}

#[test]
fn a_picture_that_did_not_arrive_whole_is_not_believed() {
    let mut world = World::idle();
    world.pull(false, true);
    world.take();
    assert_eq!(world.look(), [Word::Lost]);
}

#[test]
fn whoever_looks_at_the_picture_does_not_make_the_access_points_fetch_doubtful_and_proves_nothing() {
    let mut world = World::idle();
    world.tracker.give(N, false, world.now);
    world.pull(true, true);
    world.tracker.give(N, false, world.now);
    world.take();
    assert_eq!((world.look(), world.tracker.holds()), (vec![], Some(N)));
    let mut world = World::idle();
    world.tracker.give(N, false, world.now);
    world.queue = Some(Content::Notice(1, false));
    world.take();
    assert_eq!((world.look(), world.tracker.holds()), (vec![Word::Lost], None), "nobody knows what was fetched");
}

#[test]
fn a_conversion_that_failed_leaves_what_was_there() {
    let mut world = World::idle();
    world.pull(true, true);
    world.take();
    world.look();
    world.settle();
    world.current = 2;
    world.pull(true, false);
    let words = world.settle();
    assert!(!words.contains(&Word::Shows(M)) && world.tracker.holds() == Some(N), "{words:?}");
}

#[test]
fn a_label_that_starts_anew_or_is_fed_by_others_or_vanishes_is_not_believed() {
    let shown = || {
        let mut world = World::idle();
        world.pull(true, true);
        world.take();
        world.look();
        world.settle();
        world
    };
    let mut anew = shown();
    anew.hash = "0".repeat(32);
    assert_eq!((anew.look(), anew.tracker.holds()), (vec![Word::Lost], None));
    let mut foreign = shown();
    foreign.ours = false;
    assert_eq!((foreign.look(), foreign.look()), (vec![Word::Lost], vec![]));
    let mut vanished = shown();
    assert_eq!(vanished.tracker.answered(None, vanished.now), [Word::Lost]);
    assert_eq!(vanished.tracker.answered(None, vanished.now), []);
}

#[test]
fn questions_are_asked_often_only_while_something_is_on_its_way() {
    let mut world = World::idle();
    assert_eq!(world.tracker.pace(world.now), USUAL);
    world.pull(true, true);
    assert_eq!(world.tracker.pace(world.now), SOON);
    world.wait(61);
    assert_eq!(world.tracker.pace(world.now), WAITING);
    world.take();
    world.look();
    assert_eq!(world.tracker.pace(world.now), WAITING, "it may still be drawing");
    world.wait(40);
    world.look();
    assert_eq!(world.tracker.pace(world.now), USUAL);
}

#[test]
fn how_the_label_is_is_told_when_it_changes() {
    let mut world = World::new();
    let health = Health { battery_mv: Some(2_900), ..Health::default() };
    let answer = |health: &Health| Answer {
        hash: "11".repeat(16),
        pending: 0,
        updates: 1,
        seen: 1,
        ours: true,
        health: health.clone(),
    };
    assert_eq!(world.tracker.answered(Some(answer(&health)), world.now), [Word::Is(health.clone())]);
    assert_eq!(world.tracker.answered(Some(answer(&health)), world.now), []);
}

#[derive(Clone, Debug)]
enum Step {
    Publish(u8),
    Renew,
    Pull { whole: bool, converts: bool },
    Peek,
    Begin,
    Finish,
    Cancel,
    Push,
    Ours,
    Restart,
    DaemonRestarts,
    Muddle,
    Ask,
    Look,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1..4u8).prop_map(Step::Publish),
        1 => Just(Step::Renew),
        6 => (prop::bool::weighted(0.9), prop::bool::weighted(0.9)).prop_map(|(whole, converts)| Step::Pull { whole, converts }),
        1 => Just(Step::Peek),
        5 => Just(Step::Begin),
        5 => Just(Step::Finish),
        1 => Just(Step::Cancel),
        1 => Just(Step::Push),
        1 => Just(Step::Ours),
        1 => Just(Step::Restart),
        1 => Just(Step::DaemonRestarts),
        1 => Just(Step::Muddle),
        4 => Just(Step::Ask),
        12 => Just(Step::Look),
        6 => (1..70i64).prop_map(Step::Wait),
    ]
}

fn play(world: &mut World, step: &Step) {
    match *step {
        Step::Publish(n) => world.offer(n),
        Step::Renew => world.offer(world.current),
        Step::Pull { whole, converts } => world.pull(whole, converts),
        Step::Peek => world.tracker.give(notice(world.current), false, world.now),
        Step::Begin => world.begin(),
        Step::Finish => world.finish(),
        Step::Cancel => (world.queue, world.transfer) = (None, None),
        Step::Push => (world.queue, world.ours) = (Some(Content::Foreign), false),
        Step::Ours => {
            let foreign = [world.queue, world.transfer, Some(world.glass)].contains(&Some(Content::Foreign));
            world.ours = !foreign;
        }
        Step::Restart => {
            if world.queue.is_none() {
                (world.glass, world.hash) = (Content::Boot, "0".repeat(32));
            }
            (world.transfer, world.asked) = (None, world.asked + 1);
        }
        Step::DaemonRestarts => world.tracker = Tracker::new(world.now),
        Step::Muddle => world.tracker.muddle(world.now),
        Step::Ask => world.asked += 1,
        Step::Look => {
            let words = world.look();
            check(world, &words);
        }
        Step::Wait(seconds) => world.wait(seconds),
    }
}

fn check(world: &World, words: &[Word]) {
    for word in words {
        if let Word::Shows(shown) = word {
            assert!(
                matches!(world.glass, Content::Notice(n, _) if notice(n) == *shown),
                "{:?} is on the glass, not {shown:?}",
                world.glass
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn what_a_label_is_said_to_show_is_on_its_glass_whatever_happened(steps in prop::collection::vec(step(), 0..80)) {
        let mut world = World::new();
        for step in &steps {
            play(&mut world, step);
        }
    }

    #[test]
    fn a_label_that_is_left_in_peace_is_believed_after_three_fetches(steps in prop::collection::vec(step(), 0..40)) {
        let mut world = World::new();
        for step in &steps {
            play(&mut world, step);
        }
        world.look();
        (world.ours, world.queue, world.transfer) = (true, None, None);
        world.look();
        world.settle();
        let mut words = Vec::new();
        for _ in 0..3 {
            world.pull(true, true);
            world.wait(5);
            words.extend(world.look());
            world.take();
            words.extend(world.look());
            words.extend(world.settle());
        }
        prop_assert!(words.contains(&Word::Shows(notice(world.current))), "{words:?}");
        check(&world, &words[words.len() - 1..]);
    }
}
