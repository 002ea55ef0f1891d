//! The policy of the trust pool: revocation, exceptions, the daily import of a bundle. What acts on it is
//! the trust room.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{revocation_line, revocation_methods};
use crate::command::crypto::values::{DayTime, RevocationMethod};
use crate::command::crypto::{self, Command};
use crate::config::refusal::Kind;
use crate::config::render::Lines;
use crate::config::{Notice, Notices, Refusal};

/// `crypto ca trustpool policy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustpoolPolicy {
    /// In order of preference; empty when not configured, which checks nothing.
    pub revocation_check: Vec<RevocationMethod>,
    /// Minutes, 1 to 1440.
    pub crl_cache_time: Option<u16>,
    /// `no crl enforcenextupdate`: a list past its next update may still be used.
    pub crl_ignores_next_update: bool,
    /// By certificate map.
    pub matches: BTreeMap<Arc<str>, MatchAction>,
    /// Off when `None`.
    pub auto_import: Option<AutoImport>,
}

/// What `match certificate` lets pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchAction {
    Nothing,
    AllowExpired,
    SkipRevocationCheck,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutoImport {
    /// 22:00:00 when `None`.
    pub time: Option<DayTime>,
    /// The vendor's bundle when `None`.
    pub url: Option<Arc<str>>,
}

impl AutoImport {
    pub const DEFAULT_TIME: DayTime = DayTime {
        hour: 22,
        minute: 0,
        second: 0,
    };

    pub fn time(&self) -> DayTime {
        self.time.unwrap_or(Self::DEFAULT_TIME)
    }
}

impl TrustpoolPolicy {
    pub const DEFAULT_CACHE_TIME: u16 = 60;

    /// Minutes.
    pub fn crl_cache_time(&self) -> u16 {
        self.crl_cache_time.unwrap_or(Self::DEFAULT_CACHE_TIME)
    }

    pub(super) fn apply(&mut self, command: &Command) -> Result<Notices, Refusal> {
        match command {
            Command::RevocationCheck(c) => self.revocation_check = revocation_methods(c)?,
            Command::NoRevocationCheck(_) => self.revocation_check.clear(),
            Command::CrlCacheTime(c) => self.crl_cache_time = Some(c.minutes),
            Command::NoCrlCacheTime(_) => self.crl_cache_time = None,
            Command::CrlEnforceNextUpdate | Command::DefaultCrlEnforceNextUpdate => {
                self.crl_ignores_next_update = false
            }
            Command::NoCrlEnforceNextUpdate => self.crl_ignores_next_update = true,
            Command::MatchCertificate(c) => {
                let action = match c.action {
                    None => MatchAction::Nothing,
                    Some(crypto::MatchAction::Allow) => MatchAction::AllowExpired,
                    Some(crypto::MatchAction::Skip) => MatchAction::SkipRevocationCheck,
                };
                self.matches.insert(c.map.clone(), action);
            }
            Command::NoMatchCertificate(c) => {
                self.matches
                    .remove(&c.map)
                    .ok_or_else(|| Refusal::NotDefined {
                        kind: Kind::Name,
                        name: c.map.clone(),
                    })?;
            }
            // Each line says all of it (the manual's four examples): what it leaves out is the default.
            Command::AutoImport(c) => {
                self.auto_import = Some(AutoImport {
                    time: c.time,
                    url: c.url.clone(),
                })
            }
            Command::AutoImportUrl => self.auto_import = Some(AutoImport::default()),
            Command::NoAutoImport => {
                self.auto_import = None;
                return Ok(vec![auto_import_is_off()]);
            }
            _ => {}
        }
        Ok(Notices::new())
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        out.line(0, format_args!("crypto ca trustpool policy"));
        match self.revocation_check.as_slice() {
            [] if out.is_all() => revocation_line(&[RevocationMethod::None], out),
            methods => revocation_line(methods, out),
        }
        if self.crl_cache_time.is_some() || out.is_all() {
            out.line(1, format_args!("crl cache-time {}", self.crl_cache_time()));
        }
        match self.crl_ignores_next_update {
            true => out.line(1, format_args!("no crl enforcenextupdate")),
            false if out.is_all() => out.line(1, format_args!("crl enforcenextupdate")),
            false => {}
        }
        for (map, action) in &self.matches {
            let action = match action {
                MatchAction::Nothing => "",
                MatchAction::AllowExpired => " allow expired-certificate",
                MatchAction::SkipRevocationCheck => " skip revocation-check",
            };
            out.line(1, format_args!("match certificate {map}{action}"));
        }
        if let Some(AutoImport { time, url }) = &self.auto_import {
            let time = time.map_or_else(String::new, |time| format!(" time {time}"));
            let url = url
                .as_ref()
                .map_or_else(String::new, |url| format!(" url {url}"));
            out.line(1, format_args!("auto-import{time}{url}"));
        }
    }
}

/// The device's own words.
pub(super) fn auto_import_is_off() -> Notice {
    Notice::Warning("Disabling auto import may affect Smart Licensing".into())
}
