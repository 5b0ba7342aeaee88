//! Commands. Each file parses nothing, calls one room and writes what it says to the streams handed in.
//!
//! Exit codes: 0 fine, 1 failed, 2 usage, 78 configuration (`EX_CONFIG` of sysexits.h, on which the service manager does not
//! restart).

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Config;
use crate::config::open::{load, load_profiles, profiles_beside};
use crate::config::problem::{Problem, Problems};
use crate::daemon::rehearse;
use crate::device::catalog::Catalogue;
use crate::device::profile::ProfileError;
use crate::domain::id::SignId;

mod account;
pub mod check;
pub mod client;
pub mod demo;
pub mod discover;
pub mod evidence;
pub mod figures;
pub mod key;
pub mod ledger;
pub mod notice;
pub mod operator;
mod pauses;
pub mod pending;
mod period;
pub mod profile;
pub mod report;
pub mod run;
pub mod sign;
mod stays;

/// A command did what it was asked.
pub const FINE: u8 = 0;
/// A command failed.
pub const FAILED: u8 = 1;
/// The arguments cannot be meant.
pub const USAGE: u8 = 2;
/// The configuration is wrong.
pub const WRONG_CONFIGURATION: u8 = 78;

/// The notice daemon for shops: no notice, no counting.
#[derive(Parser, Debug)]
#[command(name = "noticed", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct ConfigPath {
    /// The configuration.
    #[arg(long, default_value = "/etc/noticed/noticed.toml", value_name = "FILE")]
    config: PathBuf,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the daemon in the foreground.
    Run(ConfigPath),
    /// Check the configuration: every problem at once.
    Check {
        #[command(flatten)]
        path: ConfigPath,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Watch a whole shop: broker, sensors, sign and figures in a temporary folder.
    Demo {
        /// Stop by itself after so many seconds.
        #[arg(long, value_name = "SECONDS")]
        seconds: Option<u64>,
    },
    /// Print figures; works while the daemon runs.
    Report {
        #[command(flatten)]
        path: ConfigPath,
        #[command(flatten)]
        question: figures::Asked,
    },
    /// Print how long counting was open and noticed, or write the file by which others check it.
    Evidence {
        #[command(flatten)]
        path: ConfigPath,
        #[command(flatten)]
        question: evidence::Asked,
    },
    /// The ledger of what was shown and when counting was open.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Listen to the broker and print ready TOML for every device that is recognised.
    Discover(discover::Asked),
    /// Device profiles: list them, print one, try one on a message.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Keys of the store.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Signs.
    #[command(subcommand)]
    Sign(SignCommand),
    /// The notice of a sign as a board to print, or as plain text.
    Notice(notice::Asked),
    /// The operator's listener.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Stop counting an activity in a zone until it is started again.
    Stop(Place),
    /// Let an activity in a zone be counted again.
    Start(Place),
}

#[derive(Subcommand, Debug)]
enum ProfileCommand {
    /// Show what a message becomes, and why.
    Test(profile::Asked),
    /// List the profiles inside the program and beside the configuration.
    List(ConfigPath),
    /// Print the file of a profile inside the program, as a start for your own.
    Show {
        /// Its name.
        name: String,
    },
}

#[derive(Subcommand, Debug)]
enum LedgerCommand {
    /// Check an export without trusting the box: tree, signatures, keys, kept checkpoints, and that nothing was counted without notice.
    Verify(ledger::Asked),
    /// Write the page of HTML that checks an export in a browser, without a network: for whoever has only a laptop.
    Page {
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
enum KeyCommand {
    /// Make a new key; never writes over a file.
    New {
        /// Where to write it.
        #[arg(long)]
        file: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
enum SignCommand {
    /// Print a sign's credential.
    Token(NamedSign),
    /// Let a display ask for its credential once more within the next ten minutes.
    Pair(NamedSign),
    /// Print what to paste into the configuration for every display that asked and is not in it.
    Pending(ConfigPath),
    /// Say that a member of staff has seen the sign show its notice.
    Attest {
        #[command(flatten)]
        sign: NamedSign,
        /// Who has seen it: a role such as shift-lead, never a name.
        #[arg(long, value_name = "ROLE")]
        by: String,
    },
    /// Draw what a sign would show.
    Render {
        #[command(flatten)]
        sign: NamedSign,
        /// Which notice.
        #[arg(long, value_enum, default_value_t)]
        state: sign::Wanted,
        /// In which of its languages: 0 is its own, 1 the first of its alternate-languages.
        #[arg(long, default_value_t = 0, value_name = "N")]
        turn: u8,
        /// Where to write the PNG.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Draw every sign in every state on one contact sheet, to look at them all.
    Sheet(sign::SheetAsked),
}

#[derive(Subcommand, Debug)]
enum OperatorCommand {
    /// Print the token that orders are given with.
    Token(ConfigPath),
}

#[derive(Args, Debug)]
struct NamedSign {
    /// The sign's id.
    id: String,
    #[command(flatten)]
    path: ConfigPath,
}

#[derive(Args, Debug)]
struct Place {
    /// The zone's id.
    zone: String,
    /// The activity's id.
    activity: String,
    #[command(flatten)]
    path: ConfigPath,
}

/// How a command answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Runs the command that the process was started with, and gives the exit code. Usage errors end the process with 2.
pub fn main() -> u8 {
    let arguments = Arguments::parse();
    let (mut out, mut err) = (io::stdout().lock(), io::stderr());
    let done = match arguments.command {
        Command::Run(path) => return run::run(&path.config, &mut err),
        Command::Check { path, format } => return check::check(&path.config, format, &mut out, &mut err),
        Command::Demo { seconds } => demo::demo(seconds, &mut out),
        Command::Report { path, question } => figures::report(&path.config, &question, &mut out),
        Command::Evidence { path, question } => evidence::evidence(&path.config, &question, &mut out),
        Command::Ledger(LedgerCommand::Verify(asked)) => return ledger::verify(&asked, &mut out, &mut err),
        Command::Ledger(LedgerCommand::Page { out: file }) => ledger::page(&file, &mut out),
        Command::Discover(asked) => discover::discover(&asked, &mut out, &mut err),
        Command::Profile(ProfileCommand::Test(asked)) => profile::test(&asked, &mut out),
        Command::Profile(ProfileCommand::List(path)) => profile::list(&path.config, &mut out),
        Command::Profile(ProfileCommand::Show { name }) => profile::show(&name, &mut out),
        Command::Key(KeyCommand::New { file }) => key::new(&file, &mut out).map_err(Failure::because),
        Command::Sign(SignCommand::Token(sign)) => sign::token(&sign.path.config, &sign.id(), &mut out),
        Command::Sign(SignCommand::Pair(sign)) => sign::pair(&sign.path.config, &sign.id(), &mut out),
        Command::Sign(SignCommand::Pending(path)) => pending::pending(&path.config, &mut out),
        Command::Sign(SignCommand::Attest { sign, by }) => sign::attest(&sign.path.config, &sign.id(), &by, &mut out),
        Command::Sign(SignCommand::Render { sign, state, turn, out: file }) => {
            sign::render(&sign.path.config, &sign.id(), (state, turn), &file)
        }
        Command::Sign(SignCommand::Sheet(asked)) => sign::sheet(&asked, &mut out),
        Command::Notice(asked) => notice::notice(&asked, &mut out),
        Command::Operator(OperatorCommand::Token(path)) => operator::token(&path.config, &mut out),
        Command::Stop(place) => operator::switch(&place.path.config, "stop", &place.zone, &place.activity, &mut out),
        Command::Start(place) => operator::switch(&place.path.config, "start", &place.zone, &place.activity, &mut out),
    };
    match done {
        Ok(()) => FINE,
        Err(failure) => {
            let _ = writeln!(err, "{failure}");
            failure.code()
        }
    }
}

impl NamedSign {
    fn id(&self) -> SignId {
        SignId::new(&self.id)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The configuration is wrong.
    Configuration(Problems),
    /// The arguments cannot be meant.
    Usage(String),
    /// Something else, in a sentence.
    Other(String),
}

impl Failure {
    /// Says what is wrong with the arguments.
    pub fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(format!("noticed: {error}"))
    }

    /// Says what the error says.
    pub fn because(error: impl fmt::Display) -> Self {
        Self::Other(format!("noticed: {error}"))
    }

    /// Says where a profile is wrong.
    #[must_use]
    pub fn wrong_profile(error: ProfileError) -> Self {
        Self::Configuration(Problems::new(vec![Problem::of_profile(error)]))
    }

    fn code(&self) -> u8 {
        match self {
            Self::Configuration(_) => WRONG_CONFIGURATION,
            Self::Usage(_) => USAGE,
            Self::Other(_) => FAILED,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(problems) => write!(f, "{problems}"),
            Self::Usage(what) | Self::Other(what) => f.write_str(what),
        }
    }
}

/// The configuration at `path`, with the device profiles beside it.
pub fn configuration(path: &Path) -> Result<Config, Failure> {
    examine(path).map_err(Failure::Configuration)
}

/// The configuration at `path`, or everything that is wrong with it: the file, the profiles beside it, and whether every notice
/// fits its panel.
pub fn examine(path: &Path) -> Result<Config, Problems> {
    let mut catalogue = Catalogue::builtin();
    let mut problems = load_profiles(&profiles_beside(path), &mut catalogue);
    match load(path, &catalogue) {
        Ok(config) => {
            let file = path.display().to_string();
            problems.extend(rehearse(&config).into_iter().map(|fault| Problem::of_file(&file, fault, None)));
            if problems.is_empty() { Ok(config) } else { Err(Problems::new(problems)) }
        }
        Err(more) => {
            problems.extend(more.problems);
            Err(Problems::new(problems))
        }
    }
}
