//! From the text of an expression to its syntax tree, within limits that keep the parser's recursion small.
//!
//! Lexer and parser are jaq's, so that expressions are written exactly as for jq.

use jaq_core::load::lex::{Lexer, StrPart, Tok, Token};
use jaq_core::load::parse::{Parser, Term};

use super::{Flaw, offset, unreadable};

/// Longest expression, in bytes; the longest that ships has about 3500.
const MAX_BYTES: usize = 4096;

/// Most tokens, to bound the size of the compiled program.
const MAX_TOKENS: usize = 1024;

/// Deepest nesting of brackets: parser, compiler and program run on the thread's stack.
const MAX_BRACKETS: usize = 24;

/// Most pipes, `if`, `try` and signs, which nest without brackets, for the same reason.
const MAX_OPENERS: usize = 64;

/// Reads `code` and hands the tree to `then`.
pub(super) fn read<'c, T>(code: &'c str, then: impl FnOnce(&Term<&'c str>) -> Result<T, Flaw>) -> Result<T, Flaw> {
    let too_large =
        |what: String| Flaw { at: 0, what, help: "make it shorter, or split it into several rules".to_owned() };
    if deepest(code) > MAX_BRACKETS {
        return Err(too_large(format!("the expression nests more than {MAX_BRACKETS} brackets")));
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
    then(&term)
}

fn deepest(code: &str) -> usize {
    let (mut deepest, mut deep) = (0usize, 0usize);
    for byte in code.bytes() {
        match byte {
            b'(' | b'[' | b'{' => deep += 1,
            b')' | b']' | b'}' => deep = deep.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(deep);
    }
    deepest
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
