//! Which sensors listen to a topic, remembered for the topics that any listens to.
//!
//! Two generations: when the young one is full it becomes the old one, and what is heard again moves back. Topics in use stay, a flood
//! of made-up ones passes through, and neither costs more than twice the limit.

use std::collections::HashMap;

/// Topics in one generation. A shop has a few hundred.
pub(super) const TOPICS_REMEMBERED: usize = 1024;

/// Longest topic that is remembered; longer ones are looked up each time. No device family known needs half of it.
const TOPIC_MAX_BYTES: usize = 512;

/// Sensors by topic.
#[derive(Default)]
pub(super) struct Topics {
    young: HashMap<String, Box<[usize]>>,
    old: HashMap<String, Box<[usize]>>,
    /// Those of the last topic that is not remembered.
    passing: Box<[usize]>,
}

impl Topics {
    /// The sensors that listen to `topic`; `find` is asked if that is not remembered.
    pub(super) fn listening(&mut self, topic: &str, find: impl FnOnce() -> Box<[usize]>) -> &[usize] {
        if !self.young.contains_key(topic) {
            let (name, sensors) = if let Some(known) = self.old.remove_entry(topic) {
                known
            } else {
                let sensors = find();
                if sensors.is_empty() || topic.len() > TOPIC_MAX_BYTES {
                    self.passing = sensors;
                    return &self.passing;
                }
                (topic.to_owned(), sensors)
            };
            self.remember(name, sensors);
        }
        self.young.get(topic).map_or(&[], |sensors| sensors)
    }

    fn remember(&mut self, topic: String, sensors: Box<[usize]>) {
        if self.young.len() >= TOPICS_REMEMBERED {
            // Swapped rather than taken, so that the room of both is used again.
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(topic, sensors);
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(sensors: &[usize]) -> Box<[usize]> {
        sensors.into()
    }

    #[test]
    fn a_topic_in_use_is_looked_up_once_however_many_pass_by() {
        let mut topics = Topics::default();
        let mut looked_up = 0;
        for n in 0..20_000 {
            let in_use = topics.listening("door", || {
                looked_up += 1;
                find(&[7])
            });
            assert_eq!(in_use, [7]);
            assert_eq!(topics.listening(&format!("made/up/{n}"), || find(&[3])), [3]);
        }
        assert_eq!(looked_up, 1);
        assert!(topics.remembered() <= 2 * TOPICS_REMEMBERED);
    }

    #[test]
    fn what_nobody_listens_to_and_what_is_too_long_takes_no_room() {
        let mut topics = Topics::default();
        assert!(topics.listening("stranger", || find(&[])).is_empty());
        assert_eq!(topics.listening(&"x".repeat(TOPIC_MAX_BYTES + 1), || find(&[1])), [1]);
        assert_eq!(topics.remembered(), 0);
    }
}
