//! What the steps of a scenario must fulfil.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::faults::{Harm, neighbour};
use super::size::Size;
use super::{Flaw, declared, flaw};
use crate::check;
use crate::scenario::{Claim, Inherit, Plant, Scenario, ScrapeStep, Step, Wait};
use crate::spelling::suggestion;

pub(super) fn steps(scenario: &Scenario) -> Result<(), Flaw> {
    let (mut harm, mut size) = (Harm::default(), Size::of(scenario));
    for step in &scenario.steps {
        match step.get_ref() {
            Step::Claim(claim) => claimed(scenario, step.span(), claim)?,
            Step::Dispatch(dispatch) => {
                tasks_exist(scenario, &dispatch.tasks)?;
                size.dispatched(step.span(), dispatch)?;
                harm.reaches_the_broker(step.span())?;
                if dispatch.min_pids > 0 {
                    harm.reaches_workers(step.span(), "is acknowledged")?;
                }
            }
            Step::Check(names) => {
                checks_exist(names)?;
                checks_fit(scenario, names)?;
            }
            Step::Fault(fault) => {
                neighbour(scenario, step.span(), *fault)?;
                harm.done(step.span(), *fault)?;
            }
            Step::Wait(Wait::Quiet) => harm.reaches_workers(step.span(), "comes to rest")?,
            Step::Plant(plant) => {
                harm.takes_files(step.span())?;
                planted(step.span(), plant)?;
            }
            Step::Wipe(_) => harm.takes_files(step.span())?,
            Step::Scrape(scrape) => scraped(step.span(), scrape)?,
            Step::Inherit(inherit) => {
                harm.takes_files(step.span())?;
                inherited(step.span(), scenario, *inherit)?;
            }
            Step::Wait(Wait::Prometheus) if !scenario.prometheus => {
                return Err(scrapes_not(step.span()));
            }
            Step::Scale(workers) => {
                harm.is_over(step.span())?;
                size.scaled(step.span(), scenario, *workers)?;
            }
            Step::Successor(succession) => {
                harm.is_over(step.span())?;
                size.succeeded(step.span(), scenario, *succession)?;
            }
            Step::Restart(_) => {
                harm.is_over(step.span())?;
                size.is_of_one(step.span())?;
                restarted(scenario, step.span())?;
                size.restarted(scenario);
            }
            Step::Stop(_) => size.is_of_one(step.span())?,
            Step::Wait(Wait::Endpoint | Wait::Prometheus) => {}
        }
    }
    harm.ended()?;
    size.ended()?;
    described_twice(scenario)?;
    judged(scenario)
}

/// Only who follows describes a metric in other words.
fn described_twice(scenario: &Scenario) -> Result<(), Flaw> {
    let mut steps = scenario.steps.iter().map(Spanned::get_ref);
    let again = scenario
        .metrics
        .iter()
        .find_map(|metric| metric.help_of_successor.as_ref());
    match again.filter(|_| !steps.any(|step| matches!(step, Step::Successor(_)))) {
        Some(help) => Err(flaw(
            help.span(),
            "the fleet has no successor",
            "remove the key, or add a step with successor = \"starts\"",
        )),
        None => Ok(()),
    }
}

fn claimed(scenario: &Scenario, at: Range<usize>, claim: &Claim) -> Result<(), Flaw> {
    tasks_exist(scenario, &claim.tasks)?;
    if scenario.canary.is_some() {
        return Ok(());
    }
    let remedy = "remove the step, or declare `canary`: the check that must fail";
    Err(flaw(
        at,
        "only a canary claims what nobody was asked to do",
        remedy,
    ))
}

/// That something is checked, and by a canary what must fail.
fn judged(scenario: &Scenario) -> Result<(), Flaw> {
    if let Some(check) = &scenario.canary
        && !scenario.checks().contains(&check.get_ref().as_str())
    {
        let message = format!("no step asks for {:?}, which must fail", check.get_ref());
        return Err(flaw(
            check.span(),
            message,
            "name one of the checks that its steps ask for",
        ));
    }
    if scenario
        .steps
        .iter()
        .any(|step| matches!(step.get_ref(), Step::Check(_)))
    {
        return Ok(());
    }
    let at = scenario.steps.last().map_or(0..0, Spanned::span);
    let remedy = "end with a [[steps]] that has `check = […]`; `counterfoil list checks` names the checks";
    Err(flaw(at, "no step checks anything", remedy))
}

fn checks_exist(names: &[Spanned<String>]) -> Result<(), Flaw> {
    for name in names {
        if check::Check::named(name.get_ref()).is_none() {
            let known: Vec<&str> = check::ALL.iter().map(|check| check.id()).collect();
            let message = format!("there is no check {:?}", name.get_ref());
            let remedy = suggestion(name.get_ref(), &known, "the checks");
            return Err(flaw(name.span(), message, remedy));
        }
    }
    Ok(())
}

/// The checks that hold a scrape against all that the files hold.
const OF_EVERYTHING: [&str; 3] = ["scrape/equals-truth", "scrape/bracketed", "scrape/monotonic"];

/// A scrape of chosen names has a check of its own, and others cannot judge it; Prometheus is asked where it scrapes.
fn checks_fit(scenario: &Scenario, checks: &[Spanned<String>]) -> Result<(), Flaw> {
    for check in checks {
        let (name, chooses) = (check.get_ref().as_str(), !scenario.names.is_empty());
        if name == "scrape/names" && !chooses {
            let remedy = "add `names = […]`: the samples that its scrapes ask for";
            return Err(flaw(check.span(), "no scrape asks for names", remedy));
        }
        if name == "prometheus/agrees" && !scenario.prometheus {
            return Err(scrapes_not(check.span()));
        }
        if chooses && OF_EVERYTHING.contains(&name) {
            let remedy = "ask for \"scrape/names\" instead, or remove `names`";
            return Err(flaw(
                check.span(),
                "scrapes of chosen names do not serve everything",
                remedy,
            ));
        }
    }
    Ok(())
}

/// Prometheus has one target.
pub(super) fn stays_on_its_port(scenario: &Scenario, at: &Range<usize>) -> Result<(), Flaw> {
    if !scenario.prometheus {
        return Ok(());
    }
    let remedy = "remove `prometheus = true`, or the step";
    let message = "Prometheus does not follow a fleet to another port";
    Err(flaw(at.clone(), message, remedy))
}

/// A fleet that is started again is another target, and what it serves begins anew.
fn restarted(scenario: &Scenario, at: Range<usize>) -> Result<(), Flaw> {
    stays_on_its_port(scenario, &at)?;
    if scenario.checks().contains(&"scrape/monotonic") {
        let remedy = "do not ask for \"scrape/monotonic\", or remove the step";
        return Err(flaw(
            at,
            "what is served may fall when the fleet is started again",
            remedy,
        ));
    }
    Ok(())
}

fn scrapes_not(at: Range<usize>) -> Flaw {
    flaw(
        at,
        "Prometheus does not scrape this fleet",
        "add `prometheus = true`",
    )
}

fn scraped(at: Range<usize>, scrape: &ScrapeStep) -> Result<(), Flaw> {
    if (1..=scrape.count).contains(&scrape.at_once) {
        return Ok(());
    }
    let message = format!(
        "{} of {} scrapes cannot be under way at once",
        scrape.at_once, scrape.count
    );
    Err(flaw(at, message, "lower `at_once`, or raise `count`"))
}

fn planted(at: Range<usize>, plant: &Plant) -> Result<(), Flaw> {
    let is_plain = !plant.file.contains('/') && plant.file.len() > ".db".len() && plant.file.ends_with(".db");
    if is_plain {
        return Ok(());
    }
    let message = format!("{:?} is no metric file's name", plant.file);
    Err(flaw(
        at,
        message,
        "name it like one: no folder, and .db at its end (M1)",
    ))
}

/// The most processes that may have been there before: their files are read again and again.
const MOST_INHERITED: u32 = 10_000;

fn inherited(at: Range<usize>, scenario: &Scenario, inherit: Inherit) -> Result<(), Flaw> {
    let steps = scenario.steps.iter().map(Spanned::get_ref);
    let living = steps.filter(|step| matches!(step, Step::Inherit(Inherit { living: true, .. })));
    if inherit.living && (inherit.processes, living.count()) != (1, 1) {
        let message = "only one process lives that is none of the fleet's: this suite's own";
        return Err(flaw(at, message, "say `processes = 1, living = true`, once"));
    }
    if (1..=MOST_INHERITED).contains(&inherit.processes) {
        return Ok(());
    }
    let message = format!("{} processes cannot have left their files", inherit.processes);
    Err(flaw(at, message, format!("say 1 to {MOST_INHERITED}")))
}

fn tasks_exist(scenario: &Scenario, tasks: &BTreeMap<String, Spanned<u32>>) -> Result<(), Flaw> {
    for (name, count) in tasks {
        if scenario.task(name).is_none() {
            let message = format!("task {name:?} is not declared");
            let names = scenario.tasks.iter().map(|task| task.name.as_str());
            return Err(flaw(count.span(), message, declared(name, names, "tasks")));
        }
    }
    Ok(())
}
