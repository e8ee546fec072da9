//! One key, decoded into what is written of it.

use std::borrow::Cow;

use super::super::Layout;
use super::super::layout::plain_key;

/// A key, but for its labels.
pub(super) struct Decoded<'key> {
    pub(super) family: Cow<'key, str>,
    pub(super) sample: Cow<'key, str>,
    pub(super) help: Cow<'key, str>,
    /// Where the label that a merge adds stands among the others: so many bytes of their text are before it.
    pub(super) split: usize,
    /// What that label is already.
    pub(super) added: Option<Cow<'key, str>>,
}

impl<'key> Decoded<'key> {
    /// Decodes a key and writes its labels, less `added`, to `labels`, which is emptied first. `None` where it cannot be
    /// decoded.
    pub(super) fn of(
        layout: Layout,
        text: &'key str,
        added: Option<&str>,
        labels: &mut String,
    ) -> Option<Self> {
        Self::plain(layout, text, added, labels).or_else(|| Self::by_the_decoder(layout, text, added, labels))
    }

    fn plain(layout: Layout, text: &'key str, added: Option<&str>, labels: &mut String) -> Option<Self> {
        labels.clear();
        let (mut split, mut value) = (None, None);
        let key = plain_key::read(text, |name, of_name| {
            if added.is_some_and(|added| added <= name) {
                split = split.or(Some(labels.len()));
            }
            if added == Some(name) {
                value = Some(of_name);
                return;
            }
            let comma = if labels.is_empty() { "" } else { "," };
            for part in [comma, name, "=\"", of_name, "\""] {
                labels.push_str(part);
            }
        })?;
        let help = match (key.help, layout.form().help) {
            (Some(help), None) | (None, Some(help)) => help,
            _ => return None,
        };
        (!key.family.is_empty()).then(|| Self {
            family: key.family.into(),
            sample: key.sample.into(),
            help: help.into(),
            split: split.unwrap_or(labels.len()),
            added: value.map(Cow::Borrowed),
        })
    }

    pub(super) fn by_the_decoder(
        layout: Layout,
        text: &'key str,
        added: Option<&str>,
        labels: &mut String,
    ) -> Option<Self> {
        let parts = layout.form().decode_key(text).ok()?;
        labels.clear();
        let (before, behind) = match added {
            Some(added) => parts.labels.text_around(added),
            None => (parts.labels.text(), Cow::Borrowed("")),
        };
        labels.push_str(&before);
        if !before.is_empty() && !behind.is_empty() {
            labels.push(',');
        }
        labels.push_str(&behind);
        let value = added.and_then(|added| parts.labels.get(added));
        Some(Self {
            split: before.len(),
            added: value.map(|value| Cow::Owned(value.to_owned())),
            family: parts.family,
            sample: parts.sample,
            help: parts.help,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways.
    fn decoded(text: &str, added: Option<&str>) -> [Option<(String, usize, Option<String>)>; 2] {
        [Decoded::plain, Decoded::by_the_decoder].map(|way| {
            let mut labels = String::new();
            let key = way(Layout::Python16, text, added, &mut labels)?;
            Some((labels, key.split, key.added.map(Cow::into_owned)))
        })
    }

    #[test]
    fn the_label_that_a_merge_adds_is_told_from_the_others_m5_m9() {
        let text = r#"["f", "f", {"a": "1", "le": "0.5", "z": "2"}, "h"]"#;
        for (added, labels, split, value) in [
            (None, r#"a="1",le="0.5",z="2""#, 20, None),
            (Some("le"), r#"a="1",z="2""#, 5, Some("0.5")),
            (Some("pid"), r#"a="1",le="0.5",z="2""#, 14, None),
            (Some("a"), r#"le="0.5",z="2""#, 0, Some("1")),
            (Some("zz"), r#"a="1",le="0.5",z="2""#, 20, None),
        ] {
            let expected = Some((labels.to_owned(), split, value.map(str::to_owned)));
            assert_eq!(decoded(text, added), [expected.clone(), expected], "{added:?}");
        }
        let [plain, decoded] = decoded(r#"["f", "f", {"a": "\"", "z": "2"}, "h"]"#, Some("le"));
        assert_eq!(plain, None);
        assert_eq!(decoded, Some(("a=\"\\\"\",z=\"2\"".to_owned(), 6, None)));
        let [plain, decoded] = self::decoded(r#"["f", "f", {}]"#, None);
        assert!(plain.is_none() && decoded.is_none());
    }
}
