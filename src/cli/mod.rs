//! Commands. Each file parses nothing, calls one room and writes what it says to the streams handed in.

pub mod check;

/// How a command answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}
