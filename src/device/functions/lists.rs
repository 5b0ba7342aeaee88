//! Functions over lists and objects.

use super::{flag, from_number, number_of, text, to_text};
use crate::device::space::Space;
use crate::device::value::{Entry, Error, Value};

pub(super) fn list(value: Value<'_>) -> Result<&[Value<'_>], Error<'_>> {
    if let Value::List(list) = value { Ok(list) } else { Err(Error::said("not a list")) }
}

fn object(value: Value<'_>) -> Result<&[Entry<'_>], Error<'_>> {
    if let Value::Object(entries) = value { Ok(entries) } else { Err(Error::said("not an object")) }
}

/// Keys of an object in the order of the payload.
pub(super) fn keys<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    space.list(object(value)?.iter().map(|(key, _)| Value::Text(key)))
}

/// `[{"key", "value"}]`
pub(super) fn to_entries<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let mut entries = Vec::new();
    for (key, value) in object(value)? {
        entries.push(space.object(&mut vec![("key", Value::Text(key)), ("value", *value)], 0)?);
    }
    space.list(entries)
}

/// An object of a list of `{"key" or "name", "value"}`; what has neither is left out.
pub(super) fn from_entries<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let mut entries = Vec::new();
    for entry in list(value)? {
        object(*entry)?;
        if let Some(key) = entry.field("key").or_else(|| entry.field("name"))
            && let Value::Text(key) = to_text(space, key)?
        {
            entries.push((key, entry.field("value").unwrap_or_default()));
        }
    }
    space.object(&mut entries, 0)
}

/// Numbers of a list taken together; what is no number is left out, and of none comes null.
pub(super) fn fold<'v>(
    space: &Space<'v>,
    value: Value<'v>,
    f: impl Fn(f64, f64) -> f64,
) -> Result<Value<'v>, Error<'v>> {
    let list = list(value)?;
    space.spend(list.len())?;
    let all = list.iter().filter_map(|item| number_of(*item)).reduce(f);
    Ok(all.filter(|n| n.is_finite()).map_or(Value::Null, from_number))
}

/// Whether a flag of a list is yes; what is no flag is left out.
pub(super) fn any<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let list = list(value)?;
    space.spend(list.len())?;
    Ok(Value::Bool(list.iter().filter_map(|item| flag(*item)).any(|flag| flag)))
}

/// Whether no flag of a list is no; what is no flag is left out.
pub(super) fn all<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let list = list(value)?;
    space.spend(list.len())?;
    Ok(Value::Bool(list.iter().filter_map(|item| flag(*item)).all(|flag| flag)))
}

/// Whether the value is one of a list.
pub(super) fn among<'v>(space: &Space<'v>, value: Value<'v>, list: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let Value::List(list) = list else { return Ok(Value::Bool(false)) };
    space.spend(list.len())?;
    for item in list {
        if space.equal(*item, value)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

/// Texts and numbers of a list, with `between` between them.
pub(super) fn join<'v>(space: &Space<'v>, value: Value<'v>, between: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    text(between)?;
    let list = list(value)?;
    space.spend(list.len())?;
    let parts = list.iter().enumerate().flat_map(|(n, item)| {
        let item = match item {
            Value::Null | Value::List(_) | Value::Object(_) => Value::Text(""),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => *item,
        };
        [if n > 0 { between } else { Value::Text("") }, item]
    });
    space.joined(parts)
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;

    #[test]
    fn objects_and_lists_of_entries_are_two_forms_of_one_thing() {
        let object = r#"{"b":1,"a":null}"#;
        assert_eq!(call("keys", object, &[]).unwrap(), r#"["b","a"]"#);
        assert_eq!(call("from_entries", &call("to_entries", object, &[]).unwrap(), &[]).unwrap(), object);
        let counts = r#"[{"id":2,"name":"fw","value":1},{"name":3,"value":2},{"value":7}]"#;
        assert_eq!(call("from_entries", counts, &[]).unwrap(), r#"{"fw":1,"3":2}"#);
        assert_eq!(call("from_entries", "[1]", &[]), None);
    }

    #[test]
    fn lists_of_numbers_and_flags_are_taken_together() {
        let numbers = r#"[1,"2.5",null,"x"]"#;
        for (name, input, result) in [
            ("add", numbers, "3.5"),
            ("max", numbers, "2.5"),
            ("min", "[]", "null"),
            ("any", r#"["off",1,null]"#, "true"),
            ("all", r#"["off",1,null]"#, "false"),
            ("last", "[1,2]", "2"),
            ("first", "[]", "null"),
            ("transpose", "[[1,2],[3,4,5]]", "[[1,3],[2,4]]"),
        ] {
            assert_eq!(call(name, input, &[]).unwrap(), result, "{name}");
        }
        assert_eq!(call("among", "1", &["[0,1.0]"]).unwrap(), "true");
        assert_eq!(call("among", "1", &["1"]).unwrap(), "false");
    }

    #[test]
    fn joining_is_bounded() {
        assert_eq!(call("join", r#"["a",1,null]"#, &["\"-\""]).unwrap(), "\"a-1-\"");
        let many = serde_json::to_string(&vec!["abc"; 2000]).unwrap();
        assert_eq!(call("join", &many, &["\"\""]), None);
    }
}
