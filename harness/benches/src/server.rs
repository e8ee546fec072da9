//! Servers to be scraped: processes, and a text that was made beforehand.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use anyhow::Context;

use crate::site::Site;

/// A process that serves until it is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// `counterfoil reference serve`, which says on stderr where it listens.
    pub(crate) fn counterfoil(site: &Site, dir: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(site.counterfoil())
            .args(["reference", "serve"])
            .arg(dir)
            .args(["--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start counterfoil")?;
        let mut ready = String::new();
        BufReader::new(child.stderr.take().expect("it was piped")).read_line(&mut ready)?;
        let address = ready
            .split_once("http://")
            .and_then(|(_, rest)| rest.trim().strip_suffix("/metrics")?.parse().ok())
            .with_context(|| format!("{ready:?} names no address"))?;
        Ok(Self { child, address })
    }

    /// A Python program, which prints its port.
    pub(crate) fn python<A: AsRef<OsStr>>(
        python: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(python)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", python.display()))?;
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("it was piped")).read_line(&mut port)?;
        let port: u16 = port
            .trim()
            .parse()
            .with_context(|| format!("{port:?} is no port"))?;
        Ok(Self {
            child,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers every request with one text: what serving takes at least.
pub(crate) struct Prebuilt {
    address: SocketAddr,
}

impl Prebuilt {
    /// Serves from a thread, as long as this process runs.
    pub(crate) fn serve(text: Vec<u8>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            text.len()
        )
        .into_bytes();
        answer.extend(text);
        let answer: Arc<[u8]> = answer.into();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let answer = Arc::clone(&answer);
                // A client that goes away early is its own concern.
                thread::spawn(move || drop(respond(stream, &answer)));
            }
        });
        Ok(Self { address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn respond(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    stream.write_all(answer)
}
