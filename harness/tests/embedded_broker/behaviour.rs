//! What sequences of commands do not show: who is served, what is refused, what ends.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use counterfoil::broker::embedded::Embedded;
use tokio::runtime::Runtime;

use crate::connection::{Connection, DEADLINE};
use crate::observation::Shown;

/// A behaviour's name, and what shows it.
type Behaviour = (&'static str, fn() -> std::io::Result<()>);

/// Every behaviour.
pub(crate) const ALL: [Behaviour; 10] = [
    (
        "an_element_is_not_given_to_a_client_that_has_left",
        an_element_is_not_given_to_a_client_that_has_left,
    ),
    (
        "who_waits_longest_is_served_first",
        who_waits_longest_is_served_first,
    ),
    (
        "each_channel_of_a_subscription_is_confirmed",
        each_channel_of_a_subscription_is_confirmed,
    ),
    (
        "a_malformed_request_is_named_and_ends_the_connection",
        a_malformed_request_is_named_and_ends_the_connection,
    ),
    (
        "a_pipeline_may_be_sent_whole_before_its_replies_are_read",
        a_pipeline_may_be_sent_whole_before_its_replies_are_read,
    ),
    (
        "redis_pys_lock_is_released_by_its_holder_and_other_scripts_are_refused",
        redis_pys_lock_is_released_by_its_holder_and_other_scripts_are_refused,
    ),
    (
        "a_killed_client_is_disconnected_even_while_it_waits",
        a_killed_client_is_disconnected_even_while_it_waits,
    ),
    (
        "stopping_closes_the_listener_and_every_connection",
        stopping_closes_the_listener_and_every_connection,
    ),
    (
        "a_broker_that_is_restarted_ends_every_connection_and_has_what_it_had",
        a_broker_that_is_restarted_ends_every_connection_and_has_what_it_had,
    ),
    (
        "a_paused_broker_answers_nobody_and_then_everybody",
        a_paused_broker_answers_nobody_and_then_everybody,
    ),
];

/// A broker on a runtime of its own, for a test that blocks.
struct Running {
    runtime: Runtime,
    broker: Embedded,
}

impl Running {
    fn start() -> io::Result<Running> {
        let runtime = Runtime::new()?;
        let broker = runtime.block_on(Embedded::start())?;
        Ok(Running { runtime, broker })
    }

    fn connect(&self) -> io::Result<Connection> {
        Connection::open(self.broker.address(), false)
    }
}

/// Waits until so many clients are blocked.
fn await_blocked(control: &mut Connection, count: usize) -> io::Result<()> {
    let wanted = format!("blocked_clients:{count}\\r");
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if control.ask(&["INFO", "clients"])?.first_word().contains(&wanted) {
            return Ok(());
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// The connection ends without another reply; it is reset where its last request was not read.
fn assert_closed(connection: &mut Connection) {
    let end = connection.frame().map_err(|error| error.kind());
    assert!(
        matches!(
            end,
            Err(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
        ),
        "{end:?}"
    );
}

fn leaf(text: &str) -> Shown {
    Shown::Leaf(text.to_owned())
}

fn an_element_is_not_given_to_a_client_that_has_left() -> io::Result<()> {
    let running = Running::start()?;
    let mut control = running.connect()?;
    for _ in 0..200 {
        let mut waiting = running.connect()?;
        waiting.send(&["BLPOP", "q", "0"])?;
        await_blocked(&mut control, 1)?;
        drop(waiting);
        assert_eq!(control.ask(&["RPUSH", "q", "task"])?, leaf(":1"));
        assert_eq!(control.ask(&["LPOP", "q"])?, leaf("$task"));
    }
    Ok(())
}

fn who_waits_longest_is_served_first() -> io::Result<()> {
    let running = Running::start()?;
    let mut control = running.connect()?;
    let mut waiting = Vec::new();
    for number in 0..5 {
        let mut connection = running.connect()?;
        connection.send(&["BRPOP", "other", "q", "0"])?;
        await_blocked(&mut control, number + 1)?;
        waiting.push(connection);
    }
    // One dead client in the middle of the queue must not hold up the rest.
    drop(waiting.remove(2));
    control.ask(&["LPUSH", "q", "0", "1", "2", "3", "4"])?;
    for (number, connection) in waiting.iter_mut().enumerate() {
        let expected = Shown::Row("*", vec![leaf("$q"), leaf(&format!("${number}"))]);
        assert_eq!(connection.frame()?, expected);
    }
    assert_eq!(
        control.ask(&["LRANGE", "q", "0", "-1"])?,
        Shown::Row("*", vec![leaf("$4")])
    );
    Ok(())
}

/// All that a server says to some bytes before it closes the connection.
fn last_words(address: SocketAddr, bytes: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.write_all(bytes)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn each_channel_of_a_subscription_is_confirmed() -> io::Result<()> {
    let running = Running::start()?;
    for is_resp3 in [false, true] {
        let mut connection = Connection::open(running.broker.address(), is_resp3)?;
        let sign = if is_resp3 { ">" } else { "*" };
        connection.send(&["SUBSCRIBE", "a", "b"])?;
        for (channel, count) in [("$a", ":1"), ("$b", ":2")] {
            let expected = Shown::Row(sign, vec![leaf("$subscribe"), leaf(channel), leaf(count)]);
            assert_eq!(connection.frame()?, expected);
        }
        connection.send(&["UNSUBSCRIBE"])?;
        for (channel, count) in [("$a", ":1"), ("$b", ":0")] {
            let expected = Shown::Row(sign, vec![leaf("$unsubscribe"), leaf(channel), leaf(count)]);
            assert_eq!(connection.frame()?, expected);
        }
    }
    Ok(())
}

fn a_malformed_request_is_named_and_ends_the_connection() -> io::Result<()> {
    let running = Running::start()?;
    for (bytes, answer) in [
        (&b"PING\r\nQUIT\r\n"[..], "+PONG\r\n+OK\r\n"),
        (b"*1\r\n:1\r\n", "-ERR Protocol error: expected '$', got ':'\r\n"),
        (b"*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"),
        (
            b"*1\r\n$67108865\r\n",
            "-ERR Protocol error: invalid bulk length\r\n",
        ),
        (
            b"PING \"a\r\n",
            "-ERR Protocol error: unbalanced quotes in request\r\n",
        ),
    ] {
        assert_eq!(last_words(running.broker.address(), bytes)?, answer);
    }
    Ok(())
}

fn a_pipeline_may_be_sent_whole_before_its_replies_are_read() -> io::Result<()> {
    let running = Running::start()?;
    let mut connection = running.connect()?;
    let value = "v".repeat(10_000);
    connection.ask(&["SET", "key", &value])?;
    // 20 MB of replies, far more than the sockets hold.
    for _ in 0..2_000 {
        connection.send(&["GET", "key"])?;
    }
    for _ in 0..2_000 {
        assert_eq!(connection.frame()?, leaf(&format!("${value}")));
    }
    Ok(())
}

fn redis_pys_lock_is_released_by_its_holder_and_other_scripts_are_refused() -> io::Result<()> {
    const RELEASE: &str = "c3f8721cbb97f72bc19e972846bd7aaf91901658";
    let running = Running::start()?;
    let mut connection = running.connect()?;
    connection.ask(&["SET", "lock", "mine", "NX", "PX", "60000"])?;
    assert_eq!(
        connection.ask(&["SCRIPT", "EXISTS", RELEASE])?,
        Shown::Row("*", vec![leaf(":1")])
    );
    assert_eq!(
        connection.ask(&["EVALSHA", RELEASE, "1", "lock", "theirs"])?,
        leaf(":0")
    );
    assert_eq!(
        connection.ask(&["EVALSHA", RELEASE, "1", "lock", "mine"])?,
        leaf(":1")
    );
    assert_eq!(connection.ask(&["EXISTS", "lock"])?, leaf(":0"));
    let refusal = connection.ask(&["EVAL", "return 1", "0"])?;
    assert!(refusal.first_word().contains("has no scripting"), "{refusal:?}");
    Ok(())
}

fn a_killed_client_is_disconnected_even_while_it_waits() -> io::Result<()> {
    let running = Running::start()?;
    let mut control = running.connect()?;
    let mut waiting = running.connect()?;
    waiting.send(&["BLPOP", "q", "0"])?;
    await_blocked(&mut control, 1)?;
    assert_eq!(control.ask(&["CLIENT", "KILL", "TYPE", "normal"])?, leaf(":1"));
    assert_closed(&mut waiting);
    assert_eq!(control.ask(&["RPUSH", "q", "task"])?, leaf(":1"));
    Ok(())
}

fn stopping_closes_the_listener_and_every_connection() -> io::Result<()> {
    let Running { runtime, broker } = Running::start()?;
    let address = broker.address();
    let mut waiting = Connection::open(address, true)?;
    waiting.send(&["BLPOP", "q", "0"])?;
    runtime.block_on(broker.stop());
    assert_closed(&mut waiting);
    assert!(TcpStream::connect(address).is_err());
    Ok(())
}

fn a_broker_that_is_restarted_ends_every_connection_and_has_what_it_had() -> io::Result<()> {
    let mut running = Running::start()?;
    let mut before = running.connect()?;
    before.ask(&["LPUSH", "q", "task"])?;
    let mut waiting = running.connect()?;
    waiting.send(&["BRPOP", "other", "0"])?;
    await_blocked(&mut before, 1)?;
    let address = running.broker.address();
    running
        .runtime
        .block_on(running.broker.restart(Duration::from_millis(20)))?;
    assert_closed(&mut before);
    assert_closed(&mut waiting);
    assert_eq!(running.broker.address(), address);
    let mut after = running.connect()?;
    assert_eq!(after.ask(&["RPOP", "q"])?, leaf("$task"));
    // Nobody who is gone is served.
    after.ask(&["LPUSH", "other", "task"])?;
    assert_eq!(after.ask(&["RPOP", "other"])?, leaf("$task"));
    Ok(())
}

fn a_paused_broker_answers_nobody_and_then_everybody() -> io::Result<()> {
    let running = Running::start()?;
    let address = running.broker.address();
    let mut before = TcpStream::connect(address)?;
    before.set_read_timeout(Some(Duration::from_millis(100)))?;
    before.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    before.read_exact(&mut answer)?;
    running.broker.pause();
    before.write_all(b"PING\r\n")?;
    let silence = before.read(&mut answer).map_err(|error| error.kind());
    assert_eq!(silence, Err(io::ErrorKind::WouldBlock));
    // It takes connections as a process does that stands still: the system does it.
    let mut during = TcpStream::connect(address)?;
    during.set_read_timeout(Some(DEADLINE))?;
    during.write_all(b"PING\r\n")?;
    running.broker.resume();
    before.set_read_timeout(Some(DEADLINE))?;
    for client in [&mut before, &mut during] {
        client.read_exact(&mut answer)?;
        assert_eq!(&answer, b"+PONG\r\n");
    }
    Ok(())
}
