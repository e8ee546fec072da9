//! What a client accepts: the format by `Accept`, gzip by `Accept-Encoding`.

use crate::exposition::Format;

/// One item of an `Accept` header.
struct Item<'a> {
    name: String,
    version: Option<&'a str>,
    quality: f32,
}

fn items(header: &str) -> impl Iterator<Item = Item<'_>> {
    header.split(',').map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut item = Item {
            name,
            version: None,
            quality: 1.0,
        };
        for parameter in parts {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                "version" => item.version = Some(value),
                "q" => item.quality = value.parse().unwrap_or(0.0),
                _ => {}
            }
        }
        item
    })
}

/// The format that the client prefers: OpenMetrics where it is asked for by name and at least as
/// much as text, text for everyone else. Protobuf is never served.
#[must_use]
pub fn format(accept: &str) -> Format {
    let quality = |name: &str, version: &str| {
        items(accept)
            .filter(|item| item.name == name && item.version.is_none_or(|asked| asked == version))
            .map(|item| item.quality)
            .reduce(f32::max)
    };
    let open_metrics = quality("application/openmetrics-text", "1.0.0").unwrap_or(0.0);
    let text = quality("text/plain", "0.0.4")
        .or_else(|| quality("text/*", ""))
        .or_else(|| quality("*/*", ""))
        .unwrap_or(0.0);
    if open_metrics > 0.0 && open_metrics >= text {
        Format::OpenMetrics
    } else {
        Format::Text
    }
}

/// Whether the client takes gzip.
#[must_use]
pub fn takes_gzip(accept_encoding: &str) -> bool {
    let quality = |name: &str| {
        items(accept_encoding)
            .find(|item| item.name == name)
            .map(|item| item.quality)
    };
    quality("gzip").or_else(|| quality("*")).unwrap_or(0.0) > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_everyone_gets_who_does_not_ask_for_openmetrics() {
        for accept in [
            "",
            "*/*",
            "text/html",
            "text/plain",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.5",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        ] {
            assert_eq!(format(accept), Format::Text, "{accept}");
        }
    }

    #[test]
    fn openmetrics_is_served_where_it_is_asked_for_at_least_as_much() {
        for accept in [
            "application/openmetrics-text",
            "application/OpenMetrics-text; version=1.0.0; charset=utf-8",
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text;q=0.5,text/plain;q=0.5",
            "application/openmetrics-text;version=\"1.0.0\";escaping=allow-utf-8;q=0.6,\
             text/plain;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ] {
            assert_eq!(format(accept), Format::OpenMetrics, "{accept}");
        }
    }

    #[test]
    fn gzip_is_served_only_to_those_who_take_it() {
        for accepts in ["gzip", "deflate, GZIP;q=0.5", "*"] {
            assert!(takes_gzip(accepts), "{accepts}");
        }
        for refuses in ["", "identity", "gzip;q=0", "gzip;q=0, *", "br"] {
            assert!(!takes_gzip(refuses), "{refuses}");
        }
    }
}
