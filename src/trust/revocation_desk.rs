//! What others see of revocation: the lists that are kept, counts, and lists that an operator wants fetched now.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use tokio::runtime::Handle;

use super::api::{Checks, Crls, KeptCrl, Which};
use super::certificate::Certificate;
use super::revocation::Rules;
use super::revocation_check::Revocation;

/// The room's desk.
pub struct Desk {
    pub revocation: Arc<Revocation>,
    pub runtime: Handle,
}

impl Crls for Desk {
    fn clear(&self, which: &Which) -> usize {
        self.revocation.store().forget(match which {
            Which::All => None,
            Which::Trustpool => Some(None),
            Which::Trustpoint(name) => Some(Some(name)),
        })
    }

    fn kept(&self) -> Vec<KeptCrl> {
        let store = self.revocation.store();
        let lists = store.lists().map(|(place, kept)| KeptCrl {
            issuer: kept.list.issuer().subject().to_vec(),
            last_update: kept.list.this_update(),
            next_update: kept.list.next_update(),
            cached_until: kept.until,
            place: place.clone(),
            bytes: kept.list.bytes() as u64,
            trustpoints: kept.trustpoints.iter().flatten().cloned().collect(),
            trustpool: kept.trustpoints.contains(&None),
        });
        lists.collect()
    }

    fn checks(&self) -> Checks {
        self.revocation.checks()
    }

    fn request(&self, trustpoint: &Arc<str>) -> Receiver<Result<String, String>> {
        let (lines, told) = channel();
        let (room, trustpoint) = (Arc::clone(&self.revocation), trustpoint.clone());
        self.runtime.spawn(async move {
            for line in fetch_all(&room, &trustpoint).await {
                lines.send(line).ok();
            }
        });
        told
    }
}

/// `crypto ca crl request`: fetches the lists of a trust point anew, whatever is kept. One line a place.
async fn fetch_all(room: &Revocation, trustpoint: &Arc<str>) -> Vec<Result<String, String>> {
    let newest = room.newest();
    let crypto = &newest.config.crypto;
    let rules = Rules::of(crypto);
    let settings = rules.of_anchor(Some(trustpoint));
    let chain = crypto.chains.get(trustpoint);
    let known = chain.iter().flat_map(|chain| &chain.certificates);
    let (authorities, others): (Vec<_>, Vec<_>) = known.partition(|known| known.ca);
    let read = |known: Vec<&crate::config::crypto::Certificate>| -> Vec<Certificate> {
        let read = known.into_iter().map(|known| Certificate::read(&known.der));
        read.filter_map(Result::ok).collect()
    };
    let (authorities, others) = (read(authorities), read(others));
    if authorities.is_empty() {
        return vec![Err(format!(
            "Trustpoint {trustpoint} has no CA certificate"
        ))];
    }
    let mut places: Vec<Arc<str>> = Vec::new();
    let named = others.iter().flat_map(|own| settings.list_places(own));
    let kept = room
        .store()
        .lists()
        .filter(|(_, kept)| kept.trustpoints.contains(&Some(trustpoint.clone())))
        .map(|(place, _)| place.clone())
        .collect::<Vec<_>>();
    for place in settings.places.iter().cloned().chain(named).chain(kept) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if places.is_empty() {
        return vec![Err(format!(
            "Trustpoint {trustpoint} knows no place of a revocation list; \"url\" under \"crl configure\" names one"
        ))];
    }
    let mut told = Vec::new();
    for place in places {
        let fetched = room
            .fetch_list(&place, &authorities, settings, Some(trustpoint))
            .await;
        told.push(match fetched {
            Ok(list) => Ok(format!("CRL received from {place}, {} bytes", list.bytes())),
            Err(why) => Err(format!("CRL request to {place} failed: {why}")),
        });
    }
    told
}
