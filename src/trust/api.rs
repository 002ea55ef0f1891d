//! All that others see of the trust room: the client side of TLS for a service, with a verifier that believes whom the
//! configuration and the trust pool say, for the name that is expected. There is no switch that turns verification off.

use std::sync::Arc;

use crate::config::TakenOver;
use crate::net::tls::Client;

/// The trust room from outside.
pub trait Trust: Send + Sync {
    /// The client side of TLS 1.2 and 1.3 towards `host`, by the newest configuration. Without `identity` (the name of a
    /// reference identity) the server has to show `host`.
    fn client(
        &self,
        service: Service,
        host: &str,
        identity: Option<&str>,
    ) -> Result<Client, NoIdentity>;
    /// How far the room has got with what was published.
    fn taken_over(&self) -> Arc<TakenOver>;
}

/// Who connects. A trust point may be for one of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Messages of call home; HTTP/1.1 is offered.
    CallHome,
    /// Syslog over TLS.
    Syslog,
    /// Bundles of the trust pool; HTTP/1.1 is offered.
    Trustpool,
}

/// There is no reference identity of that name, so that nobody could show it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no reference-identity {0}")]
pub struct NoIdentity(pub Arc<str>);
