//! Every event of real runs follows `docs/events.schema.json`, and every kind of event has a sample.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const SCENARIO: &str = "counter/sums-across-workers";

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/events.schema.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The kinds of event that the schema knows.
fn kinds(schema: &Value) -> BTreeSet<String> {
    let of = |reference: &Value| {
        reference["$ref"]
            .as_str()
            .unwrap()
            .trim_start_matches("#/$defs/")
            .to_owned()
    };
    schema["oneOf"].as_array().unwrap().iter().map(of).collect()
}

/// A run's events as stdout tells them, which are those that it keeps, and its exit code.
fn run(arguments: &[&str]) -> (Vec<Value>, i32) {
    run_of(&[SCENARIO], arguments)
}

/// The same, of what `chosen` says.
fn run_of(chosen: &[&str], arguments: &[&str]) -> (Vec<Value>, i32) {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .args(["run", "--message-format", "json", "--out"])
        .arg(dir.path())
        .args(chosen)
        .args(arguments)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(!stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let events: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kept = Path::new(events[0]["kept"].as_str().unwrap());
    assert_eq!(fs::read_to_string(kept.join("events.jsonl")).unwrap(), stdout);
    (events, output.status.code().unwrap())
}

/// The reference as a third party's exporter, with these capabilities.
fn manifest(dir: &Path, capabilities: &str) -> String {
    let reference = counterfoil_reference::MANIFEST;
    let (head, rest) = reference.split_once("capabilities = [").unwrap();
    let (_, tail) = rest.split_once(']').unwrap();
    let head = head.replace("name = \"reference\"", "name = \"elsewhere\"");
    let path = dir.join("manifest.toml");
    fs::write(&path, format!("{head}capabilities = [{capabilities}]{tail}")).unwrap();
    path.display().to_string()
}

/// The same beside it with a defect that its baseline lists.
fn known(able: &tempfile::TempDir) -> String {
    let dir = able.path().join("known");
    fs::create_dir(&dir).unwrap();
    let path = manifest(&dir, "\"counter\"");
    let defect = "[workers]\nenv = { COUNTERFOIL_MUTANT = \"serves-own-process\" }";
    let text = fs::read_to_string(&path).unwrap().replace("[workers]", defect);
    fs::write(&path, text).unwrap();
    let baseline = format!(
        "[[known]]\nscenarios = [\"{SCENARIO}\"]\ncheck = \"scrape/equals-truth\"\nreason = \"So it is.\"\n"
    );
    fs::write(dir.join("baseline.toml"), baseline).unwrap();
    path
}

/// A broker that answers probes but takes no task, so that nothing can pass on it, the control least of all.
fn broker_that_takes_nothing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    url
}

fn answer(mut stream: TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        let lines: Vec<&str> = text.split("\r\n").collect();
        for (at, _) in lines.iter().enumerate().filter(|(_, line)| line.starts_with('*')) {
            let reply = match lines.get(at + 2).copied() {
                Some("LLEN") => ":0\r\n",
                Some("LPUSH") => "-ERR no room\r\n",
                // Whoever waits for a task waits for ever.
                Some("BRPOP") => continue,
                _ => "+OK\r\n",
            };
            if stream.write_all(reply.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// A run's events and its exit code.
type Told = (Vec<Value>, i32);

/// Runs of every kind: a name, what was told, and the exit code that there should be.
fn runs() -> [(&'static str, Told, i32); 6] {
    let (bare_dir, able_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (bare, able) = (
        manifest(bare_dir.path(), ""),
        manifest(able_dir.path(), "\"counter\""),
    );
    let broken = broker_that_takes_nothing();
    [
        ("passing", run(&["--broker", "embedded"]), 0),
        (
            "failing",
            run(&["--broker", "embedded", "--mutant", "serves-own-process"]),
            1,
        ),
        (
            "a program that is shrunk",
            run_of(
                &["--property", "1"],
                &["--broker", "embedded", "--mutant", "wrong-content-type"],
            ),
            1,
        ),
        (
            "not applicable",
            run(&["--broker", "embedded", "--exporter", &bare]),
            4,
        ),
        (
            "control failed",
            run(&["--broker", &broken, "--exporter", &able]),
            5,
        ),
        (
            "known failure",
            run(&["--broker", "embedded", "--exporter", &known(&able_dir)]),
            0,
        ),
    ]
}

#[test]
fn every_event_of_real_runs_follows_the_schema_and_every_kind_has_a_sample() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (mut seen, mut verdicts) = (BTreeSet::new(), BTreeSet::new());
    for (name, (events, exit_code), expected) in &runs() {
        assert_eq!(exit_code, expected, "{name}: {events:#?}");
        for event in events {
            let errors: Vec<String> = validator
                .iter_errors(event)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:?}: {event:#}");
            seen.insert(event["event"].as_str().unwrap().to_owned());
            verdicts.extend(event["verdict"].as_str().map(ToOwned::to_owned));
        }
        let (first, last) = (&events[0], &events[events.len() - 1]);
        assert_eq!(
            (&first["event"], &last["event"]),
            (&"run-started".into(), &"run-finished".into()),
            "{name}"
        );
        assert_eq!(last["exit_code"], *exit_code, "{name}");
    }
    assert_eq!(seen, kinds(&schema), "every kind of event needs a sample");
    for verdict in ["pass", "fail", "known-fail", "not-applicable", "inconclusive"] {
        assert!(verdicts.contains(verdict), "no {verdict} among {verdicts:?}");
    }
}

#[test]
fn scenarios_are_judged_by_a_requirement_set_and_programs_are_not() {
    let (scenarios, _) = run(&["--broker", "embedded"]);
    let (programs, _) = run_of(&["--property", "1"], &["--broker", "embedded"]);
    let of = |events: &[Value], kind: &str, key: &str| {
        let mut events = events.iter().filter(|event| event["event"] == kind);
        events.next().unwrap()[key].clone()
    };
    assert_eq!(of(&scenarios, "run-started", "requirements"), 1);
    assert_eq!(of(&scenarios, "scenario-finished", "set"), 1);
    assert_eq!(of(&programs, "run-started", "requirements"), Value::Null);
    assert_eq!(of(&programs, "scenario-finished", "set"), Value::Null);
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut event = serde_json::json!({"event": "scenario-started", "id": "counter/sums", "control": false});
    assert!(validator.is_valid(&event));
    event["colour"] = "red".into();
    assert!(!validator.is_valid(&event));
    assert!(!validator.is_valid(&serde_json::json!({"event": "nothing-known"})));
}

#[test]
fn every_object_of_the_schema_is_closed() {
    fn open(value: &Value, at: &str, found: &mut Vec<String>) {
        if value["type"] == "object"
            && value.get("properties").is_some()
            && value["additionalProperties"] != false
        {
            found.push(at.to_owned());
        }
        match value {
            Value::Object(fields) => fields
                .iter()
                .for_each(|(key, value)| open(value, &format!("{at}/{key}"), found)),
            Value::Array(items) => items.iter().for_each(|value| open(value, at, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    open(&schema(), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_kept_run_says_what_was_asked_and_what_happened_when() {
    let dir = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .args([
            "run",
            "death/worker-killed-and-replaced",
            "--broker",
            "embedded",
            "--seed",
            "7",
            "--out",
        ])
        .arg(dir.path())
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let run = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let json = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let document = json(&run.join("run.json"));
    assert_eq!(document["layout"], "python-16");
    assert_eq!(
        (&document["exporter"], &document["seed"]),
        (&"reference".into(), &7.into())
    );
    let scenario = run.join("death__worker-killed-and-replaced");
    assert!(
        fs::read_to_string(scenario.join("scenario.toml"))
            .unwrap()
            .contains("[[steps]]")
    );
    let plan = json(&scenario.join("plan.json"));
    let tasks = plan["tasks"].as_array().unwrap();
    let acks = fs::read_to_string(scenario.join("acks.jsonl")).unwrap();
    assert!(tasks.len() >= acks.lines().count() && !tasks.is_empty());
    assert!(
        tasks.is_sorted_by_key(|task| task["at_ms"].as_f64().unwrap().to_bits()),
        "offsets never fall"
    );
    let timeline = fs::read_to_string(scenario.join("timeline.jsonl")).unwrap();
    let moments: Vec<Value> = timeline
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |kind: &str| moments.iter().filter(|moment| moment["event"] == kind).count();
    assert_eq!((of("fleet-started"), of("fleet-ended")), (1, 1));
    assert_eq!(of("step-begun"), of("step-ended"));
    assert!(of("fault") >= 1 && of("fault") == of("death"), "{timeline}");
    assert!(of("quiet") >= 1 && of("observed") >= 1, "{timeline}");
}

/// A run in `dir` that is interrupted as soon as it has told of `kind`: everything that it told.
fn interrupted(dir: &Path, kind: &str, arguments: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .args(["run", "--broker", "embedded", "--message-format", "json", "--out"])
        .arg(dir)
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut told = String::new();
    while !told.contains(kind) {
        assert_ne!(
            stdout.read_line(&mut told).unwrap(),
            0,
            "the run ended by itself: {told}"
        );
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    stdout.read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(!told.contains("run-finished"));
    told
}

#[test]
fn an_interrupted_run_has_lost_no_event() {
    let dir = tempfile::tempdir().unwrap();
    // The scenario takes a second or more; the interrupt comes as soon as it has begun.
    let told = interrupted(dir.path(), "scenario-started", &["load/ten-thousand-series"]);
    let run = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(run.join("events.jsonl")).unwrap(), told);
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(
        told.ends_with('\n')
            && told
                .lines()
                .all(|line| validator.is_valid(&serde_json::from_str(line).unwrap()))
    );
}

#[test]
fn a_failure_that_an_interrupt_keeps_from_being_confirmed_is_told() {
    let dir = tempfile::tempdir().unwrap();
    // What passes is over when the failure before it begins to be played again, a thousand times.
    let arguments = [
        SCENARIO,
        "lifecycle/one-worker",
        "--mutant",
        "serves-own-process",
        "--jobs",
        "1",
        "--confirm",
        "1000",
    ];
    let told = interrupted(dir.path(), "scenario-finished", &arguments);
    let events = told.lines().map(|line| serde_json::from_str(line).unwrap());
    let finished: Vec<Value> = events
        .filter(|event: &Value| event["event"] == "scenario-finished")
        .collect();
    let said: Vec<_> = finished
        .iter()
        .map(|event| (&event["id"], &event["verdict"]))
        .collect();
    assert_eq!(
        said,
        [
            (&"lifecycle/one-worker".into(), &"pass".into()),
            (&SCENARIO.into(), &"fail".into())
        ]
    );
}
