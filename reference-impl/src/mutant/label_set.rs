//! The mutants that write a sample's labels otherwise.

use super::Mutant;
use crate::exposition::Label;

/// The labels as the mutant has them, names and values.
pub(crate) fn changed(mutant: Mutant, labels: &[Label<'_>]) -> Vec<(String, String)> {
    let owned = |(name, value): &Label<'_>| ((*name).to_owned(), (*value).to_owned());
    let mut labels: Vec<(String, String)> = labels.iter().map(owned).collect();
    match mutant {
        Mutant::LabelsSwapped => {
            let values: Vec<String> = labels.iter().map(|(_, value)| value.clone()).collect();
            for ((_, value), other) in labels.iter_mut().zip(values.into_iter().rev()) {
                *value = other;
            }
        }
        Mutant::LabelsTruncated => {
            for (_, value) in &mut labels {
                *value = value.chars().take(8).collect();
            }
        }
        Mutant::LabelsDropped => {
            labels.pop();
        }
        Mutant::LabelsLowercased => {
            for (_, value) in &mut labels {
                *value = value.to_lowercase();
            }
        }
        Mutant::StripsEveryPid => labels.retain(|(name, _)| name != "pid"),
        Mutant::Utf8AsLatin1 => {
            for (_, value) in &mut labels {
                *value = value.bytes().map(char::from).collect();
            }
        }
        _ => {}
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_does_to_labels_what_its_name_says() {
        for (mutant, expected) in [
            (Mutant::LabelsSwapped, vec![("a", "grün und blau"), ("b", "1")]),
            (Mutant::LabelsTruncated, vec![("a", "1"), ("b", "grün und")]),
            (Mutant::LabelsDropped, vec![("a", "1")]),
            (
                Mutant::Utf8AsLatin1,
                vec![("a", "1"), ("b", "gr\u{c3}\u{bc}n und blau")],
            ),
            (Mutant::DropsAProcess, vec![("a", "1"), ("b", "grün und blau")]),
        ] {
            let changed = changed(mutant, &[("a", "1"), ("b", "grün und blau")]);
            let changed = changed
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            assert_eq!(changed.collect::<Vec<_>>(), expected, "{mutant:?}");
        }
    }
    #[test]
    fn a_letters_case_and_a_pid_are_lost() {
        let labels = [("pid", "1"), ("to", "Report")];
        let lower = changed(Mutant::LabelsLowercased, &labels);
        assert_eq!(lower[1].1, "report");
        let stripped = changed(Mutant::StripsEveryPid, &labels);
        assert_eq!(stripped, [("to".to_owned(), "Report".to_owned())]);
    }
}
