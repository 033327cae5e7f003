// SPDX-License-Identifier: EUPL-1.2
//! What systemd-networkd says of its network cards: the JSON of its method `Describe`. Pure.

use std::collections::BTreeSet;

use api::network::Kind;
use serde::Deserialize;

use crate::judge::{Card, State};

/// More than the longest description that is read. A route takes some 500 bytes.
pub const MAX_BYTES: usize = 4 << 20;

/// A route to one destination, and no refusal (`RTN_UNICAST`).
const UNICAST: u32 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    #[serde(default)]
    interfaces: Vec<Interface>,
    /// Those that lead over a next hop instead of an interface.
    routes: Option<Vec<Route>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Interface {
    #[serde(default)]
    r#type: String,
    /// What made it, if it is no real card.
    kind: Option<String>,
    #[serde(default)]
    administrative_state: String,
    #[serde(default)]
    operational_state: String,
    routes: Option<Vec<Route>>,
    next_hops: Option<Vec<NextHop>>,
}

/// A router that was advertised; routes name it by its number.
#[derive(Deserialize)]
struct NextHop {
    #[serde(rename = "ID")]
    id: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Route {
    r#type: Option<u32>,
    destination_prefix_length: Option<u32>,
    #[serde(default)]
    config_state: String,
    #[serde(rename = "NextHopID")]
    next_hop: Option<u32>,
}

impl Route {
    fn leads_out(&self) -> bool {
        let exists = self.config_state.starts_with("configured");
        exists && self.r#type == Some(UNICAST) && self.destination_prefix_length == Some(0)
    }
}

/// The real network cards of a description.
pub fn cards(description: &str) -> serde_json::Result<Vec<Card>> {
    let description: Description = serde_json::from_str(description)?;
    let routes = description.routes.iter().flatten();
    let ways: BTreeSet<u32> = routes
        .filter(|route| route.leads_out())
        .filter_map(|route| route.next_hop)
        .collect();
    let cards = description.interfaces.iter();
    Ok(cards
        .filter_map(|interface| card(interface, &ways))
        .collect())
}

/// `ways` are the next hops that lead out.
fn card(interface: &Interface, ways: &BTreeSet<u32>) -> Option<Card> {
    let kind = match (interface.r#type.as_str(), &interface.kind) {
        // Drivers of modems make their cards as tunnels are made.
        ("wwan", _) => Kind::Mobile,
        ("loopback", _) | (_, Some(_)) => return None,
        ("ether", None) => Kind::Wired,
        ("wlan", None) => Kind::Wireless,
        (_, None) => Kind::Other,
    };
    let starts = ["pending", "initialized", "configuring"];
    let starts = starts.contains(&interface.administrative_state.as_str());
    let state = match interface.operational_state.as_str() {
        "routable" => State::Routable,
        "off" | "missing" if starts => State::Starting,
        "off" | "missing" | "no-carrier" | "dormant" => State::NoCarrier,
        _ => State::Carrier,
    };
    let mut routes = interface.routes.iter().flatten();
    let mut hops = interface.next_hops.iter().flatten();
    let leads_out =
        routes.any(Route::leads_out) || hops.any(|hop| hop.id.is_some_and(|id| ways.contains(&id)));
    Some(Card {
        kind,
        state,
        leads_out,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interface(r#type: &str, operational: &str, more: &str) -> String {
        format!(
            r#"{{"Index":2,"Name":"e","Type":"{type}","AdministrativeState":"configuring","OperationalState":"{operational}"{more}}}"#
        )
    }

    fn read(interfaces: &[String]) -> Vec<Card> {
        cards(&format!(r#"{{"Interfaces":[{}]}}"#, interfaces.join(","))).unwrap()
    }

    fn route(kind: u32, length: u32, state: &str) -> String {
        format!(
            r#","Routes":[{{"Family":2,"Destination":[0,0,0,0],"DestinationPrefixLength":{length},"Type":{kind},"ConfigState":"{state}"}}]"#
        )
    }

    /// Proves C13: what networkd says of each card becomes a kind and a state; loopback and what is only made of software are no cards.
    #[test]
    fn cards_are_found() {
        let all = [
            interface("loopback", "carrier", ""),
            interface("ether", "routable", &route(1, 0, "configured")),
            interface("wlan", "dormant", r#","Routes":null"#),
            interface("wwan", "degraded", r#","Kind":"wwan""#),
            interface("ether", "routable", r#","Kind":"veth""#),
            interface("infiniband", "off", ""),
        ];
        let card = |kind, state, leads_out| Card {
            kind,
            state,
            leads_out,
        };
        let expected = [
            card(Kind::Wired, State::Routable, true),
            card(Kind::Wireless, State::NoCarrier, false),
            card(Kind::Mobile, State::Carrier, false),
            card(Kind::Other, State::Starting, false),
        ];
        assert_eq!(read(&all), expected);
        assert_eq!(read(&[]), []);
        assert_eq!(cards("{}").unwrap(), []);
        for (kind, length, state) in [
            (1, 24, "configured"),
            (7, 0, "configured"),
            (1, 0, "requesting"),
        ] {
            let one = [interface("ether", "routable", &route(kind, length, state))];
            assert!(!read(&one)[0].leads_out, "{kind} {length} {state}");
        }
        assert!(cards("[").is_err());
        // An entry that says less than is usual is nothing, and spoils nothing.
        let less = r#","NextHops":[{}],"Routes":[{},{"Type":1,"ConfigState":"configured"}]"#;
        assert!(!read(&[interface("ether", "routable", less)])[0].leads_out);
    }

    /// Proves C13: a router that advertises itself by IPv6 is a way out too, of the card that hears it; networkd lists such routes
    /// beside the cards.
    #[test]
    fn an_advertised_router_leads_out() {
        let hop = r#","NextHops":[{"ID":35907909,"Family":10}]"#;
        let cards_with = |hop_of_route: u32, length: u32| {
            let interfaces = [
                interface("ether", "routable", ""),
                interface("ether", "routable", hop),
            ];
            let text = format!(
                r#"{{"Interfaces":[{}],"Routes":[{{"Family":10,"DestinationPrefixLength":{length},"Type":1,"NextHopID":{hop_of_route},"ConfigState":"configured"}}]}}"#,
                interfaces.join(",")
            );
            let cards = cards(&text).unwrap();
            [cards[0].leads_out, cards[1].leads_out]
        };
        assert_eq!(cards_with(35_907_909, 0), [false, true]);
        assert_eq!(cards_with(35_907_910, 0), [false, false]);
        assert_eq!(cards_with(35_907_909, 64), [false, false]);
    }

    proptest! {
        /// Proves C13: no text makes it panic.
        #[test]
        fn any_text_is_taken(text in ".*", kind in ".*") {
            let _ = cards(&text);
            let _ = cards(&format!(r#"{{"Interfaces":[{{"Type":"{kind}"}}]}}"#));
        }
    }
}
