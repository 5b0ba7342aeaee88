//! What expressions mean is what jaq makes of them: both run the same expressions on the same payloads.
//!
//! Known differences, which nothing here makes use of: whole numbers of more than 64 bits are floating-point numbers here; a
//! literal such as `1.50` prints as 1.5; keys of objects are texts; an object is no index of a list or a text (a slice); texts
//! that an expression makes are bounded, and so is the number of its steps.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use jaq_core::load::{Arena, File, Loader, parse};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Map, Num, Val};
use proptest::prelude::*;

use super::super::binding::Bound;
use super::super::cases::Cases;
use super::super::decode::Refusal;
use super::super::expression::Expression;
use super::super::functions::FUNCTIONS;
use super::super::payload::{self, PayloadKind};
use super::super::space::{Ground, Space};
use super::super::value::{Error, Fixed, Value, Variable};
use super::CATALOGUE;

/// Functions of the language in the language of jq.
const PRELUDE: &str = "def true: 0 == 0; def false: 0 != 0; def null: [][0]; def empty: {}[] as $x | .;
def not: if . then false else true end; def select(f): if f then . else empty end;
def values: select(. != null); def map(f): [.[] | f];";

/// Outputs after which an expression is not followed further.
const OUTPUTS: usize = 200;

/// Outputs as JSON; the last one is an error if nothing came after it. Its text is no matter: it shows as much of the payload as
/// was read.
type Outputs = Vec<Result<String, ()>>;

fn to_val(value: Value<'_>) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(flag) => Val::Bool(flag),
        Value::Int(n) => Val::Num(Num::from_integral(n)),
        Value::Float(n) => Val::from(n),
        Value::Text(text) => Val::from(text.to_owned()),
        Value::List(list) => list.iter().map(|item| to_val(*item)).collect(),
        Value::Object(entries) => {
            Val::obj(entries.iter().map(|(key, value)| (to_val(Value::Text(key)), to_val(*value))).collect::<Map>())
        }
    }
}

fn to_value<'v>(space: &Space<'v>, val: &Val) -> Value<'v> {
    let text = |val: &Val| {
        let Val::TStr(bytes) = val else { panic!("{val} is no text") };
        space.keep_text(std::str::from_utf8(bytes).unwrap())
    };
    match val {
        Val::Null => Value::Null,
        Val::Bool(flag) => Value::Bool(*flag),
        Val::Num(Num::Int(n)) => Value::Int(*n as i64),
        Val::Num(Num::Float(n)) => Value::Float(*n),
        Val::Num(n) => Value::Float(n.to_string().parse().unwrap()),
        Val::TStr(_) | Val::BStr(_) => Value::Text(text(val)),
        Val::Arr(list) => {
            let items: Vec<_> = list.iter().map(|item| to_value(space, item)).collect();
            Value::List(space.keep_list(items))
        }
        Val::Obj(map) => {
            let mut entries = map.iter().map(|(key, val)| (text(key), to_value(space, val))).collect();
            Value::Object(space.keep_object(&mut entries, 0))
        }
    }
}

/// `native(n; first; second)` is our function number n: its arguments are jaq's matter, what it does is ours.
fn native() -> Fun<data::JustLut<Val>> {
    run(("native", v(3), |mut cv| {
        let (second, first, number) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
        let Val::Num(Num::Int(number)) = number else { panic!("{number} is no number of a function") };
        let ground = Ground::new();
        let space = Space::new(&ground, 1_000_000);
        let value = |val: &Val| to_value(&space, val);
        let made = FUNCTIONS[number as usize].2(&space, value(&cv.1), [value(&first), value(&second)]);
        bome(made.map(to_val).map_err(jaq_core::Error::str))
    }))
}

/// What jaq makes of it.
fn oracle(code: &str, variables: &[(String, Val)], input: Val) -> Outputs {
    let mut prelude = PRELUDE.to_owned();
    for (n, (name, arguments, _)) in FUNCTIONS.iter().enumerate() {
        _ = match arguments {
            0 => write!(prelude, "def {name}: native({n}; null; null);"),
            1 => write!(prelude, "def {name}($a): native({n}; $a; null);"),
            _ => write!(prelude, "def {name}($a; $b): native({n}; $a; $b);"),
        };
    }
    let prelude = String::leak(prelude);
    let definitions = jaq_core::load::parse(prelude, |parser: &mut parse::Parser<'_, '_>| parser.defs()).unwrap();
    let arena = Arena::default();
    let modules = Loader::new(definitions).load(&arena, File { code, path: () }).unwrap();
    let compiler = Compiler::default().with_funs([native()]);
    let compiler = compiler.with_global_vars(variables.iter().map(|(name, _)| name.as_str()));
    let filter = compiler.compile(modules).unwrap_or_else(|errors| panic!("{code}: {errors:?}"));
    let values = Vars::new(variables.iter().map(|(_, value)| value.clone()));
    let outputs = filter.id.run((Ctx::<data::JustLut<Val>>::new(&filter.lut, values), input)).map(unwrap_valr);
    cut(outputs.map(|output| output.map(|val| val.to_string()).map_err(|_| ())))
}

/// Up to the first error.
fn cut(outputs: impl Iterator<Item = Result<String, ()>>) -> Outputs {
    let mut cut = Vec::new();
    for output in outputs.take(OUTPUTS) {
        let failed = output.is_err();
        cut.push(output);
        if failed {
            break;
        }
    }
    cut
}

/// What we make of it; nothing where a limit of ours ends it.
fn ours(expression: &Expression, kind: PayloadKind, payload: &[u8], variables: &[Variable<'_>]) -> Option<Outputs> {
    let mut outputs = Vec::new();
    let mut limited = false;
    let ran = expression.run(kind, payload, variables, &mut |output| {
        limited |= matches!(&output, Err(error) if error.to_string() == "the text is too long");
        outputs.push(output.map(|value| value.to_string()).map_err(|_| ()));
        if outputs.len() < OUTPUTS { Ok(()) } else { Err(Refusal::Replay) }
    });
    let ended = !matches!(ran, Err(Refusal::TooMany | Refusal::Malformed));
    (ended && !limited).then_some(outputs)
}

/// Compares both; says whether there was something to compare.
fn agree(expression: &Expression, kind: PayloadKind, payload: &[u8], variables: &[Variable<'_>]) -> bool {
    let Some(ours) = ours(expression, kind, payload, variables) else { return false };
    let ground = Ground::new();
    let space = Space::new(&ground, 0);
    let everything = super::super::needed::Needed::everything();
    let Ok(input) = payload::read(kind, payload, &everything, &space) else { return false };
    let values = variables.iter().map(|variable| to_val(variable.value(&space)));
    let variables: Vec<_> = expression.variables().iter().cloned().zip(values).collect();
    let theirs = oracle(&expression.code, &variables, to_val(input));
    assert_eq!(ours, theirs, "{} on {}", expression.code, String::from_utf8_lossy(payload));
    true
}

const PAYLOADS: &[&str] = &[
    "ON",
    "off",
    "online",
    "Entry",
    "3",
    "-1.5",
    "null",
    "[]",
    r#"{"state":"online","occupancy":true,"presence":null,"contact":false,"battery":97,"tamper":false,"linkquality":5}"#,
    r#"{"in":1,"out":"2","n":7,"line":"door","t":"2026-07-31T09:00:00+02:00","p":true,"c":2,"from":1,"to":2}"#,
    r#"{"line_trigger_data":[{"line":1,"line_uuid":"u-1","total":{"in":1,"out":0}},{"line":2,"line_name":"B","in":1}],
        "time_info":{"time_zone":"UTC+1:00","dst_status":true,"start_time":"2026/07/31 09:00:00","end_time":null},
        "line_periodic_data":[{"line":1,"line_name":"Door","in":1,"out":0}],"isRetransmission":false,
        "line_total_data":[{"line":1,"total":{"in_counted":5,"out_counted":null}},{"line":3,"total":5}],
        "region_data":{"current_total":4,"numbering_regions":[1,2],"current_counted":[3,1]}}"#,
    r#"{"line_trigger_data":{"a":1},"line_total_data":[1],"region_data":{"current_total":"x","numbering_regions":1}}"#,
];

#[test]
fn shipped_expressions_mean_what_they_mean_to_jaq() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profiles");
    let mut compared = 0;
    for name in CATALOGUE.names() {
        let file = std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap_or_default();
        let cases = Cases::parse(&file).ok();
        let messages = cases.as_ref().map_or_else(Vec::new, |cases| cases.messages(CATALOGUE.get(name).unwrap()));
        let mut tried = BTreeSet::new();
        for (binding, topic, payload) in messages {
            let Some(route) = binding.0.route(topic) else { continue };
            let rule = binding.0.rule(route);
            let variables = Bound::variables(route, topic);
            // What is odd is tried once with each expression.
            let odd = if tried.insert(rule.readings.code.clone()) { PAYLOADS } else { &[] };
            for payload in odd.iter().copied().chain([payload]) {
                compared += usize::from(agree(&rule.readings, rule.payload, payload.as_bytes(), &variables));
            }
        }
    }
    assert!(compared > 300, "only {compared} runs were compared");
}

const LEAVES: &[&str] = &[
    ".",
    ".",
    ".a",
    ".b",
    ".a.b",
    ".a[0]",
    ".[0]",
    ".[-1]",
    ".[9]",
    ".[]",
    ".[]?",
    ".a?",
    ".a[]?",
    ".\"x\"",
    "0",
    "1",
    "2",
    "2.5",
    "-1",
    "null",
    "true",
    "false",
    "\"\"",
    "\"a\"",
    "\"a,b\"",
    "\"1\"",
    "[]",
    "{}",
    "empty",
    "$v",
    "$w",
    "{a}",
    "{$v, b}",
    "{\"x\"}",
    "[1, \"a\"]",
    "(1, null)",
    "(\"a\", \"b\")",
    "{a: 1, b: [2]}",
];
const OPERATORS: &[&str] = &["|", "|", ",", "//", "and", "or", "==", "!=", "<", "<=", ">", ">=", "+", "+", "-", "/"];
const PATTERNS: &[&str] = &[
    "$v",
    "$w",
    "[$v, $w]",
    "{a: $v}",
    "{$w}",
    "{a: [$v], b: $w}",
    "{(\"a\", \"b\"): $v}",
    "{\"\\(.)\": $v}",
    "[[$v]]",
];
const INDEXES: &[&str] = &[
    "0",
    "1",
    "-2",
    "1.5",
    "\"a\"",
    "\"a\", \"b\"",
    "null",
    "[1]",
    "[]",
    "empty",
    ".a | type",
    "\"\\(.)\"",
    "length",
    "[.[]?] | length, 0",
    "$v | type",
    ".a.b | \"b\"",
];

fn one_of(known: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    proptest::sample::select(known)
}

/// Names of functions with so many arguments.
fn function(arguments: usize, others: [&'static str; 2]) -> impl Strategy<Value = &'static str> + Clone {
    let known = FUNCTIONS.iter().filter(move |(_, n, _)| *n == arguments).map(|(name, ..)| *name);
    proptest::sample::select(known.chain(others).collect::<Vec<_>>())
}

/// An expression in which `$v` and `$w` are known.
fn code() -> impl Strategy<Value = String> {
    let (plain, unary) = (function(0, ["not", "values"]), function(1, ["select", "map"]));
    one_of(LEAVES).prop_map(str::to_owned).prop_recursive(4, 24, 3, move |inner| {
        let (a, b, c) = (inner.clone(), inner.clone(), inner.clone());
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            4 => (a, one_of(OPERATORS), b).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            2 => (two.clone(), c).prop_map(|((a, b), c)| format!("(if {a} then {b} else {c} end)")),
            1 => (two.clone(), two.clone()).prop_map(|((a, b), (c, d))| format!("(if {a} then {b} elif {c} then {d} end)")),
            1 => two.clone().prop_map(|(a, b)| format!("(try ({a}) catch ({b}))")),
            1 => inner.clone().prop_map(|a| format!("({a})?")),
            1 => inner.clone().prop_map(|a| format!("[{a}]")),
            1 => inner.clone().prop_map(|a| format!("(-({a}))")),
            2 => (two.clone(), inner.clone()).prop_map(|((a, b), c)| format!("{{a: ({a}), \"k\\({b})\": ({c}), $w}}")),
            1 => two.clone().prop_map(|(a, b)| format!("{{(\"a\", \"b\"): ({a}), b: ({b})}}")),
            1 => two.clone().prop_map(|(a, b)| format!("\"<\\({a})-\\({b})\\n\"")),
            2 => (two.clone(), one_of(PATTERNS))
                .prop_map(|((a, b), pattern)| format!("(({a}) as {pattern} | {b})")),
            2 => (inner.clone(), one_of(INDEXES), "[?]?")
                .prop_map(|(a, index, optional)| format!("({a})[{index}]{optional}.b?")),
            1 => (inner.clone(), "[?]?").prop_map(|(a, optional)| format!("({a})[]{optional}")),
            2 => (inner.clone(), plain.clone()).prop_map(|(a, f)| format!("({a} | {f})")),
            2 => (two.clone(), unary.clone()).prop_map(|((a, b), f)| format!("({a} | {f}({b}))")),
            1 => two.clone().prop_map(|(a, b)| format!("be({a}; {b})")),
        ]
    })
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (-2i64..4).prop_map(serde_json::Value::from),
        proptest::sample::select(vec![0.5, -1.5, 1.0, 1e-5, 1e300]).prop_map(serde_json::Value::from),
        proptest::sample::select(vec!["", "a", "b", "x", "1", "on", "a,b", "ß\n"]).prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::vec((proptest::sample::select(vec!["a", "b", "x"]), inner), 0..4).prop_map(
                |entries| {
                    serde_json::Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
                }
            ),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]
    #[test]
    fn any_expression_means_what_it_means_to_jaq(code in code(), input in json(), second in json()) {
        let known = ["$v".to_owned(), "$w".to_owned()];
        let Ok(expression) = Expression::compile(&code, &known) else {
            // Nothing but a limit can refuse what is made here.
            prop_assume!(false);
            unreachable!();
        };
        let fixed = Fixed::Object(vec![("a".to_owned(), Fixed::List(vec!["x".to_owned()])), ("b".to_owned(), Fixed::Null)]);
        let variables: Vec<_> = expression.variables().iter().map(|name| match name.as_str() {
            "$v" => Variable::Fixed(&fixed),
            _ => Variable::Captured("b"),
        }).collect();
        for input in [input, second] {
            agree(&expression, PayloadKind::Json, input.to_string().as_bytes(), &variables);
        }
    }
}

#[test]
fn operators_and_indexes_treat_every_pair_of_kinds_as_jaq_does() {
    let values = r#"[null,false,true,0,1,-1,2,-0.0,1.0,1.5,1e300,"","a","b","a,b",",",[],[1],[1.0,2],[null,1,1],{},{"a":1},
        {"b":1},{"a":2,"b":1},{"b":1,"a":2}]"#;
    for pair in [
        "$a == $b, $a != $b",
        "$a < $b, $a <= $b",
        "$a > $b, $a >= $b",
        "$a // $b, ($a and $b), ($a or $b)",
        "try ($a + $b) catch .",
        "try ($a - $b) catch .",
        "try ($a / $b) catch .",
        "try (-$a) catch .",
        "select($b | type != \"object\") | try $a[$b] catch .",
        "[$a[$b | tostring // \"a\"]?, $a[]?, $b]",
        "[$a / $b | $a == ., . < $b]?",
        "\"\\($a)\\($b)\"",
        "{a: $a, \"\\($b)\": $b}",
    ] {
        let code = format!("[.[] as $a | .[] as $b | {pair}]");
        let expression = Expression::compile(&code, &[]).map_err(|flaw| flaw.what).unwrap();
        assert!(agree(&expression, PayloadKind::Json, values.as_bytes(), &[]), "{code}");
    }
}

#[test]
fn an_error_in_a_part_that_is_never_needed_says_nothing() {
    for (code, input) in [
        ("{a: (.x.y), b: empty}", r#"{"x":5}"#),
        (".x.y + empty", r#"{"x":5}"#),
        ("[.x.y == (1, empty)]", r#"{"x":5}"#),
        (".x[empty].y", r#"{"x":5}"#),
        ("try (1, .x.y, 2) catch .", r#"{"x":5}"#),
        ("[.x.y?, 3]", r#"{"x":5}"#),
        (".x.y // 1", r#"{"x":5}"#),
        ("\"\\(.x.y) \\(empty)\"", r#"{"x":5}"#),
    ] {
        let expression = Expression::compile(code, &[]).map_err(|flaw| flaw.what).unwrap();
        assert!(agree(&expression, PayloadKind::Json, input.as_bytes(), &[]), "{code}");
    }
}

#[test]
fn errors_say_what_went_wrong() {
    let error = Error::kind(Value::Int(1), "number");
    assert_eq!(error.to_string(), "cannot use 1 as number");
}
