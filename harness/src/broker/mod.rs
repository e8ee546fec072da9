//! The broker: Redis, however it can be had, and the queues on it.

mod choice;
mod container;
pub mod embedded;
mod error;
mod image;
mod network;
mod process;
mod queue;
mod wire;

pub use choice::{Broker, BrokerSettings, Choice};
pub use container::{docker_answers, redis_image};
pub use error::BrokerError;
pub use network::Network;
pub use queue::Queue;
