//! `logging stream` and `logging filter`: which messages a `filtered stream` session gets, by our own rule (D124), and the
//! filter modules of a device, which are kept. What a session does with a stream is not here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::discriminator::DiscriminatorName;
use super::refusal::Refusal;
use super::render::Lines;
use super::url::UrlFault;
use crate::command::logging::{LoggingFilter, NoLoggingFilter};

/// The rule of each stream, and the modules of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// 10 to 65535: the discriminator that a message must pass.
    pub rules: BTreeMap<u16, DiscriminatorName>,
    /// In the order of the chain, each URL once.
    pub filters: Vec<Filter>,
}

/// A filter module. It is not loaded: no Tcl is run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub url: Arc<str>,
    /// Without blanks at its ends.
    pub args: Option<Arc<str>>,
}

impl Streams {
    /// A new module goes last, or to the position that is named; a known one stays or moves there.
    pub(super) fn add(&mut self, c: &LoggingFilter) -> Result<(), Refusal> {
        if has_credentials(&c.url) {
            return Err(Refusal::NotAllowed {
                why: UrlFault::Userinfo.why(),
            });
        }
        let filter = Filter {
            url: c.url.clone(),
            args: c.args.clone(),
        };
        let place = match c.position {
            Some(position) => usize::from(position).saturating_sub(1),
            None => self.place(&c.url).unwrap_or(usize::MAX),
        };
        self.filters.retain(|known| known.url != c.url);
        self.filters.insert(place.min(self.filters.len()), filter);
        Ok(())
    }

    /// Whether there was one.
    pub(super) fn remove(&mut self, c: &NoLoggingFilter) -> bool {
        let place = self.place(&c.url);
        place.map(|place| self.filters.remove(place)).is_some()
    }

    fn place(&self, url: &str) -> Option<usize> {
        self.filters.iter().position(|filter| *filter.url == *url)
    }

    /// How many rules name it.
    pub(super) fn naming(&self, name: &DiscriminatorName) -> usize {
        self.rules.values().filter(|rule| *rule == name).count()
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        for Filter { url, args } in &self.filters {
            match args {
                Some(args) => out.line(0, format_args!("logging filter {url} args {args}")),
                None => out.line(0, format_args!("logging filter {url}")),
            }
        }
        for (stream, name) in &self.rules {
            let name = name.as_str();
            out.line(
                0,
                format_args!("logging stream {stream} discriminator {name}"),
            );
        }
    }
}

/// `scheme://user:password@host/path`; it would be shown and saved in clear (C2.8).
fn has_credentials(url: &str) -> bool {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(url: &str, position: Option<u16>) -> LoggingFilter {
        LoggingFilter {
            url: url.into(),
            position,
            args: None,
        }
    }

    fn chain(streams: &Streams) -> Vec<&str> {
        streams.filters.iter().map(|filter| &*filter.url).collect()
    }

    #[test]
    fn modules_stand_in_the_order_of_the_chain() {
        let mut streams = Streams::default();
        for (url, position) in [("a", None), ("b", None), ("c", Some(1)), ("d", Some(99))] {
            assert_eq!(streams.add(&typed(url, position)), Ok(()));
        }
        assert_eq!(chain(&streams), ["c", "a", "b", "d"]);
        assert_eq!(streams.add(&typed("a", None)), Ok(()));
        assert_eq!(streams.add(&typed("d", Some(2))), Ok(()));
        assert_eq!(chain(&streams), ["c", "d", "a", "b"]);
    }

    #[test]
    fn a_password_in_a_url_is_refused() {
        for (url, is_taken) in [
            ("ftp://ana:s3cret@192.0.2.1/x.tcl", false),
            ("ftp://192.0.2.1/x@y.tcl", true),
            ("slot0:email.tcl", true),
        ] {
            assert_eq!(
                Streams::default().add(&typed(url, None)).is_ok(),
                is_taken,
                "{url}"
            );
        }
    }
}
