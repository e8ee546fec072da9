//! How much was seen: without enough of everything, that nothing was wrong says nothing.

use std::fmt;

/// What was looked at, in numbers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Evidence {
    pub(crate) reads: usize,
    pub(crate) scrapes: usize,
    pub(crate) values: usize,
    /// Series that were bracketed while they moved.
    pub(crate) moved: usize,
    /// Label sets that came between two reads around a scrape.
    pub(crate) label_sets: usize,
    /// Processes that came when others had ended.
    pub(crate) replacements: usize,
}

impl Evidence {
    const ENOUGH: Self = Self {
        reads: 10,
        scrapes: 5,
        values: 10_000,
        moved: 50,
        label_sets: 20,
        replacements: 3,
    };

    fn counts(&self) -> [(&'static str, usize); 6] {
        [
            ("reads", self.reads),
            ("scrapes", self.scrapes),
            ("values", self.values),
            ("moved", self.moved),
            ("new label sets", self.label_sets),
            ("processes replaced", self.replacements),
        ]
    }

    /// What there is too little of.
    pub(crate) fn missing(&self) -> Vec<String> {
        let both = self.counts().into_iter().zip(Self::ENOUGH.counts());
        both.filter(|((_, seen), (_, enough))| seen < enough)
            .map(|((what, seen), (_, enough))| format!("{seen} of {enough} {what}"))
            .collect()
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts().map(|(what, seen)| format!("{what} {seen}"));
        f.write_str(&counts.join(", "))
    }
}
