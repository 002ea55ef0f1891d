//! The table of certificates times identities.

use super::certificate::Presented;
use super::identity::{Expected, Reference};

/// Names as `dns:a`, `srv:b`, `uri:c`, `ip:d`, `cn:e`, separated by blanks.
pub(super) fn presented(text: &str) -> Presented {
    let mut presented = Presented::default();
    for word in text.split_whitespace() {
        let (kind, value) = word.split_once(':').expect("kind:value");
        match kind {
            "dns" => presented.dns.push(value.into()),
            "srv" => presented.srv.push(value.into()),
            "uri" => presented.uri.push(value.into()),
            "ip" => presented.addresses.push(value.parse().expect("an address")),
            "cn" => presented.common_name = Some(value.into()),
            other => panic!("{other}"),
        }
    }
    presented
}

/// `host:a` alone, or ids as above.
pub(super) fn expected(text: &str) -> Expected {
    if let Some(host) = text.strip_prefix("host:") {
        return Expected::Host(host.into());
    }
    let mut reference = Reference {
        name: "collector".into(),
        ..Reference::default()
    };
    for word in text.split_whitespace() {
        let (kind, value) = word.split_once(':').expect("kind:value");
        match kind {
            "dns" => reference.dns_ids.push(value.into()),
            "srv" => reference.srv_ids.push(value.into()),
            "uri" => reference.uri_ids.push(value.into()),
            "cn" => reference.cn_ids.push(value.into()),
            other => panic!("{other}"),
        }
    }
    Expected::Reference(reference.into())
}

/// What is expected, what is presented, whether it is believed.
pub(super) const TABLE: [(&str, &str, bool); 62] = [
    // A host without a reference identity.
    ("host:a.example.com", "dns:a.example.com", true),
    (
        "host:a.example.com",
        "dns:b.example.com dns:a.example.com",
        true,
    ),
    ("host:A.Example.COM", "dns:a.example.com", true),
    ("host:a.example.com.", "dns:a.example.com", true),
    ("host:a.example.com", "dns:b.example.com", false),
    ("host:a.example.com", "cn:a.example.com", false),
    (
        "host:a.example.com",
        "dns:b.example.com cn:a.example.com",
        false,
    ),
    ("host:a.example.com", "uri:https://a.example.com", false),
    ("host:a.example.com", "", false),
    ("host:127.0.0.1", "ip:127.0.0.1", true),
    ("host:127.0.0.1", "ip:127.0.0.2", false),
    ("host:127.0.0.1", "dns:127.0.0.1", false),
    ("host:127.0.0.1", "cn:127.0.0.1", false),
    ("host:[::1]", "ip:::1", true),
    ("host:::1", "ip:::1", true),
    ("host:1.example.com", "ip:127.0.0.1 dns:*.example.com", true),
    // Wildcards.
    ("host:a.example.com", "dns:*.example.com", true),
    ("host:example.com", "dns:*.example.com", false),
    ("host:b.a.example.com", "dns:*.example.com", false),
    ("host:a.example.com", "dns:*.com", false),
    ("host:example.com", "dns:*.com", false),
    ("host:a.example.com", "dns:*", false),
    ("host:a.example.com", "dns:a*.example.com", false),
    ("host:ab.example.com", "dns:a*.example.com", false),
    ("host:ab.example.com", "dns:*b.example.com", false),
    ("host:a.b.example.com", "dns:a.*.example.com", false),
    ("host:a.b.example.com", "dns:*.*.example.com", false),
    ("host:xn--bcher-kva.example.com", "dns:*.example.com", false),
    ("dns:*.example.com", "dns:a.example.com", false),
    ("dns:*.example.com", "dns:*.example.com", false),
    // Internationalised names.
    (
        "host:bücher.example.com",
        "dns:xn--bcher-kva.example.com",
        true,
    ),
    (
        "dns:bücher.example.com",
        "dns:xn--bcher-kva.example.com",
        true,
    ),
    (
        "dns:xn--bcher-kva.example.com",
        "dns:XN--BCHER-KVA.example.com",
        true,
    ),
    ("dns:bücher.example.com", "dns:bucher.example.com", false),
    ("cn:bücher.example.com", "cn:bücher.example.com", true),
    // dns-id.
    ("dns:a.example.com", "dns:a.example.com", true),
    ("dns:a.example.com", "dns:*.example.com", true),
    (
        "dns:a.example.com dns:b.example.com",
        "dns:b.example.com",
        true,
    ),
    (
        "dns:a.example.com",
        "dns:c.example.com dns:d.example.com",
        false,
    ),
    ("dns:a.example.com", "cn:a.example.com", false),
    ("dns:a.example.com", "srv:_syslog.a.example.com", false),
    // cn-id: a last resort beside others.
    ("cn:a.example.com", "cn:a.example.com", true),
    ("cn:a.example.com", "cn:*.example.com", true),
    ("cn:a.example.com", "cn:b.example.com", false),
    (
        "cn:a.example.com",
        "cn:a.example.com dns:b.example.com",
        true,
    ),
    (
        "cn:a.example.com dns:b.example.com",
        "cn:a.example.com",
        true,
    ),
    (
        "cn:a.example.com dns:b.example.com",
        "cn:a.example.com dns:c.example.com",
        false,
    ),
    (
        "cn:a.example.com dns:b.example.com",
        "cn:a.example.com srv:_syslog.c.example.com",
        false,
    ),
    (
        "cn:a.example.com dns:b.example.com",
        "cn:a.example.com uri:https://c.example.com",
        false,
    ),
    (
        "cn:a.example.com dns:b.example.com",
        "cn:a.example.com ip:127.0.0.1",
        true,
    ),
    // srv-id.
    ("srv:_syslog.example.com", "srv:_syslog.example.com", true),
    ("srv:_SYSLOG.example.com", "srv:_syslog.EXAMPLE.com", true),
    ("srv:_syslog.example.com", "srv:_imaps.example.com", false),
    (
        "srv:_syslog.example.com",
        "srv:_syslog.other.example",
        false,
    ),
    (
        "srv:_syslog.a.example.com",
        "srv:_syslog.*.example.com",
        false,
    ),
    ("srv:_syslog.example.com", "dns:example.com", false),
    // uri-id.
    (
        "uri:sip:voice.example.edu",
        "uri:sip:voice.example.edu",
        true,
    ),
    (
        "uri:https://a.example.com/path",
        "uri:HTTPS://A.example.com:8443/",
        true,
    ),
    (
        "uri:sip:voice.example.edu",
        "uri:sips:voice.example.edu",
        false,
    ),
    (
        "uri:sip:voice.example.edu",
        "uri:sip:other.example.edu",
        false,
    ),
    ("uri:sip:voice.example.edu", "uri:sip:*.example.edu", false),
    ("uri:sip:voice.example.edu", "dns:voice.example.edu", false),
];

#[test]
fn every_row_of_the_table_is_decided_as_it_says() {
    for (wanted, shown, believed) in TABLE {
        let verdict = expected(wanted).verify(&presented(shown));
        assert_eq!(
            verdict.is_ok(),
            believed,
            "{wanted} against {shown}: {verdict:?}"
        );
    }
}

#[test]
fn a_mismatch_says_what_was_expected_and_what_was_presented() {
    let mismatch = expected("dns:a.example cn:old.example")
        .verify(&presented("dns:b.example ip:192.0.2.1 cn:c"))
        .expect_err("for somebody else");
    assert_eq!(
        mismatch.to_string(),
        "certificate is for dns-id b.example, address 192.0.2.1, cn-id c, expected reference identity collector \
         (dns-id a.example, cn-id old.example)"
    );
}

#[test]
fn thousands_of_names_make_a_short_reason() {
    let many: Vec<_> = (0..1000).map(|n| format!("dns:n{n}.example")).collect();
    let mismatch = expected("host:a.example")
        .verify(&presented(&many.join(" ")))
        .expect_err("for somebody else");
    assert!(mismatch.to_string().contains("and 990 more"), "{mismatch}");
}
