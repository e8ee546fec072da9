//! What a connection observes, made comparable.

use redis_protocol::{resp2, resp3};

/// A reply or message, in a form that both protocols share, and without what time or hashing decides.
pub(crate) fn shown2(frame: &resp2::types::BytesFrame) -> Shown {
    use resp2::types::BytesFrame as Frame;
    match frame {
        Frame::SimpleString(text) => Shown::Leaf(format!("+{}", text.escape_ascii())),
        Frame::Error(text) => Shown::Leaf(format!("-{text}")),
        Frame::Integer(number) => Shown::Leaf(format!(":{number}")),
        Frame::BulkString(text) => Shown::Leaf(format!("${}", text.escape_ascii())),
        Frame::Null => Shown::Leaf("_".to_owned()),
        Frame::Array(frames) => Shown::Row("*", frames.iter().map(shown2).collect()),
    }
}

pub(crate) fn shown3(frame: &resp3::types::BytesFrame) -> Shown {
    use resp3::types::BytesFrame as Frame;
    let row = |frames: &[Frame]| frames.iter().map(shown3).collect();
    match frame {
        Frame::SimpleString { data, .. } => Shown::Leaf(format!("+{}", data.escape_ascii())),
        Frame::SimpleError { data, .. } => Shown::Leaf(format!("-{data}")),
        Frame::Number { data, .. } => Shown::Leaf(format!(":{data}")),
        Frame::Double { data, .. } => Shown::Leaf(format!(",{data}")),
        Frame::BlobString { data, .. } => Shown::Leaf(format!("${}", data.escape_ascii())),
        Frame::VerbatimString { data, .. } => Shown::Leaf(format!("={}", data.escape_ascii())),
        Frame::Null => Shown::Leaf("_".to_owned()),
        Frame::Array { data, .. } => Shown::Row("*", row(data)),
        Frame::Push { data, .. } => Shown::Row(">", row(data)),
        Frame::Set { data, .. } => Shown::Row("~", data.iter().map(shown3).collect()),
        Frame::Map { data, .. } => Shown::Row(
            "%",
            data.iter()
                .flat_map(|(key, value)| [shown3(key), shown3(value)])
                .collect(),
        ),
        other => Shown::Leaf(format!("{other:?}")),
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shown {
    Leaf(String),
    Row(&'static str, Vec<Shown>),
}

impl Shown {
    pub(crate) fn first_word(&self) -> &str {
        match self {
            Shown::Row(_, row) if !row.is_empty() => row[0].first_word(),
            Shown::Leaf(text) => text,
            Shown::Row(..) => "",
        }
    }

    /// A message that no command asked for.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Shown::Row(..)) && matches!(self.first_word(), "$message" | "$pmessage")
    }

    /// The one place where replies lose what may differ: order that hashing decides, times, and given ids.
    pub(crate) fn normalise(&mut self, words: &[String], ids: &mut Vec<String>) {
        let Shown::Row(_, row) = self else {
            let is_time = words[0] == "PTTL" && matches!(self, Shown::Leaf(text) if text.len() > 3);
            if is_time {
                *self = Shown::Leaf(":some ms".to_owned());
            }
            self.name_ids(ids);
            return;
        };
        let subcommand = words.get(1).map_or("", String::as_str);
        match (words[0].as_str(), subcommand) {
            ("KEYS" | "SMEMBERS", _) | ("PUBSUB", "CHANNELS") => row.sort(),
            ("SCAN", _) => row.iter_mut().for_each(|part| {
                if let Shown::Row(_, keys) = part {
                    keys.sort();
                }
            }),
            ("HGETALL", _) => {
                let mut pairs: Vec<[Shown; 2]> = row
                    .chunks(2)
                    .map(|pair| [pair[0].clone(), pair[1].clone()])
                    .collect();
                pairs.sort();
                *row = pairs.concat();
            }
            ("HELLO", _) => Shown::blank_after("$id", row),
            ("XINFO", "STREAM") => {
                Shown::blank_after("$radix-tree-keys", row);
                Shown::blank_after("$radix-tree-nodes", row);
            }
            ("XINFO", "CONSUMERS") => row.iter_mut().for_each(|line| {
                if let Shown::Row(_, line) = line {
                    Shown::blank_after("$idle", line);
                }
            }),
            ("XPENDING", _) if words.len() > 3 => row.iter_mut().for_each(|line| {
                if let Shown::Row(_, line) = line {
                    line[2] = Shown::Leaf(":some ms".to_owned());
                }
            }),
            // What was queued is not known here any more: only what may always differ is taken out.
            ("EXEC", _) => row.iter_mut().for_each(Shown::normalise_queued),
            _ => {}
        }
        self.name_ids(ids);
    }

    /// A reply within EXEC's, whose command is not at hand: sorted through, and bare of large numbers.
    fn normalise_queued(&mut self) {
        match self {
            Shown::Leaf(text) if text.starts_with(':') && text.len() > 4 => *text = ":large".to_owned(),
            Shown::Leaf(_) => {}
            Shown::Row(_, row) => {
                for key in ["$id", "$idle", "$radix-tree-keys", "$radix-tree-nodes"] {
                    Shown::blank_after(key, row);
                }
                if row.len() == 4 && matches!(&row[2], Shown::Leaf(text) if text.starts_with(':')) {
                    row[2] = Shown::Leaf(":some ms".to_owned());
                }
                row.iter_mut().for_each(Shown::normalise_queued);
                row.sort();
            }
        }
    }

    fn blank_after(key: &str, row: &mut [Shown]) {
        let at = row
            .iter()
            .position(|part| matches!(part, Shown::Leaf(text) if text == key));
        if let Some(value) = at.and_then(|at| row.get_mut(at + 1)) {
            *value = Shown::Leaf("?".to_owned());
        }
    }

    /// Ids that the server gave by its clock, by the order in which they turned up.
    fn name_ids(&mut self, ids: &mut Vec<String>) {
        match self {
            Shown::Row(_, row) => row.iter_mut().for_each(|part| part.name_ids(ids)),
            Shown::Leaf(text) => {
                let id = text.trim_start_matches('$');
                let is_given = |id: &str| {
                    id.split_once('-')
                        .is_some_and(|(ms, _)| ms.len() == 13 && ms.parse::<u64>().is_ok())
                };
                if is_given(id) {
                    let at = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                        ids.push(id.to_owned());
                        ids.len() - 1
                    });
                    *text = format!("id {at}");
                }
            }
        }
    }
}
