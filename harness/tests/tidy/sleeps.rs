//! Nothing waits by sleeping blindly: whoever sleeps says on the lines right above what bounds it.

use crate::workspace::{File, Finding, files, lines_of, none_in, rust_files};

/// How such a comment begins, after the marks that make it one.
const REASON: &str = "Sleeps, bounded by ";
const REMEDY: &str = "wait for the thing itself, with a deadline that names it; where only a sleep will do, say so on the \
                      line above: `Sleeps, bounded by …`";

/// What sleeps, whoever's it is: the standard library, tokio, rustix, Python.
const NAMES: [&str; 6] = [
    "sleep",
    "sleep_ms",
    "sleep_until",
    "park_timeout",
    "nanosleep",
    "usleep",
];

#[test]
fn whoever_sleeps_in_rust_says_what_bounds_it() {
    none_in(
        rust_files(),
        |file| bare(file, &file.code().calls(&NAMES)),
        REMEDY,
    );
}

#[test]
fn whoever_sleeps_in_a_script_says_what_bounds_it() {
    let mut scripts = files(&["sh", "py", "rb"]);
    scripts.push(File::read(".ci/run"));
    none_in(&scripts, |file| bare(file, &in_a_script(file)), REMEDY);
}

fn bare(file: &File, sleeping: &[usize]) -> Vec<Finding> {
    let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
    let is_bare = |line: &&usize| {
        let above = lines[..**line - 1].iter().rev();
        let mut comment = above.take_while(|text| text.starts_with("//") || text.starts_with('#'));
        !comment.any(|text| text.trim_start_matches(['/', '#', ' ']).starts_with(REASON))
    };
    let bare = sleeping.iter().filter(is_bare);
    bare.map(|line| file.finding(*line, "sleeps, and nothing says what bounds it"))
        .collect()
}

/// A command `sleep 0.2` of a shell, and a call of a function of that name.
fn in_a_script(file: &File) -> Vec<usize> {
    let sleeps = |text: &str| {
        let code = text.split('#').next().unwrap_or_default();
        let words: Vec<&str> = code.split([' ', ';', '\t']).collect();
        let command = words
            .windows(2)
            .any(|pair| pair[0] == "sleep" && !pair[1].is_empty());
        command || code.contains(".sleep(") || code.trim_start().starts_with("sleep(")
    };
    file.lines()
        .filter(|(_, text)| sleeps(text))
        .map(|(line, _)| line)
        .collect()
}

#[test]
fn a_bare_sleep_is_seen_and_one_with_its_bound_is_not() {
    let text = "fn wait() {\n    thread::sleep(TICK);\n    // Sleeps, bounded by the deadline above.\n    \
                // It is short.\n    thread::sleep(TICK);\n    // Only a moment.\n    sleep_until(then);\n}\n\
                // Sleeps, bounded by nothing that is near.\n\nfn far() { thread::sleep(TICK) }\n";
    let file = File::made_up("x.rs", text);
    assert_eq!(lines_of(&bare(&file, &file.code().calls(&NAMES))), [2, 7, 11]);
}

#[test]
fn a_bare_sleep_of_a_script_is_seen() {
    let text = "# sleep 1\nsleep 0.2\nwhile busy; do sleep 1; done\n# Sleeps, bounded by the loop.\nsleep 1\n\
                time.sleep(2)\nop = 'asleep'\n";
    let file = File::made_up("x.sh", text);
    assert_eq!(lines_of(&bare(&file, &in_a_script(&file))), [2, 3, 6]);
}
