//! What people declare: a text is read, or refused with a place in it.

use counterfoil::exporter::Manifest;
use counterfoil::scenario;
use miette::Diagnostic;

pub(crate) fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let read = || Manifest::parse("manifest.toml", text).map_err(|error| refusal(&error, text));
    assert_eq!(format!("{:?}", read()), format!("{:?}", read()));
    if let Ok(manifest) = read() {
        manifest.depends_on_version();
    }
}

pub(crate) fn scenario(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let read = || scenario::parse("family/behaviour", text).map_err(|error| refusal(error.as_ref(), text));
    assert_eq!(format!("{:?}", read()), format!("{:?}", read()));
    if let Ok(scenario) = read() {
        assert_eq!((&*scenario.id, &*scenario.text), ("family/behaviour", text));
    }
}

/// What is said of a text that is refused: bounded, and of a place in it.
fn refusal(error: &(dyn Diagnostic + 'static), text: &str) -> String {
    let label = error.labels().and_then(|mut labels| labels.next());
    let label = label.expect("a refusal has a place");
    let (from, to) = (label.offset(), label.offset() + label.len());
    assert!(text.is_char_boundary(from), "{from} of {}", text.len());
    assert!(to <= text.len().max(from), "{to} of {}", text.len());
    let said = error.to_string();
    assert!(!said.trim().is_empty());
    let remedy = error.help().map(|help| help.to_string()).unwrap_or_default();
    format!("{from} {to} {said} {remedy}")
}
