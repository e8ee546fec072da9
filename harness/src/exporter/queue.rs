//! How tasks reach an exporter's workers, as its manifest says.

use serde::de::{Error as _, Unexpected, value};
use serde::{Deserialize, Deserializer};

use crate::declaration;

/// How tasks reach the workers.
///
/// ```
/// use counterfoil::exporter::{ListFormat, QueueSpec};
///
/// let spec: QueueSpec = toml::from_str("format = 'plain-list'")?;
/// assert_eq!(spec, QueueSpec::List(ListFormat::PlainList));
/// // Tasks that are posted need an address, all others have none.
/// for wrong in ["format = 'http'", "format = 'plain-list'\nurl = 'http://127.0.0.1:{metrics_port}/task'"] {
///     assert!(toml::from_str::<QueueSpec>(wrong).is_err());
/// }
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueSpec {
    /// As elements of a list on Redis.
    List(ListFormat),
    /// As requests to the workers themselves.
    Http {
        /// Where each task document is posted to, `{metrics_port}` expanded.
        url: String,
    },
}

/// How a task lies in a list on Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    /// The task document itself.
    PlainList,
    /// taskiq's JSON message.
    TaskiqList,
}

impl<'de> Deserialize<'de> for QueueSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        declaration::read_table::<Table, _, _>(deserializer)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    format: Format,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    PlainList,
    TaskiqList,
    Http,
}

impl TryFrom<Table> for QueueSpec {
    type Error = value::Error;

    fn try_from(Table { format, url }: Table) -> Result<Self, Self::Error> {
        let format = match (format, url) {
            (Format::Http, Some(url)) if url.starts_with("http://") => return Ok(Self::Http { url }),
            (Format::Http, Some(url)) => {
                let wanted = &"an address that begins with http://";
                return Err(value::Error::invalid_value(Unexpected::Str(&url), wanted));
            }
            (Format::Http, None) => return Err(value::Error::missing_field("url")),
            (_, Some(_)) => return Err(value::Error::unknown_field("url", &["format"])),
            (Format::PlainList, None) => ListFormat::PlainList,
            (Format::TaskiqList, None) => ListFormat::TaskiqList,
        };
        Ok(Self::List(format))
    }
}
