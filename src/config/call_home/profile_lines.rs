//! The text lines of a call-home profile; what changes one stands in `profile`, subscriptions print themselves.

use super::Method;
use super::profile::{HttpDestination, Methods, Profile};
use crate::config::render::Lines;

impl Profile {
    /// In the order that public configurations agree on. What a predefined profile has by itself and this one has not is
    /// printed in its negative form; otherwise it would be back when the text is read.
    pub(super) fn lines(&self, name: &str, out: &mut Lines) {
        out.line(1, format_args!("profile {name}"));
        if self.active.is_some() || self.predefined || out.is_all() {
            out.line(
                2,
                format_args!("{}active", if self.is_active() { "" } else { "no " }),
            );
        }
        if self.anonymous_only {
            out.line(2, format_args!("anonymous-reporting-only"));
        }
        if let Some(reporting) = self.reporting {
            out.line(2, format_args!("reporting {}", reporting.keyword()));
        }
        self.destination_lines(out);
        if self.format.is_some() || out.is_all() {
            out.line(
                2,
                format_args!(
                    "destination preferred-msg-format {}",
                    self.format().keyword()
                ),
            );
        }
        if self.message_size_limit.is_some() || out.is_all() {
            out.line(
                2,
                format_args!(
                    "destination message-size-limit {}",
                    self.message_size_limit()
                ),
            );
        }
        self.method_lines(out);
        if let Some(identity) = &self.reference_identity {
            out.line(2, format_args!("reference-identity {identity}"));
        }
        self.subscriptions.lines(&self.base().subscriptions, out);
    }

    fn destination_lines(&self, out: &mut Lines) {
        let base = self.base();
        for HttpDestination { url, .. } in &base.http {
            if self.http.iter().all(|destination| destination.url != *url) {
                out.line(2, format_args!("no destination address http {url}"));
            }
        }
        for HttpDestination {
            url,
            reference_identity,
        } in &self.http
        {
            match reference_identity {
                Some(identity) => out.line(
                    2,
                    format_args!("destination address http {url} reference-identity {identity}"),
                ),
                None => out.line(2, format_args!("destination address http {url}")),
            }
        }
        for address in base
            .email
            .iter()
            .filter(|address| !self.email.contains(address))
        {
            out.line(2, format_args!("no destination address email {address}"));
        }
        for address in &self.email {
            out.line(2, format_args!("destination address email {address}"));
        }
    }

    fn method_lines(&self, out: &mut Lines) {
        if self.methods.is_none() && !out.is_all() {
            return;
        }
        let (methods, base) = (self.methods(), self.base());
        for method in [Method::Http, Method::Email] {
            let (is_on, only_default) = (
                methods.has(method),
                self.predefined || methods == Methods::default(),
            );
            if is_on {
                out.line(
                    2,
                    format_args!("destination transport-method {}", method.keyword()),
                );
            } else if only_default && base.methods().has(method) {
                out.line(
                    2,
                    format_args!("no destination transport-method {}", method.keyword()),
                );
            }
        }
    }
}
