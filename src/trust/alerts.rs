//! `crypto ca alerts expiration` at work: looks at the certificates when the device starts, when certificates change, and every
//! hour, so that what is due on a day is said on it. What is due is expiry.rs's to know.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::expiry::Told;
use crate::config::Published;
use crate::device::clock::Clock;
use crate::message::Say;

const LOOK: Duration = Duration::from_secs(3600);

/// Watches until the publisher is gone. Returns at once.
pub fn start(
    runtime: &Handle,
    published: watch::Receiver<Published>,
    clock: Arc<dyn Clock>,
    say: Arc<dyn Say>,
) {
    runtime.spawn(live(published, clock, say, LOOK));
}

async fn live(
    mut published: watch::Receiver<Published>,
    clock: Arc<dyn Clock>,
    say: Arc<dyn Say>,
    look: Duration,
) {
    let mut told = Told::default();
    let mut hours = interval(look);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked_at = None;
    loop {
        let is_hour = tokio::select! {
            _ = hours.tick() => true,
            changed = published.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
        };
        let config = published.borrow_and_update().config.clone();
        let is_new = looked_at
            .as_ref()
            .is_none_or(|before| !Arc::ptr_eq(before, &config.crypto));
        if is_hour || is_new {
            let zone = config.clock.zone();
            for message in told.due(&config.crypto, &zone, clock.now()) {
                say.say(message);
            }
            looked_at = Some(config.crypto.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;
    use crate::config::RunningConfig;
    use crate::config::crypto::{Certificate, Chain};
    use crate::device::clock::VirtualClock;
    use crate::message::Own;

    struct Ear(SyncSender<Own>);

    impl Say for Ear {
        fn say(&self, message: Own) {
            self.0.send(message).expect("somebody listens");
        }
    }

    /// The number of the next message.
    fn heard(messages: &Receiver<Own>) -> String {
        let message = messages.recv_timeout(Duration::from_secs(30));
        message.expect("a message").mnemonic.to_string()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn it_is_said_at_start_and_when_days_have_passed() {
        let mut params = rcgen::CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2026, 12, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        let chain = Chain {
            certificates: vec![Certificate {
                ca: true,
                serial: "01".into(),
                der: made.der().to_vec().into(),
            }],
        };
        let mut config = RunningConfig::default();
        let crypto = Arc::make_mut(&mut config.crypto);
        Arc::make_mut(&mut crypto.chains).insert("CA1".into(), Arc::new(chain));
        let (publisher, published) = watch::channel(Published {
            generation: 1,
            config: Arc::new(config),
        });
        let noon = "2026-11-24T12:00:00Z".parse().expect("a time");
        let clock = Arc::new(VirtualClock::new(noon));
        let (ear, messages) = sync_channel(16);
        let look = Duration::from_millis(1);
        let watching = tokio::spawn(live(published, clock.clone(), Arc::new(Ear(ear)), look));
        assert_eq!(heard(&messages), "717054");
        for _ in 0..2 {
            clock.advance(Duration::from_secs(7 * 86_400));
            assert_eq!(heard(&messages), "717055");
        }
        drop(publisher);
        watching.await.expect("it ends with the publisher");
        assert!(messages.try_recv().is_err(), "nothing is said twice a day");
    }
}
