//! Disks that are full for real: a small file system of a test's own, in a mount namespace that ends with it.
//!
//! Where a machine allows no such namespace the trials are ignored, and say so.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::site::PROGRAM;

/// A scenario that gives up soon when nobody works.
const SCENARIO: &str = r#"title = "Jobs add up"
level = "must"
since = "0.1.0"
why = "Written by hand."

[fleet]
workers = 2

[[metrics]]
name = "jobs"
type = "counter"
help = "Jobs done."

[[tasks]]
name = "mail"
ops = [{ op = "inc", metric = "jobs" }]

[[steps]]
dispatch = { tasks = { mail = 20 } }

[[steps]]
wait = "quiet"

[[steps]]
check = ["scrape/available", "truth/equals-ledger"]

[limits]
quiesce_deadline_ms = 2000
"#;

/// What a page of memory holds, which is what such a file system counts in.
const PAGE_KIB: u32 = 4;

pub(crate) fn trials() -> Vec<Trial> {
    let absence = absence();
    let trials = [
        Trial::test("full-disk/kept-run", a_kept_run_that_does_not_fit_is_no_verdict),
        Trial::test("full-disk/metric-files", workers_without_room_are_no_verdict),
        Trial::test("full-disk/junit", a_report_that_does_not_fit_leaves_the_last_one),
    ];
    let decided = |trial: Trial| match &absence {
        Some(reason) => trial
            .with_ignored_flag(true)
            .with_kind(format!("ignored: {reason}")),
        None => trial,
    };
    trials.into_iter().map(decided).collect()
}

fn a_kept_run_that_does_not_fit_is_no_verdict() -> Result<(), Failed> {
    let disk = Disk::of(2 * PAGE_KIB)?;
    let output = disk.run("true", "--out disk", "true")?;
    let text = printed(&output);
    says(&text, "/jobs__add-up/scenario.toml: No space left on device")?;
    says(
        &text,
        "what to do: make room there, or choose a place on another disk with --out",
    )?;
    says(&text, "1 inconclusive")?;
    ends(&output, 3)
}

/// Ten pages hold what the harness writes before it checks, and no metric file.
fn workers_without_room_are_no_verdict() -> Result<(), Failed> {
    let disk = Disk::of(10 * PAGE_KIB)?;
    let output = disk.run("true", "--out disk", "cp disk/*/jobs__add-up/workers.log .")?;
    let text = printed(&output);
    says(&text, "20 tasks were still queued after 2000 ms")?;
    says(&text, "what to do: what the fleet printed is in workers.log")?;
    says(
        &fs::read_to_string(disk.path().join("workers.log"))?,
        "No space left on device",
    )?;
    ends(&output, 3)
}

fn a_report_that_does_not_fit_leaves_the_last_one() -> Result<(), Failed> {
    let disk = Disk::of(2 * PAGE_KIB)?;
    let fill = "echo last time >disk/junit.xml; head -c 4096 /dev/zero >disk/rest";
    let output = disk.run(
        fill,
        "--junit disk/junit.xml",
        "cp disk/junit.xml .; ls -A disk >left",
    )?;
    let text = printed(&output);
    says(&text, "1 pass")?;
    says(&text, "cannot write disk/junit.xml")?;
    says(&text, "choose a place on another disk with --junit")?;
    let (report, left) = (
        fs::read_to_string(disk.path().join("junit.xml"))?,
        fs::read_to_string(disk.path().join("left"))?,
    );
    if (report.as_str(), left.as_str()) != ("last time\n", "junit.xml\nrest\n") {
        return Err(Failed::from(format!(
            "what is left: {left:?}, and in the report: {report:?}"
        )));
    }
    ends(&output, 3)
}

/// A folder with a folder `disk` in it that holds so much.
struct Disk {
    folder: TempDir,
    size_kib: u32,
}

impl Disk {
    fn of(size_kib: u32) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join("disk"))?;
        fs::create_dir_all(folder.path().join("mine/jobs"))?;
        fs::write(folder.path().join("mine/jobs/add-up.toml"), SCENARIO)?;
        Ok(Self { folder, size_kib })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Plays the scenario with these options. The disk is gone afterwards: `before` prepares it, and `after` takes
    /// from it what is to be looked at.
    fn run(&self, before: &str, options: &str, after: &str) -> Result<Output, Failed> {
        let script = format!(
            "mount -t tmpfs -o size={}k tmpfs disk || exit 99\n{before}\n\
             '{PROGRAM}' run --scenarios mine --broker embedded {options}\nstatus=$?\n{after}\nexit $status",
            self.size_kib
        );
        Ok(namespace(&script).current_dir(self.path()).output()?)
    }
}

/// A shell that mounts what it likes, and nobody else sees it.
fn namespace(script: &str) -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::getuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", script]);
    command
}

/// Why this machine has no such namespaces, if it has none.
fn absence() -> Option<String> {
    let output = namespace("mount -t tmpfs -o size=4k tmpfs /mnt").output();
    match output {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!(
            "no mount namespace: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Some(format!("no unshare: {error}")),
    }
}

fn printed(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

fn says(text: &str, what: &str) -> Result<(), Failed> {
    match text.contains(what) {
        true => Ok(()),
        false => Err(Failed::from(format!("{what:?} is not said:\n{text}"))),
    }
}

fn ends(output: &Output, code: i32) -> Result<(), Failed> {
    match output.status.code() {
        Some(ended) if ended == code => Ok(()),
        other => Err(Failed::from(format!(
            "it ends with {other:?}:\n{}",
            printed(output)
        ))),
    }
}
