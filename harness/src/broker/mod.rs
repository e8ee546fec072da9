//! The broker: Redis, however it can be had, the queues on it, and the harm that is done to it. And the queue without one:
//! tasks that are posted to the workers themselves.

mod apart;
mod choice;
mod container;
pub mod embedded;
mod error;
mod harm;
mod image;
mod list;
mod network;
mod port;
mod process;
mod queue;
mod requests;
mod wire;

pub use choice::{Broker, BrokerSettings, Choice};
pub use container::{docker_answers, redis_image};
pub use error::BrokerError;
pub use list::List;
pub use network::Network;
pub use queue::Queue;
pub use requests::Requests;
