//! A label set's place for one more label.

use super::{Form, Labels, is_plain, plain_text, split};

/// A set's room for one label.
pub(crate) struct Room<'set> {
    set: &'set Labels,
    name: &'set str,
    /// Of a plain set: what is before the label, and what is behind it.
    around: Option<(&'set str, &'set str)>,
}

impl<'set> Room<'set> {
    pub(super) fn new(set: &'set Labels, name: &'set str) -> Self {
        let around = match &set.0 {
            Form::Plain(text) => Some(split(plain_text(text), name)),
            Form::Pairs(_) => None,
        };
        Self { set, name, around }
    }

    /// The set with that value there.
    pub(crate) fn with(&self, value: &str) -> Labels {
        let name = self.name;
        let Some((before, behind)) = self.around.filter(|_| is_plain((name, value))) else {
            return self.set.of(|have| have != name, Some((name, value)));
        };
        let comma = |labels: &str| if labels.is_empty() { "" } else { "," };
        let whole = [
            before,
            comma(before),
            name,
            "=\"",
            value,
            "\"",
            comma(behind),
            behind,
        ];
        Labels(Form::Plain(whole.concat().into()))
    }
}
