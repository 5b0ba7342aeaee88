//! Payload expressions: jq syntax, cut down to what has one meaning and a known cost, compiled once and run on every message.
//!
//! [`read`] parses within limits, [`lower`] accepts only known constructs and resolves names, [`few`] and [`many`] run what came
//! out. A refused expression never runs; one that runs takes at most a fixed number of steps.

mod few;
mod lower;
mod many;
mod operate;
mod read;
mod term;

use std::cell::Cell;
use std::ops::ControlFlow;

use self::few::Run;
use self::lower::Lower;
use self::many::Output;
use self::term::Term;
use super::decode::Refusal;
use super::needed::Needed;
use super::payload::{self, PayloadKind};
use super::space::{Ground, Space};
use super::value::{Error, Value, Variable};

/// Most steps of one run. Each term that is evaluated, each element that is gone through and each entry that is made costs one,
/// so that a run ends within a few milliseconds and a few megabytes. The dearest message of a shipped profile takes about 2000.
const MAX_STEPS: usize = 50_000;

/// A compiled expression.
pub(super) struct Expression {
    term: Term,
    /// What it may look at.
    needed: Needed,
    /// Names of the variables that it uses, in the order in which their values are handed in.
    variables: Vec<String>,
    /// The slots of these.
    given: Vec<usize>,
    slots: usize,
    /// As it was written: what it means is compared with jaq.
    #[cfg(test)]
    pub(super) code: String,
}

/// Why an expression is refused, and where in it.
#[derive(Debug)]
pub(super) struct Flaw {
    /// Offset in the expression, in bytes.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) what: String,
    /// What would be right.
    pub(super) help: String,
}

impl Expression {
    /// Compiles `code`, in which each of `known` (with `$`) is a variable.
    pub(super) fn compile(code: &str, known: &[String]) -> Result<Self, Flaw> {
        read::read(code, |tree| {
            let mut lower = Lower::new(code, known);
            let term = lower.term(tree)?;
            Ok(Self {
                term,
                needed: Needed::by(tree),
                variables: lower.given.iter().map(|(name, _)| (*name).to_owned()).collect(),
                given: lower.given.iter().map(|(_, slot)| *slot).collect(),
                slots: lower.slots,
                #[cfg(test)]
                code: code.to_owned(),
            })
        })
    }

    /// Names of the variables that it uses, with `$`.
    pub(super) fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Reads `payload` as far as it looks at it, runs on it with the values of [`Self::variables`], and hands on what comes out
    /// until that is refused. After an error nothing more comes.
    pub(super) fn run(
        &self,
        kind: PayloadKind,
        payload: &[u8],
        variables: &[Variable<'_>],
        take: &mut dyn FnMut(Output<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let ground = Ground::new();
        let space = Space::new(&ground, MAX_STEPS);
        let input = payload::read(kind, payload, &self.needed, &space)?;
        let slots = vec![Cell::new(Value::Null); self.slots];
        for (slot, variable) in self.given.iter().zip(variables) {
            slots[*slot].set(variable.value(&space));
        }
        let mut outcome = Ok(());
        let _ = Run { space: &space, slots }.each(&self.term, input, &mut |output| {
            let failed = output.is_err();
            outcome = match output {
                Err(Error::Exhausted) => Err(Refusal::TooMany),
                output => take(output),
            };
            if failed || outcome.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        outcome
    }
}

fn offset(code: &str, part: &str) -> usize {
    let (start, at) = (code.as_ptr() as usize, part.as_ptr() as usize);
    if (start..=start + code.len()).contains(&at) { at - start } else { 0 }
}

fn unreadable(code: &str, found: &str) -> Flaw {
    Flaw {
        at: offset(code, found),
        what: "the expression cannot be read".to_owned(),
        help: "write a jq expression; docs/device-profiles.md lists what it may contain".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Fixed;
    use super::*;

    fn compiled(code: &str) -> Expression {
        Expression::compile(code, &["$options".to_owned()]).map_err(|flaw| flaw.what).unwrap()
    }

    fn try_results(code: &str, input: &str) -> Result<Vec<Option<String>>, Refusal> {
        let expression = compiled(code);
        let options = Fixed::Object(vec![("line".to_owned(), Fixed::Text("1".to_owned()))]);
        let variables: Vec<_> = expression.variables().iter().map(|_| Variable::Fixed(&options)).collect();
        let mut outputs = Vec::new();
        expression.run(PayloadKind::Json, input.as_bytes(), &variables, &mut |output| {
            outputs.push(output.ok().map(|value| value.to_string()));
            Ok(())
        })?;
        Ok(outputs)
    }

    fn results(code: &str, input: &str) -> Vec<Option<String>> {
        try_results(code, input).unwrap()
    }

    #[test]
    fn a_run_that_takes_too_many_steps_is_refused() {
        let list = |n: usize| serde_json::to_string(&vec![0; n]).unwrap();
        let pairs = ". as $l | [.[] as $a | $l[] as $b | 1] | length";
        assert!(try_results("[.[]] | length", &list(2000)).is_ok());
        assert_eq!(try_results(pairs, &list(100)), Ok(vec![Some("10000".to_owned())]));
        assert_eq!(try_results(pairs, &list(1000)), Err(Refusal::TooMany));
        assert_eq!(try_results("map(map(map(map(map(.)))))", "[[[[[1]]]]]").unwrap().len(), 1);
        for endless in [
            ". as $l | [$l[] | $l[] | $l[] | $l[] | $l[] | $l[]]",
            "[.[] as $a | .[] as $b | .[] as $c | .[] as $d | 1]",
            &vec!["(.,.)"; 30].join("|"),
            &format!("[{}]", vec!["(1,2)"; 30].join("+")),
            &vec![".+."; 30].join("|"),
            &format!("{} | . == .", vec!["[.,.]"; 30].join("|")),
            &format!("[{}]", vec!["(1,null)"; 30].join("-1+")),
            &format!("{{{}}}", (0..110).map(|n| format!("k{n}: (1,2)")).collect::<Vec<_>>().join(",")),
            &format!("\"{}\"", "\\(1,2)".repeat(30)),
        ] {
            assert_eq!(try_results(&format!("try ({endless}) catch 1"), &list(20)), Err(Refusal::TooMany), "{endless}");
        }
    }

    #[test]
    fn the_largest_expression_that_is_accepted_fits_on_a_small_stack() {
        let pairs = (0..110).map(|n| format!("k{n}:(1,2)")).collect::<Vec<_>>().join(",");
        let nested = format!("{}(1,2){}", "[map(".repeat(11), ")]".repeat(11));
        for code in [
            format!("{{{pairs}}}"),
            vec!["(.,.|.)"; 31].join("|"),
            vec!["(1,2)"; 95].join("+"),
            vec!["if (1,null) then 1"; 45].join(" else ") + &" end".repeat(45),
            format!("(.,.) as [{}] | 1", "[".repeat(20) + "$a" + &"]".repeat(20)),
            format!(".{}", "[]?".repeat(250)),
            nested,
        ] {
            let run = move || drop(try_results(&code, "[[1]]"));
            std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
        }
    }

    #[test]
    fn texts_do_not_grow_without_end() {
        let doubled = vec![".+."; 20].join("|");
        assert_eq!(results(&doubled, "\"abcdefgh\""), [None]);
        assert_eq!(results(&format!("({doubled})? // 0"), "\"abcdefgh\""), [Some("0".to_owned())]);
        assert_eq!(results(&vec!["\"\\(.)\\(.)\""; 20].join("|"), "[1]"), [None]);
    }

    #[test]
    fn an_expression_sees_the_payload_and_its_variables() {
        let lines = r#"{"lines":[{"n":1,"in":2},{"n":2,"in":5},{"n":"1","in":null}]}"#;
        let code = r".lines[] | select((.n | tostring) == $options.line) | {totals: {in, out: (.out // 0)}}";
        assert_eq!(
            results(code, lines),
            [Some(r#"{"totals":{"in":2,"out":0}}"#.to_owned()), Some(r#"{"totals":{"in":null,"out":0}}"#.to_owned())]
        );
    }

    #[test]
    fn a_wrong_type_is_an_error_and_no_panic() {
        assert_eq!(results(".a.b", "5"), [None]);
        assert_eq!(results(".a[]", r#"{"a":1}"#), [None]);
        assert_eq!(results(".a[]?", r#"{"a":1}"#), [] as [Option<String>; 0]);
        assert_eq!(results(". / 0 | number", "1"), [Some("null".to_owned())]);
    }

    #[test]
    fn what_is_not_known_here_is_refused() {
        for code in [
            "def f: 1 + f; f",
            "[range(1e12)]",
            "repeat(.)",
            "..",
            "recurse",
            "env",
            "$ENV",
            "input",
            "halt",
            "now",
            "until(false; .)",
            "reduce .[] as $x (0; . + $x)",
            "label $out | break $out",
            ".a * 1000000000",
            ".a |= 1",
            ".a = 1",
            "@base64 \"x\"",
            "test(\"(a+)+$\")",
            ".[1:2]",
            "import \"a\" as a; .",
        ] {
            assert!(Expression::compile(code, &[]).is_err(), "{code}");
        }
    }

    #[test]
    fn a_huge_expression_is_refused_before_it_is_parsed_deeply() {
        for code in [
            "(".repeat(4000),
            "-".repeat(4000),
            "[".repeat(1_000_000),
            ".|".repeat(65),
            ".,".repeat(2000),
            "if ".repeat(1300),
        ] {
            assert!(Expression::compile(&code, &[]).is_err(), "{}", &code[..8]);
        }
        let long = format!("{}.", ".|".repeat(60));
        assert!(Expression::compile(&long, &[]).is_ok());
        assert_eq!(results(&long, "1").len(), 1);
    }

    #[test]
    fn a_flaw_knows_its_place() {
        for (code, at) in
            [(".a | env", 5), (".a | ..", 5), (".a | $nothing", 5), (".a | ]", 5), (".a | {\"b\" 1}", 10), (".a + ", 5)]
        {
            let flaw = Expression::compile(code, &["$options".to_owned()]).map(|_| ()).unwrap_err();
            assert_eq!(flaw.at, at, "{code}: {}", flaw.what);
        }
    }

    #[test]
    fn every_function_that_is_allowed_exists() {
        for (name, arguments) in lower::allowed() {
            let call = match arguments {
                0 => name.to_owned(),
                1 => format!("{name}(.)"),
                _ => format!("{name}(.; .)"),
            };
            assert!(Expression::compile(&call, &[]).is_ok(), "{call}");
        }
    }
}
