//! Reading while eight processes write without a pause: no error, no value that was never written, nothing cumulative
//! that falls, and every scrape of the reference between the files before it and the files after it.
//!
//! The writers are this program, started again. They create label sets all the time, so that files grow; some end,
//! some are killed, and others with a new pid take their places. `COUNTERFOIL_WRITERS_SECONDS` says for how long (2).
//! A run that has not seen enough by then goes on, for a minute at most, and is a failure if that does not help.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod crew;
mod evidence;
mod pledges;
mod scene;
mod watch;
mod writer;
mod written;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use counterfoil_reference::mutant::Mutant;
use libtest_mimic::{Arguments, Failed, Trial};

use scene::Scene;

const SECONDS: &str = "COUNTERFOIL_WRITERS_SECONDS";
/// How much longer a run may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How soon a defect of the endpoint must have been seen.
const MUTANT_DEADLINE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    if let Some(writer) = writer::Writer::of_this_process() {
        writer.write_until_told_to_stop();
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    let mutant = |mutant: Mutant| {
        let name = format!(
            "an_endpoint_that_is_wrong_is_found_while_they_write::{}",
            mutant.name()
        );
        Trial::test(name, move || is_found(mutant))
    };
    let mut trials = vec![Trial::test(
        "nothing_is_wrong_while_eight_processes_write",
        nothing_is_wrong,
    )];
    trials.extend([Mutant::GoesBackwards, Mutant::StaleCache, Mutant::ValuesAsF32].map(mutant));
    trials.extend(written::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn duration() -> Result<Duration, Failed> {
    let Ok(text) = std::env::var(SECONDS) else {
        return Ok(Duration::from_secs(2));
    };
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{SECONDS}={text:?}: use a number of seconds from 1 to 3600").into()),
    }
}

fn nothing_is_wrong() -> Result<(), Failed> {
    let duration = duration()?;
    let mut scene = Scene::set(8, duration, None)?;
    let began = Instant::now();
    loop {
        scene.round()?;
        let missing = scene.missing();
        if began.elapsed() >= duration && missing.is_empty() {
            break;
        }
        if began.elapsed() >= duration + PATIENCE {
            return Err(format!("inconclusive, too little was seen: {}", missing.join(", ")).into());
        }
    }
    let evidence = scene.come_to_rest()?;
    println!("while they wrote for {} s: {evidence}", began.elapsed().as_secs());
    Ok(())
}

fn is_found(mutant: Mutant) -> Result<(), Failed> {
    let mut scene = Scene::set(2, Duration::from_secs(10), Some(mutant))?;
    let give_up_at = Instant::now() + MUTANT_DEADLINE;
    while Instant::now() < give_up_at {
        if let Err(fault) = scene.round() {
            return match fault.message() {
                Some(message) if message.contains("scrape") => Ok(()),
                _ => Err(fault),
            };
        }
    }
    Err(format!(
        "{} was not found in {} s",
        mutant.name(),
        MUTANT_DEADLINE.as_secs()
    )
    .into())
}
