//! The suite's own test: a control that must pass, canaries that must fail, and mutants of the reference, each of which
//! must be killed by the scenario and the check that it declares, for the reason that it declares.
//!
//! A suite that cannot fail is worse than none. This shows that it can: [`self_test`] plays everything on one broker and
//! comes to a [`Matrix`], whose [`exit`](Matrix::exit) is that of `counterfoil self-test`.

mod draw;
mod fate;
mod matrix;

use std::sync::Arc;
use std::time::Instant;

pub use fate::{Death, Fate};
pub use matrix::{Cell, Matrix};

use crate::report::{Event, Listener, Terms};
use crate::run::{Ground, Interrupt, Measure, Play, Recorder, RunError, Session, Settings};
use crate::scenario::{Catalogue, Scenario};

/// What is to be shown.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Every death that is declared, of every mutant.
    pub deaths: Vec<Death>,
    /// The mutants that are played; all of them, if there are none.
    pub only: Vec<String>,
    /// Whether each is played on every scenario.
    pub full: bool,
}

impl Plan {
    /// The deaths of the mutants that are played.
    fn chosen(&self) -> Vec<&Death> {
        let is_chosen = |death: &&Death| self.only.is_empty() || self.only.contains(&death.mutant);
        self.deaths.iter().filter(is_chosen).collect()
    }
}

/// Plays the control, the canaries and the mutants. The settings say where and how; which scenarios they choose is of no
/// matter.
///
/// # Errors
/// What keeps it from judging anything at all; what concerns one play is in the matrix.
pub async fn self_test(
    mut interrupt: Interrupt,
    settings: &Settings,
    plan: &Plan,
    listener: &mut dyn Listener,
) -> Result<Matrix, RunError> {
    let started = Instant::now();
    let catalogue = Catalogue::embedded()?;
    let ground = Ground::open(settings)?;
    let kept = ground.kept.clone();
    let mut recorder = Recorder::create(kept.events(), listener)?;
    let listener: &mut dyn Listener = &mut recorder;
    let adapter = Arc::new(ground.obtain(&settings.exporter, listener)?);
    let session = Session::open(ground, adapter, &mut interrupt, listener).await?;
    let control = catalogue.select(&[]);
    let canaries: Vec<&Scenario> = catalogue.canaries().collect();
    let mutants = plays(plan, &catalogue);
    let planned = control.len() + canaries.len() + mutants.len();
    session.announce(&control, planned, &Measure::default(), listener)?;
    let sound = |scenario: &&Scenario| play(scenario, None);
    let control = session
        .judge(control.iter().map(sound).collect(), &mut interrupt, listener)
        .await;
    let control_failed = !control.iter().all(|report| report.verdict.is_sound());
    let (mut canary_reports, mut mutant_reports) = (Vec::new(), Vec::new());
    if !control_failed {
        let canaries = canaries.iter().map(sound).collect();
        canary_reports = session.judge(canaries, &mut interrupt, listener).await;
        mutant_reports = session.judge(mutants, &mut interrupt, listener).await;
    }
    session.close(&interrupt).await?;
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let all = [&control[..], &canary_reports, &mutant_reports].concat();
    let matrix = Matrix::of(
        plan,
        &catalogue,
        control,
        canary_reports,
        mutant_reports,
        elapsed_ms,
    );
    listener.on(&Event::RunFinished(matrix.summary(planned, &all)));
    recorder.finish()?;
    matrix.keep(kept.path())?;
    Ok(matrix)
}

/// Every declared pair of mutant and scenario once; with `full`, every pair.
fn plays(plan: &Plan, catalogue: &Catalogue) -> Vec<Play> {
    let mut plays: Vec<Play> = Vec::new();
    for death in plan.chosen() {
        let scenarios = match plan.full {
            true => catalogue.select(&[]),
            false => catalogue.get(&death.scenario).into_iter().collect(),
        };
        for scenario in scenarios {
            let is_there = |other: &Play| {
                other.scenario.id == scenario.id && other.mutant.as_ref() == Some(&death.mutant)
            };
            if !plays.iter().any(is_there) {
                plays.push(play(scenario, Some(&death.mutant)));
            }
        }
    }
    plays
}

fn play(scenario: &Scenario, mutant: Option<&str>) -> Play {
    Play {
        scenario: scenario.clone(),
        terms: Terms::declared(scenario),
        mutant: mutant.map(str::to_owned),
        part: mutant.unwrap_or_default().to_owned(),
    }
}
