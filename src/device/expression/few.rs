//! Running terms that yield one value or none, which nearly all do.

use std::cell::Cell;

use super::operate::{calculate, compare, elements, index, negate};
use super::term::{Op, Part, Pattern, Step, Term};
use crate::device::functions::Function;
use crate::device::space::Space;
use crate::device::value::{Error, Value};

/// One value, or none.
pub(super) type Few<'v> = Result<Option<Value<'v>>, Error<'v>>;

/// One run of an expression.
pub(super) struct Run<'s, 'v> {
    pub(super) space: &'s Space<'v>,
    /// Values of variables. No term runs within itself, so that one slot for each binding is enough.
    pub(super) slots: Vec<Cell<Value<'v>>>,
}

impl<'v> Run<'_, 'v> {
    /// What `term`, which yields one value or none, makes of `input`.
    pub(super) fn few(&self, term: &'v Term, input: Value<'v>) -> Few<'v> {
        self.space.spend(1)?;
        let one = |value| Ok(Some(value));
        match &term.op {
            Op::Input => one(input),
            Op::Slot(n) => one(self.slots[*n].get()),
            Op::Null => one(Value::Null),
            Op::Bool(flag) => one(Value::Bool(*flag)),
            Op::Int(n) => one(Value::Int(*n)),
            Op::Float(n) => one(Value::Float(*n)),
            Op::Text(text) => one(Value::Text(text)),
            Op::Path(from, steps) => match self.few(from, input)? {
                Some(value) => self.path(value, steps, input),
                None => Ok(None),
            },
            Op::Pipe(pair) => match self.few(&pair[0], input)? {
                Some(value) => self.few(&pair[1], value),
                None => Ok(None),
            },
            Op::Bind(pair, pattern) => match self.few(&pair[0], input)? {
                Some(value) if self.bind_few(pattern, value)? => self.few(&pair[1], input),
                Some(_) | None => Ok(None),
            },
            Op::If(branches, otherwise) => self.branches_few(branches, otherwise, input),
            Op::Compare(operator, pair) => {
                let both = self.both(pair, input)?;
                both.map(|[left, right]| compare(self.space, *operator, left, right)).transpose()
            }
            Op::Math(operator, pair) => {
                let both = self.both(pair, input)?;
                both.map(|[left, right]| calculate(self.space, *operator, left, right)).transpose()
            }
            Op::And(pair) => self.logic(pair, false, input),
            Op::Or(pair) => self.logic(pair, true, input),
            Op::Instead(pair) => match self.few(&pair[0], input)? {
                Some(value) if value.truthy() => one(value),
                Some(_) | None => self.few(&pair[1], input),
            },
            Op::Object(parts) => self.object_few(parts, input),
            Op::Joined(parts) => self.joined_few(parts, input),
            Op::List(None) => one(Value::List(&[])),
            Op::List(Some(term)) => self.list(|run| run.collect(term, input)).map(Some),
            Op::Map(term) => self.list(|run| elements(input)?.try_for_each(|item| run.collect(term, item))).map(Some),
            Op::Negate(term) => self.few(term, input)?.map(negate).transpose(),
            Op::Try(term, catch) => match self.few(term, input) {
                Err(Error::Wrong(wrong)) => match catch {
                    Some(catch) => self.few(catch, self.space.caught(&wrong)),
                    None => Ok(None),
                },
                other => other,
            },
            Op::Select(condition) => Ok(self.few(condition, input)?.filter(|value| value.truthy()).map(|_| input)),
            Op::Values => Ok(Some(input).filter(|value| !matches!(value, Value::Null))),
            Op::Not => one(Value::Bool(!input.truthy())),
            Op::Call(function, arguments) => self.call_few(*function, arguments, input),
            // A comma always yields many.
            Op::Empty | Op::Comma(_) => Ok(None),
        }
    }

    /// Puts what `term` yields to the list that is being made.
    fn collect(&self, term: &'v Term, input: Value<'v>) -> Result<(), Error<'v>> {
        if !term.many {
            let value = self.few(term, input)?;
            self.space.values.borrow_mut().extend(value);
            return Ok(());
        }
        let mut outcome = Ok(());
        let _ = self.each(term, input, &mut |output| match output {
            Ok(value) => {
                self.space.values.borrow_mut().push(value);
                std::ops::ControlFlow::Continue(())
            }
            Err(error) => {
                outcome = Err(error);
                std::ops::ControlFlow::Break(())
            }
        });
        outcome
    }

    fn list(&self, collect: impl FnOnce(&Self) -> Result<(), Error<'v>>) -> Result<Value<'v>, Error<'v>> {
        let start = self.space.values.borrow().len();
        let collected = collect(self);
        if let Err(error) = collected {
            self.space.values.borrow_mut().truncate(start);
            return Err(error);
        }
        self.space.collected(start)
    }

    /// The values of several terms; none if one of them yields none, even where another one fails.
    fn all(
        &self,
        terms: &'v [Term],
        input: Value<'v>,
        mut take: impl FnMut(usize, Value<'v>),
    ) -> Result<bool, Error<'v>> {
        let mut failed = None;
        for (n, term) in terms.iter().enumerate() {
            match self.few(term, input) {
                Ok(Some(value)) => take(n, value),
                Ok(None) => return Ok(false),
                Err(Error::Exhausted) => return Err(Error::Exhausted),
                Err(error) => _ = failed.get_or_insert(error),
            }
        }
        failed.map_or(Ok(true), Err)
    }

    fn both(&self, pair: &'v [Term; 2], input: Value<'v>) -> Result<Option<[Value<'v>; 2]>, Error<'v>> {
        let mut values = [Value::Null; 2];
        let all = self.all(pair, input, |n, value| values[n] = value)?;
        Ok(all.then_some(values))
    }

    fn logic(&self, pair: &'v [Term; 2], enough: bool, input: Value<'v>) -> Few<'v> {
        match self.few(&pair[0], input)? {
            None => Ok(None),
            Some(value) if value.truthy() == enough => Ok(Some(Value::Bool(enough))),
            Some(_) => Ok(self.few(&pair[1], input)?.map(|value| Value::Bool(value.truthy()))),
        }
    }

    fn branches_few(&self, branches: &'v [[Term; 2]], otherwise: &'v Term, input: Value<'v>) -> Few<'v> {
        for [condition, then] in branches {
            match self.few(condition, input)? {
                None => return Ok(None),
                Some(value) if value.truthy() => return self.few(then, input),
                Some(_) => {}
            }
        }
        self.few(otherwise, input)
    }

    fn object_few(&self, parts: &'v [Term], input: Value<'v>) -> Few<'v> {
        let start = self.space.entries.borrow().len();
        let mut key = Value::Null;
        let mut odd = None;
        let all = self.all(parts, input, |n, value| match (n % 2, key) {
            (0, _) => key = value,
            (_, Value::Text(key)) => self.space.entries.borrow_mut().push((key, value)),
            _ => _ = odd.get_or_insert(key),
        });
        let entries = &mut *self.space.entries.borrow_mut();
        match (all, odd) {
            (Ok(true), None) => self.space.object(entries, start).map(Some),
            (all, odd) => {
                entries.truncate(start);
                if all? { odd.map_or(Ok(None), |key| Err(Error::kind(key, "object key"))) } else { Ok(None) }
            }
        }
    }

    fn joined_few(&self, parts: &'v [Term], input: Value<'v>) -> Few<'v> {
        let start = self.space.values.borrow().len();
        let all = self.all(parts, input, |_, value| self.space.values.borrow_mut().push(value));
        let values = &mut *self.space.values.borrow_mut();
        let joined = match all {
            Ok(true) => self.space.joined(values[start..].iter().copied()).map(Some),
            Ok(false) => Ok(None),
            Err(error) => Err(error),
        };
        values.truncate(start);
        joined
    }

    fn call_few(&self, function: Function, terms: &'v [Term], input: Value<'v>) -> Few<'v> {
        let mut arguments = [Value::Null; 2];
        for (argument, term) in arguments.iter_mut().zip(terms) {
            match self.few(term, input)? {
                Some(value) => *argument = value,
                None => return Ok(None),
            }
        }
        self.called(function, input, arguments).map(Some)
    }

    pub(super) fn called(
        &self,
        function: Function,
        input: Value<'v>,
        arguments: [Value<'v>; 2],
    ) -> Result<Value<'v>, Error<'v>> {
        for value in [input, arguments[0]] {
            self.space.pass(value.extent())?;
        }
        function(self.space, input, arguments)
    }

    fn path(&self, from: Value<'v>, steps: &'v [Step], input: Value<'v>) -> Few<'v> {
        let mut here = Ok(Some(from));
        let mut failed = None;
        for Step { part, optional } in steps {
            let key = match part {
                Part::Key(key) => Value::Text(key),
                Part::At(term) => match self.few(term, input) {
                    Ok(Some(index)) => index,
                    // Without an index there is no path, whatever its other steps do.
                    Ok(None) => return Ok(None),
                    Err(Error::Exhausted) => return Err(Error::Exhausted),
                    Err(error) => {
                        failed.get_or_insert(error);
                        continue;
                    }
                },
                // It would yield many.
                Part::Each => continue,
            };
            if let Ok(Some(value)) = here {
                here = match index(self.space, value, key) {
                    Err(Error::Wrong(_)) if *optional => Ok(None),
                    next => next.map(Some),
                };
            }
        }
        failed.map_or(here, Err)
    }

    /// Whether the value can be taken apart; then the variables of the pattern are set.
    fn bind_few(&self, pattern: &'v Pattern, value: Value<'v>) -> Result<bool, Error<'v>> {
        match pattern {
            Pattern::Slot(n) => self.slots[*n].set(value),
            Pattern::Parts(parts) => {
                for (key, pattern) in parts {
                    let Some(key) = self.few(key, value)? else { return Ok(false) };
                    if !self.bind_few(pattern, index(self.space, value, key)?)? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }
}
