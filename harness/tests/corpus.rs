//! Every input that the fuzzer has left behind, given to its target without the fuzzer.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use targets::{ALL, Target};

fn main() -> ExitCode {
    let mut trials: Vec<Trial> = ALL.iter().map(trial).collect();
    trials.push(Trial::test(
        "every_folder_of_inputs_has_a_target",
        every_folder_has_a_target,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn trial(target: &'static Target) -> Trial {
    let name = format!("what_the_fuzzer_found_is_dealt_with::{}", target.name);
    Trial::test(name, move || replay(target))
}

fn replay(target: &Target) -> Result<(), Failed> {
    let mut inputs = 0;
    for entry in fs::read_dir(corpus().join(target.name))? {
        let path = entry?.path();
        let data = fs::read(&path)?;
        catch_unwind(|| (target.run)(&data)).map_err(|_| format!("{} is not dealt with", path.display()))?;
        inputs += 1;
    }
    if inputs == 0 {
        return Err(format!("there is no input for {}", target.name).into());
    }
    Ok(())
}

fn every_folder_has_a_target() -> Result<(), Failed> {
    let known: Vec<_> = ALL.iter().map(|target| target.name).collect();
    for entry in fs::read_dir(corpus())? {
        let name = entry?.file_name().into_string().unwrap();
        if !known.contains(&name.as_str()) {
            return Err(format!(
                "{name} holds inputs for no target; there are {}",
                known.join(", ")
            )
            .into());
        }
    }
    Ok(())
}
