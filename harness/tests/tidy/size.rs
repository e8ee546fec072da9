//! How long a file and a function may be.

use crate::workspace::{File, Finding, lines_of, none_in, rust_files};

/// Of a file, tests included.
const FILE_LINES: usize = 400;
/// Of a function from its `fn` to its closing brace: a screen.
const FUNCTION_LINES: usize = 60;

#[test]
fn no_file_is_longer_than_400_lines() {
    none_in(rust_files(), long_files, "split it by noun, not by line count");
}

#[test]
fn no_function_is_longer_than_a_screen_of_60_lines() {
    let remedy = "name a part of it and make that a function; a table is a constant beside it";
    none_in(rust_files(), long_functions, remedy);
}

fn long_files(file: &File) -> Vec<Finding> {
    let count = file.lines().count();
    let is_long =
        (count > FILE_LINES).then(|| file.finding(FILE_LINES + 1, format!("{count} lines in one file")));
    is_long.into_iter().collect()
}

fn long_functions(file: &File) -> Vec<Finding> {
    let functions = file.code().functions().into_iter();
    functions
        .filter_map(|function| {
            let count = function.lines.end() - function.lines.start() + 1;
            (count > FUNCTION_LINES).then(|| {
                file.finding(
                    *function.lines.start(),
                    format!("`{}` has {count} lines", function.name),
                )
            })
        })
        .collect()
}

#[test]
fn a_file_of_401_lines_is_too_long_and_one_of_400_is_not() {
    assert_eq!(long_files(&File::made_up("x.rs", &"\n".repeat(400))), []);
    assert_eq!(
        lines_of(&long_files(&File::made_up("x.rs", &"\n".repeat(401)))),
        [401]
    );
}

#[test]
fn a_function_of_61_lines_is_too_long_and_one_of_60_is_not() {
    let function = |lines: usize| format!("\nfn it() {{{}}}\n", "\n".repeat(lines - 1));
    assert_eq!(long_functions(&File::made_up("x.rs", &function(60))), []);
    assert_eq!(
        lines_of(&long_functions(&File::made_up("x.rs", &function(61)))),
        [2]
    );
}
