//! Generated sequences of commands over several connections.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::templates::{LISTS, SESSIONS, STREAMS, Templates, VALUES};

/// Connections of a sequence; the odd ones speak RESP3.
pub(crate) const CONNECTIONS: usize = 4;

/// What one connection does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send {
        connection: usize,
        words: Vec<String>,
    },
    /// It goes away, whatever it waits for, and comes back as a new one.
    Leave {
        connection: usize,
    },
}

/// A sequence keeps to one family of commands for the most part, or nothing would come of waiting for another.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let focus = prop::sample::select(vec![LISTS, LISTS, STREAMS, STREAMS, SESSIONS, VALUES]);
    focus.prop_flat_map(|focus| {
        let one = send(focus).prop_map(|step| vec![step]);
        let leave = (0..CONNECTIONS).prop_map(|connection| vec![Step::Leave { connection }]);
        let groups = prop_oneof![60 => one, 1 => leave, 3 => transaction(focus)];
        prop::collection::vec(groups, 1..40).prop_map(|groups| groups.concat())
    })
}

/// A command of the family, or now and then of another.
fn send(focus: Templates) -> impl Strategy<Value = Step> {
    let families = vec![focus, focus, focus, focus, LISTS, STREAMS, SESSIONS, VALUES];
    // Numbers instead of a strategy for each template and blank: those take longer than the servers do.
    let choices = (
        0..CONNECTIONS,
        prop::sample::select(families),
        any::<u32>(),
        any::<u64>(),
    );
    choices.prop_map(|(connection, templates, at, choices)| Step::Send {
        connection,
        words: filled_in(template(templates, at), choices.to_le_bytes()),
    })
}

/// WATCH, something by anyone, MULTI, two commands, EXEC: by chance alone these would hardly meet.
fn transaction(focus: Templates) -> impl Strategy<Value = Vec<Step>> {
    let others = [(); 3].map(|()| send(focus));
    (0..CONNECTIONS, any::<u64>(), others).prop_map(|(connection, choices, [between, first, second])| {
        let own = |step| match step {
            Step::Send { words, .. } => Step::Send { connection, words },
            leave @ Step::Leave { .. } => leave,
        };
        let say = |text| Step::Send {
            connection,
            words: filled_in(text, choices.to_le_bytes()),
        };
        vec![
            say("WATCH $L $T $S"),
            between,
            say("MULTI"),
            own(first),
            own(second),
            say("EXEC"),
        ]
    })
}

/// The template at a place in the sum of all weights.
fn template(templates: Templates, at: u32) -> &'static str {
    let weights: u32 = templates.iter().map(|(weight, _)| weight).sum();
    let mut at = at % weights;
    for (weight, text) in templates {
        if at < *weight {
            return text;
        }
        at -= weight;
    }
    unreachable!("the place is below the sum of the weights")
}

/// The template's words, a choice for each of its blanks.
fn filled_in(template: &str, choices: [u8; 8]) -> Vec<String> {
    let mut choices = choices.into_iter().map(usize::from);
    let mut fill = |word: &str| {
        let Some(at) = word.find('$').filter(|at| at + 1 < word.len()) else {
            return word.to_owned();
        };
        let choice = choices.next().expect("there are more choices than blanks");
        let options: &[&str] = match &word[at..at + 2] {
            "$L" => &["l1", "l1", "l1", "l2", "l2", "l2", "l3", "s1", "t1"],
            "$S" => &["s1", "s1", "s1", "s1", "s2", "s2", "l1"],
            "$H" => &["h1", "h1", "h1", "h1", "t1"],
            "$M" => &["m1", "m1", "m1", "m1", "h1"],
            "$Z" => &["z1", "z1", "z1", "z1", "m1"],
            "$T" => &["t1", "t1", "t1", "t2", "l1"],
            "$V" => &["a", "b", "c", "", "x y", "7"],
            "$N" => &["0", "1", "2", "3", "-1", "-2", "100", "nan"],
            "$D" => &["0-1", "1-1", "5", "7-2", "@0", "@0", "@1", "@2", "0", "x"],
            "$G" => &["g1", "g1", "g1", "g2"],
            "$C" => &["c1", "c1", "c2"],
            other => unreachable!("{other}"),
        };
        format!(
            "{}{}{}",
            &word[..at],
            options[choice % options.len()],
            &word[at + 2..]
        )
    };
    template.split(' ').map(&mut fill).collect()
}

/// A sequence for people.
pub(crate) fn listed(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut text, step| {
        let _ = match step {
            Step::Send { connection, words } => {
                writeln!(text, "  {connection}: {}", words.join(" "))
            }
            Step::Leave { connection } => writeln!(text, "  {connection} leaves"),
        };
        text
    })
}
