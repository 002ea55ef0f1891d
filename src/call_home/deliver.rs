//! One message to one destination, once: posted over HTTP or HTTPS within the time limit. What became of it is an outcome
//! with its reason; who is told is the engine's matter.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;

use super::engine::Outside;
use super::outcome::{Outcome, Reason};
use super::plan::Target;
use crate::net::http::{self, HttpFault, Way};
use crate::net::tls::TlsFault;
use crate::trust::api::Service;

/// For a destination, once its address is known.
const LIMIT: Duration = Duration::from_secs(5);

const CONTENT_TYPE: &str = "text/xml; charset=UTF-8";

/// Posts `document`. Any 2xx answer is a delivery, everything else is not.
pub(super) async fn deliver(
    target: &Target,
    document: &Bytes,
    names: &BTreeMap<IpAddr, Arc<str>>,
    outside: &Outside,
) -> Outcome {
    let url = match &target.route {
        Ok(url) => url,
        Err(settled) => return settled.clone(),
    };
    if document.len() > target.size_limit {
        let detail = format!(
            "{} bytes, message-size-limit {}",
            document.len(),
            target.size_limit
        );
        return Outcome::Dropped(Reason::new("MESSAGE_TOO_LONG", detail));
    }
    let client = if url.is_https() {
        match outside
            .trust
            .client(Service::CallHome, url.host(), target.identity.as_deref())
        {
            Ok(client) => Some(client),
            Err(missing) => {
                return Outcome::Dropped(Reason::new("NO_IDENTITY", missing.to_string()));
            }
        }
    } else {
        None
    };
    let way = Way {
        only_to: &outside.only_to,
        names,
        finder: &outside.names,
        tls: client.as_ref(),
        limit: LIMIT,
    };
    match http::post(&way, url, CONTENT_TYPE, document.clone()).await {
        Ok(status) if status.is_success() => Outcome::Delivered,
        Ok(status) => Outcome::Failed(Reason::new("HTTP_STATUS", status.to_string())),
        Err(fault) => outcome_of(&fault),
    }
}

fn outcome_of(fault: &HttpFault) -> Outcome {
    let reason = |word| Reason::new(word, fault.to_string());
    match fault {
        HttpFault::NotPermitted => Outcome::Denied(reason("NOT_PERMITTED")),
        HttpFault::Lookup { .. } => Outcome::Failed(reason("NAME_LOOKUP_FAILED")),
        HttpFault::Connect { .. } => Outcome::Failed(reason("CONNECT_FAILED")),
        HttpFault::Tls(TlsFault::Certificate(_) | TlsFault::Vetted(_)) => {
            Outcome::Distrusted(reason("CERTIFICATE_REFUSED"))
        }
        HttpFault::Tls(_) => Outcome::Failed(reason("TLS_FAILED")),
        HttpFault::Protocol(_) | HttpFault::TooLong { .. } => Outcome::Failed(reason("BAD_ANSWER")),
        HttpFault::Timeout { .. } => Outcome::Failed(reason("TIMEOUT")),
    }
}
