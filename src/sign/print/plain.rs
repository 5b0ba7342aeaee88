//! The notice as plain text, for an e-mail or a page that has no room for a board.

use crate::notice::copy::Copy;

use super::Board;
use super::page::readable;

/// Letters in a line: what e-mail has kept to since teletypes, and still shows everywhere without breaking it once more (RFC 5322 §2.1.1
/// recommends fewer than 78).
pub const COLUMNS: usize = 72;

/// The words of the board, each line at most [`COLUMNS`] wide unless a single word is longer.
#[must_use]
pub fn plain(board: &Board<'_>) -> String {
    let mut text = String::new();
    for copy in std::iter::successors(Some(board.copy), |copy| copy.below.as_deref()) {
        text += &notice(copy);
        text.push('\n');
    }
    text + &wrapped(board.mark, "")
}

fn notice(copy: &Copy) -> String {
    let mut blocks = vec![copy.headline.iter().map(|line| wrapped(line, "")).collect::<String>()];
    blocks.push(wrapped(&copy.place.text, ""));
    blocks.extend(copy.leads.iter().map(|lead| wrapped(&lead.text, "")));
    for line in &copy.lines {
        let text: String = line.parts.iter().map(|part| part.text.as_str()).collect();
        blocks.push(wrapped(&line.label, "") + &wrapped(&text, "  "));
    }
    if let Some(objection) = &copy.objection {
        blocks.push(wrapped(&objection.question.text, "") + &wrapped(&objection.answer, ""));
    }
    blocks.push(wrapped(&copy.more.text, "") + &wrapped(&readable(&copy.qr), ""));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

/// `text` in lines that begin with `indent`; nothing of nothing.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}
