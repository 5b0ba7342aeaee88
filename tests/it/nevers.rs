//! What the code must never do, read from its text: who may import whom, who may name the runtime, the broker's client, the
//! database or a clock, and what no file of the repository may contain. ARCHITECTURE.md states the same rules with their
//! reasons; where the two differ, a test here says so.
//!
//! Comments and texts are blanked before anything is looked for, and code under `#[cfg(test)]` is left out: a test may time
//! itself, or start a runtime, without the house depending on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which room may import which others. The same table stands in ARCHITECTURE.md.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("cli", &["config", "daemon", "device", "domain", "ledger", "mqtt", "notice", "process", "sign", "store"]),
    ("daemon", &["config", "device", "domain", "engine", "http", "mqtt", "notice", "process", "sign", "store"]),
    ("config", &["device", "domain", "notice", "sign"]),
    ("engine", &["device", "domain"]),
    ("device", &["domain"]),
    ("ledger", &["domain", "sign"]),
    ("notice", &["domain"]),
    ("sign", &["domain", "notice"]),
    ("http", &["domain"]),
    ("mqtt", &[]),
    ("store", &["domain", "ledger"]),
    ("process", &["domain"]),
    ("domain", &[]),
];

/// Rooms that decide. They are told the time and never wait, so that every test of them is exact and instant.
const PURE: &[&str] = &["domain", "engine", "device", "ledger", "notice", "sign"];

/// Rooms that touch the outside. What one of them needs of another, `daemon` carries over.
const EDGES: &[&str] = &["mqtt", "store", "http"];

/// Rooms that may see the whole configuration.
const SEE_CONFIG: &[&str] = &["cli", "config", "daemon"];

/// A word that only some files may name.
struct Never {
    word: &'static str,
    allowed: &'static [&'static str],
    instead: &'static str,
}

/// The demonstration plays broker, display and visitor, so it may do what the house around it may not.
const DEMO: &str = "src/cli/demo/";

const NEVER: &[Never] = &[
    Never {
        word: "tokio",
        allowed: &["src/cli/", "src/daemon/", "src/http/", "src/mqtt/", "src/process/"],
        instead: "the core and the store's thread wait for nothing: hand the event in as an input, or the outcome to a callback",
    },
    Never {
        word: "rumqttc",
        allowed: &["src/mqtt/"],
        instead: "say it in words of src/mqtt (Heard, Message, Publisher) and let src/mqtt translate",
    },
    Never {
        word: "rusqlite",
        allowed: &["src/store/"],
        instead: "put it into a domain::commit::Commit, or ask through store::query",
    },
    Never {
        word: "axum",
        allowed: &["src/http/", DEMO],
        instead: "say it in words of src/http (Shown, Request) and let src/http translate",
    },
    Never { word: "hyper", allowed: &["src/http/"], instead: "connections are the affair of src/http/serve.rs" },
    Never { word: "signal_hook", allowed: &["src/process/"], instead: "signals arrive as process::signal::Signal" },
    Never { word: "SystemTime", allowed: &["src/process/clock.rs"], instead: HANDED_IN },
    Never { word: "Instant", allowed: &["src/process/clock.rs", DEMO], instead: HANDED_IN },
    Never { word: "Timestamp::now", allowed: &["src/process/clock.rs"], instead: HANDED_IN },
    Never { word: "Zoned::now", allowed: &["src/process/clock.rs"], instead: HANDED_IN },
    Never { word: "clock_gettime", allowed: &["src/process/clock.rs"], instead: HANDED_IN },
    Never {
        word: "Mutex",
        allowed: &[],
        instead: "nothing is shared and changed: send it over a channel, or publish a snapshot through the watch",
    },
    Never {
        word: "RwLock",
        allowed: &[],
        instead: "nothing is shared and changed: send it over a channel, or publish a snapshot through the watch",
    },
];

const HANDED_IN: &str = "take a domain::time::Now as an argument; only src/process/clock.rs reads a clock";

#[test]
fn every_room_imports_only_the_rooms_that_it_may() {
    let rooms: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut found = Vec::new();
    for file in house() {
        let Some(room) = file.room() else { continue };
        let Some(allowed) = rooms.get(room) else {
            found.push(format!(
                "{}: room {room} is not in MAY_IMPORT: enter it there and in ARCHITECTURE.md",
                file.path
            ));
            continue;
        };
        for (line, import) in file.imports() {
            match import {
                Import::Room(other) if other == room || allowed.contains(&other.as_str()) => {}
                Import::Room(other) => found.push(format!(
                    "{}:{line}: {room} may not import {other} (it may: {}): take what it needs as an argument, or move \
                     the type both need into domain; if the direction is right, change MAY_IMPORT and ARCHITECTURE.md together",
                    file.path,
                    listed(allowed)
                )),
                Import::Unreadable(why) => found.push(format!("{}:{line}: {why}", file.path)),
            }
        }
    }
    nothing(&found);
}

#[test]
fn the_table_of_imports_keeps_the_rules_that_it_stands_for() {
    let mut found = Vec::new();
    for (room, allowed) in MAY_IMPORT {
        let pure_or_edge = PURE.contains(room) || EDGES.contains(room) || *room == "process";
        for other in *allowed {
            if EDGES.contains(room) && EDGES.contains(other) {
                found.push(format!("{room} → {other}: mqtt, store and http never name each other; daemon joins them"));
            }
            if *other == "config" && !SEE_CONFIG.contains(room) {
                found.push(format!(
                    "{room} → config: the whole Config stays above daemon; cut a plan in src/daemon/plan.rs"
                ));
            }
            if pure_or_edge && ["cli", "daemon"].contains(other) {
                found.push(format!("{room} → {other}: rooms do not know who wires them"));
            }
            if PURE.contains(room) && !PURE.contains(other) {
                found.push(format!("{room} → {other}: a room that decides imports only rooms that decide"));
            }
            if *room == "domain" {
                found.push(format!("domain → {other}: domain imports nothing"));
            }
        }
    }
    nothing(&found);
}

#[test]
fn the_architecture_shows_the_same_table_of_imports() {
    let told: BTreeMap<String, BTreeSet<String>> = section("Who may import whom")
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim().strip_prefix('|')?.split('|').map(in_backticks);
            let room = cells.next()?.into_iter().next()?;
            Some((room, cells.next()?))
        })
        .collect();
    let held: BTreeMap<String, BTreeSet<String>> = MAY_IMPORT
        .iter()
        .map(|(room, allowed)| ((*room).to_owned(), allowed.iter().map(|a| (*a).to_owned()).collect()))
        .collect();
    assert_eq!(told, held, "left: the table in ARCHITECTURE.md; right: MAY_IMPORT here; make them say the same");
}

#[test]
fn the_architecture_names_only_limits_that_exist() {
    let section = section("Limits");
    let mut found = Vec::new();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(|cell| cell.trim().trim_matches('`'));
        Some((cells.next()?, cells.next()?))
    });
    for (name, path) in rows {
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        if !text.contains(&format!("const {name}:")) {
            found.push(format!(
                "ARCHITECTURE.md: {path} has no const {name}: name what limits this now, or take the row out"
            ));
        }
    }
    nothing(&found);
}

#[test]
fn words_of_the_outside_are_named_only_where_they_belong() {
    let mut found = Vec::new();
    for file in house() {
        for never in NEVER.iter().filter(|n| !n.allowed.iter().any(|place| file.path.starts_with(place))) {
            for line in file.lines_with(never.word) {
                let Never { word, allowed, instead } = never;
                let places =
                    if allowed.is_empty() { "no file".to_owned() } else { format!("only {}", allowed.join(", ")) };
                found.push(format!("{}:{line}: names {word}, which {places} may name: {instead}", file.path));
            }
        }
    }
    nothing(&found);
}

#[test]
fn the_words_of_the_outside_are_kept_from_every_room_that_decides() {
    for never in NEVER {
        for room in PURE {
            let place = format!("src/{room}/");
            assert!(!never.allowed.contains(&place.as_str()), "{room} decides and may not name {}", never.word);
        }
    }
}

#[test]
fn domain_imports_nothing_but_std() {
    let crates = dependencies();
    assert!(crates.contains("tokio") && crates.contains("signal_hook"), "Cargo.toml was read: {crates:?}");
    let mut found = Vec::new();
    for file in house().iter().filter(|f| f.room() == Some("domain")) {
        for name in &crates {
            for line in file.lines_with(&format!("{name}::")) {
                found.push(format!(
                    "{}:{line}: domain names the crate {name}; its types are plain: convert in the room that needs the crate",
                    file.path
                ));
            }
        }
    }
    nothing(&found);
}

#[test]
fn the_whole_configuration_stays_above_the_daemon() {
    let mut found = Vec::new();
    for file in house().iter().filter(|f| f.room().is_some_and(|room| !SEE_CONFIG.contains(&room))) {
        for line in file.lines_with("Config") {
            found.push(format!(
                "{}:{line}: names Config; let src/daemon/plan.rs cut out what this room needs and hand that in",
                file.path
            ));
        }
    }
    nothing(&found);
}

#[test]
fn no_file_of_the_repository_names_a_machine_of_its_makers_or_leaves_work_undone() {
    // Put together here, so that this file does not contain them.
    let anywhere = [["/wo", "rk/"], ["/ho", "me/"], ["sparse", "+"], ["replace", "-with"], ["artifac", "tory"]]
        .map(|p| p.concat());
    let words = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["todo", "!"], ["unimplemented", "!"]].map(|p| p.concat());
    let mut found = Vec::new();
    for path in files(root()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = relative(&path);
        for (line, content) in numbered(&text) {
            for bad in anywhere.iter().filter(|bad| content.contains(*bad)) {
                found.push(format!(
                    "{name}:{line}: {bad}… is a place of one machine or one network: name what everyone has, or take it as an argument"
                ));
            }
            for bad in words.iter().filter(|bad| has_word(content, bad)) {
                found.push(format!("{name}:{line}: {bad}: do it now, or take it out; open work is not kept in files"));
            }
        }
    }
    nothing(&found);
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let public = "registry+https://github.com/rust-lang/crates.io-index";
    let lock = read(&root().join("Cargo.lock"));
    let mut found = Vec::new();
    for (line, content) in numbered(&lock) {
        if let Some(source) = content.strip_prefix("source = ").filter(|source| source.trim_matches('"') != public) {
            found.push(format!(
                "Cargo.lock:{line}: {source}: a stranger cannot build from it: use a released version from {public}"
            ));
        }
    }
    nothing(&found);
}

#[test]
fn the_reader_of_these_rules_sees_code_and_neither_comments_texts_nor_tests() {
    let text = "use a::B; // use tokio::x\n/* rusqlite\n /* nested */ axum */ let s = \"tokio \\\" axum\"; let c = '\"'; let l: &'a str = r#\"hyper \" \"#;\n\
                #[cfg(test)]\nmod tests {\n    use tokio::{x, y};\n}\nfn after() {}\n";
    let code = code_of(text);
    assert_eq!(code.lines().count(), text.lines().count(), "line numbers stay true");
    for word in ["tokio", "rusqlite", "axum", "hyper"] {
        assert!(!has_word(&code, word), "{word} in {code}");
    }
    for word in ["B", "let", "str", "after"] {
        assert!(has_word(&code, word), "{word} not in {code}");
    }
    assert!(!has_word("Instantly", "Instant") && !has_word("my_tokio::x", "tokio"));
}

#[test]
fn the_reader_of_these_rules_finds_every_way_to_name_another_room() {
    let file = Source {
        path: "src/engine/glass.rs".into(),
        code: code_of(
            "use crate::domain::time::Now;\nfn f(x: crate::store::Store) {}\nuse crate::{a, b};\nuse super::super::mqtt::X;\nuse super::y;\n",
        ),
    };
    let told: Vec<(usize, Option<String>)> = file
        .imports()
        .into_iter()
        .map(|(line, import)| match import {
            Import::Room(room) => (line, Some(room)),
            Import::Unreadable(_) => (line, None),
        })
        .collect();
    assert_eq!(told, [(1, Some("domain".into())), (2, Some("store".into())), (3, None), (4, None)]);
}

/// One file of `src/` with comments, texts and tests blanked.
struct Source {
    path: String,
    code: String,
}

enum Import {
    Room(String),
    Unreadable(&'static str),
}

impl Source {
    /// The room that the file stands in; `None` for `main.rs` and `lib.rs`.
    fn room(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split_once('/').map(|(room, _)| room)
    }

    fn lines_with(&self, word: &str) -> Vec<usize> {
        numbered(&self.code).filter(|(_, line)| has_word(line, word)).map(|(number, _)| number).collect()
    }

    fn imports(&self) -> Vec<(usize, Import)> {
        // src/room/mod.rs is one step below the root, src/room/file.rs two, and so on.
        let depth = self.path.trim_end_matches("/mod.rs").matches('/').count();
        let up = "super::".repeat(depth);
        let mut imports = Vec::new();
        for (number, line) in numbered(&self.code) {
            for (at, _) in line.match_indices("crate::") {
                let name: String = line[at + "crate::".len()..].chars().take_while(|c| is_word(*c)).collect();
                imports.push((
                    number,
                    if name.is_empty() {
                        Import::Unreadable("write one `use crate::room::…` for each room, so that each can be judged")
                    } else {
                        Import::Room(name)
                    },
                ));
            }
            if line.contains(&up) {
                imports
                    .push((number, Import::Unreadable("leaves its room by `super`: write `crate::room::…` instead")));
            }
        }
        imports
    }
}

/// Every file of `src/` that is not a test as a whole.
fn house() -> Vec<Source> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|e| e == "rs");
    let sources: Vec<(PathBuf, String)> =
        files(root().join("src")).into_iter().filter(is_rust).map(|path| (path.clone(), read(&path))).collect();
    assert!(sources.len() > 50, "the house was found: {} files", sources.len());
    let tests: Vec<PathBuf> = sources.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    sources
        .iter()
        .filter(|(path, _)| !tests.iter().any(|t| path.starts_with(t) || *path == t.with_extension("rs")))
        .map(|(path, text)| Source { path: relative(path), code: code_of(text) })
        .collect()
}

/// Where the modules stand that `text` declares as `#[cfg(test)] mod name;`, without extension.
fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    let is_root = path.file_name().is_some_and(|n| n == "mod.rs" || n == "lib.rs");
    let folder = if is_root { path.with_file_name("") } else { path.with_extension("") };
    let declared = text.split(CFG_TEST).skip(1).filter_map(|after| {
        let (head, _) = after.split_once(['{', ';'])?;
        let is_declaration = after[head.len()..].starts_with(';');
        let name = head.split_whitespace().skip_while(|w| *w != "mod").nth(1)?;
        is_declaration.then(|| folder.join(name))
    });
    declared.collect()
}

const CFG_TEST: &str = "#[cfg(test)]";

/// `text` with comments, string contents and tests replaced by spaces; lines stay where they are.
fn code_of(text: &str) -> String {
    let blanked = without_comments_and_texts(text);
    let mut code = String::new();
    let mut rest = blanked.as_str();
    while let Some(at) = rest.find(CFG_TEST) {
        code.push_str(&rest[..at]);
        let end = at + item_end(&rest[at..]);
        code.extend(rest[at..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    code + rest
}

/// Where the item ends that begins at the start of `code`: at its first semicolon, or where its braces close.
fn item_end(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = code.chars().next_back();
        let hidden = hidden_length(rest, before);
        if hidden == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.extend(rest[..hidden].chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = &rest[hidden..];
        }
    }
    code
}

/// Length of the comment, text or character that `rest` begins with; 0 if it begins with code.
fn hidden_length(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    if let Some(inner) = rest.strip_prefix('\'') {
        // A lifetime has no closing quote behind its first character.
        let mut inner = inner.chars();
        let first = inner.next();
        return if first == Some('\\') || inner.next() == Some('\'') { quoted(rest, '\'') } else { 0 };
    }
    let raw = rest.strip_prefix('r').map(|r| r.trim_start_matches('#')).filter(|r| r.starts_with('"'));
    match raw {
        Some(body) if !before.is_some_and(|c| is_word(c) && c != 'b') => {
            let hashes = rest.len() - 1 - body.len();
            let close = format!("\"{}", "#".repeat(hashes));
            let end = body[1..].find(&close).map_or(body.len(), |at| 1 + at + close.len());
            rest.len() - body.len() + end
        }
        _ => 0,
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `word` stands in `text` by itself, not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let begins = word.starts_with(is_word);
    let ends = word.ends_with(is_word);
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_part = begins && before.is_some_and(is_word) || ends && after.is_some_and(is_word);
        !is_part
    })
}

/// Names of the crates that Cargo.toml brings in, as code writes them.
fn dependencies() -> BTreeSet<String> {
    let text = read(&root().join("Cargo.toml"));
    let section = text.split("\n[").find(|s| s.starts_with("dependencies]")).expect("Cargo.toml has dependencies");
    section.lines().skip(1).filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_"))).collect()
}

/// What ARCHITECTURE.md says under `heading`.
fn section(heading: &str) -> String {
    let text = read(&root().join("ARCHITECTURE.md"));
    let found = text.split("\n## ").find(|section| section.starts_with(heading));
    found.unwrap_or_else(|| panic!("ARCHITECTURE.md has no heading \"## {heading}\"")).to_owned()
}

fn listed(words: &[&str]) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn in_backticks(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// Every file below `folder` except what builds, fuzzing and version control put there, in order.
fn files(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let content = fs::read_dir(&folder).expect("the repository can be listed");
    let mut entries: Vec<PathBuf> = content.map(|entry| entry.expect("and so can its folders").path()).collect();
    entries.sort();
    let made = [".git", "target", "fuzz/artifacts", "fuzz/corpus"];
    let own = |path: &PathBuf| !path.is_symlink() && !made.iter().any(|made| path.ends_with(made));
    entries.into_iter().filter(own).flat_map(|path| if path.is_dir() { files(path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn nothing(found: &[String]) {
    assert!(found.is_empty(), "{} found:\n{}\n", found.len(), found.join("\n"));
}
