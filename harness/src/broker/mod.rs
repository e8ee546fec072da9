//! The broker: Redis, however it can be had, the queues on it, and the harm that is done to it.

mod apart;
mod choice;
mod container;
pub mod embedded;
mod error;
mod harm;
mod image;
mod network;
mod port;
mod process;
mod queue;
mod wire;

pub use choice::{Broker, BrokerSettings, Choice};
pub use container::{docker_answers, redis_image};
pub use error::BrokerError;
pub use network::Network;
pub use queue::Queue;
