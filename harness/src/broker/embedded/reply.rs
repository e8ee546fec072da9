//! Replies, and their bytes in either protocol.

use bytes::{Bytes, BytesMut};
use redis_protocol::{resp2, resp3};

use super::argument::score_text;
use super::refusal::Refusal;

/// The protocol that a connection has chosen with HELLO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Resp2,
    Resp3,
}

/// What a command answers, before the connection's protocol gives it a form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    Status(&'static str),
    Error(Refusal),
    Int(i64),
    Bulk(Bytes),
    /// Text for people, as INFO answers: a verbatim string in RESP3.
    Text(String),
    Null,
    /// RESP2 has a null of its own where an array was due.
    NullArray,
    Double(f64),
    Array(Vec<Reply>),
    /// Pairs that RESP2 flattens.
    Map(Vec<(Reply, Reply)>),
    /// Streams and their entries: a map in RESP3, an array of pairs in RESP2.
    Streams(Vec<(Bytes, Reply)>),
    /// Members and scores: pairs in RESP3, flat in RESP2.
    Scored(Vec<(Bytes, f64)>),
    Set(Vec<Reply>),
    /// A message that no request asked for: an array in RESP2.
    Push(Vec<Reply>),
}

impl Reply {
    pub(super) const OK: Reply = Reply::Status("OK");

    /// 1 or 0.
    pub(super) fn truth(truth: bool) -> Reply {
        Reply::Int(i64::from(truth))
    }

    pub(super) fn count(count: usize) -> Reply {
        Reply::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(super) fn text(text: impl Into<String>) -> Reply {
        Reply::Bulk(Bytes::from(text.into()))
    }

    pub(super) fn word(word: &'static str) -> Reply {
        Reply::Bulk(Bytes::from_static(word.as_bytes()))
    }

    pub(super) fn bulk_or_null(bulk: Option<Bytes>) -> Reply {
        bulk.map_or(Reply::Null, Reply::Bulk)
    }

    pub(super) fn bulks(bulks: impl IntoIterator<Item = Bytes>) -> Reply {
        Reply::Array(bulks.into_iter().map(Reply::Bulk).collect())
    }

    /// Appends the reply's bytes.
    pub(super) fn encode(self, protocol: Protocol, out: &mut BytesMut) {
        match protocol {
            Protocol::Resp2 => self.encode_resp2(out),
            Protocol::Resp3 => {
                resp3::encode::complete::extend_encode(out, &self.into_resp3(), false)
                    .expect("the buffer was grown to the frame's length");
            }
        }
    }

    /// The codec has no frame for RESP2's null array, which may stand in any array: so only leaves are frames of its.
    fn encode_resp2(self, out: &mut BytesMut) {
        use resp2::types::BytesFrame as Frame;
        let leaf = match self {
            Reply::Status(line) => Frame::SimpleString(Bytes::from_static(line.as_bytes())),
            Reply::Error(refusal) => Frame::Error(one_line(&refusal).into()),
            Reply::Int(number) => Frame::Integer(number),
            Reply::Bulk(bytes) => Frame::BulkString(bytes),
            Reply::Text(text) => Frame::BulkString(text.into()),
            Reply::Double(number) => Frame::BulkString(score_text(number).into()),
            Reply::Null => Frame::Null,
            Reply::NullArray => return out.extend_from_slice(b"*-1\r\n"),
            Reply::Array(replies) | Reply::Set(replies) | Reply::Push(replies) => {
                return array_resp2(replies, out);
            }
            Reply::Map(pairs) => {
                return array_resp2(
                    pairs.into_iter().flat_map(|(key, value)| [key, value]).collect(),
                    out,
                );
            }
            Reply::Streams(streams) => {
                let pair = |(key, entries)| Reply::Array(vec![Reply::Bulk(key), entries]);
                return array_resp2(streams.into_iter().map(pair).collect(), out);
            }
            Reply::Scored(members) => {
                let flat = |(member, score)| [Reply::Bulk(member), Reply::Double(score)];
                return array_resp2(members.into_iter().flat_map(flat).collect(), out);
            }
        };
        resp2::encode::extend_encode(out, &leaf, false).expect("the buffer was grown to the frame's length");
    }

    fn into_resp3(self) -> resp3::types::BytesFrame {
        use resp3::types::{BytesFrame as Frame, VerbatimStringFormat};
        let attributes = None;
        let frames =
            |replies: Vec<Reply>| -> Vec<Frame> { replies.into_iter().map(Reply::into_resp3).collect() };
        match self {
            Reply::Status(line) => Frame::SimpleString {
                data: Bytes::from_static(line.as_bytes()),
                attributes,
            },
            Reply::Error(refusal) => Frame::SimpleError {
                data: one_line(&refusal).into(),
                attributes,
            },
            Reply::Int(data) => Frame::Number { data, attributes },
            Reply::Bulk(data) => Frame::BlobString { data, attributes },
            Reply::Text(text) => Frame::VerbatimString {
                data: text.into(),
                format: VerbatimStringFormat::Text,
                attributes,
            },
            Reply::Null | Reply::NullArray => Frame::Null,
            Reply::Double(data) => Frame::Double { data, attributes },
            Reply::Array(replies) => Frame::Array {
                data: frames(replies),
                attributes,
            },
            Reply::Push(replies) => Frame::Push {
                data: frames(replies),
                attributes,
            },
            Reply::Set(members) => Frame::Set {
                data: members.into_iter().map(Reply::into_resp3).collect(),
                attributes,
            },
            Reply::Map(pairs) => Frame::Map {
                data: pairs
                    .into_iter()
                    .map(|(key, value)| (key.into_resp3(), value.into_resp3()))
                    .collect(),
                attributes,
            },
            Reply::Streams(streams) => Frame::Map {
                data: streams
                    .into_iter()
                    .map(|(key, entries)| (Reply::Bulk(key).into_resp3(), entries.into_resp3()))
                    .collect(),
                attributes,
            },
            Reply::Scored(members) => Frame::Array {
                data: members
                    .into_iter()
                    .map(|(member, score)| {
                        Reply::Array(vec![Reply::Bulk(member), Reply::Double(score)]).into_resp3()
                    })
                    .collect(),
                attributes,
            },
        }
    }
}

fn array_resp2(replies: Vec<Reply>, out: &mut BytesMut) {
    out.extend_from_slice(format!("*{}\r\n", replies.len()).as_bytes());
    for reply in replies {
        reply.encode_resp2(out);
    }
}

/// An error is one line whatever the client put into it.
fn one_line(refusal: &Refusal) -> String {
    refusal.to_string().replace(['\r', '\n'], " ")
}
