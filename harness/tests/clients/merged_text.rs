//! `counterfoil merge` against the text of prometheus_client 0.26.0.
//!
//! Byte for byte are the same: the header of each family, and the lines of each label set (a histogram's less `le`),
//! in their order (M10), with their labels and numbers (M11, M12). The order of families, and that of label sets
//! within a family, is the client's order of reading and no rule: these are compared as sets.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use counterfoil::exposition::{Exposition, Family, text};
use counterfoil::series::{Labels, MetricType};
use counterfoil::truth::Truth;

use crate::answer::Served;

/// Whether the texts were compared and are alike. Where files conflict, the client puts samples of one type under the
/// header of another (M3), and where a series comes twice, so does its line: neither is a text to hold to.
pub(crate) fn alike(dir: &Path, truth: &Truth, families: &[Served], clients: &str) -> Result<bool, String> {
    let conflicts = truth.families.iter().any(|family| family.outcomes.len() > 1);
    if conflicts || families.iter().any(Served::comes_twice) {
        return Ok(false);
    }
    let exposition = truth.to_exposition();
    let own = merged(dir)?;
    if own != text::write(&exposition) {
        return Err("`counterfoil merge` writes another text than the library".to_owned());
    }
    same_but_for_the_order(&exposition, &own, clients)?;
    Ok(true)
}

/// What the command prints.
fn merged(dir: &Path) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .arg("merge")
        .arg(dir)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

fn same_but_for_the_order(exposition: &Exposition, own: &str, clients: &str) -> Result<(), String> {
    let (own, mut clients) = (by_header(own)?, by_header(clients)?);
    for family in &exposition.families {
        let header = header(family);
        let lines = own
            .get(header.as_str())
            .ok_or_else(|| format!("there is no {header:?}"))?;
        let theirs = clients
            .remove(header.as_str())
            .ok_or_else(|| format!("the client's text has no {header:?}"))?;
        same_blocks(family, lines, &theirs)?;
    }
    match clients.keys().next() {
        Some(header) => Err(format!("only the client's text has {header:?}")),
        None => Ok(()),
    }
}

/// Two lines: HELP and TYPE.
fn header(family: &Family) -> String {
    let alone = Family {
        samples: Vec::new(),
        ..family.clone()
    };
    text::write(&Exposition {
        families: vec![alone],
    })
}

/// The lines of samples by the header that they stand under. A line ends with a line feed and nothing else.
fn by_header(text: &str) -> Result<BTreeMap<String, Vec<&str>>, String> {
    let mut families = BTreeMap::new();
    let mut lines = text.split_terminator('\n').peekable();
    while let Some(help) = lines.next() {
        let kind = lines.next().unwrap_or_default();
        if !help.starts_with("# HELP ") || !kind.starts_with("# TYPE ") {
            return Err(format!("{help:?} and {kind:?} are no header"));
        }
        let mut samples = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("# ")) {
            samples.push(line);
        }
        if families.insert(format!("{help}\n{kind}\n"), samples).is_some() {
            return Err(format!("{help:?} comes twice"));
        }
    }
    Ok(families)
}

/// The lines of each label set of ours stand in theirs one behind the other.
fn same_blocks(family: &Family, own: &[&str], theirs: &[&str]) -> Result<(), String> {
    if own.len() != theirs.len() {
        return Err(format!(
            "{} has {} lines, the client's {}",
            family.name,
            own.len(),
            theirs.len()
        ));
    }
    let places: BTreeMap<&str, usize> = theirs.iter().enumerate().map(|(at, line)| (*line, at)).collect();
    let label_set = |at: &usize| -> Labels {
        let labels = &family.samples[*at].series.labels;
        if family.kind == MetricType::Histogram {
            labels.without("le")
        } else {
            labels.clone()
        }
    };
    let numbers: Vec<usize> = (0..own.len()).collect();
    for block in numbers.chunk_by(|one, next| label_set(one) == label_set(next)) {
        let block = &own[block[0]..=block[block.len() - 1]];
        let at = places
            .get(block[0])
            .ok_or_else(|| format!("the client has no line {:?}", block[0]))?;
        let there = theirs.get(*at..at + block.len()).unwrap_or_default();
        if block != there {
            return Err(format!("writes {block:#?}, the client {there:#?}"));
        }
    }
    Ok(())
}
