//! Which broker a run uses, and why.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::str::FromStr;

use super::container::Container;
use super::embedded::Embedded;
use super::list::without_password;
use super::process::Process;
use super::{BrokerError, List};
use crate::exporter::ListFormat;
use crate::fleet::{Place, Spawner};

/// What `--broker` asks for.
///
/// ```
/// use counterfoil::broker::Choice;
///
/// let url = "redis://127.0.0.1:6379/1";
/// assert_eq!(url.parse::<Choice>()?, Choice::Url(url.to_owned()));
/// assert_eq!("process".parse::<Choice>()?, Choice::Process);
/// let error = "rediss://127.0.0.1".parse::<Choice>().expect_err("no broker is reached over TLS");
/// assert!(error.to_string().contains("rediss://127.0.0.1"));
/// # Ok::<(), counterfoil::broker::BrokerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The first that can be had of container, process, embedded.
    Auto,
    /// In this process.
    Embedded,
    /// A `redis-server` or `valkey-server` on PATH.
    Process,
    /// A container of the image that `COUNTERFOIL_REDIS_IMAGE` names.
    Container,
    /// One that runs already.
    Url(String),
}

impl FromStr for Choice {
    type Err = BrokerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "embedded" => Ok(Self::Embedded),
            "process" => Ok(Self::Process),
            "container" => Ok(Self::Container),
            url if url.starts_with("redis://") => Ok(Self::Url(url.to_owned())),
            other => Err(BrokerError::Unknown {
                given: other.to_owned(),
            }),
        }
    }
}

/// As it is given, but for a URL's password.
impl Display for Choice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Embedded => f.write_str("embedded"),
            Self::Process => f.write_str("process"),
            Self::Container => f.write_str("container"),
            Self::Url(url) => f.write_str(&without_password(url)),
        }
    }
}

/// Where a broker may put what it needs.
#[derive(Clone, Debug)]
pub struct BrokerSettings {
    /// The run's folder.
    pub dir: PathBuf,
    /// What starts processes and names the run.
    pub spawner: Spawner,
    /// Where the fleets are that are to reach it.
    pub place: Place,
}

/// What a broker still has when it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    Nothing,
    Data,
}

impl Keeps {
    /// The options of a Redis server.
    pub(super) fn options(self) -> [&'static str; 4] {
        let appends = match self {
            Self::Nothing => "no",
            Self::Data => "yes",
        };
        ["--save", "", "--appendonly", appends]
    }
}

#[derive(Debug)]
pub(super) enum Running {
    Embedded(Embedded),
    Process(Box<Process>),
    Container(Box<Container>),
    Elsewhere,
}

/// A broker that answers.
#[derive(Debug)]
pub struct Broker {
    pub(super) url: String,
    fleet_url: String,
    /// Which one and why, for the report.
    account: String,
    pub(super) running: Running,
}

impl Broker {
    /// Starts, or finds, what `choice` asks for.
    ///
    /// # Errors
    /// An explicit choice that cannot be had. `Auto` always finds one, unless fleets are in containers.
    pub async fn start(choice: &Choice, settings: &BrokerSettings) -> Result<Self, BrokerError> {
        let broker = match choice {
            Choice::Auto if settings.place.engine().is_some() => {
                let why = "as fleets in containers reach no other";
                Self::container(settings, Keeps::Nothing, why).await?
            }
            Choice::Auto => Self::first_available(settings).await?,
            Choice::Embedded => Self::embedded("as asked").await?,
            Choice::Process => Self::process(settings, Keeps::Nothing, "as asked").await?,
            Choice::Container => Self::container(settings, Keeps::Nothing, "as asked").await?,
            Choice::Url(url) => Self {
                url: url.clone(),
                fleet_url: url.clone(),
                account: format!("{}, as asked", without_password(url)),
                running: Running::Elsewhere,
            },
        };
        List::connect(&broker.url, "counterfoil:probe", ListFormat::PlainList).await?;
        Ok(broker)
    }

    /// One more of the same kind, which keeps what it holds when it is started again: for a scenario that does harm to it.
    ///
    /// # Errors
    /// This one is not the run's own, or a second one cannot be had.
    pub async fn another(&self, settings: &BrokerSettings) -> Result<Self, BrokerError> {
        let why = "for one scenario";
        match &self.running {
            Running::Embedded(_) => Self::embedded(why).await,
            Running::Process(_) => Self::process(settings, Keeps::Data, why).await,
            Running::Container(_) => Self::container(settings, Keeps::Data, why).await,
            Running::Elsewhere => Err(self.not_ours()),
        }
    }

    /// What a scenario hears that would harm it and may not.
    pub(super) fn not_ours(&self) -> BrokerError {
        BrokerError::NotOurs {
            url: without_password(&self.url),
        }
    }

    async fn first_available(settings: &BrokerSettings) -> Result<Self, BrokerError> {
        let why = "Docker answers and has the image";
        let no_container = match Self::container(settings, Keeps::Nothing, why).await {
            Ok(broker) => return Ok(broker),
            Err(error) => error,
        };
        match Self::process(settings, Keeps::Nothing, &format!("because {no_container}")).await {
            Ok(broker) => Ok(broker),
            Err(no_process) => Self::embedded(&format!("because {no_container}, and {no_process}")).await,
        }
    }

    async fn embedded(why: &str) -> Result<Self, BrokerError> {
        let embedded = Embedded::start().await;
        let embedded = embedded.map_err(|error| BrokerError::Unavailable {
            kind: "embedded",
            reason: error.to_string(),
        })?;
        let url = format!("redis://{}", embedded.address());
        Ok(Self {
            fleet_url: url.clone(),
            url,
            account: format!("embedded, {why}"),
            running: Running::Embedded(embedded),
        })
    }

    async fn process(settings: &BrokerSettings, keeps: Keeps, why: &str) -> Result<Self, BrokerError> {
        let process = Process::start(settings, keeps).await?;
        let account = format!("process {}, {why}", process.program());
        Ok(Self {
            url: process.url(),
            fleet_url: process.url(),
            account,
            running: Running::Process(Box::new(process)),
        })
    }

    async fn container(settings: &BrokerSettings, keeps: Keeps, why: &str) -> Result<Self, BrokerError> {
        let container = Container::start(settings, keeps).await;
        let container = container.map_err(|error| match (error, settings.place.engine()) {
            (BrokerError::Unavailable { reason, .. }, Some(_)) => BrokerError::BesideFleets { reason },
            (error, _) => error,
        })?;
        let account = format!("container of {}, {why}", container.image());
        Ok(Self {
            url: container.url(),
            fleet_url: container.fleet_url(),
            account,
            running: Running::Container(Box::new(container)),
        })
    }

    /// Where this machine reaches it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where fleets reach it.
    pub fn fleet_url(&self) -> &str {
        &self.fleet_url
    }

    /// Which broker it is and why it was taken.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// A list of its own for one fleet.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn list(&self, name: &str, format: ListFormat) -> Result<List, BrokerError> {
        List::connect(&self.url, name, format).await
    }

    /// Ends it, unless it ran before.
    pub async fn stop(self) {
        match self.running {
            Running::Embedded(embedded) => embedded.stop().await,
            Running::Process(process) => process.stop().await,
            Running::Container(container) => container.stop().await,
            Running::Elsewhere => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_named_by_kind_or_url() {
        assert_eq!("auto".parse::<Choice>().unwrap(), Choice::Auto);
        assert_eq!(
            "redis://h:1".parse::<Choice>().unwrap(),
            Choice::Url("redis://h:1".to_owned())
        );
        for given in ["auto", "embedded", "process", "container", "redis://h:1"] {
            assert_eq!(given.parse::<Choice>().unwrap().to_string(), given);
        }
        let secret = Choice::Url("redis://:secret@h:1".to_owned());
        assert!(!secret.to_string().contains("secret"));
        assert!(matches!(
            "reddis".parse::<Choice>(),
            Err(BrokerError::Unknown { .. })
        ));
    }
}
