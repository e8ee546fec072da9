//! What is served: families of samples, as text 0.0.4 or OpenMetrics 1.0.

mod openmetrics;
mod text;

use std::collections::HashSet;
use std::rc::Rc;

use crate::file_name::Kind;
use crate::float::write_float;
use crate::mutant::{Mutant, label_set};

/// A label's name and value.
pub type Label<'a> = (&'a str, &'a str);

/// A merged family.
#[derive(Debug, Clone)]
pub struct Family<'a> {
    /// Its name, without a counter's `_total`.
    pub name: &'a str,
    /// Its HELP.
    pub help: &'a str,
    /// Its type.
    pub kind: Kind,
    /// Its samples, those of one label set side by side (M10).
    pub samples: Vec<Sample<'a>>,
}

/// A sample's name, in two parts so that those of buckets need no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleName<'a> {
    /// The first part.
    pub stem: &'a str,
    /// The second part.
    pub suffix: &'static str,
}

impl SampleName<'_> {
    /// Whether the name is `family` and `suffix`.
    #[must_use]
    pub fn is(&self, family: &str, suffix: &str) -> bool {
        let name = family.bytes().chain(suffix.bytes());
        self.stem.bytes().chain(self.suffix.bytes()).eq(name)
    }
}

/// A merged sample.
#[derive(Debug, Clone)]
pub struct Sample<'a> {
    /// Its name.
    pub name: SampleName<'a>,
    /// Its labels, sorted by name.
    pub labels: Rc<[Label<'a>]>,
    /// A label that the merge has added.
    pub extra: Option<Extra<'a>>,
    /// Its value.
    pub value: f64,
}

/// A label by which samples of one label set differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra<'a> {
    /// A bucket's bound.
    Le(String),
    /// A gauge's process, in the modes that tell processes apart (M5).
    Pid(&'a str),
}

impl Extra<'_> {
    fn label(&self) -> Label<'_> {
        match self {
            Self::Le(bound) => ("le", bound),
            Self::Pid(pid) => ("pid", pid),
        }
    }
}

impl<'a> Sample<'a> {
    /// All labels, sorted by name (M12).
    pub fn all_labels(&'a self) -> impl Iterator<Item = Label<'a>> {
        let extra = self.extra.as_ref().map(Extra::label);
        let before = extra.map_or(0, |(added, _)| {
            self.labels.partition_point(|(name, _)| *name < added)
        });
        let (first, last) = self.labels.split_at(before);
        first.iter().copied().chain(extra).chain(last.iter().copied())
    }
}

/// An exposition format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Writes families in this format.
    #[must_use]
    pub fn write(self, families: &[Family<'_>], mutant: Option<Mutant>) -> String {
        let lines: usize = families.iter().map(|family| 2 + family.samples.len()).sum();
        let mut out = String::with_capacity(lines * 64);
        for (index, family) in families.iter().enumerate() {
            let help = match mutant {
                Some(Mutant::HelpOfAnotherFamily) => families[(index + 1) % families.len()].help,
                _ => family.help,
            };
            match self {
                Self::Text => text::write_header(&mut out, family, help, mutant),
                Self::OpenMetrics => openmetrics::write_header(&mut out, family, help, mutant),
            }
            write_samples(&mut out, family, mutant);
        }
        if self == Self::OpenMetrics {
            out.push_str("# EOF\n");
        }
        out
    }
}

/// Keeps what `?name[]=` asks for, by the name of a family or of a sample (M15).
pub fn restrict(families: &mut Vec<Family<'_>>, names: &HashSet<String>) {
    families.retain_mut(|family| {
        if names.contains(family.name) {
            return true;
        }
        family
            .samples
            .retain(|sample| names.iter().any(|name| sample.name.is(name, "")));
        !family.samples.is_empty()
    });
}

fn write_samples(out: &mut String, family: &Family<'_>, mutant: Option<Mutant>) {
    for (index, sample) in family.samples.iter().enumerate() {
        let start = out.len();
        write_sample(out, sample, mutant);
        if index == 0 && mutant == Some(Mutant::DuplicateSeries) {
            out.extend_from_within(start..);
        }
    }
}

/// One line, the same in both formats: no timestamp is ever exposed (M11).
fn write_sample(out: &mut String, sample: &Sample<'_>, mutant: Option<Mutant>) {
    write_name(out, sample.name.stem, true);
    out.push_str(sample.name.suffix);
    match mutant {
        None => write_labels(out, sample.all_labels(), None),
        Some(mutant) => {
            let labels: Vec<Label<'_>> = sample.all_labels().collect();
            let changed = label_set::changed(mutant, &labels);
            let changed = changed
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            write_labels(out, changed, Some(mutant));
        }
    }
    out.push(' ');
    write_float(out, sample.value);
    out.push('\n');
}

/// In braces; nothing where there are none.
fn write_labels<'a>(out: &mut String, labels: impl Iterator<Item = Label<'a>>, mutant: Option<Mutant>) {
    let mut separator = '{';
    for (name, value) in labels {
        out.push(separator);
        separator = ',';
        write_name(out, name, false);
        out.push_str("=\"");
        if mutant == Some(Mutant::EscapesMissing) {
            out.push_str(value);
        } else {
            write_escaped(out, value, b"\\\n\"");
        }
        out.push('"');
    }
    if separator == ',' {
        out.push('}');
    }
}

/// A name; what neither format's classic names allow becomes `_`, as in the Python client.
fn write_name(out: &mut String, name: &str, colons: bool) {
    let allowed = |index: usize, character: char| {
        character.is_ascii_alphabetic()
            || character == '_'
            || (character == ':' && colons)
            || (character.is_ascii_digit() && index > 0)
    };
    if name
        .bytes()
        .enumerate()
        .all(|(index, byte)| allowed(index, char::from(byte)))
    {
        out.push_str(name);
        return;
    }
    let characters = name.chars().enumerate();
    out.extend(characters.map(|(index, each)| if allowed(index, each) { each } else { '_' }));
}

/// Text with a backslash before these characters, and `\n` for a line's end.
fn write_escaped(out: &mut String, text: &str, special: &[u8]) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| special.contains(&byte)) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        out.push('\\');
        let character = char::from(tail.as_bytes()[0]);
        out.push(if character == '\n' { 'n' } else { character });
        rest = &tail[1..];
    }
    out.push_str(rest);
}
