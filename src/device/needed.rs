//! Which parts of a payload an expression can look at. Only these are read into memory: the rest of a message, names and
//! serial numbers among it, is skipped where it stands, which is also most of the time that a message would cost.
//!
//! The expression is followed from the payload down along its paths; where a part is handed to something that may look anywhere in
//! it, the whole of it is needed.

use std::collections::BTreeMap;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Part, Path};

/// A part of the payload: needed as a whole, or only by some of its keys, or by a part of each of its elements.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Needed {
    pub(super) whole: bool,
    pub(super) keys: BTreeMap<String, Needed>,
    /// Of each element of a list, and of what stands under any key of an object.
    pub(super) each: Option<Box<Needed>>,
}

impl Needed {
    /// Everything.
    pub(super) fn everything() -> Self {
        Self { whole: true, ..Self::default() }
    }

    /// What is needed of the elements of a list.
    pub(super) fn of_elements(&self) -> Option<&Self> {
        if self.whole { Some(self) } else { self.each.as_deref() }
    }

    /// What `term` needs of its input.
    pub(super) fn by(term: &Term<&str>) -> Self {
        let mut walk = Walk { parts: vec![Self::default()], paths: vec![Vec::new()], variables: Vec::new() };
        let outputs = walk.term(term, &[ROOT]);
        walk.whole(&outputs);
        let mut tree = walk.tree();
        tree.settle();
        tree
    }

    /// What is needed under any key is needed under each that is named.
    fn settle(&mut self) {
        if let Some(each) = &mut self.each {
            for part in self.keys.values_mut() {
                part.add(each);
            }
            each.settle();
        }
        for part in self.keys.values_mut() {
            part.settle();
        }
    }

    fn add(&mut self, other: &Self) {
        self.whole |= other.whole;
        for (key, part) in &other.keys {
            self.keys.entry(key.clone()).or_default().add(part);
        }
        if let Some(each) = &other.each {
            self.each.get_or_insert_default().add(each);
        }
    }
}

/// One step down into a payload.
#[derive(Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Each,
}

/// Parts of the payload that a value may be, by their number; none if it was made by the expression itself.
type Parts = Vec<usize>;

const ROOT: usize = 0;

/// Most parts that are told apart. Alternatives within each other can name any number of them; what is beyond is read as a whole.
const MAX_PARTS: usize = 256;

struct Walk<'t> {
    parts: Vec<Needed>,
    /// The steps that lead to each part.
    paths: Vec<Vec<Step>>,
    variables: Vec<(&'t str, Parts)>,
}

impl<'t> Walk<'t> {
    fn tree(self) -> Needed {
        let mut root = Needed::default();
        for (part, path) in self.parts.into_iter().zip(self.paths) {
            let mut here = &mut root;
            for step in path {
                here = match step {
                    Step::Key(key) => here.keys.entry(key).or_default(),
                    Step::Each => here.each.get_or_insert_default(),
                };
            }
            here.whole |= part.whole;
        }
        root
    }

    fn whole(&mut self, parts: &[usize]) {
        for part in parts {
            self.parts[*part].whole = true;
        }
    }

    fn child(&mut self, part: usize, step: &Step) -> usize {
        let mut path = self.paths[part].clone();
        path.push(step.clone());
        if let Some(known) = self.paths.iter().position(|known| *known == path) {
            return known;
        }
        if self.paths.len() >= MAX_PARTS {
            self.parts[part].whole = true;
            return part;
        }
        self.paths.push(path);
        self.parts.push(Needed::default());
        self.parts.len() - 1
    }

    fn children(&mut self, parts: &[usize], step: &Step) -> Parts {
        once(parts.iter().map(|part| self.child(*part, step)).collect())
    }

    /// What `term` yields when it runs on `input`.
    fn term(&mut self, term: &Term<&'t str>, input: &[usize]) -> Parts {
        match term {
            Term::Id | Term::Call("values", _) => input.to_vec(),
            Term::Var(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                known.map_or_else(Vec::new, |(_, parts)| parts.clone())
            }
            Term::Path(from, path) => {
                let from = self.term(from, input);
                self.path(path, from, input)
            }
            Term::BinOp(left, op, right) => self.operator(left, op, right, input),
            Term::IfThenElse(branches, otherwise) => self.branches(branches, otherwise.as_deref(), input),
            Term::TryCatch(term, catch) => {
                let mut outputs = self.term(term, input);
                if let Some(catch) = catch {
                    // The text of an error may show any of what it is about.
                    self.whole(input);
                    outputs.extend(self.term(catch, &[]));
                }
                once(outputs)
            }
            Term::Call("select", arguments) => {
                for argument in arguments {
                    self.term(argument, input);
                }
                input.to_vec()
            }
            Term::Call("map", arguments) => {
                let elements = self.children(input, &Step::Each);
                self.made_of(arguments.iter(), &elements)
            }
            Term::Call("true" | "false" | "null" | "empty", _) | Term::Num(_) | Term::Arr(None) => Vec::new(),
            Term::Call(_, arguments) => {
                self.whole(input);
                self.made_of(arguments.iter(), input)
            }
            Term::Arr(Some(term)) | Term::Neg(term) => self.made_of([&**term], input),
            Term::Obj(entries) => {
                for (key, value) in entries {
                    self.entry(key, value.as_ref(), input);
                }
                Vec::new()
            }
            Term::Str(_, parts) => {
                let terms = parts.iter().filter_map(|part| match part {
                    StrPart::Term(term) => Some(term),
                    StrPart::Str(_) | StrPart::Char(_) => None,
                });
                self.made_of(terms, input)
            }
            // What is not accepted anyway may need anything.
            Term::Recurse | Term::Label(..) | Term::Break(_) | Term::Fold(..) | Term::Def(..) => {
                self.whole(input);
                Vec::new()
            }
        }
    }

    /// A value made of what `terms` yield.
    fn made_of<'a>(&mut self, terms: impl IntoIterator<Item = &'a Term<&'t str>>, input: &[usize]) -> Parts
    where
        't: 'a,
    {
        for term in terms {
            let outputs = self.term(term, input);
            self.whole(&outputs);
        }
        Vec::new()
    }

    /// `{key}` stands for `{key: .key}`, and `{$x}` for `{x: $x}`.
    fn entry(&mut self, key: &Term<&'t str>, value: Option<&Term<&'t str>>, input: &[usize]) {
        let outputs = match (value, literal(key)) {
            (Some(value), _) => {
                self.made_of([key], input);
                self.term(value, input)
            }
            (None, Some(name)) => self.children(input, &Step::Key(name)),
            (None, None) if matches!(key, Term::Var(_)) => self.term(key, input),
            (None, None) => {
                self.whole(input);
                self.term(key, input)
            }
        };
        self.whole(&outputs);
    }

    fn branches(
        &mut self,
        branches: &[(Term<&'t str>, Term<&'t str>)],
        otherwise: Option<&Term<&'t str>>,
        input: &[usize],
    ) -> Parts {
        let mut outputs = otherwise.map_or_else(|| input.to_vec(), |term| self.term(term, input));
        for (condition, then) in branches {
            self.term(condition, input);
            outputs.extend(self.term(then, input));
        }
        once(outputs)
    }

    fn operator(
        &mut self,
        left: &Term<&'t str>,
        op: &BinaryOp<&'t str>,
        right: &Term<&'t str>,
        input: &[usize],
    ) -> Parts {
        match op {
            BinaryOp::Pipe(None) => {
                let middle = self.term(left, input);
                self.term(right, &middle)
            }
            BinaryOp::Pipe(Some(pattern)) => {
                let bound = self.term(left, input);
                let known = self.variables.len();
                self.pattern(pattern, bound);
                let outputs = self.term(right, input);
                self.variables.truncate(known);
                outputs
            }
            BinaryOp::Comma | BinaryOp::Alt => {
                let mut outputs = self.term(left, input);
                outputs.extend(self.term(right, input));
                once(outputs)
            }
            BinaryOp::And | BinaryOp::Or => {
                self.term(left, input);
                self.term(right, input);
                Vec::new()
            }
            BinaryOp::Cmp(_)
            | BinaryOp::Math(_)
            | BinaryOp::Assign
            | BinaryOp::Update
            | BinaryOp::UpdateMath(_)
            | BinaryOp::UpdateAlt => self.made_of([left, right], input),
        }
    }

    fn path(&mut self, path: &Path<Term<&'t str>>, from: Parts, input: &[usize]) -> Parts {
        path.0.iter().fold(from, |here, (part, _)| match part {
            Part::Index(index) => {
                if let Some(key) = literal(index) {
                    self.children(&here, &Step::Key(key))
                } else {
                    self.made_of([index], input);
                    self.children(&here, &Step::Each)
                }
            }
            Part::Range(None, None) => self.children(&here, &Step::Each),
            Part::Range(from, to) => {
                self.whole(&here);
                self.made_of(from.iter().chain(to), input)
            }
        })
    }

    fn pattern(&mut self, pattern: &Pattern<&'t str>, bound: Parts) {
        match pattern {
            Pattern::Var(name) => self.variables.push((name, bound)),
            Pattern::Arr(patterns) => {
                self.whole(&bound);
                for pattern in patterns {
                    self.pattern(pattern, Vec::new());
                }
            }
            Pattern::Obj(entries) => {
                self.whole(&bound);
                for (key, pattern) in entries {
                    self.made_of([key], &[]);
                    self.pattern(pattern, Vec::new());
                }
            }
        }
    }
}

/// Each part once.
fn once(mut parts: Parts) -> Parts {
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The text that a term is, if it is one that stands there word for word.
fn literal(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else { return None };
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(part) => text.push(*part),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use jaq_core::load::lex::Lexer;
    use jaq_core::load::parse::Parser;

    use super::*;

    fn needed(code: &str) -> String {
        let tokens = Lexer::new(code).lex().unwrap();
        print(&Needed::by(&Parser::new(&tokens).parse(Parser::term).unwrap()))
    }

    /// `a{b*,c}`: of `a`, all of `b` and whether there is a `c`.
    fn print(needed: &Needed) -> String {
        if needed.whole {
            return "*".to_owned();
        }
        let each = needed.each.iter().map(|part| format!("[{}]", print(part)));
        let keys: Vec<_> = each.chain(needed.keys.iter().map(|(key, part)| format!("{key}{}", print(part)))).collect();
        if keys.is_empty() { String::new() } else { format!("{{{}}}", keys.join(",")) }
    }

    #[test]
    fn only_what_an_expression_names_is_needed() {
        for (code, parts) in [
            (".", "*"),
            ("{presence: {count: .}}", "*"),
            ("{crossing: {in: .object.in, out: .object.out}}", "{object{in*,out*}}"),
            (".object | {totals: {in: .a, out: .b}}", "{object{a*,b*}}"),
            (".object as $o | .fCnt as $n | {sequence: $n, totals: {in: $o.total_in}}", "{fCnt*,object{total_in*}}"),
            ("if .simulated then empty else .a end | {battery: {percent: .b}}", "{a{b*},simulated}"),
            (".lines[] | {totals: {in: .in}}", "{lines{[{in*}]}}"),
            (".lines | map(select(.n == $line) | .in)", "{lines{[{in*,n*}]}}"),
            (".[$camera].objects[] | select(.label == $label) | {x: .id}", "{[{objects{[{id*,label*}]}}]}"),
            (".[$camera].objects, .stats.a", "{[{objects*}],stats{a*,objects*}}"),
            (".list[0].a", "{list{[{a*}]}}"),
            ("[.list[]]", "{list{[*]}}"),
            (".a // .b", "{a*,b*}"),
            ("(.a // .b) | {x: .c}", "{a{c*},b{c*}}"),
            ("select(.a == 1) | {x: .b}", "{a*,b*}"),
            ("{a, b: .c}", "{a*,c*}"),
            (". as {a: $x} | {y: $x}", "*"),
            (".[\"total\\\"Human\"]", "{total\"Human*}"),
            (".a[$key]", "{a{[*]}}"),
            ("to_entries[] | .key", "*"),
            ("pointer($in)", "*"),
            ("try .a.b catch null", "*"),
            (".a.b?", "{a{b*}}"),
            (".a | values | .b", "{a{b*}}"),
            ("{a: (.b | number)}", "{b*}"),
            ("\"x\\(.a)\"", "{a*}"),
            ("{(.a): .b.c}", "{a*,b{c*}}"),
            ("{\"x\\(.a)\"}", "*"),
            (".a as $x | {$x}", "{a*}"),
            (".a as $x | .b as {($x.c): $y} | 1", "{a{c*},b*}"),
            ("$options.line", ""),
        ] {
            assert_eq!(needed(code), parts, "{code}");
        }
    }

    #[test]
    fn alternatives_within_each_other_end() {
        assert_eq!(needed(&vec!["(.,.)"; 60].join("|")), "*");
        assert!(needed(&vec!["(.a,.b)"; 60].join("|")).len() < 10_000);
    }

    #[test]
    fn a_variable_is_known_only_where_it_was_bound() {
        assert_eq!(needed("(.a as $x | $x.b), .c"), "{a{b*},c*}");
        assert_eq!(needed(".a as $x | .b as $x | {y: $x.c}"), "{a,b{c*}}");
    }
}
