//! Which pid the next process gets: the kernel lets root choose, in each namespace of pids apart.
//!
//! Whoever starts a process in the meantime takes it, so that a fleet is given a namespace that nobody else is in, as a
//! container has one. Programs of util-linux make it and enter it.

use std::process::{Command, Stdio};

use super::on_path;
use crate::exporter::Pid;

/// Where the pid stands that was given last, of the reader's own namespace: the next process gets the next one that is free.
const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";
/// Starts a command as the first process of a namespace of its own, which ends with it.
pub(super) const APART: [&str; 6] = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

/// Why this user may not choose, if he may not: known once it is tried.
pub fn is_beyond_this_user() -> Option<String> {
    if let Some(missing) = [APART[0], "nsenter"]
        .into_iter()
        .find(|program| on_path(program).is_none())
    {
        return Some(format!("no `{missing}` is on PATH (package util-linux)"));
    }
    let mut apart = Command::new(APART[0]);
    apart.args(&APART[1..]).args(shell(100));
    told(apart)
}

/// Has the next process of the namespace that `first` (as this machine calls it) is in get `pid`, or the next one that is free.
///
/// # Errors
/// What the programs printed.
pub(super) fn choose(first: Pid, pid: Pid) -> Result<(), String> {
    let mut inside = Command::new("nsenter");
    inside
        .args(["--target", &first.to_string(), "--pid", "--"])
        .args(shell(pid));
    told(inside).map_or(Ok(()), Err)
}

fn shell(pid: Pid) -> [String; 3] {
    let last = pid - 1;
    [
        "sh".to_owned(),
        "-c".to_owned(),
        format!("echo {last} >{LAST_PID}"),
    ]
}

/// What a command that failed printed.
fn told(mut command: Command) -> Option<String> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            Some(
                text.lines()
                    .last()
                    .unwrap_or("it printed nothing")
                    .trim()
                    .to_owned(),
            )
        }
        Err(error) => Some(error.to_string()),
    }
}
