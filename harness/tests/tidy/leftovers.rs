//! What must not be left in the code: unfinished work, tests put aside, names that say nothing, a machine's own paths.

use std::path::Path;

use crate::workspace::{File, Finding, files, lines_of, none, none_in, root, rust_files};

const NAMELESS: [&str; 8] = [
    "common", "helper", "helpers", "misc", "shared", "stuff", "util", "utils",
];

/// The lints that keep `unwrap` to the tests, and unfinished work out of everything.
const LINTS: [&str; 5] = [
    "unwrap_used",
    "dbg_macro",
    "todo",
    "unimplemented",
    "missing_docs",
];

#[test]
fn nothing_is_left_to_do_or_to_debug() {
    none_in(rust_files(), unfinished, "finish it, or leave it out");
}

#[test]
fn no_test_is_put_aside_without_a_reason() {
    none_in(rust_files(), put_aside, "write `#[ignore = \"what it needs\"]`");
}

#[test]
fn no_module_is_named_for_not_having_a_name() {
    none_in(
        rust_files(),
        nameless,
        "name it for the thing that it is about; if there is none, move its parts to where they belong",
    );
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    let root = root().to_str().unwrap().to_owned();
    let texts = files(&[
        "rs", "toml", "md", "py", "rb", "sh", "json", "snap", "txt", "yml", "yaml",
    ]);
    let remedy = "name it from the root of the workspace, or let the environment say it";
    none_in(&texts, |file| private_paths(file, &root), remedy);
}

#[test]
fn every_member_of_the_workspace_takes_its_lints() {
    let workspace = File::read("Cargo.toml");
    none(missing_lints(&workspace), "list it under [workspace.lints]");
    let members: toml::Table = workspace.text.parse().unwrap();
    let members = members["workspace"]["members"].as_array().unwrap().iter();
    let manifests: Vec<File> = members
        .map(|member| File::read(&format!("{}/Cargo.toml", member.as_str().unwrap())))
        .collect();
    none_in(&manifests, without_lints, "add `[lints]` with `workspace = true`");
}

fn unfinished(file: &File) -> Vec<Finding> {
    let code = file.code();
    let of = |name: &str| {
        let lines = code.lines_with(&[name, "!"]).into_iter();
        lines
            .map(|line| file.finding(line, format!("`{name}!`")))
            .collect::<Vec<_>>()
    };
    ["todo", "unimplemented", "dbg"]
        .into_iter()
        .flat_map(of)
        .collect()
}

fn put_aside(file: &File) -> Vec<Finding> {
    let lines = file.code().lines_with(&["#", "[", "ignore", "]"]).into_iter();
    lines
        .map(|line| file.finding(line, "`#[ignore]` without a reason"))
        .collect()
}

fn nameless(file: &File) -> Vec<Finding> {
    let parts = Path::new(&file.path).with_extension("");
    let by_path = parts
        .iter()
        .filter(|part| NAMELESS.iter().any(|name| *part == *name))
        .map(|part| file.finding(1, format!("is named `{}`", part.display())));
    let code = file.code();
    let inline = NAMELESS.iter().flat_map(|name| {
        let lines = code.lines_with(&["mod", name]).into_iter();
        lines
            .map(|line| file.finding(line, format!("a module `{name}`")))
            .collect::<Vec<_>>()
    });
    by_path.chain(inline).collect()
}

/// A home, or the folder of this very checkout.
fn private_paths(file: &File, checkout: &str) -> Vec<Finding> {
    let is_private = |text: &str| {
        let homes = [
            concat!("/ho", "me/"),
            concat!("/Us", "ers/"),
            concat!("/ro", "ot/"),
            concat!("\\Us", "ers\\"),
        ];
        let checkout = (checkout.matches('/').count() > 1).then_some(checkout);
        homes
            .into_iter()
            .chain(checkout)
            .any(|path| starts_a_path(text, path))
    };
    let lines = file.lines().filter(|(_, text)| is_private(text));
    lines
        .map(|(line, _)| file.finding(line, "names a path of one machine"))
        .collect()
}

/// Whether `path` stands in `text` as the beginning of a path, not within one.
fn starts_a_path(text: &str, path: &str) -> bool {
    let goes_on =
        |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || "._-}$)".contains(last));
    text.match_indices(path).any(|(at, _)| !goes_on(&text[..at]))
}

fn missing_lints(file: &File) -> Vec<Finding> {
    let manifest: toml::Table = file.text.parse().unwrap();
    let lints = |tool: &str| {
        manifest["workspace"]["lints"][tool]
            .as_table()
            .cloned()
            .unwrap_or_default()
    };
    let (rust, clippy) = (lints("rust"), lints("clippy"));
    let missing = LINTS.into_iter().filter(|lint| {
        let level = rust
            .get(*lint)
            .or_else(|| clippy.get(*lint))
            .and_then(toml::Value::as_str);
        !matches!(level, Some("warn" | "deny" | "forbid"))
    });
    missing
        .map(|lint| file.finding(1, format!("does not ask for the lint `{lint}`")))
        .collect()
}

fn without_lints(file: &File) -> Vec<Finding> {
    let manifest: toml::Table = file.text.parse().unwrap();
    let takes_them = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool);
    let finding =
        (takes_them != Some(true)).then(|| file.finding(1, "does not take the lints of the workspace"));
    finding.into_iter().collect()
}

#[test]
fn work_left_over_is_seen_wherever_it_stands() {
    let text = "fn a() { todo!() }\n// todo!()\nfn b() { m!(dbg!(1)) }\nfn c() { unimplemented!(\"x\") }\n";
    let mut lines = lines_of(&unfinished(&File::made_up("x.rs", text)));
    lines.sort_unstable();
    assert_eq!(lines, [1, 3, 4]);
    let text = "#[ignore]\nfn a() {}\n#[ignore = \"needs Python\"]\nfn b() {}\n";
    assert_eq!(lines_of(&put_aside(&File::made_up("x.rs", text))), [1]);
}

#[test]
fn a_name_that_says_nothing_is_seen_in_paths_and_in_code() {
    let of = |path: &str, text: &str| lines_of(&nameless(&File::made_up(path, text)));
    assert_eq!(of("src/utils.rs", ""), [1]);
    assert_eq!(of("src/common/mod.rs", ""), [1]);
    assert_eq!(of("src/uncommon.rs", "\nmod helpers {}\nmod helpful {}\n"), [2]);
}

#[test]
fn a_path_of_a_machine_is_seen_and_one_within_a_path_is_not() {
    let home = ["/ho", "me/ann/x"].concat();
    let text =
        format!("cd {home}\ncd \"$ROOT{home}\"\ncd /tmp/x\ncd /srv/check-out/x\ncd of/srv/check-out\n");
    let found = private_paths(&File::made_up("x.sh", &text), "/srv/check-out");
    assert_eq!(lines_of(&found), [1, 4]);
}

#[test]
fn a_missing_lint_is_seen() {
    let all = "[workspace.lints.rust]\nmissing_docs = \"warn\"\n[workspace.lints.clippy]\nunwrap_used = \"warn\"\n\
               dbg_macro = \"deny\"\ntodo = \"warn\"\nunimplemented = \"warn\"\n";
    assert_eq!(missing_lints(&File::made_up("Cargo.toml", all)), []);
    let less = all
        .replace("todo = \"warn\"", "todo = \"allow\"")
        .replace("dbg_macro = \"deny\"\n", "");
    assert_eq!(missing_lints(&File::made_up("Cargo.toml", &less)).len(), 2);
    let takes = "[package]\nname = \"x\"\n[lints]\nworkspace = true\n";
    assert_eq!(without_lints(&File::made_up("Cargo.toml", takes)), []);
    assert_eq!(
        without_lints(&File::made_up("Cargo.toml", "[package]\nname = \"x\"\n")).len(),
        1
    );
}
