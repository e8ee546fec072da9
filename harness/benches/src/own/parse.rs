//! Parsing: counterfoil, and the crates that parse expositions.

use std::fs;
use std::hint::black_box;
use std::io::BufRead;
use std::path::PathBuf;

use anyhow::{anyhow, ensure};
use bytes::Bytes;
use clap::ValueEnum;
use counterfoil::exposition;

/// Parses a file that is in memory already.
#[derive(Debug, clap::Args)]
pub(crate) struct Parse {
    parser: Reader,
    file: PathBuf,
}

/// Who parses. The crate's name is the contender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reader {
    Counterfoil,
    PrometheusExpositionFormatRs,
    PrometheusParse,
    OpenmetricsParser,
}

impl Parse {
    pub(super) fn serve(&self) -> anyhow::Result<()> {
        let text = Bytes::from(fs::read_to_string(&self.file)?);
        super::serve(|| self.parser.parse(&text))
    }
}

impl Reader {
    /// Whoever parses also drops what came of it: that is part of having it.
    fn parse(self, body: &Bytes) -> anyhow::Result<()> {
        let text = str::from_utf8(body).expect("it was read as text");
        match self {
            // As a scrape is parsed: bytes of which it is not known whether they are UTF-8, without a copy.
            Self::Counterfoil => {
                let parsed = black_box(exposition::text::parse_shared(body));
                ensure!(parsed.findings.is_empty(), "{}", parsed.findings[0]);
            }
            Self::PrometheusExpositionFormatRs => {
                let parsed = prometheus_exposition_format_rs::parse_complete(text);
                black_box(parsed.map_err(|error| anyhow!("{error:?}"))?);
            }
            Self::PrometheusParse => {
                black_box(prometheus_parse::Scrape::parse(text.as_bytes().lines())?);
            }
            Self::OpenmetricsParser => {
                let parsed = openmetrics_parser::prometheus::parse_prometheus(text);
                black_box(parsed.map_err(|error| anyhow!("{error}"))?);
            }
        }
        Ok(())
    }
}
