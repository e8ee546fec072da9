//! Every kind of broker suffers what scenarios do to it, but for one that was there before the run.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use counterfoil::broker::Choice;
use counterfoil::broker::embedded::Embedded;
use counterfoil::fleet::on_path;
use counterfoil::report::Verdict;
use counterfoil::testing::Prerequisite::Docker;
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};

use crate::site::{PROGRAM, reference, without_container};

/// The scenarios that do harm to the broker itself.
const HARMFUL: [&str; 4] = [
    "broker/connections-killed",
    "broker/paused",
    "broker/restarted",
    "broker/restarted-with-tasks-in-its-queue",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("brokers/embedded-is-harmed", || is_harmed(Choice::Embedded)),
        Trial::test("brokers/somebodys-is-not-harmed", somebodys_is_not_harmed),
        prerequisites.trial("brokers/container-is-harmed", &[Docker], || {
            is_harmed(Choice::Container)
        }),
    ];
    let processes = [
        Trial::test("brokers/process-is-harmed", || is_harmed(Choice::Process)),
        Trial::test(
            "brokers/one-that-does-not-come-back-is-told",
            one_does_not_come_back,
        ),
    ];
    trials.extend(processes.map(|trial| {
        match without_container() {
            "process" => trial,
            _ => trial
                .with_ignored_flag(true)
                .with_kind("ignored: no redis-server"),
        }
    }));
    trials
}

fn is_harmed(broker: Choice) -> Result<(), Failed> {
    reference().on(broker).only(&HARMFUL).play("")?.must_pass()
}

fn somebodys_is_not_harmed() -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    let somebodys = runtime.block_on(Embedded::start())?;
    let url = Choice::Url(format!("redis://{}", somebodys.address()));
    let played = reference().on(url).play("broker/restarted")?;
    let report = played.report("broker/restarted")?;
    let reason = report.reason.clone().unwrap_or_default();
    if report.verdict == Verdict::Inconclusive && reason.contains("was there before the run") {
        return Ok(());
    }
    Err(played.failure("it was harmed, or nobody was told that it was not"))
}

/// A `redis-server` that starts once in each folder.
const ONCE: &str = r#"#!/bin/sh
for argument in "$@"; do folder="$argument"; done
if [ -e "$folder/started" ]; then echo "it does not start again"; exit 1; fi
touch "$folder/started"
exec REAL "$@"
"#;

fn one_does_not_come_back() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let real = on_path("redis-server").or_else(|| on_path("valkey-server"));
    let real = real.ok_or("it was there when the trials were collected")?;
    let once = folder.path().join("redis-server");
    std::fs::write(&once, ONCE.replace("REAL", &real.display().to_string()))?;
    std::fs::set_permissions(&once, Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH")?;
    let run = Command::new(PROGRAM)
        .args(["run", "broker/restarted", "--broker", "process"])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    let told = ["the broker cannot be started again", "it does not start again"];
    match run.status.code() == Some(3) && told.iter().all(|words| said.contains(words)) {
        true => Ok(()),
        false => Err(Failed::from(format!("{}: {said}", run.status))),
    }
}
