//! `exporters/protocol.schema.json`: what an adapter's author writes in TOML follows it.

use counterfoil::exporter::Manifest;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../exporters/protocol.schema.json");
/// taskiq's.
const BASELINE: &str = include_str!("../../exporters/taskiq/baseline.toml");

/// What the schema of one kind of document has against a text.
fn errors(kind: &str, text: &str) -> Vec<String> {
    let mut schema: Value = SCHEMA.parse().unwrap();
    let fields = schema.as_object_mut().unwrap();
    fields.remove("anyOf");
    fields.insert("$ref".to_owned(), json!(format!("#/$defs/{kind}")));
    let document: Value = toml::from_str(text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(&document);
    errors.map(|error| error.to_string()).collect()
}

#[test]
fn every_adapters_manifest_and_baseline_follow_the_schema() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/exporters")).unwrap();
    let mut seen = 0;
    for folder in folders {
        let folder = folder.unwrap().path();
        for kind in ["manifest", "baseline"] {
            // Not every folder is an adapter's, and not every adapter has a baseline.
            if let Ok(text) = std::fs::read_to_string(folder.join(kind).with_extension("toml")) {
                assert_eq!(errors(kind, &text), [""; 0], "{}", folder.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 2, "{seen}");
}

#[test]
fn what_the_program_refuses_the_schema_refuses_too() {
    let manifest = crate::MANIFEST.replacen("homepage", "hompage", 1);
    assert_ne!(errors("manifest", &manifest), [""; 0]);
    let list = "format = \"taskiq-list\"";
    for queue in [
        "format = \"http\"".to_owned(),
        format!("{list}\nurl = \"http://127.0.0.1:1/task\""),
    ] {
        assert_ne!(
            errors("manifest", &crate::MANIFEST.replacen(list, &queue, 1)),
            [""; 0],
            "{queue}"
        );
    }
    let without_files = crate::MANIFEST.replacen("layout = \"python-16\"", "layout = \"none\"", 1);
    assert_ne!(errors("manifest", &without_files), [""; 0]);
    for programs in ["installed = []\nremedy = \"get it\"", "installed = [\"acme\"]"] {
        let manifest = format!("{}\n[programs]\n{programs}\n", crate::MANIFEST);
        assert!(Manifest::parse("x", &manifest).is_err(), "{programs}");
        assert_ne!(errors("manifest", &manifest), [""; 0], "{programs}");
    }
    for (from, to) in [
        ("check = \"scrape/available\"", "checks = [\"scrape/available\"]"),
        ("scenarios = [\"histogram/below-zero\"]", "scenarios = []"),
        ("versions = \"<0.12.2\"", "versions = 0.12"),
        ("reason = ", "because = "),
    ] {
        assert!(BASELINE.contains(from), "{from}");
        assert_ne!(
            errors("baseline", &BASELINE.replacen(from, to, 1)),
            [""; 0],
            "{to}"
        );
    }
}
