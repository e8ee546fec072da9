//! The facts about the two formats, as readers see them that others wrote.

use counterfoil::fleet::on_path;
use counterfoil::testing::Prerequisite::{Network, Promtool, Python};
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::client::{Client, Request};
use crate::facts::{self, Fact};
use crate::parsers::checked;
use crate::python::NEWEST;

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let client = format!("clients/facts-{}", NEWEST.version);
    vec![
        prerequisites.trial(&client, &[Python, Network], || {
            let mut client = NEWEST.start()?;
            let openmetrics = facts::openmetrics();
            hold("OpenMetrics", &openmetrics, client_of, |body| {
                is_read(&mut client, body, "openmetrics")
            })?;
            hold("text", &facts::text(), client_of, |body| {
                is_read(&mut client, body, "text")
            })
        }),
        prerequisites.trial("clients/facts-promtool", &[Promtool], || {
            let promtool = on_path("promtool").ok_or("there is no promtool on PATH")?;
            hold("text", &facts::text(), promtool_of, |body| {
                Ok(checked(&promtool, body).is_ok())
            })
        }),
    ]
}

fn client_of(fact: &Fact) -> Option<&str> {
    fact.client.as_deref()
}

fn promtool_of(fact: &Fact) -> Option<&str> {
    fact.promtool.as_deref()
}

/// What the client's parser makes of a body; an error where it is gone.
fn is_read(client: &mut Client, text: &str, format: &'static str) -> Result<bool, String> {
    match client.ask::<Value>(&Request::Parse { text, format }) {
        Ok(_) => Ok(true),
        Err(error) if error.starts_with("the client failed") => Ok(false),
        Err(error) => Err(error),
    }
}

/// A reader decides as the facts do, but where a fact knows what makes it decide otherwise.
fn hold(
    format: &str,
    facts: &[Fact],
    otherwise: impl Fn(&Fact) -> Option<&str>,
    mut accepts: impl FnMut(&str) -> Result<bool, String>,
) -> Result<(), Failed> {
    let (mut agreed, mut known, mut wrong) = (0, 0, Vec::new());
    for fact in facts {
        let agrees = accepts(fact.body())? == fact.is_accepted();
        match (agrees, otherwise(fact)) {
            (true, None) => agreed += 1,
            (false, Some(_)) => known += 1,
            (true, Some(reason)) => wrong.push(format!("{:?}: it agrees, though {reason}", fact.body())),
            (false, None) => wrong.push(format!(
                "{:?}: it decides otherwise than: {}",
                fact.body(),
                fact.why
            )),
        }
    }
    if !wrong.is_empty() {
        return Err(Failed::from(wrong.join("\n")));
    }
    println!(
        "{} facts about {format}: {agreed} agreed on, {known} deliberate differences",
        facts.len()
    );
    Ok(())
}
