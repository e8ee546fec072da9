//! Debian's prometheus-client-mmap for Ruby.

use std::fs;
use std::path::Path;

use counterfoil::fleet::on_path;
use counterfoil::testing::Prerequisite::Ruby;
use counterfoil::testing::Prerequisites;
use counterfoil::truth::{Layout, Snapshot};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::client::{Client, Request};
use crate::difference::{Order, agree, count, exposed};
use crate::harm::KEYS_OF_RUBY;
use crate::program::Program;
use crate::property::{self, Counts, Share};
use crate::ruby_text;
use crate::scope::{IDS_IN_ASCII, MODES_OF_RUBY, NAMES, Scope};
use crate::strategy::programs;

/// The release whose rules R* are; the prerequisite asks for it.
const CLIENT: &str = "prometheus-client-mmap";
const VERSION: &str = "0.16.2";

const SCOPE: Scope = Scope {
    modes: MODES_OF_RUBY,
    any_label_value: true,
    conflicts: true,
    own_pid: true,
    harm: Some(KEYS_OF_RUBY),
    names: NAMES,
    ids: IDS_IN_ASCII,
    tame: false,
};

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let name = format!("clients/{CLIENT}-{VERSION}");
    vec![prerequisites.trial(&name, &[Ruby], compare)]
}

fn compare() -> Result<(), Failed> {
    let ruby = on_path("ruby").ok_or("there is no ruby on PATH")?;
    let mut client = Client::start(&ruby, "client.rb")?;
    let title = format!("{CLIENT} {VERSION}");
    let counts = property::holds(
        &title,
        &format!("{CLIENT}-{VERSION}"),
        Share::All,
        programs(SCOPE),
        |program, dir, counts| {
            client.record(program, dir)?;
            merged_alike(&mut client, program, dir, counts)
        },
    )?;
    // A family of several types takes one key, the least, in files of several types (R6): that comes once in some
    // hundreds of directories, so it may be missing; `truth_rules` has it by hand.
    let rare = [
        ("series with several answers", counts.sets),
        ("directories refused by both", counts.refused),
    ];
    property::must_have_come(&counts, &rare)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Merged { text: String },
    Refused { error: String },
}

/// The client merges what is in `dir` as the truth does. There is one order of the files, that of their names (R6).
fn merged_alike(
    client: &mut Client,
    program: &Program,
    dir: &Path,
    counts: &mut Counts,
) -> Result<(), String> {
    if let Some(harm) = &program.harm {
        let names = names(dir).map_err(|error| error.to_string())?;
        harm.strike(dir, &names).map_err(|error| error.to_string())?;
    }
    let answer: Answer = client.ask(&Request::Merge { dir, orders: &[] })?;
    let snapshot = Snapshot::read(dir).map_err(|error| error.to_string())?;
    if let Some(layout) = snapshot.layout().filter(|layout| *layout != Layout::GitlabRuby) {
        return Err(format!("recognised as {layout}"));
    }
    match (snapshot.merge(), answer) {
        // No entry tells whose files they are, so that what is no header is taken for Python's (M13).
        (Err(_), Answer::Merged { text }) if snapshot.layout().is_none() && text.is_empty() => Ok(()),
        // Nor does it tell that `used` has no sign (R11): less than nothing is nothing to Python (F2).
        (Ok(truth), Answer::Refused { .. }) if snapshot.layout().is_none() && truth.families.is_empty() => {
            Ok(())
        }
        (Ok(truth), Answer::Merged { text }) => {
            let families = ruby_text::families(&text)?;
            agree(&truth, &families, exposed, Order::ByNameButForTheType)?;
            count(&truth, counts);
            Ok(())
        }
        (Err(_), Answer::Refused { .. }) => {
            counts.refused += 1;
            Ok(())
        }
        (Err(error), Answer::Merged { .. }) => Err(format!("the client serves it, but: {error:?}")),
        (Ok(_), Answer::Refused { error }) => Err(format!("merges, but the client fails: {error}")),
    }
}

fn names(dir: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(dir)? {
        names.push(file?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
