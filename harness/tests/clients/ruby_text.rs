//! The text of the Ruby client, read as it is written: label values carry the escapes of JSON (R14), so that no
//! parser of the text format reads all of it.

use crate::answer::Served;

/// The families, in the order of the text. A family whose header comes again is another one here.
pub(crate) fn families(text: &str) -> Result<Vec<Served>, String> {
    let mut families: Vec<Served> = Vec::new();
    let mut lines = text.split_terminator('\n');
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').ok_or(line)?;
            let kind = lines.next().and_then(|line| {
                line.strip_prefix("# TYPE ")?
                    .strip_prefix(name)?
                    .strip_prefix(' ')
            });
            families.push(Served::new(
                name,
                kind.ok_or("HELP is not followed by TYPE")?,
                help,
            ));
            continue;
        }
        let family = families.last_mut().ok_or("a sample comes before any header")?;
        let (name, labels, value) = sample(line).ok_or_else(|| format!("{line:?} is no sample"))?;
        family.push(name, labels, value);
    }
    Ok(families)
}

type Sample<'a> = (&'a str, Vec<(String, String)>, f64);

fn sample(line: &str) -> Option<Sample<'_>> {
    let name_length = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(name_length);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            rest = rest.strip_prefix(',').unwrap_or(rest);
            let (label, behind) = rest.split_once("=\"")?;
            let length = closing_quote(behind)?;
            let value = serde_json::from_str(&format!("\"{}\"", &behind[..length])).ok()?;
            labels.push((label.to_owned(), value));
            rest = &behind[length + 1..];
        }
        rest = &rest[1..];
    }
    let value = match rest.strip_prefix(' ')? {
        "Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        number => number.parse().ok()?,
    };
    Some((name, labels, value))
}

/// Where the first quote is that no backslash escapes.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}
