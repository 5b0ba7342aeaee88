//! Functions over lists and objects.

use jaq_core::{Error, ValR};
use jaq_json::{Map, Val};

use super::{as_str, flag, from_number, number_of, string, text, to_text};

/// Longest text that `join` makes, in bytes: names of streams have 64.
const JOINED_MAX_BYTES: usize = 4096;

fn list(value: &Val) -> Result<&[Val], Error<Val>> {
    match value {
        Val::Arr(list) => Ok(list),
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::TStr(_) | Val::BStr(_) | Val::Obj(_) => {
            Err(Error::str("not a list"))
        }
    }
}

fn object(value: &Val) -> Result<&Map, Error<Val>> {
    match value {
        Val::Obj(map) => Ok(map),
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::TStr(_) | Val::BStr(_) | Val::Arr(_) => {
            Err(Error::str("not an object"))
        }
    }
}

/// Keys of an object in the order of the payload.
pub(super) fn keys(value: &Val) -> ValR<Val> {
    Ok(object(value)?.keys().cloned().collect())
}

/// `[{"key", "value"}]`
pub(super) fn to_entries(value: &Val) -> ValR<Val> {
    let entry = |(key, value): (&Val, &Val)| {
        Val::obj([(text("key"), key.clone()), (text("value"), value.clone())].into_iter().collect())
    };
    Ok(object(value)?.iter().map(entry).collect())
}

/// An object of a list of `{"key" or "name", "value"}`; what has neither is left out.
pub(super) fn from_entries(value: &Val) -> ValR<Val> {
    let mut map = Map::default();
    for entry in list(value)? {
        let entry = object(entry)?;
        let get = |name: &str| entry.get(&text(name));
        let key = get("key").or_else(|| get("name")).map(|key| to_text(key.clone()));
        if let Some(key @ Val::TStr(_)) = key {
            map.insert(key, get("value").cloned().unwrap_or_default());
        }
    }
    Ok(Val::obj(map))
}

/// One end of a list; null if it is empty.
pub(super) fn end(value: &Val, which: impl Fn(&[Val]) -> Option<&Val>) -> ValR<Val> {
    Ok(which(list(value)?).cloned().unwrap_or_default())
}

/// Numbers of a list taken together; what is no number is left out, and of none comes null.
pub(super) fn fold(value: &Val, f: impl Fn(f64, f64) -> f64) -> ValR<Val> {
    let all = list(value)?.iter().filter_map(number_of).reduce(f);
    Ok(all.filter(|n| n.is_finite()).map_or(Val::Null, from_number))
}

/// Whether a flag of a list is yes; what is no flag is left out.
pub(super) fn any(value: &Val) -> ValR<Val> {
    Ok(Val::Bool(list(value)?.iter().filter_map(flag).any(|flag| flag)))
}

/// Whether no flag of a list is no; what is no flag is left out.
pub(super) fn all(value: &Val) -> ValR<Val> {
    Ok(Val::Bool(list(value)?.iter().filter_map(flag).all(|flag| flag)))
}

/// Texts and numbers of a list, with `between` between them.
pub(super) fn join(value: &Val, between: &Val) -> ValR<Val> {
    let between = string(between)?;
    let mut joined = String::new();
    for (n, part) in list(value)?.iter().enumerate() {
        if n > 0 {
            joined.push_str(between);
        }
        joined.push_str(as_str(&to_text(part.clone())).unwrap_or_default());
        if joined.len() > JOINED_MAX_BYTES {
            return Err(Error::str("too long"));
        }
    }
    Ok(Val::from(joined))
}

#[cfg(test)]
mod tests {
    use super::super::from_json;
    use super::*;

    fn json(written: &str) -> Val {
        from_json(&text(written))
    }

    #[test]
    fn objects_and_lists_of_entries_are_two_forms_of_one_thing() {
        let object = json(r#"{"b":1,"a":null}"#);
        assert_eq!(keys(&object).unwrap(), json(r#"["b","a"]"#));
        assert_eq!(from_entries(&to_entries(&object).unwrap()).unwrap(), object);
        let counts = json(r#"[{"id":2,"name":"fw","value":1},{"name":3,"value":2},{"value":7}]"#);
        assert_eq!(from_entries(&counts).unwrap(), json(r#"{"fw":1,"3":2}"#));
        assert!(from_entries(&json("[1]")).is_err());
    }

    #[test]
    fn lists_of_numbers_and_flags_are_taken_together() {
        let numbers = json(r#"[1,"2.5",null,"x"]"#);
        assert_eq!(fold(&numbers, |a, b| a + b).unwrap(), json("3.5"));
        assert_eq!(fold(&numbers, f64::max).unwrap(), json("2.5"));
        assert_eq!(fold(&json("[]"), f64::min).unwrap(), Val::Null);
        assert_eq!(any(&json(r#"["off",1,null]"#)).unwrap(), Val::Bool(true));
        assert_eq!(all(&json(r#"["off",1,null]"#)).unwrap(), Val::Bool(false));
        assert_eq!(end(&json("[1,2]"), <[Val]>::last).unwrap(), json("2"));
        assert_eq!(end(&json("[]"), <[Val]>::first).unwrap(), Val::Null);
    }

    #[test]
    fn joining_is_bounded() {
        assert_eq!(join(&json(r#"["a",1]"#), &text("-")).unwrap(), text("a-1"));
        let many: Val = std::iter::repeat_n(text("abc"), 2000).collect();
        assert!(join(&many, &text("")).is_err());
    }
}
