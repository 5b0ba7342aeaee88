//! Running terms that may yield many values: each is handed on as it comes, and nothing is kept.

use std::ops::ControlFlow;

use super::few::Run;
use super::operate::{calculate, compare, elements, index, negate};
use super::term::{Op, Part, Pattern, Step, Term};
use crate::device::functions::Function;
use crate::device::value::{Error, Value};

/// A value, or what went wrong in the place of one.
pub(super) type Output<'v> = Result<Value<'v>, Error<'v>>;

/// Takes outputs until it has enough.
type Emit<'e, 'v> = &'e mut dyn FnMut(Output<'v>) -> ControlFlow<()>;

impl<'v> Run<'_, 'v> {
    /// Hands on all that `term` makes of `input`.
    pub(super) fn each(&self, term: &'v Term, input: Value<'v>, emit: Emit<'_, 'v>) -> ControlFlow<()> {
        if !term.many {
            return match self.few(term, input) {
                Ok(Some(value)) => emit(Ok(value)),
                Ok(None) => ControlFlow::Continue(()),
                Err(error) => emit(Err(error)),
            };
        }
        if let Err(error) = self.space.spend(1) {
            return emit(Err(error));
        }
        match &term.op {
            Op::Comma(pair) => {
                self.each(&pair[0], input, emit)?;
                self.each(&pair[1], input, emit)
            }
            Op::Pipe(pair) => self.of_each(&pair[0], input, emit, |value, emit| self.each(&pair[1], value, emit)),
            Op::Path(from, steps) => self.paths(from, steps, input, emit),
            Op::Bind(pair, pattern) => self.of_each(&pair[0], input, emit, |value, emit| {
                self.bind(pattern, value, &mut |bound| match bound {
                    Ok(()) => self.each(&pair[1], input, emit),
                    Err(error) => emit(Err(error)),
                })
            }),
            Op::If(branches, otherwise) => self.branches(branches, otherwise, input, emit),
            Op::And(pair) => self.logic_each(pair, false, input, emit),
            Op::Or(pair) => self.logic_each(pair, true, input, emit),
            Op::Instead(pair) => self.instead(pair, input, emit),
            Op::Compare(operator, pair) => self.product(&**pair, input, &mut Vec::new(), &mut |chosen| {
                emit(two(chosen).and_then(|[left, right]| compare(self.space, *operator, left, right)))
            }),
            Op::Math(operator, pair) => self.product(&**pair, input, &mut Vec::new(), &mut |chosen| {
                emit(two(chosen).and_then(|[left, right]| calculate(self.space, *operator, left, right)))
            }),
            Op::Object(parts) => self.product(parts, input, &mut Vec::new(), &mut |chosen| emit(self.object(chosen))),
            Op::Joined(parts) => self.product(parts, input, &mut Vec::new(), &mut |chosen| {
                emit(values(chosen).and_then(|values| self.space.joined(values)))
            }),
            Op::Negate(term) => self.each(term, input, &mut |output| emit(output.and_then(negate))),
            Op::Try(term, catch) => self.tried(term, catch.as_deref(), input, emit),
            Op::Select(condition) => self.of_each(condition, input, emit, |value, emit| {
                if value.truthy() { emit(Ok(input)) } else { ControlFlow::Continue(()) }
            }),
            Op::Call(function, arguments) => self.call(*function, arguments, [Value::Null; 2], 0, input, emit),
            // None of these yields many.
            Op::Input
            | Op::Slot(_)
            | Op::Null
            | Op::Bool(_)
            | Op::Int(_)
            | Op::Float(_)
            | Op::Text(_)
            | Op::List(_)
            | Op::Map(_)
            | Op::Empty
            | Op::Not
            | Op::Values => ControlFlow::Continue(()),
        }
    }

    /// Does something with every value of `term`; errors are handed on.
    fn of_each(
        &self,
        term: &'v Term,
        input: Value<'v>,
        emit: Emit<'_, 'v>,
        then: impl Fn(Value<'v>, Emit<'_, 'v>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.each(term, input, &mut |output| match output {
            Ok(value) => then(value, emit),
            Err(error) => emit(Err(error)),
        })
    }

    /// Every combination of what `terms` yield, the first term changing slowest.
    fn product(
        &self,
        terms: &'v [Term],
        input: Value<'v>,
        chosen: &mut Vec<Output<'v>>,
        emit: &mut dyn FnMut(&[Output<'v>]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some((term, rest)) = terms.split_first() else { return emit(chosen) };
        self.each(term, input, &mut |output| {
            // Nothing else can run after the last step, so that what goes wrong last must be seen.
            if let Err(Error::Exhausted) = output {
                return emit(&[Err(Error::Exhausted)]);
            }
            chosen.push(output);
            let flow = self.product(rest, input, chosen, emit);
            chosen.pop();
            flow
        })
    }

    fn object(&self, chosen: &[Output<'v>]) -> Output<'v> {
        self.space.spend(chosen.len())?;
        let mut entries = Vec::with_capacity(chosen.len() / 2);
        let values = values(chosen)?;
        for pair in values.chunks_exact(2) {
            let Value::Text(key) = pair[0] else { return Err(Error::kind(pair[0], "object key")) };
            entries.push((key, pair[1]));
        }
        self.space.object(&mut entries, 0)
    }

    fn logic_each(&self, pair: &'v [Term; 2], enough: bool, input: Value<'v>, emit: Emit<'_, 'v>) -> ControlFlow<()> {
        self.of_each(&pair[0], input, emit, |value, emit| {
            if value.truthy() == enough {
                return emit(Ok(Value::Bool(enough)));
            }
            self.each(&pair[1], input, &mut |output| emit(output.map(|value| Value::Bool(value.truthy()))))
        })
    }

    fn branches(
        &self,
        branches: &'v [[Term; 2]],
        otherwise: &'v Term,
        input: Value<'v>,
        emit: Emit<'_, 'v>,
    ) -> ControlFlow<()> {
        let Some(([condition, then], rest)) = branches.split_first() else { return self.each(otherwise, input, emit) };
        self.of_each(condition, input, emit, |value, emit| {
            if value.truthy() { self.each(then, input, emit) } else { self.branches(rest, otherwise, input, emit) }
        })
    }

    fn instead(&self, pair: &'v [Term; 2], input: Value<'v>, emit: Emit<'_, 'v>) -> ControlFlow<()> {
        let mut some = false;
        self.each(&pair[0], input, &mut |output| match output {
            Ok(value) if !value.truthy() => ControlFlow::Continue(()),
            output => {
                some = true;
                emit(output)
            }
        })?;
        if some { ControlFlow::Continue(()) } else { self.each(&pair[1], input, emit) }
    }

    fn tried(&self, term: &'v Term, catch: Option<&'v Term>, input: Value<'v>, emit: Emit<'_, 'v>) -> ControlFlow<()> {
        let mut caught = None;
        let flow = self.each(term, input, &mut |output| match output {
            Err(Error::Wrong(wrong)) => {
                caught = Some(wrong);
                ControlFlow::Break(())
            }
            output => emit(output),
        });
        match (caught, catch) {
            (None, _) => flow,
            (Some(_), None) => ControlFlow::Continue(()),
            (Some(wrong), Some(catch)) => self.each(catch, self.space.caught(&wrong), emit),
        }
    }

    fn call(
        &self,
        function: Function,
        terms: &'v [Term],
        arguments: [Value<'v>; 2],
        known: usize,
        input: Value<'v>,
        emit: Emit<'_, 'v>,
    ) -> ControlFlow<()> {
        let Some((term, rest)) = terms.split_first() else { return emit(self.called(function, input, arguments)) };
        self.of_each(term, input, emit, |value, emit| {
            let mut arguments = arguments;
            arguments[known] = value;
            self.call(function, rest, arguments, known + 1, input, emit)
        })
    }

    fn paths(&self, from: &'v Term, steps: &'v [Step], input: Value<'v>, emit: Emit<'_, 'v>) -> ControlFlow<()> {
        self.of_each(from, input, emit, |value, emit| self.path_of(value, steps, steps, input, &mut Vec::new(), emit))
    }

    /// Chooses an index for each of the steps that `open` begins with, then follows them all.
    fn path_of(
        &self,
        from: Value<'v>,
        steps: &'v [Step],
        open: &'v [Step],
        input: Value<'v>,
        chosen: &mut Vec<Output<'v>>,
        emit: Emit<'_, 'v>,
    ) -> ControlFlow<()> {
        match open.split_first() {
            None => match values(chosen) {
                Ok(chosen) => self.follow(from, steps, &chosen, emit),
                Err(error) => emit(Err(error)),
            },
            Some((Step { part: Part::At(term), .. }, rest)) => self.each(term, input, &mut |output| {
                if let Err(Error::Exhausted) = output {
                    return emit(output);
                }
                chosen.push(output);
                let flow = self.path_of(from, steps, rest, input, chosen, emit);
                chosen.pop();
                flow
            }),
            Some((_, rest)) => self.path_of(from, steps, rest, input, chosen, emit),
        }
    }

    fn follow(&self, here: Value<'v>, steps: &'v [Step], chosen: &[Value<'v>], emit: Emit<'_, 'v>) -> ControlFlow<()> {
        let Some((Step { part, optional }, rest)) = steps.split_first() else { return emit(Ok(here)) };
        let mut failed = |error| match error {
            Error::Wrong(_) if *optional => ControlFlow::Continue(()),
            Error::Wrong(_) | Error::Exhausted => emit(Err(error)),
        };
        let (key, chosen) = match (part, chosen) {
            (Part::Key(key), _) => (Value::Text(key), chosen),
            (Part::At(_), [first, others @ ..]) => (*first, others),
            (Part::At(_), []) => return ControlFlow::Continue(()),
            (Part::Each, _) => {
                let elements = match elements(here) {
                    Ok(elements) => elements,
                    Err(error) => return failed(error),
                };
                for element in elements {
                    if let Err(error) = self.space.spend(1) {
                        return emit(Err(error));
                    }
                    self.follow(element, rest, chosen, emit)?;
                }
                return ControlFlow::Continue(());
            }
        };
        match index(self.space, here, key) {
            Ok(value) => self.follow(value, rest, chosen, emit),
            Err(error) => failed(error),
        }
    }

    /// Sets the variables of the pattern in every way that it allows.
    fn bind(
        &self,
        pattern: &'v Pattern,
        value: Value<'v>,
        then: &mut dyn FnMut(Result<(), Error<'v>>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match pattern {
            Pattern::Slot(n) => {
                self.slots[*n].set(value);
                then(Ok(()))
            }
            Pattern::Parts(parts) => self.bind_parts(parts, value, then),
        }
    }

    fn bind_parts(
        &self,
        parts: &'v [(Term, Pattern)],
        value: Value<'v>,
        then: &mut dyn FnMut(Result<(), Error<'v>>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(((key, pattern), rest)) = parts.split_first() else { return then(Ok(())) };
        self.each(key, value, &mut |key| match key.and_then(|key| index(self.space, value, key)) {
            Ok(part) => self.bind(pattern, part, &mut |bound| match bound {
                Ok(()) => self.bind_parts(rest, value, then),
                Err(error) => then(Err(error)),
            }),
            Err(error) => then(Err(error)),
        })
    }
}

/// The chosen values, or the first thing that went wrong among them.
fn values<'v>(chosen: &[Output<'v>]) -> Result<Vec<Value<'v>>, Error<'v>> {
    chosen.iter().cloned().collect()
}

fn two<'v>(chosen: &[Output<'v>]) -> Result<[Value<'v>; 2], Error<'v>> {
    match chosen {
        [left, right] => Ok([left.clone()?, right.clone()?]),
        // Cut short by its last step.
        _ => values(chosen).map(|_| [Value::Null; 2]),
    }
}
