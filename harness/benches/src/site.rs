//! Where the peers and the data sets are.

use std::path::PathBuf;

use crate::data_set::Size;

/// What `ci/bench.sh` has prepared.
#[derive(Debug, clap::Args)]
pub(crate) struct Site {
    /// The folder with data sets and Python environments
    #[arg(long, default_value = "target/bench")]
    cache: PathBuf,
    /// The folder with the peers' programs
    #[arg(long, default_value = "harness/benches/peers")]
    peers: PathBuf,
    /// The `counterfoil` that is measured
    #[arg(long, default_value = "target/release/counterfoil")]
    counterfoil: PathBuf,
}

impl Site {
    /// A data set's directory of metric files.
    pub(crate) fn data(&self, size: Size) -> PathBuf {
        self.cache.join("data").join(size.name())
    }

    /// The same series as the Ruby client lays them out.
    pub(crate) fn ruby_data(&self, size: Size) -> PathBuf {
        self.cache.join("data").join(format!("{}-ruby", size.name()))
    }

    /// A data set's text, as prometheus_client serves it.
    pub(crate) fn text(&self, size: Size) -> PathBuf {
        self.cache.join("data").join(format!("{}.txt", size.name()))
    }

    /// The interpreter of a Python environment.
    pub(crate) fn python(&self, environment: &str) -> PathBuf {
        self.cache.join(environment).join("bin/python")
    }

    /// A peer's program.
    pub(crate) fn peer(&self, name: &str) -> PathBuf {
        self.peers.join(name)
    }

    /// The `counterfoil` that is measured.
    pub(crate) fn counterfoil(&self) -> PathBuf {
        // Fleets run in other directories.
        std::path::absolute(&self.counterfoil).unwrap_or_else(|_| self.counterfoil.clone())
    }
}
