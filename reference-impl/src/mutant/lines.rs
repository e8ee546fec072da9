//! The mutants that change the text line by line, once it is written.

use super::Mutant;

/// The text as the mutant has it.
pub(crate) fn change(mutant: Mutant, text: String) -> String {
    let is_sample = |line: &str| !line.starts_with('#');
    match mutant {
        Mutant::HelpMissing => each(&text, |line| match line.starts_with("# HELP ") {
            true => String::new(),
            false => ended(line),
        }),
        Mutant::HelpDoubled => doubled(&text, "# HELP "),
        Mutant::TypeDoubled => doubled(&text, "# TYPE "),
        Mutant::CountersAsGauges => each(&text, |line| {
            let counter = line
                .strip_suffix(" counter")
                .filter(|_| line.starts_with("# TYPE "));
            ended(&counter.map_or_else(|| line.to_owned(), |name| format!("{name} gauge")))
        }),
        Mutant::TotalMissing => each(&text, |line| {
            let name = line.find(['{', ' ']).map_or(line, |end| &line[..end]);
            let bare = name.strip_suffix("_total").filter(|_| is_sample(line));
            ended(&bare.map_or_else(
                || line.to_owned(),
                |bare| format!("{bare}{}", &line[name.len()..]),
            ))
        }),
        Mutant::OpenmetricsTotal if text.ends_with("# EOF\n") => each(&text, |line| {
            let counter = line
                .strip_suffix(" counter")
                .filter(|_| line.starts_with("# TYPE "));
            ended(&counter.map_or_else(|| line.to_owned(), |name| format!("{name}_total counter")))
        }),
        Mutant::ServesCreated => each(&text, |line| {
            let name = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' '));
            let name = name.and_then(|(name, _)| name.strip_suffix("_total"));
            let created = name.map(|name| format!("# TYPE {name}_created gauge\n{name}_created 1.7e+09\n"));
            format!("{}{}", created.unwrap_or_default(), ended(line))
        }),
        Mutant::ServesTimestamps => each(&text, |line| {
            let time = if is_sample(line) { " 1700000000000" } else { "" };
            ended(&format!("{line}{time}"))
        }),
        // The first sample, behind all others.
        Mutant::FamiliesInterleaved => {
            let first = text
                .lines()
                .find(|line| is_sample(line))
                .map(ended)
                .unwrap_or_default();
            let rest = text.replacen(&first, "", 1);
            match rest.strip_suffix("# EOF\n") {
                Some(rest) => format!("{rest}{first}# EOF\n"),
                None => format!("{rest}{first}"),
            }
        }
        Mutant::EofMissing => text.strip_suffix("# EOF\n").unwrap_or(&text).to_owned(),
        Mutant::NoFinalNewline => text.strip_suffix('\n').unwrap_or(&text).to_owned(),
        Mutant::CrlfLines => text.replace('\n', "\r\n"),
        Mutant::ServesNothing => String::new(),
        _ => text,
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
