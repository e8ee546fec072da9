//! A raw connection to a server that speaks RESP.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use redis_protocol::{resp2, resp3};

use crate::observation::{Shown, shown2, shown3};

/// How long any reply may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// A raw connection: words out, frames in.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
    /// A frame that was looked at and is yet to be read.
    peeked: Option<Shown>,
    is_resp3: bool,
    pub(crate) id: String,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, is_resp3: bool) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        let mut connection = Connection {
            stream,
            buffer: BytesMut::new(),
            peeked: None,
            is_resp3: false,
            id: String::new(),
        };
        connection.id = connection.ask(&["CLIENT", "ID"])?.first_word()[1..].to_owned();
        connection.choose(is_resp3)?;
        Ok(connection)
    }

    pub(crate) fn choose(&mut self, is_resp3: bool) -> io::Result<()> {
        self.is_resp3 = is_resp3;
        self.ask(&["HELLO", if is_resp3 { "3" } else { "2" }]).map(drop)
    }

    pub(crate) fn send<W: AsRef<str>>(&mut self, words: &[W]) -> io::Result<()> {
        use resp2::types::BytesFrame as Frame;
        let bulk = |word: &W| Frame::BulkString(Bytes::copy_from_slice(word.as_ref().as_bytes()));
        let mut bytes = BytesMut::new();
        resp2::encode::extend_encode(&mut bytes, &Frame::Array(words.iter().map(bulk).collect()), false)
            .map_err(io::Error::other)?;
        self.stream.write_all(&bytes)
    }

    /// The next frame that has arrived whole. RESP2's two nulls are told apart, which the codec does not do.
    pub(crate) fn decode(&mut self) -> io::Result<Option<Shown>> {
        let bytes = Bytes::copy_from_slice(&self.buffer);
        let decoded = if self.is_resp3 {
            resp3::decode::complete::decode_bytes(&bytes)
                .map(|found| found.map(|(frame, length)| (shown3(&frame), length)))
        } else {
            resp2::decode::decode_bytes(&bytes)
                .map(|found| found.map(|(frame, length)| (shown2(&frame), length)))
        };
        let Some((shown, length)) = decoded.map_err(io::Error::other)? else {
            return Ok(None);
        };
        let null_arrays = bytes[..length]
            .windows(5)
            .filter(|window| *window == b"*-1\r\n")
            .count();
        let _ = self.buffer.split_to(length);
        Ok(Some(if null_arrays == 0 {
            shown
        } else {
            Shown::Row("null arrays", vec![Shown::Leaf(null_arrays.to_string()), shown])
        }))
    }

    pub(crate) fn frame(&mut self) -> io::Result<Shown> {
        if let Some(frame) = self.peeked.take() {
            return Ok(frame);
        }
        loop {
            if let Some(frame) = self.decode()? {
                return Ok(frame);
            }
            self.fill()?;
        }
    }

    pub(crate) fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let length = self.stream.read(&mut chunk)?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&chunk[..length]);
        Ok(())
    }

    /// The next frame if it has arrived, left to be read; does not wait.
    pub(crate) fn peek(&mut self) -> io::Result<Option<&Shown>> {
        if self.peeked.is_none() {
            self.stream.set_nonblocking(true)?;
            let filled = self.fill();
            self.stream.set_nonblocking(false)?;
            if let Err(error) = filled
                && error.kind() != ErrorKind::WouldBlock
            {
                return Err(error);
            }
            self.peeked = self.decode()?;
        }
        Ok(self.peeked.as_ref())
    }

    /// One command, one reply; for commands that no message can come between.
    pub(crate) fn ask<W: AsRef<str>>(&mut self, words: &[W]) -> io::Result<Shown> {
        self.send(words)?;
        self.frame()
    }
}
