//! The embedded broker against a real redis-server: the same commands must get the same replies.
//!
//! Each generated sequence is sent over four connections, two of each protocol, to both servers. A connection that
//! blocks stays blocked while the others go on; whatever it gets in the end is compared, too.

mod behaviour;
mod connection;
mod observation;
mod sequence;
mod templates;
mod world;

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

use counterfoil::broker::embedded::Embedded;
use counterfoil::fleet::on_path;
use libtest_mimic::{Arguments, Trial};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestError, TestRunner};

use crate::connection::DEADLINE;
use crate::sequence::{Step, listed, steps};
use crate::world::World;

/// A redis-server of the test's own.
struct RealRedis {
    child: Child,
    address: SocketAddr,
}

impl RealRedis {
    fn start(redis_server: &Path) -> io::Result<RealRedis> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = Command::new(redis_server)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            // How often it looks for waits whose time is up.
            .args(["--hz", "500"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let redis = RealRedis {
            child,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        };
        let deadline = Instant::now() + DEADLINE;
        while TcpStream::connect(redis.address).is_err() {
            if Instant::now() > deadline {
                return Err(ErrorKind::TimedOut.into());
            }
            std::thread::yield_now();
        }
        Ok(redis)
    }
}

impl Drop for RealRedis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs generated sequences on the embedded broker and on a real Redis; what was run, or the least difference found.
fn compare(redis_server: &Path, sequences: u32) -> Result<String, String> {
    let redis = RealRedis::start(redis_server).map_err(|error| format!("redis-server: {error}"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("runtime: {error}"))?;
    let embedded = runtime
        .block_on(Embedded::start())
        .map_err(|error| format!("embedded broker: {error}"))?;
    let open = |address| {
        World::open(address)
            .map(RefCell::new)
            .map_err(|error| format!("{address}: {error}"))
    };
    let (real, ours) = (open(redis.address)?, open(embedded.address())?);
    let regressions = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/proptest-regressions/embedded_broker.txt"
    );
    let mut runner = TestRunner::new(Config {
        cases: sequences,
        max_shrink_iters: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        ..Config::default()
    });
    let run = runner.run(&steps(), |steps| {
        let differ = || difference(&observe(&real, &steps), &observe(&ours, &steps));
        // A millisecond that ends between two commands may tell the servers apart. A real difference comes again.
        prop_assert_eq!(differ().and_then(|_| differ()), None);
        Ok(())
    });
    let blocked = real.borrow().blocked;
    drop((real, ours));
    runtime.block_on(embedded.stop());
    match run {
        Ok(()) => Ok(format!(
            "{sequences} sequences, {blocked} blocking commands that waited"
        )),
        Err(TestError::Fail(reason, steps)) => Err(format!("{reason}\n{}", listed(&steps))),
        Err(TestError::Abort(reason)) => Err(format!("aborted: {reason}")),
    }
}

/// What a server's connections observe; an error is the last of it.
fn observe(world: &RefCell<World>, steps: &[Step]) -> Vec<String> {
    let mut world = world.borrow_mut();
    world.run(steps).unwrap_or_else(|error| {
        let mut log = std::mem::take(&mut world.log);
        log.push(error.to_string());
        // The connections are in no known state any more.
        if let Ok(anew) = World::open(world.address) {
            *world = anew;
            let _ = world.control.ask(&["FLUSHALL"]);
        }
        log
    })
}

/// The first line in which two logs differ.
fn difference(expected: &[String], found: &[String]) -> Option<String> {
    let length = expected.len().max(found.len());
    let at = (0..length).find(|at| expected.get(*at) != found.get(*at))?;
    Some(format!(
        "line {at}:\n  redis:    {:?}\n  embedded: {:?}\n",
        expected.get(at),
        found.get(at)
    ))
}

/// How many sequences are compared, unless `COUNTERFOIL_BROKER_SEQUENCES` says otherwise.
const SEQUENCES: u32 = 200;

/// The comparison needs a redis-server. Where none is on PATH it shows as ignored, with the reason; where
/// `COUNTERFOIL_REQUIRE` asks for anything, its absence fails.
fn comparison() -> Trial {
    let name = "the_embedded_broker_replies_as_redis_does";
    let missing = "no redis-server on PATH";
    let required = std::env::var("COUNTERFOIL_REQUIRE").is_ok_and(|names| !names.is_empty());
    match on_path("redis-server") {
        Some(redis_server) => Trial::test(name, move || {
            let sequences = std::env::var("COUNTERFOIL_BROKER_SEQUENCES").ok();
            let sequences = sequences.and_then(|n| n.parse().ok()).unwrap_or(SEQUENCES);
            println!("{}", compare(&redis_server, sequences)?);
            Ok(())
        }),
        None if required => Trial::test(name, move || Err(missing.into())),
        None => Trial::test(name, || Ok(()))
            .with_ignored_flag(true)
            .with_kind(format!("ignored: {missing}")),
    }
}

fn main() -> ExitCode {
    let mut trials = vec![comparison()];
    trials.extend(behaviour::ALL.map(|(name, behaves)| Trial::test(name, move || Ok(behaves()?))));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
