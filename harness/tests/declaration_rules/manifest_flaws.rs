//! Flaws of a manifest: what is said about each, and where.

use crate::flaws::flawed;
use crate::{MANIFEST, manifest};

#[test]
fn a_key_of_another_type_of_hook_is_refused_at_that_key() {
    let counter = "metric = \"received_tasks\"\n";
    let (refusal, line) = flawed(
        manifest,
        MANIFEST,
        counter,
        &format!("{counter}buckets = [1.0]\n"),
    );
    assert!(
        refusal.message.contains("unknown key `buckets`"),
        "{}",
        refusal.message
    );
    // The reader loses the place of a key that only another type has: the table it is in is shown.
    assert_eq!(line, "[[hooks]]");
}

#[test]
fn a_flaw_of_a_manifest_is_refused_at_its_line() {
    let flaws = [
        (
            "protocol = 1",
            "protocol = 2",
            "protocol 2 is not spoken here",
            "protocol = 2",
        ),
        ("homepage = ", "hompage = ", "unknown key `hompage`", "hompage = "),
        (
            "version = \"0.13.0\"",
            "version = 13",
            "`version` takes text, not 13",
            "version = 13",
        ),
        (
            "\"failing-tasks\"",
            "\"failing-task\"",
            "unknown value `failing-task` for `capabilities`",
            "\"failing-task\"",
        ),
        (
            "stop = \"TERM\"",
            "stop = \"HUP\"",
            "unknown value `HUP` for `stop`",
            "stop = \"HUP\"",
        ),
        (
            "format = \"taskiq-list\"",
            "format = \"celery\"",
            "unknown value `celery` for `format`",
            "format = \"celery\"",
        ),
        (
            "layout = \"python-16\"",
            "layout = \"python-17\"",
            "unknown value `python-17` for `layout`",
            "layout = ",
        ),
        (
            "on = [\"ok\", \"failed\", \"refused\"]",
            "on = [\"never\"]",
            "unknown value `never` for `on`",
            "on = [\"never\"]",
        ),
    ];
    for (from, to, message, line) in flaws {
        let (refusal, at) = flawed(manifest, MANIFEST, from, to);
        assert!(refusal.message.contains(message), "{to}: {}", refusal.message);
        assert!(at.trim_start().starts_with(line), "{to}: points at {at:?}");
        assert!(refusal.remedy.is_some(), "{to}: says nothing about what to do");
    }
}

#[test]
fn releases_that_are_no_range_or_lack_what_there_is_not_are_refused_at_their_line() {
    let releases = "\n[[releases]]\nversions = \"<0.18\"\nlacks = [\"most-recent\"]\n";
    let text = format!("{MANIFEST}{releases}");
    for (from, to, message, line) in [
        ("\"<0.18\"", "\"old\"", "old", "versions = "),
        (
            "\"most-recent\"]\n",
            "\"time\"]\n",
            "unknown value `time`",
            "lacks = ",
        ),
        ("versions = \"<0.18\"\n", "", "`versions`", "[[releases]]"),
    ] {
        let at_end = releases.replacen(from, to, 1);
        let (refusal, at) = flawed(manifest, &text, releases, &at_end);
        assert!(refusal.message.contains(message), "{to}: {}", refusal.message);
        assert!(at.trim_start().starts_with(line), "{to}: points at {at:?}");
    }
}

#[test]
fn a_queue_over_http_has_an_address_and_no_other_has_one() {
    let list = "format = \"taskiq-list\"";
    let http = "format = \"http\"\nurl = \"http://127.0.0.1:{metrics_port}/task\"";
    assert!(manifest(&MANIFEST.replacen(list, http, 1)).is_ok());
    for (queue, message) in [
        ("format = \"http\"".to_owned(), "the key `url` is missing"),
        (
            http.replace("http:", "https:"),
            "an address that begins with http://",
        ),
        (http.replace("\"http\"", "\"plain-list\""), "unknown key `url`"),
    ] {
        let (refusal, at) = flawed(manifest, MANIFEST, list, &queue);
        assert!(refusal.message.contains(message), "{queue}: {}", refusal.message);
        // What one key asks of another is said of their table.
        assert_eq!(at, "[queue]", "{queue}");
        assert!(refusal.remedy.is_some(), "{queue}");
    }
}

#[test]
fn where_there_are_no_files_none_are_merged() {
    let (refusal, at) = flawed(manifest, MANIFEST, "layout = \"python-16\"", "layout = \"none\"");
    assert!(
        refusal.message.contains("there are no files to merge"),
        "{}",
        refusal.message
    );
    assert!(at.starts_with("merge = ["), "{at}");
    assert!(
        refusal
            .remedy
            .is_some_and(|remedy| remedy.starts_with("remove `merge`"))
    );
    let (without, _) = MANIFEST.split_once("[files]").unwrap();
    let none = |merge: &str| manifest(&format!("{without}[files]\nlayout = \"none\"\n{merge}"));
    assert!(none("").is_ok() && none("merge = []\n").is_err());
}

#[test]
fn a_later_protocols_unknown_keys_do_not_hide_its_version() {
    let later = format!(
        "{}\n[novelty]\nkey = 1\n",
        MANIFEST.replacen("protocol = 1", "protocol = 7", 1)
    );
    let refusal = manifest(&later).err().unwrap();
    assert!(
        refusal.message.contains("protocol 7 is not spoken here"),
        "{}",
        refusal.message
    );
}
