//! Rust code as a row of tokens: comments and texts are none, and what is within a macro is read like the rest.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::workspace::File;

/// The tokens of a file; brackets are tokens too, so that a row of them can be compared with a row of texts.
pub(crate) struct Code {
    tokens: Vec<Token>,
}

struct Token {
    text: String,
    line: usize,
    is_word: bool,
}

/// A function, wherever it stands.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) lines: RangeInclusive<usize>,
    pub(crate) is_test: bool,
}

impl Code {
    pub(crate) fn of(file: &File) -> Self {
        let stream: TokenStream = file
            .text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Self { tokens }
    }

    /// The lines on which this row of tokens begins.
    pub(crate) fn lines_with(&self, row: &[&str]) -> Vec<usize> {
        let begins = |at: &usize| self.has(*at, row);
        (0..self.tokens.len())
            .filter(begins)
            .map(|at| self.tokens[at].line)
            .collect()
    }

    /// Where a function of one of these names is called, by line; not where one is declared.
    pub(crate) fn calls(&self, names: &[&str]) -> Vec<usize> {
        let is_call = |at: &usize| {
            names.iter().any(|name| self.has(*at, &[name, "("]))
                && (*at == 0 || self.tokens[at - 1].text != "fn")
        };
        (0..self.tokens.len())
            .filter(is_call)
            .map(|at| self.tokens[at].line)
            .collect()
    }

    /// The functions that have a body.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        let mut is_test = false;
        for at in 0..self.tokens.len() {
            if self.has(at, &["#", "["]) {
                let attribute = &self.tokens[at + 2..self.end_of(at + 1)];
                is_test |= attribute.last().is_some_and(|token| token.text == "test");
            }
            if !self.has(at, &["fn"]) || !self.tokens.get(at + 1).is_some_and(|token| token.is_word) {
                continue;
            }
            if let Some(body) = self.body_after(at + 2) {
                functions.push(Function {
                    name: self.tokens[at + 1].text.clone(),
                    lines: self.tokens[at].line..=self.tokens[self.end_of(body)].line,
                    is_test,
                });
            }
            is_test = false;
        }
        functions
    }

    /// The lines of the modules that are compiled for tests alone.
    pub(crate) fn test_modules(&self) -> Vec<RangeInclusive<usize>> {
        let begins = |at: &usize| self.has(*at, &["#", "[", "cfg", "(", "test", ")", "]"]);
        let starts: Vec<usize> = (0..self.tokens.len()).filter(begins).collect();
        let modules = starts.into_iter().filter_map(|at| {
            let body = self.body_after(at + 7)?;
            Some(self.tokens[at].line..=self.tokens[self.end_of(body)].line)
        });
        modules.collect()
    }

    fn has(&self, at: usize, row: &[&str]) -> bool {
        let there = self.tokens.get(at..at + row.len());
        there.is_some_and(|tokens| {
            tokens
                .iter()
                .zip(row)
                .all(|(token, wanted)| token.text == *wanted)
        })
    }

    /// The brace that opens the body of what begins at `at`; none where a semicolon comes first.
    fn body_after(&self, mut at: usize) -> Option<usize> {
        loop {
            match self.tokens.get(at)?.text.as_str() {
                "{" => return Some(at),
                ";" | "}" => return None,
                "(" | "[" => at = self.end_of(at) + 1,
                _ => at += 1,
            }
        }
    }

    /// The bracket that closes the one at `at`.
    fn end_of(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (end, token) in self.tokens.iter().enumerate().skip(at) {
            match token.text.as_str() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return end;
            }
        }
        self.tokens.len() - 1
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: &str, line: usize, is_word: bool| {
            tokens.push(Token {
                text: text.to_owned(),
                line,
                is_word,
            });
        };
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open, line, false);
                flatten(group.stream(), tokens);
                tokens.push(Token {
                    text: close.to_owned(),
                    line: group.span_close().start().line,
                    is_word: false,
                });
            }
            TokenTree::Ident(word) => push(&word.to_string(), line, true),
            TokenTree::Punct(mark) => push(&mark.as_char().to_string(), line, false),
            // A text must not be taken for a bracket or a word.
            TokenTree::Literal(_) => push("literal", line, false),
        }
    }
}

const EXAMPLE: &str = r#"
fn free() -> [u8; 2] {
    // fn commented() {}
    let text = "fn quoted() { todo!() }";
}

trait Made { fn without_body(&self); }

proptest! {
    #[test]
    #[ignore = "slow"]
    fn within_a_macro(n in 0..3_u8) {
        thread::sleep(one(n));
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn awaits() { fn sleep(n: u8) {} }
}
"#;

#[test]
fn functions_are_found_with_their_lines_also_within_macros() {
    let code = Code::of(&File::made_up("x.rs", EXAMPLE));
    let found: Vec<_> = code
        .functions()
        .into_iter()
        .map(|function| (function.name, function.lines, function.is_test))
        .collect();
    assert_eq!(
        found,
        [
            ("free".to_owned(), 2..=5, false),
            ("within_a_macro".to_owned(), 12..=14, true),
            ("awaits".to_owned(), 20..=20, true),
            ("sleep".to_owned(), 20..=20, false),
        ]
    );
}

#[test]
fn comments_and_texts_are_no_code() {
    let code = Code::of(&File::made_up("x.rs", EXAMPLE));
    assert!(code.lines_with(&["todo"]).is_empty());
    assert!(code.calls(&["commented", "quoted"]).is_empty());
    assert_eq!(code.calls(&["sleep"]), [13]);
    assert_eq!(code.test_modules(), [17..=21]);
}
