//! `show route` and `show ipv6 route`: the kernel's main routing tables in an ASA's layout.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use super::interface::{mask, nameif};
use crate::config::interfaces::Interfaces;
use crate::device::routes::{Route, RouteKind};

/// One family's table. JSON: `gateway` of last resort, null without one, and `routes`.
#[derive(Debug, Serialize)]
pub struct View {
    #[serde(skip)]
    family: Family,
    /// Of last resort.
    pub gateway: Option<IpAddr>,
    pub routes: Vec<Shown>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub route: Route,
    pub nameif: Option<String>,
}

pub fn view(configured: &Interfaces, routes: Vec<Route>, family: Family) -> View {
    let routes: Vec<_> = routes
        .into_iter()
        .filter(|route| route.destination.is_ipv4() == (family == Family::V4))
        .map(|route| Shown {
            nameif: nameif(configured, &route.interface),
            route,
        })
        .collect();
    let gateway = routes
        .iter()
        .filter(|shown| shown.route.prefix == 0)
        .min_by_key(|shown| shown.route.metric)
        .and_then(|shown| shown.route.gateway);
    View {
        family,
        gateway,
        routes,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::V4 => self.write_v4(f),
            Family::V6 => self.write_v6(f),
        }
    }
}

impl View {
    fn write_v4(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Codes: L - local, C - connected, S - static")?;
        writeln!(f, "       * - candidate default")?;
        match self.gateway {
            Some(gateway) => writeln!(f, "Gateway of last resort is {gateway} to network 0.0.0.0")?,
            None => writeln!(f, "Gateway of last resort is not set")?,
        }
        writeln!(f)?;
        for shown in &self.routes {
            let route = &shown.route;
            let star = if route.prefix == 0 { "*" } else { " " };
            write!(
                f,
                "{}{star}       {} {} ",
                code(route.kind),
                route.destination,
                mask(route.prefix)
            )?;
            let interface = shown.interface();
            match route.gateway {
                Some(gateway) => {
                    writeln!(f, "[1/{}] via {gateway}, {interface}", route.metric)?;
                }
                None => writeln!(f, "is directly connected, {interface}")?,
            }
        }
        Ok(())
    }

    fn write_v6(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "IPv6 Routing Table - {} entries", self.routes.len())?;
        writeln!(f, "Codes: C - Connected, L - Local, S - Static")?;
        for shown in &self.routes {
            let route = &shown.route;
            let distance = u8::from(route.gateway.is_some());
            writeln!(
                f,
                "{}   {}/{} [{distance}/{}]",
                code(route.kind),
                route.destination,
                route.prefix,
                route.metric
            )?;
            let hop = route
                .gateway
                .map_or_else(|| "::".to_owned(), |gateway| gateway.to_string());
            writeln!(f, "     via {hop}, {}", shown.interface())?;
        }
        Ok(())
    }
}

impl Shown {
    fn interface(&self) -> &str {
        self.nameif.as_deref().unwrap_or(&self.route.interface)
    }
}

fn code(kind: RouteKind) -> &'static str {
    match kind {
        RouteKind::Local => "L",
        RouteKind::Connected => "C",
        RouteKind::Static => "S",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::interfaces::Interface;

    fn routes() -> Vec<Route> {
        let route = |destination: &str, prefix, gateway: Option<&str>, kind| Route {
            destination: destination.parse().expect("an address"),
            prefix,
            gateway: gateway.map(|gateway| gateway.parse().expect("an address")),
            interface: "eth0".to_owned(),
            metric: 100,
            kind,
        };
        vec![
            route("0.0.0.0", 0, Some("192.0.2.1"), RouteKind::Static),
            route("192.0.2.0", 24, None, RouteKind::Connected),
            route("fd00::", 64, None, RouteKind::Connected),
            route("fd00::2", 128, None, RouteKind::Local),
            route("::", 0, Some("fd00::1"), RouteKind::Static),
        ]
    }

    fn outside() -> Interfaces {
        let mut configured = Interfaces::default();
        let interface = Interface {
            nameif: Some("outside".into()),
            security_level: Some(0),
        };
        configured.by_name.insert("eth0".into(), interface);
        configured
    }

    #[test]
    fn the_ipv4_table_is_laid_out_as_an_asas() {
        let view = view(&outside(), routes(), Family::V4);
        let expected = "\
Codes: L - local, C - connected, S - static
       * - candidate default
Gateway of last resort is 192.0.2.1 to network 0.0.0.0

S*       0.0.0.0 0.0.0.0 [1/100] via 192.0.2.1, outside
C        192.0.2.0 255.255.255.0 is directly connected, outside
";
        assert_eq!(view.to_string(), expected);
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["gateway"], "192.0.2.1");
        assert_eq!(json["routes"][1]["kind"], "connected");
    }

    #[test]
    fn the_ipv6_table_has_two_lines_a_route() {
        let view = view(&Interfaces::default(), routes(), Family::V6);
        let expected = "\
IPv6 Routing Table - 3 entries
Codes: C - Connected, L - Local, S - Static
C   fd00::/64 [0/100]
     via ::, eth0
L   fd00::2/128 [0/100]
     via ::, eth0
S   ::/0 [1/100]
     via fd00::1, eth0
";
        assert_eq!(view.to_string(), expected);
    }

    #[test]
    fn a_host_without_routes_has_no_gateway() {
        let text = view(&Interfaces::default(), Vec::new(), Family::V4).to_string();
        assert!(text.ends_with("Gateway of last resort is not set\n\n"));
    }
}
