//! Problems with the configuration, as technicians read them: where, what is wrong, what would be right.
//!
//! The line of the file itself is never shown, because a secret may have been typed into it.

use std::fmt;

use serde::Serialize;

use crate::device::profile::ProfileError;

/// One thing that keeps the daemon from starting with this file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    /// File as it was named to us.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Problem {
    /// A problem with the file as a whole.
    #[must_use]
    pub fn of_file(file: &str, what: String, help: Option<String>) -> Self {
        Self { file: file.to_owned(), line: 1, column: 1, what, help }
    }

    /// A problem with a device profile.
    #[must_use]
    pub fn of_profile(error: ProfileError) -> Self {
        let ProfileError { file, line, column, what, help } = error;
        Self { file, line, column, what, help: Some(help) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        match &self.help {
            Some(help) => write!(f, "\n    help: {help}"),
            None => Ok(()),
        }
    }
}

/// All problems, in the order of the file. As JSON: `{"problems":[…]}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problems {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl Problems {
    /// Puts problems into the order of the file.
    #[must_use]
    pub fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Self { problems }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let mut files: Vec<&str> = self.problems.iter().map(|p| p.file.as_str()).collect();
        files.dedup();
        let count = self.problems.len();
        write!(f, "{count} problem{} in {}", if count == 1 { "" } else { "s" }, files.join(", "))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: usize, help: Option<&str>) -> Problem {
        let what = format!("mistake {line}");
        Problem { file: "F".to_owned(), line, column: 7, what, help: help.map(str::to_owned) }
    }

    #[test]
    fn problems_print_in_the_order_of_the_file_and_are_counted() {
        let problems = Problems::new(vec![problem(12, Some("did you mean \"entrance\"?")), problem(3, None)]);
        let expected = "F:3:7: mistake 3\nF:12:7: mistake 12\n    help: did you mean \"entrance\"?\n2 problems in F";
        assert_eq!(problems.to_string(), expected);
    }

    #[test]
    fn json_names_every_part() {
        let json = serde_json::to_string(&Problems::new(vec![problem(3, None)])).unwrap();
        assert_eq!(json, r#"{"problems":[{"file":"F","line":3,"column":7,"what":"mistake 3","help":null}]}"#);
    }
}
