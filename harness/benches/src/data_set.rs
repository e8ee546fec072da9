//! The data sets: `peers/generate.py` writes them, through prometheus_client itself.

/// How much there is to merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum Size {
    /// 2 processes, 8 files, 4,024 entries.
    S,
    /// 16 processes, 64 files, 128,000 entries, 5.7 MB of text.
    M,
    /// 128 processes, 512 files, 2,561,024 entries in 652 MB, 99 MB of text.
    L,
}

impl Size {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::M => "M",
            Self::L => "L",
        }
    }

    /// How many rounds tell enough: the slowest peers take a minute for one of L.
    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::S => 15,
            Self::M => 9,
            Self::L => 3,
        }
    }
}
