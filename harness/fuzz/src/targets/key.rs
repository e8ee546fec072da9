//! A key in each layout: what is decoded of any spelling is decoded of the one that clients write, too.

use counterfoil::truth::{Key, Layout};
use serde_json::{Map, Value, json};

use super::directory::Directory;
use super::file::Draft;

pub(crate) fn key(data: &[u8]) {
    // What follows a key tells python-16 from python-8; the other layouts are told by the key.
    for values in [&[0; 16][..], &[0; 8]] {
        let Some((told, key)) = decoded(data, values) else {
            continue;
        };
        let text = encoded(&key, told);
        let again = decoded(text.as_bytes(), values);
        assert_eq!(again, Some((told, key)), "{text}");
    }
}

/// The one key of a file, if it is one.
fn decoded(key: &[u8], values: &[u8]) -> Option<(Layout, Key)> {
    let mut draft = Draft::new();
    draft.push(key, values);
    let directory = Directory::new();
    directory.put("counter_1.db", draft.finish());
    let snapshot = directory.read();
    let file = &snapshot.files()[0];
    assert!(!file.entries.is_empty() || file.fault.is_some());
    Some((file.layout?, Key::clone(&file.entries.first()?.key)))
}

/// As the layout's client writes it (F4, R3).
fn encoded(key: &Key, layout: Layout) -> String {
    let (family, sample, help) = (&*key.family, &*key.sample, &*key.help);
    let pairs: Vec<(&str, &str)> = key.labels.iter().collect();
    let object = || -> Map<String, Value> {
        let pairs = pairs.iter().copied();
        pairs
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    };
    match layout {
        Layout::Python16 | Layout::Python8 => json!([family, sample, object(), help]),
        Layout::Python3Key => json!([family, sample, object()]),
        Layout::GitlabRuby => {
            let (names, values): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
            json!([family, sample, names, values])
        }
    }
    .to_string()
}
