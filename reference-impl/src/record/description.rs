//! What a family is called, what it is about and which labels it has.

use thiserror::Error;

/// The fixed part of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The family's name, without a counter's `_total`.
    pub name: String,
    /// Its HELP.
    pub help: String,
    /// The names of its labels.
    pub labels: Vec<String>,
}

/// Why a description is not one.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum DescriptionError {
    /// The name is not a metric name.
    #[error("{name:?} is no metric name")]
    Name {
        /// The name.
        name: String,
    },
    /// A label's name is not one, is reserved, or stands twice.
    #[error("{label:?} is no label name, reserved or given twice, in metric {name:?}")]
    Label {
        /// The family.
        name: String,
        /// The label.
        label: String,
    },
}

impl Description {
    /// A family without labels.
    pub fn new(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            help: help.into(),
            labels: Vec::new(),
        }
    }

    /// The same with labels.
    #[must_use]
    pub fn with_labels<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Refuses names that an exposition could not carry, and labels that the type uses itself.
    pub(super) fn check(&self, reserved: &[&str]) -> Result<(), DescriptionError> {
        if !is_name(&self.name, true) {
            return Err(DescriptionError::Name {
                name: self.name.clone(),
            });
        }
        for (index, label) in self.labels.iter().enumerate() {
            if !is_name(label, false)
                || label.starts_with("__")
                || reserved.contains(&label.as_str())
                || self.labels[..index].contains(label)
            {
                return Err(DescriptionError::Label {
                    name: self.name.clone(),
                    label: label.clone(),
                });
            }
        }
        Ok(())
    }
}

fn is_name(text: &str, colons: bool) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':');
    text.bytes().all(allowed) && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_exposition_can_carry_are_refused() {
        for name in ["", "1st", "a-b", "é"] {
            assert!(Description::new(name, "").check(&[]).is_err(), "{name:?}");
        }
        assert_eq!(Description::new("job:rate_1m", "").check(&[]), Ok(()));
    }

    #[test]
    fn labels_that_are_reserved_or_given_twice_are_refused() {
        for labels in [vec!["le"], vec!["a", "a"], vec!["__name__"], vec!["a:b"]] {
            let description = Description::new("a", "").with_labels(labels);
            assert!(description.check(&["le"]).is_err());
        }
    }
}
