//! Kinds of value in an author's words, from the names that Rust has for them.

/// What a key takes, and how that is written, from the name that Rust has for it.
pub(super) fn kind(wanted: &str) -> (&str, &str) {
    match wanted {
        "u8" => ("a whole number from 0 to 255", "write it without quotes: 0"),
        "u16" | "u32" | "u64" | "usize" => (
            "a whole number of 0 or more",
            "write it without quotes and without a sign: 3",
        ),
        "f64" => ("a number", "write it without quotes: 1, 0.5, inf, -inf or nan"),
        "a string" | "string" => ("text", "put it in quotes: \"…\""),
        "a boolean" => ("true or false", "write it without quotes"),
        "a sequence" => (
            "a list",
            "put it in brackets, with commas between the entries: […, …]",
        ),
        "a map" => TABLE,
        other if other.starts_with("struct ") => TABLE,
        other => (other, "write that"),
    }
}

const TABLE: (&str, &str) = (
    "a table",
    "write [its name] with a line `key = value` for each key below it, or { key = value }",
);

/// What was given instead, from the words that Rust has for it.
pub(super) fn given(got: &str) -> String {
    match got {
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        "unit" | "unit value" | "Option value" => "nothing".to_owned(),
        _ => {
            let number = ["integer `", "floating point `", "boolean `"];
            let number = number.iter().find_map(|start| got.strip_prefix(start));
            match number.and_then(|rest| rest.strip_suffix('`')) {
                Some(value) => value.to_owned(),
                None => format!("the {got}"),
            }
        }
    }
}
