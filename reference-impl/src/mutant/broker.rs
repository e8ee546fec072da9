//! The mutants that cannot do without the broker: what they ask it.

use std::sync::OnceLock;
use std::time::Duration;

use redis::Client;

use super::Mutant;

/// Where the broker is, which an endpoint has no business to know.
static BROKER: OnceLock<Client> = OnceLock::new();
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// How long an impatient worker waits for an answer: longer than the broker is asked to wait for a task.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);

/// Tells this process, an endpoint, where the broker is, if it is one that asks it.
pub(crate) fn tell(mutant: Option<Mutant>, url: &str) {
    if matches!(mutant, Some(Mutant::AsksTheBroker | Mutant::WaitsForTheBroker))
        && let Ok(broker) = Client::open(url)
    {
        let _ = BROKER.set(broker);
    }
}

/// The broker that an endpoint was told of.
pub(crate) fn told() -> Option<&'static Client> {
    BROKER.get()
}

/// Whether the broker takes connections.
pub(crate) fn is_there(broker: &Client) -> bool {
    broker.get_connection_with_timeout(CONNECT_TIMEOUT).is_ok()
}

/// Asks the broker for an answer, and waits until it comes or never will.
pub(crate) fn wait_for(broker: &Client) {
    // What the answer is does not matter to it.
    let _ = broker
        .get_connection()
        .and_then(|mut connection| redis::cmd("PING").query::<String>(&mut connection));
}
