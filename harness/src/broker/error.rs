//! Why there is no broker, or why it stopped to answer.

use miette::Diagnostic;
use thiserror::Error;

/// The broker cannot be had, or is gone.
#[derive(Debug, Error, Diagnostic)]
pub enum BrokerError {
    /// `--broker` names no kind of broker.
    #[error("{given:?} is no broker")]
    #[diagnostic(help("use auto, embedded, process, container or redis://host:port"))]
    Unknown {
        /// What was given.
        given: String,
    },
    /// An explicit choice that this machine does not offer.
    #[error("the {kind} broker cannot be had: {reason}")]
    #[diagnostic(help("--broker auto takes what the machine offers and says why"))]
    Unavailable {
        /// Which kind.
        kind: &'static str,
        /// Why not.
        reason: String,
    },
    /// No broker is in the network of the containers that fleets are in.
    #[error("fleets in containers need a broker in one, which cannot be had: {reason}")]
    #[diagnostic(help("ci/build-redis-image.sh builds an image; COUNTERFOIL_REDIS_IMAGE names it"))]
    BesideFleets {
        /// Why not.
        reason: String,
    },
    /// `--broker` is a URL of something else.
    #[error("{url:?} is no address of a Redis: {reason}")]
    #[diagnostic(help("use redis://HOST:PORT, redis://HOST:PORT/DB or redis://USER:PASSWORD@HOST:PORT"))]
    Url {
        /// What was given, without a password.
        url: String,
        /// What the client said.
        reason: String,
    },
    /// Nobody answers there.
    #[error("the broker at {url} does not answer: {reason}")]
    #[diagnostic(help(
        "start a Redis there (`redis-cli -u URL ping` says PONG then), or leave --broker out: a run brings its own"
    ))]
    Silent {
        /// Where, without a password.
        url: String,
        /// What the client said.
        reason: String,
    },
    /// The broker answered before, and does so no more.
    #[error("the broker at {url}, which answered before, is gone: {reason}")]
    #[diagnostic(help(
        "see why it ended (of a run's own, broker.log in the run's folder tells), then run again; or leave --broker \
         out: a run brings its own"
    ))]
    Gone {
        /// Where it was, without a password.
        url: String,
        /// What the client said.
        reason: String,
    },
    /// A scenario does harm to the broker, and the broker is somebody's.
    #[error("the broker at {url} was there before the run, which does no harm to it")]
    #[diagnostic(help(
        "scenarios that harm their broker bring one of the run's kind: choose --broker embedded, process or container"
    ))]
    NotOurs {
        /// Where, without a password.
        url: String,
    },
    /// The broker does not suffer what a scenario does to it.
    #[error("the broker cannot be {what}: {reason}")]
    #[diagnostic(help("see broker.log where the scenario is kept, or choose another --broker"))]
    Unharmed {
        /// What was to become of it.
        what: &'static str,
        /// What the system said.
        reason: String,
    },
    /// There is no network between a fleet and its broker, on which harm could be done.
    #[error("the network between the fleet and its broker cannot be had")]
    #[diagnostic(help(
        "a port of 127.0.0.1 is needed for it: see what limits this process: its sandbox, `ulimit -n`"
    ))]
    Network {
        /// What the system said.
        source: std::io::Error,
    },
    /// What a manifest says of where tasks are posted to is no address.
    #[error("{url:?} is no address that tasks can be posted to: {reason}")]
    #[diagnostic(help(
        "`queue.url` in the manifest should read like http://127.0.0.1:{{metrics_port}}/task"
    ))]
    TaskUrl {
        /// What it came to.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A task was posted, and what answered did not take it for one.
    #[error("a task that was posted to {url} was answered with status {status}")]
    #[diagnostic(help(
        "whoever executes a task answers with 2xx, or with 500 where it fails: is `queue.url` in the manifest where the \
         worker program expects tasks? workers.log, where the scenario is kept, may tell more"
    ))]
    NoTask {
        /// Where.
        url: String,
        /// The status, with its reason.
        status: String,
    },
    /// The client that posts tasks cannot be set up.
    #[error("no HTTP client can be set up: {reason}")]
    #[diagnostic(help("see what limits this process: its sandbox, `ulimit -n`"))]
    Client {
        /// What the library said.
        reason: String,
    },
    /// The broker answers, but with an error, or something else than a Redis.
    #[error("the broker at {url} does not answer {command} as a Redis does: {reason}")]
    #[diagnostic(help(
        "it must be a Redis, or one like it, that lets this user work on lists: `redis-cli -u URL llen x` shows it"
    ))]
    Refuses {
        /// Where, without a password.
        url: String,
        /// What it does not answer.
        command: &'static str,
        /// What it said.
        reason: String,
    },
}
