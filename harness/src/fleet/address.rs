//! Where a fleet listens, and where it is reached.

use std::net::IpAddr;

use reqwest::Url;

/// The URL at that address, if it is one of a loopback address.
pub(super) fn at(url: &str, address: IpAddr) -> String {
    let Ok(mut there) = Url::parse(url) else {
        return url.to_owned();
    };
    let is_loopback = match there.host_str() {
        Some("localhost") => true,
        Some(host) => host.parse().is_ok_and(|host: IpAddr| host.is_loopback()),
        None => false,
    };
    match is_loopback && there.set_ip_host(address).is_ok() {
        true => there.to_string(),
        false => url.to_owned(),
    }
}

/// A port that was free a moment ago. Somebody may take it before the fleet does; [`super::Fleet::listens`] notices.
pub(super) fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_on_loopback_here_is_scraped_at_its_containers_address() {
        let address = IpAddr::from([172, 18, 0, 3]);
        for here in ["127.0.0.1", "localhost"] {
            let url = format!("http://{here}:9000/metrics");
            assert_eq!(at(&url, address), "http://172.18.0.3:9000/metrics");
        }
        for elsewhere in ["http://exporter:9000/metrics", "no URL"] {
            assert_eq!(at(elsewhere, address), elsewhere);
        }
    }
}
