//! `noticed notice`: the notice of a sign on paper, or as plain text.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::sign::find;
use super::{ConfigPath, Failure, configuration};
use crate::config::{Config, Protocol, Sign};
use crate::daemon::facts;
use crate::domain::id::SignId;
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::text::Language;
use crate::notice::copy::{Copy, copy_in_two};
use crate::notice::facts::Facts;
use crate::notice::wording::Wordings;
use crate::sign::font::Fonts;
use crate::sign::picture::picture;
use crate::sign::print::page::{Page, points};
use crate::sign::print::paper::Paper;
use crate::sign::print::pdf::pdf;
use crate::sign::print::plain::plain;
use crate::sign::print::svg::svg;
use crate::sign::print::{Board, board};

/// What to print.
#[derive(Args, Debug)]
pub struct Asked {
    /// The sign's id.
    #[arg(long, value_name = "ID")]
    sign: String,
    /// What to write: a page for a printer, one for a drawing program, or the words alone.
    #[arg(long, value_enum, default_value_t)]
    format: Written,
    /// The sheet.
    #[arg(long, value_enum, default_value_t)]
    paper: Sheet,
    /// Language, one of the shop's; without it what the sign itself says.
    #[arg(long, value_name = "XX")]
    lang: Option<String>,
    #[command(flatten)]
    path: ConfigPath,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// As what a board is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Written {
    /// For printers.
    #[default]
    Pdf,
    /// For drawing programs and web pages.
    Svg,
    /// The words in lines of 72 letters, for e-mail.
    Text,
}

/// Sheets to print on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Sheet {
    /// 210 by 297 mm.
    #[default]
    A4,
    /// 297 by 420 mm.
    A3,
}

impl Sheet {
    fn paper(self) -> Paper {
        match self {
            Self::A4 => Paper::A4,
            Self::A3 => Paper::A3,
        }
    }
}

/// Writes the board of a sign with everything that can go on in its zones, and says what it is and what to do with it.
pub fn notice(asked: &Asked, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(&asked.path.config)?;
    let sign = find(&config, &SignId::new(&asked.sign))?;
    let language = language(&config, sign, asked.lang.as_deref())?;
    let (fonts, facts) = (Fonts::embedded(), facts(&config, &sign.zones));
    let own = words(&config.wordings, &facts, sign.language, sign.second_language);
    let drawn = picture(sign.panel, &own, &fonts).map_err(Failure::because)?;
    let mark = mark(sign, language, drawn.notice, &date(&asked.path.config, &config)?);
    let other = asked.lang.as_ref().map(|_| words(&config.wordings, &facts, language, None));
    let board = Board { copy: other.as_ref().unwrap_or(&own), ink: sign.panel.ink, mark: &mark };
    let (bytes, told) = write(&board, asked, &fonts)?;
    std::fs::write(&asked.out, bytes)
        .map_err(|error| Failure::because(format!("cannot write {}: {error}", asked.out.display())))?;
    let next = match sign.protocol {
        Protocol::Printed => format!("; hang it at eye level, then: noticed sign attest {} --by ROLE", sign.id),
        Protocol::Trmnl | Protocol::Http | Protocol::OpenEPaperLink | Protocol::Kiosk => String::new(),
    };
    writeln!(out, "{}: {told}, {mark}{next}", asked.out.display()).map_err(Failure::because)
}

/// The bytes of the file, and what they are.
fn write(said: &Board<'_>, asked: &Asked, fonts: &Fonts) -> Result<(Vec<u8>, String), Failure> {
    let page = || board(said, asked.paper.paper(), fonts).map_err(Failure::because);
    let told = |page: &Page| format!("{} in type of {:.1} pt", page.paper, points(page.body));
    Ok(match asked.format {
        Written::Pdf => page().map(|page| (pdf(&page, fonts), told(&page)))?,
        Written::Svg => page().map(|page| (svg(&page, fonts).into_bytes(), told(&page)))?,
        Written::Text => (plain(said).into_bytes(), "plain text".to_owned()),
    })
}

/// What the sign says while everything in its zones goes on.
fn words(wordings: &Wordings, facts: &Facts, language: Language, second: Option<Language>) -> Copy {
    let state = SignState::Active(facts.activities.iter().map(|activity| activity.id.clone()).collect());
    copy_in_two(wordings, facts, &state, language, second)
}

fn language(config: &Config, sign: &Sign, asked: Option<&str>) -> Result<Language, Failure> {
    let Some(asked) = asked else { return Ok(sign.language) };
    let known = Language::parse(asked).filter(|language| config.shop.languages.contains(language));
    known.ok_or_else(|| {
        let codes: Vec<&str> = config.shop.languages.iter().map(Language::code).collect();
        Failure::usage(format!("\"{asked}\" is none of the shop's languages; there are: {}", codes.join(", ")))
    })
}

/// Which sign, in which language if not its own, which notice, and from when: what staff compare with the operator's page.
///
/// A translation carries the mark of the sign's own notice, because that is what is attested.
fn mark(sign: &Sign, language: Language, notice: NoticeHash, date: &str) -> String {
    let translated = if language == sign.language { String::new() } else { format!(" · {language}") };
    format!("{}{translated} · {} · {date}", sign.id, notice.short())
}

/// The day on which the configuration was last written, by the shop's clocks.
fn date(path: &Path, config: &Config) -> Result<String, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::because(format!("{}: {error}", path.display()));
    let written = std::fs::metadata(path).map_err(|error| unreadable(&error))?.mtime();
    let written = Timestamp::from_second(written).map_err(|error| unreadable(&error))?;
    Ok(written.to_zoned(config.shop.time_zone.clone()).date().to_string())
}
