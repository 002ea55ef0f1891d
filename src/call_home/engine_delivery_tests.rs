//! What becomes of messages that were accepted: tried again, given up, kept over the end of the process, mailed.

use super::*;

/// The id that a message says of itself.
fn id(document: &str) -> String {
    let texts = xml::tests::texts(document).into_iter();
    let mut ids = texts.filter(|(name, _)| name == "MessageId");
    ids.next().expect("an id").1
}

/// The same configuration, published anew: whoever waits is tried at once.
fn anew(config: &RunningConfig) -> RunningConfig {
    RunningConfig {
        call_home: Arc::new((*config.call_home).clone()),
        ..config.clone()
    }
}

const FAILED: &str = "503 Service Unavailable";

#[test]
fn what_a_busy_server_does_not_take_it_gets_again_with_the_same_id() {
    let (url, bodies) = answers(&[FAILED, "429 Too Many Requests", "200 OK"]);
    let config = config(&[&url], |_| {});
    let bench = Bench::new(config.clone(), LOOPBACK);
    let lines = bench.lines(SEND_INVENTORY);
    assert_eq!(
        lines.last().map(String::as_str),
        Some("ERROR: Failed: HTTP_STATUS(503 Service Unavailable), it is tried again")
    );
    assert_eq!(bench.room.status().statistics.waiting, 1);
    assert_eq!(bench.room.status().events.len(), 1);
    assert!(bench.publish(2, anew(&config)));
    let first = bodies.recv().expect("a post");
    assert_eq!(bodies.recv().expect("another"), first);
    assert!(
        bench
            .log
            .wait_for("failed. Reason HTTP_STATUS(429 Too Many Requests)")
    );
    assert!(bench.publish(3, anew(&config)));
    assert_eq!(bodies.recv().expect("another"), first);
    while bench.counts().sent == 0 {
        thread::yield_now();
    }
    assert!(bench.log.wait_for("%ASA-6-120007: "));
    assert_eq!(
        bench.counts(),
        Status {
            sent: 1,
            failed: 2,
            ..Status::default()
        }
    );
}

#[test]
fn what_a_server_refuses_or_redirects_is_given_up_at_once_and_what_is_behind_it_goes_on() {
    for (status, reason) in [
        ("404 Not Found", "HTTP_STATUS(404 Not Found)"),
        (
            "302 Found",
            "HTTP_STATUS(302 Found, redirects are not followed)",
        ),
    ] {
        let (url, bodies) = answers(&[status, "200 OK"]);
        let bench = Bench::new(config(&[&url], |_| {}), LOOPBACK);
        let lines = bench.lines(SEND_INVENTORY);
        assert_eq!(lines.last(), Some(&format!("ERROR: Failed: {reason}")));
        assert_eq!(
            bench.lines(SEND_INVENTORY).last(),
            Some(&"INFO: Succeeded".to_owned())
        );
        let (first, second) = (bodies.recv().expect("one"), bodies.recv().expect("two"));
        assert_ne!(id(&first), id(&second));
        let log = bench.log.take();
        for said in [
            format!("%ASA-4-120006: Delivering message inventory to {url} failed. Reason {reason}"),
            format!("%ASA-4-120005: Message inventory to {url} is dropped. Reason {reason}"),
        ] {
            assert!(log.contains(&said), "{said} in {log:?}");
        }
        let counts = Status {
            sent: 1,
            failed: 1,
            dropped: 1,
            ..Status::default()
        };
        assert_eq!(bench.counts(), counts);
    }
}

#[test]
fn what_was_accepted_survives_the_process_and_keeps_its_order_and_its_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let (url, bodies) = answers(&[FAILED, FAILED, "200 OK", "200 OK"]);
    let config = config(&[&url], |_| {});
    let bench = Bench::keeping(config.clone(), LOOPBACK, &state);
    bench.lines(SEND_INVENTORY);
    // The second one hurries the first, and waits behind it.
    let lines = bench.lines(SEND_INVENTORY);
    assert!(
        lines.last().is_some_and(|line| line.starts_with("ERROR: ")),
        "{lines:?}"
    );
    let first = bodies.recv().expect("a post");
    assert_eq!(bodies.recv().expect("a post"), first);
    let bench = bench.again(config, LOOPBACK);
    assert_eq!(bodies.recv().expect("the first"), first);
    assert_ne!(id(&bodies.recv().expect("the second")), id(&first));
    while bench.room.status().statistics.delivered < 2 {
        thread::yield_now();
    }
    assert_eq!(bench.counts().sent, 2);
    bench.room.close();
    let bench = bench.again(RunningConfig::default(), LOOPBACK);
    assert_eq!(
        bench.room.status().statistics.accepted,
        0,
        "nothing is left"
    );
}

#[test]
fn what_has_no_destination_now_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let (url, bodies) = answers(&[FAILED, "200 OK"]);
    let with = config(&[&url], |_| {});
    let bench = Bench::keeping(with.clone(), LOOPBACK, &state);
    bench.lines(SEND_INVENTORY);
    let first = bodies.recv().expect("a post");
    // A run without its configuration, and a rehearsal.
    let bench = bench.again(RunningConfig::default(), LOOPBACK);
    while bench.room.status().statistics.waiting == 0 {
        thread::yield_now();
    }
    let bench = bench.again(with.clone(), "192.0.2.0/24");
    while bench.room.status().statistics.waiting == 0 {
        thread::yield_now();
    }
    assert!(bench.publish(2, anew(&with)));
    let mut off = with.clone();
    Arc::make_mut(&mut off.call_home).service = false;
    let bench = bench.again(off, LOOPBACK);
    while bench.room.status().statistics.waiting == 0 {
        thread::yield_now();
    }
    assert!(bodies.try_recv().is_err());
    assert!(bench.publish(2, with));
    assert_eq!(bodies.recv().expect("it arrives"), first);
}

#[test]
fn without_a_disk_a_message_is_tried_all_the_same_and_the_fault_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    drop(Folder::open(&state).expect("a state folder"));
    let (url, bodies) = answers(&[FAILED, "200 OK"]);
    let config = config(&[&url], |_| {});
    std::fs::create_dir(state.join("call-home.sqlite")).expect("in the way");
    let bench = Bench::keeping(config.clone(), LOOPBACK, &state);
    bench.lines(SEND_INVENTORY);
    assert!(
        bench
            .log
            .wait_for("%SYS-3-CALLHOME_OUTBOX: Call-home messages cannot be kept on disk")
    );
    assert!(bench.publish(2, anew(&config)));
    assert_eq!(
        bodies.recv().expect("a post"),
        bodies.recv().expect("another")
    );
    assert!(bench.log.wait_for("%ASA-6-120007: "));
    // What lies there cannot be read, and nothing can be kept.
    assert_eq!(bench.counts().faults, 2);
}

#[test]
fn a_damaged_outbox_is_set_aside_and_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    drop(Folder::open(&state).expect("a state folder"));
    let noise = b"this is no database and never was one, whatever its name says".repeat(100);
    std::fs::write(state.join("call-home.sqlite"), noise).expect("written");
    let (url, bodies) = answers(&["200 OK"]);
    let bench = Bench::keeping(config(&[&url], |_| {}), LOOPBACK, &state);
    assert!(
        bench
            .log
            .wait_for("%SYS-3-CALLHOME_OUTBOX: The call-home outbox was damaged")
    );
    assert!(state.join("call-home.sqlite.damaged-1").exists());
    assert_eq!(
        bench.lines(SEND_INVENTORY).last().map(String::as_str),
        Some("INFO: Succeeded")
    );
    assert!(bodies.recv().is_ok());
    assert_eq!(bench.counts().faults, 1);
}

#[test]
fn what_is_over_the_rate_is_dropped_and_says_so() {
    let (url, bodies) = collector("200 OK", 1);
    let mut config = config(&[&url], |_| {});
    Arc::make_mut(&mut config.call_home).rate_limit = Some(1);
    let bench = Bench::new(config, LOOPBACK);
    bench.lines(SEND_INVENTORY);
    assert!(bodies.recv().is_ok());
    assert_eq!(
        bench.lines(test(None)).last().map(String::as_str),
        Some("ERROR: Failed: RATE_LIMIT(1 messages a minute)")
    );
    let said = format!(
        "%ASA-4-120005: Message test to {url} is dropped. Reason RATE_LIMIT(1 messages a minute)"
    );
    assert!(bench.log.take().contains(&said));
    assert_eq!(
        bench.counts(),
        Status {
            sent: 1,
            dropped: 1,
            ..Status::default()
        }
    );
}

#[test]
fn one_slow_destination_delays_no_other() {
    // It takes connections and says nothing.
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let stalled = format!("http://{}/", silent.local_addr().expect("bound"));
    let (url, bodies) = collector("200 OK", 3);
    let bench = Bench::new(config(&[&stalled, &url], |_| {}), LOOPBACK);
    let waiting = bench.room.act(SEND_INVENTORY);
    let more = bench.room.act(SEND_INVENTORY);
    for _ in 0..2 {
        assert!(bodies.recv_timeout(Duration::from_secs(10)).is_ok());
    }
    while bench.room.status().statistics.delivered < 2 {
        thread::yield_now();
    }
    assert_eq!(bench.room.status().statistics.waiting, 2);
    drop((waiting, more));
}

/// A profile with these addresses, and the mail servers.
pub(super) fn by_mail(addresses: &[&str], servers: &[&Sink]) -> RunningConfig {
    let mut config = config(&[], |profile| {
        profile.methods = Some(Methods {
            http: false,
            email: true,
        });
        profile.email = addresses.iter().map(|address| (*address).into()).collect();
    });
    let call_home = Arc::make_mut(&mut config.call_home);
    let servers = servers.iter().zip(1..);
    call_home.mail_servers = servers
        .map(|(sink, priority)| model::MailServer {
            host: format!("127.0.0.{priority}").into(),
            priority,
            secure: None,
            port: Some(sink.at.port()),
            login: None,
        })
        .collect();
    config
}

pub(super) fn sink(
    last: u8,
    answer: impl FnMut(&str) -> Option<&'static str> + Send + 'static,
) -> Sink {
    let at = std::net::SocketAddr::from(([127, 0, 0, last], 0));
    Sink::open_at(at, answer)
}

#[test]
fn an_email_goes_to_each_recipient_and_one_refusal_does_not_stop_the_others() {
    let refusing = |line: &str| {
        line.starts_with("RCPT TO:<b@")
            .then_some("550 no such user")
    };
    let server = sink(1, refusing);
    let config = by_mail(
        &["a@example.com", "b@example.com", "c@example.com"],
        &[&server],
    );
    let bench = Bench::new(config, LOOPBACK);
    assert_eq!(
        bench.lines(SEND_INVENTORY),
        [
            "INFO: Sending inventory message to a@example.com...",
            "INFO: Succeeded",
            "INFO: Sending inventory message to b@example.com...",
            "ERROR: Failed: MAIL_REFUSED(127.0.0.1: 550 no such user)",
            "INFO: Sending inventory message to c@example.com...",
            "INFO: Succeeded",
        ]
    );
    let mut mails = [server.mail(), server.mail()];
    mails.sort_by_key(|mail| mail.to.clone());
    for (mail, to) in mails.iter().zip(["<a@example.com>", "<c@example.com>"]) {
        assert_eq!(mail.to, [to]);
        assert_eq!(mail.from, "<noc@example.com>");
        let subject = mail.header("Subject").expect("a subject");
        assert!(
            subject.starts_with("System Notification From ciscoasa - inventory"),
            "{subject}"
        );
    }
    let servers = bench.room.status().mail_servers;
    assert_eq!(servers[0].availability, Availability::Available);
}

#[test]
fn mail_servers_are_asked_by_priority_and_the_one_that_failed_last() {
    let busy = sink(1, |line| (line == "connected").then_some("421 busy"));
    let server = sink(2, |_| None);
    let bench = Bench::new(by_mail(&["a@example.com"], &[&busy, &server]), LOOPBACK);
    for _ in 0..2 {
        assert_eq!(
            bench.lines(test(None)).last().map(String::as_str),
            Some("INFO: Succeeded")
        );
        assert_eq!(server.mail().to, ["<a@example.com>"]);
    }
    let of = |place: usize| bench.room.status().mail_servers[place].availability;
    assert_eq!(of(0), Availability::NotAvailable);
    assert_eq!(of(1), Availability::Available);
}

#[test]
fn a_mail_that_is_refused_for_now_is_tried_again_with_the_same_text() {
    let mut refusals = 1;
    let server = sink(1, move |line| {
        let refuses = line == "text" && std::mem::take(&mut refusals) > 0;
        refuses.then_some("451 not now")
    });
    let config = by_mail(&["a@example.com"], &[&server]);
    let bench = Bench::new(config.clone(), LOOPBACK);
    let lines = bench.lines(SEND_INVENTORY);
    assert_eq!(
        lines.last().map(String::as_str),
        Some("ERROR: Failed: MAIL_REFUSED(127.0.0.1: 451 not now), it is tried again")
    );
    assert!(bench.publish(2, anew(&config)));
    assert!(server.mail().header("Message-ID").is_some());
    assert!(
        bench
            .log
            .wait_for("%ASA-6-120007: Message inventory to a@example.com delivered.")
    );
}

#[test]
fn an_unknown_issuer_is_said_twice_and_gets_no_message() {
    let issuer =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(issuer.signing_key.serialize_der())
        .expect("PKCS #8");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring")
        .with_no_client_auth()
        .with_single_cert(vec![issuer.cert.der().clone()], key)
        .expect("key and certificate match");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let served = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let connection = rustls::ServerConnection::new(Arc::new(server)).expect("a connection");
        rustls::StreamOwned::new(connection, stream)
            .read_to_end(&mut Vec::new())
            .is_ok()
    });
    let bench = Bench::new(
        config(&[&format!("https://127.0.0.1:{port}/")], |_| {}),
        LOOPBACK,
    );
    assert_eq!(
        bench.lines(test(None)).last().map(String::as_str),
        Some("ERROR: Failed: CERTIFICATE_REFUSED(UnknownIssuer)")
    );
    assert!(
        !served.join().expect("the server ends"),
        "the client ended the handshake"
    );
    let log = bench.log.take();
    let said = format!(
        "%ASA-3-717009: Certificate validation failed. Reason: https://127.0.0.1:{port}/: UnknownIssuer."
    );
    assert!(log.contains(&said), "{log:?}");
    assert!(
        log.iter().any(|line| line.starts_with("%ASA-4-120006: ")),
        "{log:?}"
    );
}

#[test]
fn who_has_no_name_server_is_reminded_for_each_message_that_reaches_nobody() {
    let reminded = |config: RunningConfig| {
        let bench = Bench::new(config, LOOPBACK);
        bench.lines(test(None));
        let log = bench.log.take();
        let of = |start: &str| log.iter().filter(|line| line.starts_with(start)).count();
        assert!(of("%ASA-4-120006: ") > 0, "{log:?}");
        of(
            "%ASA-4-120011: To ensure Smart Call Home can properly communicate with Cisco, use the command dns name-server",
        )
    };
    let urls = ["http://one.example/", "http://two.example/"];
    assert_eq!(reminded(config(&urls, |_| {})), 2);
    let with = |text: &str, urls: &[&str]| {
        let known = crate::config::call_home::script::Script::accepts(text);
        RunningConfig {
            dns: known.dns,
            system: known.system,
            ..config(urls, |_| {})
        }
    };
    assert_eq!(reminded(with("dns name-server 192.0.2.53", &urls)), 0);
    let other = "dns server-group other\nname-server 192.0.2.53";
    assert_eq!(reminded(with(other, &urls)), 2, "nobody asks that group");
    assert_eq!(reminded(with("", &["http://127.0.0.1:1/"])), 0);
    let named = "name 127.0.0.1 one.example";
    assert_eq!(reminded(with(named, &["http://one.example:1/"])), 0);
}

#[test]
fn what_may_not_leave_is_dropped_and_said() {
    let url = "http://127.0.0.1:1/";
    let bench = Bench::new(
        config(&[url, crate::vendor::COLLECTOR_URL], |_| {}),
        "192.0.2.0/24",
    );
    let lines = bench.lines(test(None));
    assert_eq!(
        lines.get(1).map(String::as_str),
        Some("ERROR: Failed: NOT_PERMITTED(not in --only-to)")
    );
    let denied = "VENDOR_DENIED(configure call-home vendor permit)";
    assert_eq!(lines.get(3), Some(&format!("ERROR: Failed: {denied}")));
    assert_eq!(
        bench.counts(),
        Status {
            denied: 2,
            ..Status::default()
        }
    );
    let vendor = crate::vendor::COLLECTOR_URL;
    let said = format!("%ASA-4-120005: Message test to {vendor} is dropped. Reason {denied}");
    assert!(bench.log.take().contains(&said));
}

#[test]
fn a_message_over_the_size_limit_is_not_sent() {
    let bench = Bench::new(
        config(&["http://127.0.0.1:1/"], |profile| {
            profile.message_size_limit = Some(50)
        }),
        LOOPBACK,
    );
    let lines = bench.lines(test(None));
    let line = lines.last().expect("a result");
    assert!(
        line.starts_with("ERROR: Failed: MESSAGE_TOO_LONG(")
            && line.ends_with(" bytes, message-size-limit 50)"),
        "{line}"
    );
    assert_eq!(
        bench.counts(),
        Status {
            dropped: 1,
            ..Status::default()
        }
    );
}
