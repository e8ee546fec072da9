//! Starts the embedded broker, prints where it listens, and serves until interrupted.
//!
//! ```sh
//! cargo run --example embedded_broker
//! ```

use counterfoil::broker::embedded::Embedded;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let broker = Embedded::start().await?;
    println!("redis://{}", broker.address());
    tokio::signal::ctrl_c().await?;
    broker.stop().await;
    Ok(())
}
