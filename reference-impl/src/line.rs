//! A connection to the broker on which a process may stand still.
//!
//! Linux ends a read that has a time limit with EINTR when the process goes on after SIGSTOP (signal(7)). The client's own
//! connection takes that for a failure and leaves the reply unread, and with it the task that the broker has handed out.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use redis::{ConnectionAddr, ConnectionInfo, Parser, RedisResult, Value};

/// A connection, and what was read of the next reply.
pub(crate) struct Line {
    stream: Uninterrupted,
    parser: Parser,
}

impl Line {
    /// Connects and says who asks, and for which database, as the URL says.
    ///
    /// # Errors
    /// If nobody listens there within `timeout`, or the broker refuses.
    pub(crate) fn connect(info: &ConnectionInfo, timeout: Duration) -> RedisResult<Self> {
        let ConnectionAddr::Tcp(host, port) = info.addr() else {
            let unsupported = io::Error::new(ErrorKind::Unsupported, "the broker is no redis://HOST:PORT");
            return Err(unsupported.into());
        };
        let stream = connect(host, *port, timeout)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        let mut line = Self {
            stream: Uninterrupted(stream),
            parser: Parser::new(),
        };
        let settings = info.redis_settings();
        if let Some(password) = settings.password() {
            let mut auth = redis::cmd("AUTH");
            if let Some(username) = settings.username() {
                auth.arg(username);
            }
            line.ask(&auth.arg(password).get_packed_command())?;
        }
        if settings.db() != 0 {
            line.ask(&redis::cmd("SELECT").arg(settings.db()).get_packed_command())?;
        }
        Ok(line)
    }

    /// How long a reply may keep its reader waiting; `None`: for ever.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn set_patience(&self, patience: Option<Duration>) -> io::Result<()> {
        self.stream.0.set_read_timeout(patience)?;
        self.stream.0.set_write_timeout(patience)
    }

    /// Sends a packed command and reads its reply.
    ///
    /// # Errors
    /// If the connection ends or is silent too long, or the reply is an error.
    pub(crate) fn ask(&mut self, command: &[u8]) -> RedisResult<Value> {
        self.stream.0.write_all(command)?;
        self.parser.parse_value(&mut self.stream)?.extract_error()
    }
}

/// Of several addresses the first that answers.
fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(ErrorKind::NotFound, "the broker's host has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Reads again where a signal cut the read short.
struct Uninterrupted(TcpStream);

impl Read for Uninterrupted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}
