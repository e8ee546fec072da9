//! What the entries of each key come to, while files are read in the order of their names.

use super::super::Mode;
use super::super::interned::Id;

/// A value for each key, by its id, which counts up from 0.
pub(super) enum Values {
    /// M4, and a gauge's sum.
    Sums(Vec<f64>),
    /// M6: what is strictly less replaces the first.
    Least(Vec<f64>),
    /// M6: what is strictly greater does.
    Greatest(Vec<f64>),
    /// M7: value and time; a time that is not above 0 leaves the value unserved.
    Latest(Vec<(f64, f64)>),
    /// M5: those of all files, which are told apart.
    Apiece(Apiece),
}

/// Values file by file.
#[derive(Default)]
pub(super) struct Apiece {
    ids: Vec<Id>,
    values: Vec<f64>,
    /// Where the entries of each file end.
    file_ends: Vec<usize>,
}

/// Values key by key, of each in a given order of files.
pub(super) struct ByKey {
    /// Where those of each key are.
    spans: Vec<(usize, usize)>,
    files: Vec<u32>,
    values: Vec<f64>,
}

impl Values {
    pub(super) fn new(mode: Option<Mode>) -> Self {
        match mode {
            None | Some(Mode::Sum) => Self::Sums(Vec::new()),
            Some(Mode::Min) => Self::Least(Vec::new()),
            Some(Mode::Max) => Self::Greatest(Vec::new()),
            Some(Mode::MostRecent) => Self::Latest(Vec::new()),
            Some(Mode::All) => Self::Apiece(Apiece::default()),
        }
    }

    /// Takes the next entries: of each the id, the value and its time. An id is one that was there before, or the next one.
    #[inline]
    pub(super) fn add(&mut self, entries: impl Iterator<Item = (Id, f64, f64)> + Clone) {
        match self {
            Self::Sums(sums) => {
                for (id, value, _) in entries {
                    match sums.get_mut(id as usize) {
                        Some(sum) => *sum += value,
                        // From 0 on, as the client adds: that makes 0 of -0.
                        None => sums.push(0.0 + value),
                    }
                }
            }
            Self::Least(values) => replace_if(values, entries, |value, kept| value < kept),
            Self::Greatest(values) => replace_if(values, entries, |value, kept| value > kept),
            Self::Latest(values) => {
                for (id, value, time) in entries {
                    let at = id as usize;
                    if at == values.len() {
                        values.push((value, 0.0));
                    }
                    if time > values[at].1 {
                        values[at] = (value, time);
                    }
                }
            }
            Self::Apiece(apiece) => {
                apiece.ids.extend(entries.clone().map(|(id, ..)| id));
                apiece.values.extend(entries.map(|(_, value, _)| value));
            }
        }
    }

    /// Whoever tells files apart must know where one ends.
    pub(super) fn end_file(&mut self) {
        if let Self::Apiece(apiece) = self {
            apiece.file_ends.push(apiece.ids.len());
        }
    }

    /// The one value of a key; `None` where it is not served, and where it is one a file.
    pub(super) fn of(&self, id: Id) -> Option<f64> {
        let at = id as usize;
        match self {
            Self::Sums(values) | Self::Least(values) | Self::Greatest(values) => Some(values[at]),
            Self::Latest(values) => Some(values[at])
                .filter(|(_, time)| *time > 0.0)
                .map(|(value, _)| value),
            Self::Apiece(_) => None,
        }
    }

    /// Whether sums are what they are in any other order of infinities and overflows.
    pub(super) fn are_usual(&self) -> bool {
        match self {
            Self::Sums(sums) => sums.iter().all(|sum| sum.is_finite()),
            _ => true,
        }
    }
}

fn replace_if(
    values: &mut Vec<f64>,
    entries: impl Iterator<Item = (Id, f64, f64)>,
    is_better: impl Fn(f64, f64) -> bool,
) {
    for (id, value, _) in entries {
        match values.get_mut(id as usize) {
            // A NaN that was first stays, one that comes later is no better.
            Some(kept) if is_better(value, *kept) => *kept = value,
            Some(_) => {}
            None => values.push(value),
        }
    }
}

impl Apiece {
    /// The values of each of `keys` keys, the files in the order `files`.
    pub(super) fn by_key(&self, keys: usize, files: &[usize]) -> ByKey {
        let mut counts = vec![0; keys];
        self.ids.iter().for_each(|id| counts[*id as usize] += 1);
        let mut next = 0;
        let mut spans: Vec<(usize, usize)> = Vec::with_capacity(keys);
        for count in counts {
            spans.push((next, next));
            next += count;
        }
        let mut by_key = ByKey {
            spans,
            files: vec![0; next],
            values: vec![0.0; next],
        };
        for file in files {
            let start = file.checked_sub(1).map_or(0, |before| self.file_ends[before]);
            let number = u32::try_from(*file).expect("a directory has fewer files");
            for at in start..self.file_ends[*file] {
                by_key.push(self.ids[at], number, self.values[at]);
            }
        }
        by_key
    }
}

impl ByKey {
    fn push(&mut self, id: Id, file: u32, value: f64) {
        let (start, end) = &mut self.spans[id as usize];
        // M5: the client assigns, so of a file's entries of one key the last stays.
        if *start == *end || self.files[*end - 1] != file {
            self.files[*end] = file;
            *end += 1;
        }
        self.values[*end - 1] = value;
    }

    /// Files and values of a key.
    pub(super) fn of(&self, id: Id) -> impl ExactSizeIterator<Item = (usize, f64)> + '_ {
        let (start, end) = self.spans[id as usize];
        let files = self.files[start..end].iter().map(|file| *file as usize);
        files.zip(self.values[start..end].iter().copied())
    }
}
