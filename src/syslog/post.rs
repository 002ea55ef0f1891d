//! Sends letters: names, the fence, our own inputs, the primary server, then the backup; one e-mail a second at most. What
//! nobody has taken is tried again, after a wait that grows (D132). What a letter holds is not its concern.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::attempt::{is_own_input, source};
use super::letter::{Email, Letter, Mailed};
use super::mail_plan::{MailPlan, MailServer};
use super::plan::Plan;
use crate::config::logging::{SessionKey, Transport};
use crate::net::backoff::{Backoff, random};
use crate::net::names::{Names, Unresolved};
use crate::net::only_to::OnlyTo;
use crate::net::smtp::{self, Envelope, Refusal, SmtpFault};
use crate::net::tcp::{self, NoConnection};
use crate::net::way::Way;

/// Letters that are being sent.
pub struct Post {
    fence: OnlyTo,
    names: Names,
    backoff: Backoff,
    /// Of what some have and others not.
    behind: Backoff,
    under_way: JoinSet<Mailed>,
    /// Their numbers, and whether they are for everybody.
    letters: HashMap<Id, (u64, bool)>,
    pace: Arc<Mutex<Option<Instant>>>,
}

/// What sending one letter needs.
struct Errand {
    letter: Arc<Letter>,
    plan: Arc<Plan>,
    fence: OnlyTo,
    names: Names,
    pace: Arc<Mutex<Option<Instant>>>,
}

/// Why a server did not take an e-mail.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error(transparent)]
    Name(#[from] Unresolved),
    #[error(transparent)]
    Connection(#[from] NoConnection),
    #[error("it is an input of this device")]
    OwnInput,
    #[error(transparent)]
    Smtp(#[from] SmtpFault),
}

impl Post {
    pub fn new(names: Names, fence: OnlyTo) -> Self {
        Self {
            fence,
            names,
            backoff: Backoff::default(),
            behind: Backoff::default(),
            under_way: JoinSet::new(),
            letters: HashMap::new(),
            pace: Arc::default(),
        }
    }

    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// One try; `next` tells what came of it.
    pub fn send(&mut self, letter: Arc<Letter>, plan: Arc<Plan>) {
        let known = (letter.id, letter.served.is_empty());
        let errand = Errand {
            letter,
            plan,
            fence: self.fence.clone(),
            names: self.names.clone(),
            pace: self.pace.clone(),
        };
        let task = self.under_way.spawn(errand.run());
        self.letters.insert(task.id(), known);
    }

    /// What became of a letter. May be dropped while it waits, nothing is lost then.
    pub async fn next(&mut self) -> Option<Mailed> {
        let (task, mut mailed) = match self.under_way.join_next_with_id().await? {
            Ok((task, mailed)) => (task, mailed),
            Err(error) => {
                let failed = Mailed {
                    fault: Some("internal fault".to_owned()),
                    again: Some(Duration::ZERO),
                    ..Mailed::default()
                };
                (error.id(), failed)
            }
        };
        let is_for_all;
        (mailed.id, is_for_all) = self.letters.remove(&task)?;
        let is_behind = !is_for_all || !mailed.served.is_empty();
        if mailed.again.is_none() || is_for_all && is_behind {
            // Somebody takes them.
            self.backoff.reset();
        }
        if mailed.again.is_none() && !is_for_all {
            self.behind.reset();
        }
        if mailed.again.is_some() {
            let backoff = if is_behind {
                &mut self.behind
            } else {
                &mut self.backoff
            };
            mailed.again = Some(backoff.next(random()));
        }
        Some(mailed)
    }
}

impl Errand {
    async fn run(self) -> Mailed {
        let mut mailed = Mailed::default();
        let mut given_up = Vec::new();
        let mut later = false;
        for email in self.letter.emails() {
            match self.email(&email).await {
                Ok(refused) => {
                    mailed.emails += 1;
                    for (place, to) in email.to.iter().enumerate() {
                        let refusal = refused.iter().find(|(refused, _)| *refused == place);
                        if let Some((_, refusal)) = refusal {
                            mailed.fault = Some(format!("{to}: {refusal}"));
                        }
                        if refusal.is_some_and(|(_, refusal)| !refusal.is_final()) {
                            later = true;
                        } else {
                            mailed.served.push(to.clone());
                        }
                    }
                }
                Err((fault, is_final)) => {
                    mailed.fault = Some(fault);
                    later |= !is_final;
                    if is_final {
                        given_up.extend(email.to);
                    }
                }
            }
        }
        let before = &self.letter.served;
        // Whom nobody serves is given up only where somebody else has it.
        if mailed.served.is_empty() && before.is_empty() {
            later |= !given_up.is_empty();
        } else {
            mailed.served.extend(given_up);
            mailed.served.extend(before.iter().cloned());
        }
        mailed.again = later.then_some(Duration::ZERO);
        mailed
    }

    /// To the first server that takes it. Otherwise the reasons, and whether all are final.
    async fn email(&self, email: &Email) -> Result<Vec<(usize, Refusal)>, (String, bool)> {
        self.wait().await;
        let token = u64::from(random()) << 32 | u64::from(random());
        let text = self.letter.text(email, token);
        let envelope = Envelope {
            from: &self.letter.plan.from,
            to: &email.to,
            text: &text,
        };
        let mut faults = Vec::new();
        let mut is_final = true;
        for server in &self.letter.plan.servers {
            let tried = timeout(LIMIT, self.server(server, &envelope)).await;
            let fault = match tried.unwrap_or(Err(SmtpFault::TimedOut.into())) {
                Ok(refused) => return Ok(refused),
                Err(fault) => fault,
            };
            is_final &= matches!(&fault, NotTaken::Smtp(fault) if fault.is_final());
            faults.push(format!("{}: {fault}", server.host));
        }
        Err((faults.join("; "), is_final))
    }

    /// One e-mail a second.
    async fn wait(&self) {
        let mut next = self.pace.lock().await;
        if let Some(at) = *next {
            sleep_until(at).await;
        }
        *next = Some(Instant::now() + PACE);
    }

    async fn server(
        &self,
        server: &MailServer,
        envelope: &Envelope<'_>,
    ) -> Result<Vec<(usize, Refusal)>, NotTaken> {
        let addresses = match server.address {
            Some(address) => vec![SocketAddr::new(address, server.port)],
            None => self.names.resolve(&server.host, server.port, false).await?,
        };
        let mut fault = NotTaken::Name(Unresolved::NoAddress);
        for address in addresses {
            match self.connect(address).await {
                Ok(stream) => {
                    let hello = &self.letter.plan.hostname;
                    return Ok(smtp::send(stream, hello, envelope, LIMIT).await?);
                }
                Err(error) => fault = error,
            }
        }
        Err(fault)
    }

    async fn connect(&self, address: SocketAddr) -> Result<TcpStream, NotTaken> {
        // What our own input took would be sent again for ever (C3.2).
        if is_own_input(&self.plan, &as_session(address), address) {
            return Err(NotTaken::OwnInput);
        }
        let way = way(&self.letter.plan, address);
        let stream = tcp::connect(address, &way, &self.fence).await?;
        Ok(TcpStream::from_std(stream).map_err(NoConnection::Failed)?)
    }
}

/// From the address of `logging source-interface`, as sessions; otherwise as the host routes.
fn way(plan: &MailPlan, to: SocketAddr) -> Way {
    let interface = plan.interface.as_deref();
    Way {
        source: interface.and_then(|interface| source(interface, to)),
        device: None,
    }
}

/// As a session over TCP to that address.
fn as_session(address: SocketAddr) -> SessionKey {
    let host: IpAddr = address.ip();
    SessionKey {
        host: host.to_string().into(),
        vrf: None,
        transport: Transport::Tcp,
        port: address.port(),
        channel: None,
    }
}

/// For one server: its name, the connection and everything that is said.
const LIMIT: Duration = Duration::from_secs(30);
const PACE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RunningConfig;
    use crate::config::interfaces::Interface;
    use crate::config::logging::LocalSession;
    use crate::config::logging_mail::{Recipient, Server, SmtpServers};

    /// Where e-mails leave from with this source interface, where `inside` is the interface `lo`.
    fn from(interface: Option<&str>) -> Option<IpAddr> {
        let mut config = RunningConfig::default();
        let named = Interface {
            nameif: Some("inside".into()),
            security_level: None,
        };
        let interfaces = Arc::make_mut(&mut config.interfaces);
        interfaces.by_name.insert("lo".into(), named);
        let primary = Server {
            host: "127.0.0.2".into(),
            port: None,
        };
        Arc::make_mut(&mut config.system).smtp_servers = Some(SmtpServers {
            primary,
            backup: None,
        });
        let logging = Arc::make_mut(&mut config.logging);
        logging.mail.session = Some(LocalSession::default());
        logging.mail.from = Some("asa@example.net".into());
        logging.mail.recipients = vec![Recipient {
            address: "noc@example.net".into(),
            level: None,
        }];
        if let Some(interface) = interface {
            logging.form.sources.insert(None, interface.into());
        }
        let plan = Plan::from(&config).mail.expect("all that it takes");
        way(&plan, "127.0.0.2:25".parse().expect("an address")).source
    }

    #[test]
    fn emails_leave_from_the_address_of_the_source_interface() {
        let loopback = Some(IpAddr::from([127, 0, 0, 1]));
        assert_eq!(from(Some("lo")), loopback);
        assert_eq!(from(Some("inside")), loopback, "by its nameif");
        assert_eq!(from(Some("none-such")), None);
        assert_eq!(from(None), None);
    }
}
