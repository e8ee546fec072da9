//! The mutants that change the text line by line, once it is written.

use super::Mutant;

const HELP: &str = "# HELP ";
const TYPE: &str = "# TYPE ";
const EOF: &str = "# EOF\n";

/// The text as the mutant has it.
pub(crate) fn change(mutant: Mutant, text: String) -> String {
    match mutant {
        Mutant::HelpMissing => each(&text, |line| match line.starts_with(HELP) {
            true => String::new(),
            false => ended(line),
        }),
        Mutant::HelpUnescaped => each(&text, |line| match line.starts_with(HELP) {
            true => ended(&line.replace(r"\\", "\\").replace(r"\n", "\n")),
            false => ended(line),
        }),
        Mutant::HelpDoubled => doubled(&text, HELP),
        Mutant::TypeDoubled => doubled(&text, TYPE),
        Mutant::CountersAsGauges => each(&text, |line| counter_declared(line, " gauge")),
        Mutant::OpenmetricsTotal if text.ends_with(EOF) => {
            each(&text, |line| counter_declared(line, "_total counter"))
        }
        Mutant::TotalMissing => each(&text, |line| {
            renamed(line, |name, is_sample| match name.strip_suffix("_total") {
                Some(bare) if is_sample => bare.to_owned(),
                _ => name.to_owned(),
            })
        }),
        Mutant::ColonsAsUnderscores => each(&text, |line| renamed(line, |name, _| name.replace(':', "_"))),
        Mutant::ServesCreated => each(&text, |line| {
            let name = line.strip_prefix(HELP).and_then(|rest| rest.split_once(' '));
            let name = name.and_then(|(name, _)| name.strip_suffix("_total"));
            let created = name.map(|name| format!("# TYPE {name}_created gauge\n{name}_created 1.7e+09\n"));
            format!("{}{}", created.unwrap_or_default(), ended(line))
        }),
        Mutant::ServesTimestamps => each(&text, |line| {
            let time = if is_sample(line) { " 1700000000000" } else { "" };
            ended(&format!("{line}{time}"))
        }),
        Mutant::FamiliesInterleaved => first_sample_last(&text),
        Mutant::EofMissing => text.strip_suffix(EOF).unwrap_or(&text).to_owned(),
        Mutant::NoFinalNewline => text.strip_suffix('\n').unwrap_or(&text).to_owned(),
        Mutant::CrlfLines => text.replace('\n', "\r\n"),
        Mutant::ServesNothing => String::new(),
        _ => text,
    }
}

fn is_sample(line: &str) -> bool {
    !line.starts_with('#')
}

/// The line; of a counter's TYPE with another end.
fn counter_declared(line: &str, end: &str) -> String {
    let name = line.strip_suffix(" counter").filter(|_| line.starts_with(TYPE));
    ended(&name.map_or_else(|| line.to_owned(), |name| format!("{name}{end}")))
}

/// The line with another name of the family or sample, which is told whether it is a sample's.
fn renamed(line: &str, rename: impl Fn(&str, bool) -> String) -> String {
    let head = [HELP, TYPE].into_iter().find(|head| line.starts_with(head));
    let (head, rest) = line.split_at(head.map_or(0, str::len));
    let (name, rest) = rest.split_at(rest.find(['{', ' ']).unwrap_or(rest.len()));
    ended(&format!("{head}{}{rest}", rename(name, is_sample(line))))
}

fn first_sample_last(text: &str) -> String {
    let first = text
        .lines()
        .find(|line| is_sample(line))
        .map(ended)
        .unwrap_or_default();
    let rest = text.replacen(&first, "", 1);
    match rest.strip_suffix(EOF) {
        Some(rest) => format!("{rest}{first}{EOF}"),
        None => format!("{rest}{first}"),
    }
}

fn ended(line: &str) -> String {
    format!("{line}\n")
}

fn each(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(change).collect()
}

fn doubled(text: &str, start: &str) -> String {
    each(text, |line| match line.starts_with(start) {
        true => ended(line).repeat(2),
        false => ended(line),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a_total A.\n# TYPE a_total counter\na_total{b=\"c\"} 1.0\na_total 2.0\n";

    #[test]
    fn each_does_to_the_text_what_its_name_says() {
        for (mutant, expected) in [
            (
                Mutant::HelpMissing,
                "# TYPE a_total counter\na_total{b=\"c\"} 1.0\na_total 2.0\n",
            ),
            (
                Mutant::HelpDoubled,
                "# HELP a_total A.\n# HELP a_total A.\n# TYPE a_total counter\na_total{b=\"c\"} 1.0\na_total 2.0\n",
            ),
            (
                Mutant::TypeDoubled,
                "# HELP a_total A.\n# TYPE a_total counter\n# TYPE a_total counter\na_total{b=\"c\"} 1.0\na_total 2.0\n",
            ),
            (
                Mutant::CountersAsGauges,
                "# HELP a_total A.\n# TYPE a_total gauge\na_total{b=\"c\"} 1.0\na_total 2.0\n",
            ),
            (
                Mutant::TotalMissing,
                "# HELP a_total A.\n# TYPE a_total counter\na{b=\"c\"} 1.0\na 2.0\n",
            ),
            (Mutant::OpenmetricsTotal, TEXT),
            (
                Mutant::ServesCreated,
                "# TYPE a_created gauge\na_created 1.7e+09\n# HELP a_total A.\n# TYPE a_total counter\n\
                 a_total{b=\"c\"} 1.0\na_total 2.0\n",
            ),
            (
                Mutant::ServesTimestamps,
                "# HELP a_total A.\n# TYPE a_total counter\na_total{b=\"c\"} 1.0 1700000000000\n\
                 a_total 2.0 1700000000000\n",
            ),
            (
                Mutant::FamiliesInterleaved,
                "# HELP a_total A.\n# TYPE a_total counter\na_total 2.0\na_total{b=\"c\"} 1.0\n",
            ),
            (Mutant::EofMissing, TEXT),
            (Mutant::NoFinalNewline, TEXT.trim_end()),
            (Mutant::ServesNothing, ""),
            (Mutant::DropsAProcess, TEXT),
        ] {
            assert_eq!(change(mutant, TEXT.to_owned()), expected, "{mutant:?}");
        }
    }

    #[test]
    fn a_help_loses_its_escapes_and_a_name_its_colons() {
        let text = "# HELP a:b one\\ntwo \\\\ c:d\n# TYPE a:b gauge\na:b{c=\"d:e\"} 1.0\na:b 2.0\n";
        assert_eq!(
            change(Mutant::HelpUnescaped, text.to_owned())
                .lines()
                .take(2)
                .collect::<Vec<_>>(),
            ["# HELP a:b one", "two \\ c:d"]
        );
        assert_eq!(
            change(Mutant::ColonsAsUnderscores, text.to_owned()),
            "# HELP a_b one\\ntwo \\\\ c:d\n# TYPE a_b gauge\na_b{c=\"d:e\"} 1.0\na_b 2.0\n"
        );
    }

    #[test]
    fn each_does_to_openmetrics_what_its_name_says() {
        let openmetrics = "# TYPE a counter\na_total 1.0\n# EOF\n".to_owned();
        for (mutant, expected) in [
            (Mutant::EofMissing, "# TYPE a counter\na_total 1.0\n"),
            (
                Mutant::OpenmetricsTotal,
                "# TYPE a_total counter\na_total 1.0\n# EOF\n",
            ),
            (
                Mutant::FamiliesInterleaved,
                "# TYPE a counter\na_total 1.0\n# EOF\n",
            ),
            (Mutant::CrlfLines, "# TYPE a counter\r\na_total 1.0\r\n# EOF\r\n"),
        ] {
            assert_eq!(change(mutant, openmetrics.clone()), expected, "{mutant:?}");
        }
    }
}
