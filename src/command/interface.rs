//! Commands that name the interfaces of this host.

use std::sync::Arc;

use serde::Deserialize;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    EnterInterface(Interface),
    NoInterface(Interface),
    Nameif(Nameif),
    NoNameif(NoNameif),
    SecurityLevel(SecurityLevel),
    NoSecurityLevel(NoSecurityLevel),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Typed")]
pub struct Interface {
    /// As the host calls it, at most `MOST` characters.
    pub name: Arc<str>,
}

impl Interface {
    /// As the grammar bounds it.
    const MOST: usize = 63;
}

/// An interface as it may be typed: `GigabitEthernet0/0`, or with its number apart.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) name: Arc<str>,
    pub(super) unit: Option<Unit>,
}

impl TryFrom<Typed> for Interface {
    type Error = &'static str;

    fn try_from(Typed { name, unit }: Typed) -> Result<Self, Self::Error> {
        let Some(Unit(unit)) = unit else {
            return Ok(Self { name });
        };
        if name.ends_with(|c: char| c.is_ascii_digit()) {
            return Err("the name has its number already");
        }
        let name = format!("{name}{unit}");
        if name.chars().count() > Self::MOST {
            return Err("the name is too long");
        }
        Ok(Self { name: name.into() })
    }
}

/// `0/0`, `1/0/24.100`: digits, and what stands between them.
#[derive(Deserialize)]
#[serde(try_from = "Arc<str>")]
pub(super) struct Unit(Arc<str>);

impl TryFrom<Arc<str>> for Unit {
    type Error = &'static str;

    fn try_from(typed: Arc<str>) -> Result<Self, Self::Error> {
        let is_number = typed
            .split(['/', '.', ':'])
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        is_number
            .then_some(Self(typed))
            .ok_or("a number such as 0/0")
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nameif {
    pub nameif: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoNameif {
    pub nameif: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecurityLevel {
    /// 0 to 100.
    pub level: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoSecurityLevel {
    pub level: Option<u8>,
}
