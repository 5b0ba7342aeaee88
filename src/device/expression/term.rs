//! Expressions as they run: checked, every variable a numbered slot, every function resolved.

use jaq_core::ops::{Cmp, Math};

use crate::device::functions::Function;

/// A part of an expression.
pub(super) struct Term {
    /// Whether it may yield more than one value of one input; nearly all yield one or none, which is cheaper.
    pub(super) many: bool,
    pub(super) op: Op,
}

/// What a part does.
pub(super) enum Op {
    Input,
    Slot(usize),
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
    /// A text with values in it.
    Joined(Box<[Term]>),
    List(Option<Box<Term>>),
    /// A key, its value, the next key, …
    Object(Box<[Term]>),
    Negate(Box<Term>),
    Pipe(Box<[Term; 2]>),
    Comma(Box<[Term; 2]>),
    Or(Box<[Term; 2]>),
    And(Box<[Term; 2]>),
    /// `//`
    Instead(Box<[Term; 2]>),
    Math(Math, Box<[Term; 2]>),
    Compare(Cmp, Box<[Term; 2]>),
    /// `… as pattern | …`
    Bind(Box<[Term; 2]>, Pattern),
    If(Box<[[Term; 2]]>, Box<Term>),
    /// What is tried, and what is done with its error.
    Try(Box<Term>, Option<Box<Term>>),
    Path(Box<Term>, Box<[Step]>),
    Empty,
    Not,
    Values,
    Select(Box<Term>),
    Map(Box<Term>),
    Call(Function, Box<[Term]>),
}

/// One step of a path.
pub(super) struct Step {
    pub(super) part: Part,
    /// With `?`: where the step is not possible, nothing is yielded.
    pub(super) optional: bool,
}

/// Where a step leads.
pub(super) enum Part {
    Key(Box<str>),
    At(Term),
    Each,
}

/// What a value is taken apart into.
pub(super) enum Pattern {
    Slot(usize),
    Parts(Box<[(Term, Pattern)]>),
}

impl Op {
    /// The operation as a term of which only the given parts decide how many values it yields.
    pub(super) fn of(self, parts_are_many: bool) -> Term {
        Term { many: parts_are_many, op: self }
    }
}

impl Pattern {
    /// Whether a value may be taken apart in more than one way.
    pub(super) fn many(&self) -> bool {
        match self {
            Self::Slot(_) => false,
            Self::Parts(parts) => parts.iter().any(|(key, pattern)| key.many || pattern.many()),
        }
    }
}
