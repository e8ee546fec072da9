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
        // Rows are opened here and their parts encoded one by one: the codec has no frame for RESP2's null array,
        // and a map of its own drops a key that is there twice, as in `XREAD STREAMS a a`.
        let is_resp3 = protocol == Protocol::Resp3;
        let (sign, length, parts) = match self {
            Reply::NullArray if !is_resp3 => return out.extend_from_slice(b"*-1\r\n"),
            Reply::Array(parts) => ('*', parts.len(), parts),
            Reply::Set(parts) => ('~', parts.len(), parts),
            Reply::Push(parts) => ('>', parts.len(), parts),
            Reply::Map(pairs) => ('%', pairs.len(), flattened(pairs)),
            Reply::Streams(streams) if is_resp3 => {
                let pairs = streams
                    .into_iter()
                    .map(|(key, entries)| (Reply::Bulk(key), entries));
                ('%', pairs.len(), flattened(pairs))
            }
            Reply::Streams(streams) => {
                let pair = |(key, entries)| Reply::Array(vec![Reply::Bulk(key), entries]);
                ('*', streams.len(), streams.into_iter().map(pair).collect())
            }
            Reply::Scored(members) if is_resp3 => {
                let pair = |(member, score)| Reply::Array(vec![Reply::Bulk(member), Reply::Double(score)]);
                ('*', members.len(), members.into_iter().map(pair).collect())
            }
            Reply::Scored(members) => {
                let pair = |(member, score)| (Reply::Bulk(member), Reply::Double(score));
                ('*', 2 * members.len(), flattened(members.into_iter().map(pair)))
            }
            leaf if is_resp3 => return leaf.encode_leaf_resp3(out),
            leaf => return leaf.encode_leaf_resp2(out),
        };
        let (sign, length) = match sign {
            '%' if !is_resp3 => ('*', 2 * length),
            _ if !is_resp3 => ('*', length),
            _ => (sign, length),
        };
        out.extend_from_slice(format!("{sign}{length}\r\n").as_bytes());
        for part in parts {
            part.encode(protocol, out);
        }
    }

    fn encode_leaf_resp2(self, out: &mut BytesMut) {
        use resp2::types::BytesFrame as Frame;
        let frame = match self {
            Reply::Status(line) => Frame::SimpleString(Bytes::from_static(line.as_bytes())),
            Reply::Error(refusal) => Frame::Error(one_line(&refusal).into()),
            Reply::Int(number) => Frame::Integer(number),
            Reply::Bulk(bytes) => Frame::BulkString(bytes),
            Reply::Text(text) => Frame::BulkString(text.into()),
            Reply::Double(number) => Frame::BulkString(score_text(number).into()),
            _ => Frame::Null,
        };
        resp2::encode::extend_encode(out, &frame, false).expect("the buffer was grown to the frame's length");
    }

    fn encode_leaf_resp3(self, out: &mut BytesMut) {
        use resp3::types::{BytesFrame as Frame, VerbatimStringFormat};
        let attributes = None;
        let frame = match self {
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
            Reply::Double(data) => Frame::Double { data, attributes },
            _ => Frame::Null,
        };
        resp3::encode::complete::extend_encode(out, &frame, false)
            .expect("the buffer was grown to the frame's length");
    }
}

fn flattened(pairs: impl IntoIterator<Item = (Reply, Reply)>) -> Vec<Reply> {
    pairs.into_iter().flat_map(|(key, value)| [key, value]).collect()
}

/// An error is one line whatever the client put into it.
fn one_line(refusal: &Refusal) -> String {
    refusal.to_string().replace(['\r', '\n'], " ")
}
