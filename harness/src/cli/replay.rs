//! `counterfoil replay`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use counterfoil::replay::{Likeness, ReplayError, Replayed, kept, replay, setting};
use counterfoil::report::{ExitStatus, Summary, render_failure};

use super::output::Output;
use super::run;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of a run, or of one of its scenarios
    dir: PathBuf,
    /// Plays it again, with the same scenario, exporter, seed and defect, instead of judging what was kept
    #[arg(long)]
    again: bool,
    /// With --again: auto, embedded, process, container, or redis://HOST:PORT
    #[arg(long, default_value = "auto", requires = "again")]
    broker: String,
    /// With --again: where the new run is kept
    #[arg(
        long,
        value_name = "DIR",
        default_value = "counterfoil.out",
        requires = "again"
    )]
    out: PathBuf,
}

pub(crate) fn main(arguments: Arguments) -> ExitCode {
    let out = Output::default();
    let done = match arguments.again {
        true => again(&arguments),
        false => all(&arguments.dir, &out).map(|replayed| out.end(sum(&replayed, &out))),
    };
    done.unwrap_or_else(|error| {
        let exit = error.exit();
        super::complain(error);
        exit.into()
    })
}

fn again(arguments: &Arguments) -> Result<ExitCode, ReplayError> {
    let folders = kept(&arguments.dir)?;
    let [folder] = &folders[..] else {
        return Err(ReplayError::Several {
            path: arguments.dir.clone(),
            first: folders.into_iter().next().unwrap_or_default(),
        });
    };
    let setting = setting(folder)?;
    Ok(run::main(run::Arguments::again(run::Again {
        id: setting.id,
        scenarios: setting.scenarios,
        requirements: setting.requirements,
        no_baseline: setting.no_baseline,
        exporter: setting.exporter,
        fleet: setting.fleet,
        seed: setting.seed,
        mutant: setting.mutant,
        broker: arguments.broker.clone(),
        out: arguments.out.clone(),
    })))
}

fn all(dir: &Path, out: &Output) -> Result<Vec<Replayed>, ReplayError> {
    let mut all = Vec::new();
    for folder in kept(dir)? {
        let replayed = replay(&folder)?;
        let likeness = match &replayed.likeness {
            Likeness::Same => "the same",
            Likeness::Otherwise { .. } => "OTHERWISE than it was judged then",
            Likeness::NotJudged => "did not come to its checks",
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let verdict = replayed.report.verdict.name();
        out.line(format_args!("{verdict:>14} {name}  {likeness}"));
        all.push(replayed);
    }
    Ok(all)
}

/// The failures, what is judged otherwise, the sum, and the exit code.
fn sum(replayed: &[Replayed], out: &Output) -> ExitStatus {
    for Replayed { report, likeness } in replayed {
        if report.verdict.needs_attention() {
            out.line(format_args!("\n{}", render_failure(report).trim_end()));
        }
        if let Likeness::Otherwise { then, now } = likeness {
            out.line(format_args!(
                "\nOTHERWISE  {}\n  then: {then}\n  now:  {now}",
                report.id
            ));
        }
    }
    let count =
        |is: &dyn Fn(&Likeness) -> bool| replayed.iter().filter(|replayed| is(&replayed.likeness)).count();
    let same = count(&|likeness| *likeness == Likeness::Same);
    let not_judged = count(&|likeness| *likeness == Likeness::NotJudged);
    let otherwise = replayed.len() - same - not_judged;
    let kept = replayed.len();
    out.line(format_args!(
        "\n{kept} kept: {same} judged the same, {otherwise} otherwise, {not_judged} did not come to their checks"
    ));
    let reports: Vec<_> = replayed.iter().map(|replayed| replayed.report.clone()).collect();
    let exit = Summary::of(reports.len(), &reports, false, 0).exit();
    match otherwise {
        0 => exit,
        // The same evidence and another verdict: this suite or the one that judged it is wrong.
        _ => exit.worst(ExitStatus::Internal),
    }
}
