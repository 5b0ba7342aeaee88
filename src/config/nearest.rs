//! The valid name nearest to a mistyped one.

/// Most edits that still count as a typing mistake, however long the name is (the limit of clippy's configuration).
const EDITS_MAX: usize = 4;

/// The candidate nearest to `word`, if it is near enough to be what was meant: one edit for every three letters.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count().max(3) / 3).min(EDITS_MAX);
    let word = word.to_lowercase().replace('_', "-");
    let mut best = None;
    for candidate in candidates {
        let distance = edits(&word, &candidate.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Help for a name that is none of `names`: the nearest one, then all of them under `heading`.
pub(super) fn suggest(word: &str, names: &[&str], heading: &str) -> String {
    let all = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    match nearest(word, names.iter().copied()) {
        Some(name) => format!("did you mean {name:?}? {heading}: {all}"),
        None => format!("{heading}: {all}"),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_the_name_that_was_meant() {
        for (typed, meant) in [("entrence", "entrance"), ("tlil", "till"), ("Entrance", "entrance"), ("tills", "till")]
        {
            assert_eq!(nearest(typed, ["entrance", "till"]), Some(meant), "{typed}");
        }
    }

    #[test]
    fn another_word_is_no_typing_mistake() {
        assert_eq!(nearest("garden", ["entrance", "till"]), None);
        assert_eq!(nearest("xy", ["id"]), None);
    }

    #[test]
    fn swapped_neighbours_are_one_edit() {
        assert_eq!(edits("nmae", "name"), 1);
        assert_eq!(edits("", "name"), 4);
        assert_eq!(edits("name", "name"), 0);
    }
}
