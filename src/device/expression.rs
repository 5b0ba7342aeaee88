//! Payload expressions: jq syntax, cut down to what always ends quickly, compiled once.
//!
//! jaq has no limit of steps, time or memory, so [`check`] walks the parsed expression and accepts only known constructs and
//! functions, and bounds how often an expression can multiply its input. A refused expression never runs.

use jaq_core::load::lex::{Lexer, StrPart, Tok, Token};
use jaq_core::load::parse::{BinaryOp, Def, Parser, Pattern, Term};
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::path::{Part, Path};
use jaq_core::{Compiler, Ctx, Filter, Vars, ops, unwrap_valr};
use jaq_json::Val;

use super::decode::Refusal;
use super::functions::{self, ALLOWED, Data, PRELUDE};
use super::needed::Needed;
use super::payload::{self, PayloadKind};

/// Longest expression, in bytes; the longest that ships has about 1500.
const MAX_BYTES: usize = 4096;

/// Most tokens, to bound the size of the compiled program.
const MAX_TOKENS: usize = 1024;

/// Deepest nesting of brackets, and of terms in the syntax tree: parser, compiler and program run on the thread's stack.
const MAX_BRACKETS: usize = 24;
const MAX_TERMS_DEEP: usize = 96;

/// Most pipes, `if`, `try` and signs, which nest without brackets, for the same reason.
const MAX_OPENERS: usize = 64;

/// Most outputs per element of the payload that commas and alternatives can make.
const MAX_WIDTH: u64 = 64;

/// Most iterations (`[]`, `map`, functions over lists) within each other.
const MAX_ITERATIONS: u32 = 5;

/// Most steps that iterations within each other may take on one payload. Each goes at most as often as the longest list has
/// elements, so that a list of 65 536 may be gone through once, and lists of 40 three times within each other.
const MAX_STEPS: usize = 65_536;

/// Most additions and interpolations, each of which can at most double a text.
const MAX_JOINS: u32 = 8;

/// A compiled expression.
pub(super) struct Expression {
    filter: Filter<Data>,
    /// What it may look at.
    needed: Needed,
    /// How many iterations stand within each other.
    iterations: u32,
    /// Names of the variables that it uses, in the order in which their values are handed in.
    variables: Vec<String>,
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
        let Checked { variables: used, iterations, needed } = check(code)?;
        let variables: Vec<_> = known.iter().filter(|name| used.contains(&name.as_str())).cloned().collect();
        let arena = Arena::default();
        let modules = Loader::new(prelude()).load(&arena, File { code, path: () }).map_err(|_| unreadable(code, ""))?;
        let compiler =
            Compiler::default().with_funs(functions::natives()).with_global_vars(variables.iter().map(String::as_str));
        let filter = compiler.compile(modules).map_err(|files| {
            let first = files.into_iter().flat_map(|(_, errors)| errors).next();
            let (name, undefined) = first.map_or(("", "name"), |(name, undefined)| (name, undefined.as_str()));
            Flaw {
                at: offset(code, name),
                what: format!("the expression uses the {undefined} \"{name}\", which is not known here"),
                help: format!("known variables: {}", known.join(", ")),
            }
        })?;
        Ok(Self { filter, needed, iterations, variables })
    }

    /// Names of the variables that it uses, with `$`.
    pub(super) fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Reads `payload` as far as it looks at it, and runs on it with the values of [`Self::variables`].
    pub(super) fn run(
        &self,
        kind: PayloadKind,
        payload: &[u8],
        variables: Vec<Val>,
    ) -> Result<impl Iterator<Item = Result<Val, jaq_core::Error<Val>>> + '_, Refusal> {
        let input = payload::read(kind, payload, &self.needed)?;
        if input.longest.saturating_pow(self.iterations) > MAX_STEPS {
            return Err(Refusal::TooMany);
        }
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new(variables));
        Ok(self.filter.id.run((context, input.value)).map(unwrap_valr))
    }
}

fn prelude() -> Vec<Def<&'static str>> {
    load::parse(PRELUDE, |p| p.defs()).expect("a test calls every filter of the prelude")
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

/// What is known of an expression that is accepted.
struct Checked<'c> {
    variables: Vec<&'c str>,
    iterations: u32,
    needed: Needed,
}

fn check(code: &str) -> Result<Checked<'_>, Flaw> {
    let too_large =
        |what: String| Flaw { at: 0, what, help: "make it shorter, or split it into several rules".to_owned() };
    let mut deep = 0usize;
    for byte in code.bytes() {
        match byte {
            b'(' | b'[' | b'{' => deep += 1,
            b')' | b']' | b'}' => deep = deep.saturating_sub(1),
            _ => {}
        }
        if deep > MAX_BRACKETS {
            return Err(too_large(format!("the expression nests more than {MAX_BRACKETS} brackets")));
        }
    }
    if code.len() > MAX_BYTES {
        return Err(too_large(format!("the expression is longer than {MAX_BYTES} bytes")));
    }
    let tokens = Lexer::new(code).lex().map_err(|errors| {
        let (expected, found) = errors.last().map_or(("a token", ""), |(expected, found)| (expected.as_str(), *found));
        expected_instead(code, expected, found)
    })?;
    let mut size = Size::default();
    for token in &tokens {
        size.add(token);
    }
    if size.tokens > MAX_TOKENS || size.openers > MAX_OPENERS {
        return Err(too_large(format!("the expression has more than {MAX_TOKENS} parts")));
    }
    let term = Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
        let found = |token: Option<&Token<&str>>| token.map_or(code.len(), |token| offset(code, token.0));
        let (expected, at) = errors.first().map_or(("a term", 0), |(e, token)| (e.as_str(), found(*token)));
        expected_instead(code, expected, &code[at..])
    })?;
    let mut walk = Walk { code, joins: 0, variables: Vec::new() };
    let cost = walk.term(&term, 0)?;
    if cost.width > MAX_WIDTH || cost.work > MAX_ITERATIONS || walk.joins > MAX_JOINS {
        return Err(Flaw {
            at: 0,
            what: "the expression could multiply its payload too often".to_owned(),
            help: format!(
                "at most {MAX_ITERATIONS} iterations within each other, {MAX_WIDTH} alternatives, {MAX_JOINS} additions"
            ),
        });
    }
    Ok(Checked { variables: walk.variables, iterations: cost.work, needed: Needed::by(&term) })
}

fn expected_instead(code: &str, expected: &str, found: &str) -> Flaw {
    let near: String = found.chars().take_while(|c| !c.is_control()).take(16).collect();
    let near = if near.is_empty() { "the end".to_owned() } else { format!("\"{near}\"") };
    Flaw {
        what: format!("the expression cannot be read: expected {expected} before {near}"),
        ..unreadable(code, found)
    }
}

/// What bounds the depth of parsing.
#[derive(Default)]
struct Size {
    tokens: usize,
    openers: usize,
}

impl Size {
    fn add(&mut self, token: &Token<&str>) {
        self.tokens += 1;
        match &token.1 {
            Tok::Block(tokens) => tokens.iter().for_each(|token| self.add(token)),
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(token) = part {
                        self.add(token);
                    }
                }
            }
            Tok::Word if matches!(token.0, "if" | "try" | "reduce" | "foreach" | "def" | "label" | "elif") => {
                self.openers += 1;
            }
            Tok::Sym if matches!(token.0, "-" | "|") => self.openers += 1,
            Tok::Word | Tok::Sym | Tok::Var | Tok::Fmt | Tok::Num => {}
        }
    }
}

/// Bounds of a term: it yields at most `width` times the length of the longest list to the power of `iterations`, and goes
/// through lists at most `work` times within each other to do so.
#[derive(Clone, Copy)]
struct Cost {
    width: u64,
    iterations: u32,
    work: u32,
}

const ONE: Cost = Cost { width: 1, iterations: 0, work: 0 };

/// Goes through a list once and yields one value.
const PASS: Cost = Cost { width: 1, iterations: 0, work: 1 };

impl Cost {
    /// For every output of one, every output of the other.
    fn times(self, other: Self) -> Self {
        Self {
            width: self.width.saturating_mul(other.width),
            iterations: self.iterations + other.iterations,
            work: self.work.max(self.iterations + other.work),
        }
    }

    /// The outputs of one, then those of the other.
    fn plus(self, other: Self) -> Self {
        Self { width: self.width.saturating_add(other.width), ..self.or(other) }
    }

    /// The outputs of either.
    fn or(self, other: Self) -> Self {
        Self {
            width: self.width.max(other.width),
            iterations: self.iterations.max(other.iterations),
            work: self.work.max(other.work),
        }
    }

    /// One output for each element of every output.
    fn iterate(self) -> Self {
        Self { iterations: self.iterations + 1, work: self.work.max(self.iterations + 1), ..self }
    }

    /// All outputs in one list.
    fn collect(self) -> Self {
        Self { iterations: 0, ..self }
    }
}

struct Walk<'c> {
    code: &'c str,
    joins: u32,
    variables: Vec<&'c str>,
}

impl<'c> Walk<'c> {
    fn term(&mut self, term: &Term<&'c str>, deep: usize) -> Result<Cost, Flaw> {
        if deep > MAX_TERMS_DEEP {
            return Err(self.refuse("such deep nesting", ""));
        }
        let deep = deep + 1;
        match term {
            Term::Id | Term::Num(_) | Term::Arr(None) => Ok(ONE),
            Term::Var(name) => {
                self.variables.push(name);
                Ok(ONE)
            }
            Term::Str(None, parts) => parts.iter().try_fold(ONE, |cost, part| match part {
                StrPart::Str(_) | StrPart::Char(_) => Ok(cost),
                StrPart::Term(term) => {
                    self.joins += 1;
                    Ok(cost.times(self.term(term, deep)?))
                }
            }),
            Term::Arr(Some(term)) => Ok(self.term(term, deep)?.collect()),
            Term::Neg(term) => self.term(term, deep),
            Term::Obj(entries) => entries.iter().try_fold(ONE, |cost, (key, value)| {
                let value = value.as_ref().map_or(Ok(ONE), |value| self.term(value, deep))?;
                Ok(cost.times(self.term(key, deep)?).times(value))
            }),
            Term::BinOp(left, op, right) => {
                let (left, right) = (self.term(left, deep)?, self.term(right, deep)?);
                self.operator(op, left, right, deep)
            }
            Term::TryCatch(term, catch) => {
                let catch = catch.as_ref().map_or(Ok(ONE), |catch| self.term(catch, deep))?;
                Ok(self.term(term, deep)?.plus(catch))
            }
            Term::IfThenElse(branches, otherwise) => {
                let mut conditions = ONE;
                let mut outputs = otherwise.as_ref().map_or(Ok(ONE), |term| self.term(term, deep))?;
                for (condition, then) in branches {
                    conditions = conditions.times(self.term(condition, deep)?);
                    outputs = outputs.or(self.term(then, deep)?);
                }
                Ok(conditions.times(outputs))
            }
            Term::Call(name, arguments) => self.call(name, arguments, deep),
            Term::Path(term, path) => {
                let from = self.term(term, deep)?;
                self.path(path, from, deep)
            }
            Term::Str(Some(format), _) => Err(self.refuse("text formats", format)),
            Term::Recurse => Err(self.refuse("the recursion \"..\"", "")),
            Term::Label(name, _) | Term::Break(name) => Err(self.refuse("labels", name)),
            Term::Fold(name, ..) => Err(self.refuse("reduce and foreach", name)),
            Term::Def(definitions, _) => {
                Err(self.refuse("definitions", definitions.first().map_or("", |definition| definition.name)))
            }
        }
    }

    fn operator(&mut self, op: &BinaryOp<&'c str>, left: Cost, right: Cost, deep: usize) -> Result<Cost, Flaw> {
        match op {
            BinaryOp::Pipe(None)
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Cmp(_)
            | BinaryOp::Math(ops::Math::Sub | ops::Math::Div) => Ok(left.times(right)),
            BinaryOp::Pipe(Some(pattern)) => {
                let pattern = self.pattern(pattern, deep)?;
                Ok(left.times(pattern).times(right))
            }
            BinaryOp::Comma | BinaryOp::Alt => Ok(left.plus(right)),
            BinaryOp::Math(ops::Math::Add) => {
                self.joins += 1;
                Ok(left.times(right))
            }
            BinaryOp::Math(ops::Math::Mul | ops::Math::Rem) => {
                Err(self.refuse("\"*\" and \"%\", which can repeat texts without limit", ""))
            }
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                Err(self.refuse("assignments", ""))
            }
        }
    }

    fn call(&mut self, name: &'c str, arguments: &[Term<&'c str>], deep: usize) -> Result<Cost, Flaw> {
        if !ALLOWED.contains(&(name, arguments.len())) {
            let names: Vec<_> = ALLOWED.iter().map(|(name, _)| *name).collect();
            return Err(Flaw {
                help: format!("functions that may be used: {}", names.join(", ")),
                ..self.refuse(&format!("the function {name}/{}", arguments.len()), name)
            });
        }
        let cost = arguments.iter().try_fold(ONE, |cost, argument| Ok(cost.times(self.term(argument, deep)?)))?;
        Ok(match name {
            // The argument runs for each element, and all that it yields comes in one list.
            "map" => ONE.iterate().times(cost).collect(),
            name if functions::OVER_LISTS.contains(&name) => cost.times(PASS),
            _ => cost,
        })
    }

    fn path(&mut self, path: &Path<Term<&'c str>>, from: Cost, deep: usize) -> Result<Cost, Flaw> {
        path.0.iter().try_fold(from, |cost, (part, _)| match part {
            Part::Index(index) => Ok(cost.times(self.term(index, deep)?)),
            Part::Range(None, None) => Ok(cost.iterate()),
            Part::Range(..) => Err(self.refuse("slices", "")),
        })
    }

    fn pattern(&mut self, pattern: &Pattern<&'c str>, deep: usize) -> Result<Cost, Flaw> {
        if deep > MAX_TERMS_DEEP {
            return Err(self.refuse("such deep nesting", ""));
        }
        match pattern {
            Pattern::Var(_) => Ok(ONE),
            Pattern::Arr(patterns) => {
                patterns.iter().try_fold(ONE, |cost, pattern| Ok(cost.times(self.pattern(pattern, deep + 1)?)))
            }
            Pattern::Obj(entries) => entries.iter().try_fold(ONE, |cost, (key, pattern)| {
                Ok(cost.times(self.term(key, deep + 1)?).times(self.pattern(pattern, deep + 1)?))
            }),
        }
    }

    fn refuse(&self, what: &str, found: &str) -> Flaw {
        Flaw {
            at: offset(self.code, found),
            what: format!("the expression uses {what}"),
            help: "use paths, comparisons, if, //, +, -, / and the functions of docs/device-profiles.md".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_results(code: &str, input: &str) -> Result<Vec<Option<String>>, Refusal> {
        let expression = Expression::compile(code, &["$options".to_owned()]).map_err(|flaw| flaw.what).unwrap();
        let options = payload::read(PayloadKind::Json, br#"{"line":"1"}"#, &Needed::everything()).unwrap().value;
        let variables = expression.variables().iter().map(|_| options.clone()).collect();
        let outputs = expression.run(PayloadKind::Json, input.as_bytes(), variables)?;
        Ok(outputs.map(|value| value.ok().map(|value| value.to_string())).collect())
    }

    fn results(code: &str, input: &str) -> Vec<Option<String>> {
        try_results(code, input).unwrap()
    }

    #[test]
    fn iterations_within_each_other_are_bounded_by_the_longest_list() {
        let list = |n: usize| serde_json::to_string(&vec![0; n]).unwrap();
        assert!(try_results("[.[]] | length", &list(2000)).is_ok());
        assert!(try_results(". as $l | [.[] as $a | $l[] as $b | 1] | length", &list(256)).is_ok());
        assert_eq!(try_results(". as $l | [.[] as $a | $l[] as $b | 1] | length", &list(257)), Err(Refusal::TooMany));
        assert!(try_results("map(map(.)) | length", &format!("[{},{}]", list(250), list(250))).is_ok());
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
    fn what_may_not_end_is_refused() {
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
            ".[] as $a | .[] as $b | .[] as $c | .[] as $d | .[] as $e | .[] as $f | 1",
            "map(map(map(map(map(map(.))))))",
            ".[1:2]",
            "(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)|(.,.)",
            ".+.|.+.|.+.|.+.|.+.|.+.|.+.|.+.|.+.",
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
            ".,".repeat(100),
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
        for (code, at) in [(".a | env", 5), (".a | $nothing", 5), (".a | ]", 5), (".a | {\"b\" 1}", 10), (".a + ", 5)] {
            let flaw = Expression::compile(code, &["$options".to_owned()]).map(|_| ()).unwrap_err();
            assert_eq!(flaw.at, at, "{code}: {}", flaw.what);
        }
    }

    #[test]
    fn every_function_that_is_allowed_exists() {
        for (name, arguments) in ALLOWED {
            let call = match arguments {
                0 => (*name).to_owned(),
                1 => format!("{name}(.)"),
                _ => format!("{name}(.; .)"),
            };
            assert!(Expression::compile(&call, &[]).is_ok(), "{call}");
        }
    }
}
