//! From jaq's syntax tree to the terms that run: only known constructs and functions, or the place of the first other one.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{self, BinaryOp};
use jaq_core::ops::Math;
use jaq_core::path::{self, Opt};

use super::term::{Op, Part, Pattern, Step, Term};
use super::{Flaw, offset};
use crate::device::functions::FUNCTIONS;

/// Deepest nesting of terms in the syntax tree: compiler and program run on the thread's stack.
const MAX_TERMS_DEEP: usize = 96;

/// Functions that are part of the language, with the number of their arguments.
const BUILT_IN: &[(&str, usize)] =
    &[("true", 0), ("false", 0), ("null", 0), ("empty", 0), ("not", 0), ("values", 0), ("select", 1), ("map", 1)];

/// Every function that may be called, with the number of its arguments.
pub(super) fn allowed() -> impl Iterator<Item = (&'static str, usize)> {
    BUILT_IN.iter().copied().chain(FUNCTIONS.iter().map(|(name, arguments, _)| (*name, *arguments)))
}

type Lowered<T> = Result<T, Flaw>;

/// Makes terms of a syntax tree.
pub(super) struct Lower<'c> {
    code: &'c str,
    known: &'c [String],
    /// Variables that the expression does not bind itself, and the slots that they stand in.
    pub(super) given: Vec<(&'c str, usize)>,
    /// Variables that it binds, the innermost last.
    bound: Vec<(&'c str, usize)>,
    /// How many slots there are.
    pub(super) slots: usize,
    deep: usize,
}

impl<'c> Lower<'c> {
    /// For an expression in which each of `known` (with `$`) is a variable.
    pub(super) fn new(code: &'c str, known: &'c [String]) -> Self {
        Self { code, known, given: Vec::new(), bound: Vec::new(), slots: 0, deep: 0 }
    }

    pub(super) fn term(&mut self, term: &parse::Term<&'c str>) -> Lowered<Term> {
        if self.deep > MAX_TERMS_DEEP {
            return Err(self.refuse("such deep nesting", ""));
        }
        self.deep += 1;
        let lowered = self.lowered(term);
        self.deep -= 1;
        lowered
    }

    fn lowered(&mut self, term: &parse::Term<&'c str>) -> Lowered<Term> {
        use parse::Term as T;
        Ok(match term {
            T::Id => Op::Input.of(false),
            T::Num(digits) => number(digits).of(false),
            T::Var(name) => Op::Slot(self.variable(name)?).of(false),
            T::Str(None, parts) => self.text(parts)?,
            T::Arr(None) => Op::List(None).of(false),
            T::Arr(Some(term)) => Op::List(Some(self.boxed(term)?)).of(false),
            T::Neg(term) => {
                let term = self.boxed(term)?;
                let many = term.many;
                Op::Negate(term).of(many)
            }
            T::Obj(entries) => self.object(entries)?,
            T::BinOp(left, op, right) => self.operator(left, op, right)?,
            T::TryCatch(term, catch) => {
                let term = self.boxed(term)?;
                let catch = catch.as_ref().map(|catch| self.boxed(catch)).transpose()?;
                let many = term.many || catch.as_ref().is_some_and(|catch| catch.many);
                Op::Try(term, catch).of(many)
            }
            T::IfThenElse(branches, otherwise) => self.branches(branches, otherwise.as_deref())?,
            T::Call(name, arguments) => self.call(name, arguments)?,
            T::Path(from, path) => self.path(from, path)?,
            T::Str(Some(format), _) => return Err(self.refuse("text formats", format)),
            T::Recurse => {
                let at = self.code.find("..").map_or("", |at| &self.code[at..at + 2]);
                return Err(self.refuse("the recursion \"..\"", at));
            }
            T::Label(name, _) | T::Break(name) => return Err(self.refuse("labels", name)),
            T::Fold(name, ..) => return Err(self.refuse("reduce and foreach", name)),
            T::Def(definitions, _) => {
                return Err(self.refuse("definitions", definitions.first().map_or("", |definition| definition.name)));
            }
        })
    }

    fn boxed(&mut self, term: &parse::Term<&'c str>) -> Lowered<Box<Term>> {
        self.term(term).map(Box::new)
    }

    fn pair(&mut self, left: &parse::Term<&'c str>, right: &parse::Term<&'c str>) -> Lowered<(Box<[Term; 2]>, bool)> {
        let pair = Box::new([self.term(left)?, self.term(right)?]);
        let many = many(&*pair);
        Ok((pair, many))
    }

    fn text(&mut self, parts: &[StrPart<&'c str, parse::Term<&'c str>>]) -> Lowered<Term> {
        let mut pieces: Vec<Term> = Vec::new();
        for part in parts {
            let literal = match part {
                StrPart::Str(text) => (*text).to_owned(),
                StrPart::Char(character) => character.to_string(),
                StrPart::Term(term) => {
                    pieces.push(self.term(term)?);
                    continue;
                }
            };
            if let Some(Term { op: Op::Text(before), .. }) = pieces.last_mut() {
                *before = format!("{before}{literal}").into();
            } else {
                pieces.push(Op::Text(literal.into()).of(false));
            }
        }
        Ok(match pieces.as_slice() {
            [] => Op::Text("".into()).of(false),
            [Term { op: Op::Text(_), .. }] => pieces.remove(0),
            _ => {
                let many = many(&pieces);
                Op::Joined(pieces.into()).of(many)
            }
        })
    }

    /// `{key}` stands for `{key: .key}`, and `{$x}` for `{x: $x}`.
    fn object(&mut self, entries: &[(parse::Term<&'c str>, Option<parse::Term<&'c str>>)]) -> Lowered<Term> {
        let mut parts = Vec::with_capacity(entries.len() * 2);
        for (key, value) in entries {
            match (key, value) {
                (parse::Term::Var(name), None) => {
                    parts.push(Op::Text(name[1..].into()).of(false));
                    parts.push(Op::Slot(self.variable(name)?).of(false));
                }
                (key, None) => {
                    let at = self.index(key)?;
                    let many = matches!(&at, Part::At(index) if index.many);
                    let steps = [Step { part: at, optional: false }];
                    parts.push(self.term(key)?);
                    parts.push(Op::Path(Box::new(Op::Input.of(false)), steps.into()).of(many));
                }
                (key, Some(value)) => {
                    parts.push(self.term(key)?);
                    parts.push(self.term(value)?);
                }
            }
        }
        let many = many(&parts);
        Ok(Op::Object(parts.into()).of(many))
    }

    fn operator(
        &mut self,
        left: &parse::Term<&'c str>,
        op: &BinaryOp<&'c str>,
        right: &parse::Term<&'c str>,
    ) -> Lowered<Term> {
        let of: fn(Box<[Term; 2]>) -> Op = match op {
            BinaryOp::Pipe(Some(pattern)) => return self.bind(left, pattern, right),
            BinaryOp::Pipe(None) => Op::Pipe,
            BinaryOp::Comma => Op::Comma,
            BinaryOp::Alt => Op::Instead,
            BinaryOp::And => Op::And,
            BinaryOp::Or => Op::Or,
            BinaryOp::Cmp(compare) => {
                let (pair, many) = self.pair(left, right)?;
                return Ok(Op::Compare(*compare, pair).of(many));
            }
            BinaryOp::Math(math @ (Math::Add | Math::Sub | Math::Div)) => {
                let (pair, many) = self.pair(left, right)?;
                return Ok(Op::Math(*math, pair).of(many));
            }
            BinaryOp::Math(Math::Mul | Math::Rem) => {
                return Err(self.refuse("\"*\" and \"%\", which can repeat texts without limit", ""));
            }
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                return Err(self.refuse("assignments", ""));
            }
        };
        let (pair, many) = self.pair(left, right)?;
        Ok(of(pair).of(many || matches!(op, BinaryOp::Comma)))
    }

    fn bind(
        &mut self,
        value: &parse::Term<&'c str>,
        pattern: &parse::Pattern<&'c str>,
        body: &parse::Term<&'c str>,
    ) -> Lowered<Term> {
        let value = self.term(value)?;
        // The keys of a pattern do not see what the pattern binds.
        let mut names = Vec::new();
        let pattern = self.pattern(pattern, &mut names)?;
        let known = self.bound.len();
        self.bound.extend(names);
        let body = self.term(body);
        self.bound.truncate(known);
        let pair = Box::new([value, body?]);
        let many = many(&*pair) || pattern.many();
        Ok(Op::Bind(pair, pattern).of(many))
    }

    fn pattern(&mut self, pattern: &parse::Pattern<&'c str>, names: &mut Vec<(&'c str, usize)>) -> Lowered<Pattern> {
        if self.deep > MAX_TERMS_DEEP {
            return Err(self.refuse("such deep nesting", ""));
        }
        self.deep += 1;
        let mut parts = Vec::new();
        match pattern {
            parse::Pattern::Var(name) => {
                let slot = self.slot();
                names.push((name, slot));
                self.deep -= 1;
                return Ok(Pattern::Slot(slot));
            }
            parse::Pattern::Arr(patterns) => {
                for (n, pattern) in patterns.iter().enumerate() {
                    parts.push((Op::Int(n as i64).of(false), self.pattern(pattern, names)?));
                }
            }
            parse::Pattern::Obj(entries) => {
                for (key, pattern) in entries {
                    parts.push((self.term(key)?, self.pattern(pattern, names)?));
                }
            }
        }
        self.deep -= 1;
        Ok(Pattern::Parts(parts.into()))
    }

    fn branches(
        &mut self,
        branches: &[(parse::Term<&'c str>, parse::Term<&'c str>)],
        otherwise: Option<&parse::Term<&'c str>>,
    ) -> Lowered<Term> {
        let mut pairs = Vec::with_capacity(branches.len());
        let mut any_many = false;
        for (condition, then) in branches {
            let (pair, many) = self.pair(condition, then)?;
            any_many |= many;
            pairs.push(*pair);
        }
        let otherwise = otherwise.map_or_else(|| Ok(Box::new(Op::Input.of(false))), |term| self.boxed(term))?;
        any_many |= otherwise.many;
        Ok(Op::If(pairs.into(), otherwise).of(any_many))
    }

    fn call(&mut self, name: &'c str, arguments: &[parse::Term<&'c str>]) -> Lowered<Term> {
        let op = match (name, arguments) {
            ("true", []) => Op::Bool(true),
            ("false", []) => Op::Bool(false),
            ("null", []) => Op::Null,
            ("empty", []) => Op::Empty,
            ("not", []) => Op::Not,
            ("values", []) => Op::Values,
            ("select", [condition]) => {
                let condition = self.boxed(condition)?;
                let many = condition.many;
                return Ok(Op::Select(condition).of(many));
            }
            ("map", [each]) => Op::Map(self.boxed(each)?),
            _ => return self.function(name, arguments),
        };
        Ok(op.of(false))
    }

    fn function(&mut self, name: &'c str, arguments: &[parse::Term<&'c str>]) -> Lowered<Term> {
        let known = FUNCTIONS.iter().find(|(known, n, _)| (*known, *n) == (name, arguments.len()));
        let Some((_, _, function)) = known else {
            let names: Vec<_> = allowed().map(|(name, _)| name).collect();
            return Err(Flaw {
                help: format!("functions that may be used: {}", names.join(", ")),
                ..self.refuse(&format!("the function {name}/{}", arguments.len()), name)
            });
        };
        let arguments = arguments.iter().map(|argument| self.term(argument)).collect::<Lowered<Box<[_]>>>()?;
        let many = many(&arguments);
        Ok(Op::Call(*function, arguments).of(many))
    }

    fn path(&mut self, from: &parse::Term<&'c str>, path: &path::Path<parse::Term<&'c str>>) -> Lowered<Term> {
        let from = self.boxed(from)?;
        let mut many = from.many;
        let mut steps = Vec::with_capacity(path.0.len());
        for (part, optional) in &path.0 {
            let part = match part {
                path::Part::Index(index) => self.index(index)?,
                path::Part::Range(None, None) => Part::Each,
                path::Part::Range(..) => return Err(self.refuse("slices", "")),
            };
            many |= match &part {
                Part::Key(_) => false,
                Part::At(index) => index.many,
                Part::Each => true,
            };
            steps.push(Step { part, optional: matches!(optional, Opt::Optional) });
        }
        Ok(Op::Path(from, steps.into()).of(many))
    }

    fn index(&mut self, index: &parse::Term<&'c str>) -> Lowered<Part> {
        Ok(match self.term(index)? {
            Term { op: Op::Text(key), .. } => Part::Key(key),
            index => Part::At(index),
        })
    }

    fn slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    fn variable(&mut self, name: &'c str) -> Lowered<usize> {
        let seen = self.bound.iter().rev().chain(&self.given).find(|(known, _)| *known == name);
        if let Some((_, slot)) = seen {
            return Ok(*slot);
        }
        if !self.known.iter().any(|known| known == name) {
            return Err(Flaw {
                at: offset(self.code, name),
                what: format!("the expression uses the variable \"{name}\", which is not known here"),
                help: format!("known variables: {}", self.known.join(", ")),
            });
        }
        let slot = self.slot();
        self.given.push((name, slot));
        Ok(slot)
    }

    fn refuse(&self, what: &str, found: &str) -> Flaw {
        Flaw {
            at: offset(self.code, found),
            what: format!("the expression uses {what}"),
            help: "use paths, comparisons, if, //, +, -, / and the functions of docs/device-profiles.md".to_owned(),
        }
    }
}

fn many(terms: &[Term]) -> bool {
    terms.iter().any(|term| term.many)
}

/// A number as it is written in an expression; one that fits no whole number is a floating-point number.
fn number(digits: &str) -> Op {
    digits.parse().map_or_else(|_| Op::Float(digits.parse().unwrap_or(f64::NAN)), Op::Int)
}
