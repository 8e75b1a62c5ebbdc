//! From which address a request came. Headers that say so are believed only where a configured proxy sent them (TH-05).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

/// The client's address in its one form: an IPv4 address that is written as an IPv6 one is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

/// The proxies whose `X-Forwarded-For` is believed. None by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[Network]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

/// A layer that leaves the [`ClientAddress`] with the request.
pub async fn find(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let address = ClientAddress::of(peer.ip(), request.headers(), &proxies);
        request.extensions_mut().insert(address);
    }
    next.run(request).await
}

impl ClientAddress {
    /// The peer; or, if that is a proxy of ours, the last hop before the proxies. What stands further left in the header
    /// was sent by the client itself, and may be anything.
    pub fn of(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> Self {
        let mut nearest = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for hop in hops {
            if !proxies.contain(nearest) {
                break;
            }
            // Something that is no address was not written by a proxy; whoever sent it is behind the nearest one.
            let Some(hop) = parse_hop(hop.trim()) else {
                break;
            };
            nearest = hop.to_canonical();
        }
        Self(nearest)
    }

    /// What the layer [`find`] found out.
    pub fn found_in(parts: &Parts) -> Self {
        parts.extensions.get().copied().unwrap_or_default()
    }

    /// Whom to count as one: an IPv4 address, or the /64 that a single IPv6 subscriber has at least (TH-04).
    pub fn network(self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl Default for ClientAddress {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl std::fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`, as proxies write it.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl TrustedProxies {
    /// Takes addresses and networks, e.g. `127.0.0.1, 10.0.0.0/8, fd00::/8`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(|part| Network::parse(part.trim()));
        parts.collect::<Option<_>>().map(Self)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(longest), |prefix| prefix.parse().ok())?;
        (prefix <= longest).then_some(Self { address, prefix })
    }

    fn contains(&self, other: IpAddr) -> bool {
        let (ours, theirs, longest) = match (self.address, other) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (u128::from(ours.to_bits()), u128::from(theirs.to_bits()), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits(), theirs.to_bits(), 128),
            _ => return false,
        };
        (ours ^ theirs)
            .checked_shr(longest - self.prefix)
            .unwrap_or_default()
            == 0
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{ClientAddress, TrustedProxies};

    fn client(peer: &str, forwarded: &[&str], proxies: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = TrustedProxies::parse(proxies).unwrap();
        ClientAddress::of(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_a_configured_proxy_is_believed_and_only_its_last_strange_hop() {
        let ours = "10.0.0.0/8, fd00::/8, ::1";
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
            (
                "10.1.2.3",
                &["6.6.6.6, 203.0.113.9, 10.9.9.9"],
                "203.0.113.9",
            ),
            ("10.1.2.3", &["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
            ("::1", &["[2001:db8::7]:443"], "2001:db8::7"),
            ("::1", &["203.0.113.9:1234"], "203.0.113.9"),
            ("::1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["6.6.6.6, unknown"], "10.1.2.3"),
            ("10.1.2.3", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            ("10.1.2.3", &[], "10.1.2.3"),
        ] {
            assert_eq!(
                client(peer, forwarded, ours),
                expected,
                "TH-05 {forwarded:?}"
            );
        }
    }

    #[test]
    fn networks_are_parsed_whole_or_not_at_all() {
        for text in ["", "10.0.0.0/33", "::/129", "a", "10.0.0.1,", "10.0.0.0/-1"] {
            assert_eq!(TrustedProxies::parse(text), None, "{text:?}");
        }
        assert_eq!(client("9.9.9.9", &["1.2.3.4"], "0.0.0.0/0"), "1.2.3.4");
    }

    #[test]
    fn one_ipv6_subscriber_is_one_network() {
        let network = |text: &str| {
            let peer = text.parse().unwrap();
            ClientAddress::of(peer, &HeaderMap::new(), &TrustedProxies::default()).network()
        };

        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"), "TH-04");
    }
}
