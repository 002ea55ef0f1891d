//! What the `crypto ca` commands change, and that the text which is printed gives the same configuration again.

use proptest::prelude::*;

use super::*;
use crate::command::call_home::typed::{sentences, typed};
use crate::config::Notice;
use crate::config::call_home::script::{Script, printed};

/// As devices print the trust point of the service and the policy beside it.
const PRINTED: &str = "\
crypto ca trustpoint _SmartCallHome_ServerCA
 no validation-usage
 crl configure
crypto ca trustpool policy
 auto-import
crypto ca certificate chain _SmartCallHome_ServerCA
 certificate ca 6ecc7aa5a7032009b8cebcf4e952d491
    308205ec 308204d4 a0030201 0202106e cc7aa5a7 032009b8 cebcf4e9 52d49130
    0d06092a 86
  quit
";

fn section(config: &RunningConfig) -> String {
    printed(|out| config.crypto.lines(out))
}

#[test]
fn a_devices_own_text_is_printed_as_it_was_read() {
    assert_eq!(section(&Script::accepts(PRINTED)), PRINTED);
}

#[test]
fn nothing_is_printed_of_what_was_never_entered() {
    assert_eq!(section(&RunningConfig::default()), "");
}

#[test]
fn a_trust_point_is_printed_in_the_devices_order() {
    let lines = "crypto ca trustpoint tp\ncrl configure\nno protocol ldap\nurl 2 http://a/x.crl\npolicy static\ncache-time 30\nno enforcenextupdate\n\
                 keypair k\nsubject-name CN=fw.example.com,O=\"Any Company\"\nfqdn none\nenrollment self\nrevocation-check crl none\n\
                 validation-usage ssl-client ipsec-client\nserial-number\nip-address 192.0.2.1\nemail a@b\n";
    let printed = "crypto ca trustpoint tp\n revocation-check crl none\n enrollment self\n fqdn none\n email a@b\n \
                   subject-name CN=fw.example.com,O=\"Any Company\"\n ip-address 192.0.2.1\n serial-number\n keypair k\n \
                   validation-usage ipsec-client ssl-client\n crl configure\n  policy static\n  url 2 http://a/x.crl\n  no protocol ldap\n  \
                   cache-time 30\n  no enforcenextupdate\n";
    assert_eq!(section(&Script::accepts(lines)), printed);
}

#[test]
fn the_four_forms_of_auto_import_are_told_apart() {
    let shown = |line: &str| {
        section(&Script::accepts(&format!(
            "crypto ca trustpool policy\n{line}"
        )))
    };
    let policy = |line: &str| format!("crypto ca trustpool policy\n auto-import{line}\n");
    assert_eq!(shown("auto-import-url Default"), policy(""));
    assert_eq!(shown("auto-import url default"), policy(""));
    assert_eq!(
        shown("auto-import url http://www.example.com"),
        policy(" url http://www.example.com")
    );
    assert_eq!(shown("auto-import time 23:23:23"), policy(" time 23:23:23"));
    assert_eq!(
        shown("auto-import url http://www.example.com time 9:05"),
        policy(" time 09:05:00 url http://www.example.com")
    );
    assert_eq!(shown("auto-import time 23:23:23\nauto-import"), policy(""));
}

#[test]
fn ending_auto_import_warns() {
    let script = Script::run("crypto ca trustpool policy\nauto-import\nno auto-import\n");
    assert_eq!(
        script.notices,
        [Notice::Warning(
            "Disabling auto import may affect Smart Licensing".into()
        )]
    );
    assert_eq!(
        Script::run("crypto ca trustpool policy\nauto-import\nno crypto ca trustpool policy")
            .notices
            .len(),
        1
    );
    assert_eq!(
        Script::run("crypto ca trustpool policy\nno crypto ca trustpool policy")
            .notices
            .len(),
        0
    );
}

#[test]
fn revocation_methods_stand_once_and_none_ends_them() {
    let wrong = Refusal::Value {
        expected: "each method once, and none as the last".into(),
    };
    for line in [
        "revocation-check crl crl",
        "revocation-check none crl",
        "revocation-check none none",
    ] {
        Script::refuses("crypto ca trustpool policy", line, &wrong);
        Script::refuses("crypto ca trustpoint tp", line, &wrong);
    }
    let shown = section(&Script::accepts(
        "crypto ca trustpool policy\nrevocation-check ocsp crl none",
    ));
    assert!(
        shown.ends_with(" revocation-check ocsp crl none\n"),
        "{shown}"
    );
}

#[test]
fn validation_usage_needs_a_usage() {
    Script::refuses(
        "crypto ca trustpoint tp",
        "validation-usage",
        &Refusal::Incomplete,
    );
}

#[test]
fn a_certificate_needs_a_trust_point_and_whole_bytes() {
    let missing = Refusal::NotDefined {
        kind: Kind::Trustpoint,
        name: "tp".into(),
    };
    Script::refuses("", "crypto ca certificate chain tp", &missing);
    let wrong = Refusal::Value {
        expected: "a certificate of at most 65536 bytes, two hexadecimal digits each".into(),
    };
    let before = "crypto ca trustpoint tp\ncrypto ca certificate chain tp\n";
    for block in ["quit", "308\nquit", "30 8g\nquit", "", "no digits"] {
        Script::refuses(before, &format!("certificate ca 01\n{block}"), &wrong);
    }
    Script::refuses(
        before,
        "no certificate ca 01",
        &Refusal::NotDefined {
            kind: Kind::Certificate,
            name: "01".into(),
        },
    );
}

#[test]
fn a_certificate_may_be_65536_bytes_long_and_no_more() {
    let chain = |bytes: usize| {
        Script::run(&format!(
            "crypto ca trustpoint tp\ncrypto ca certificate chain tp\ncertificate 01\n{}\nquit",
            "ab".repeat(bytes)
        ))
    };
    assert_eq!(chain(Certificate::MOST_BYTES).refused, []);
    assert_eq!(chain(Certificate::MOST_BYTES + 1).refused.len(), 1);
}

#[test]
fn a_block_without_its_lines_is_incomplete() {
    let mut script = Script::run("crypto ca trustpoint tp\n");
    let command = typed("cert-chain", "certificate ca 0A").map(|typed| typed.config);
    let Some(command) = command else {
        panic!("no mode takes the line")
    };
    let refused = crate::config::apply(
        &mut script.config,
        &Scope::CertificateChain("tp".into()),
        &command,
    );
    assert_eq!(refused, Err(Refusal::Incomplete));
}

#[test]
fn a_certificate_of_the_same_kind_and_serial_takes_the_place_of_the_older() {
    let before = "crypto ca trustpoint tp\ncrypto ca certificate chain tp\ncertificate ca 0A\n30\nquit\ncertificate 0a\n31\nquit\n";
    let shown = section(&Script::accepts(&format!(
        "{before}certificate ca 0a\n3 2\nquit\n"
    )));
    assert!(
        shown.ends_with(
            "chain tp\n certificate ca 0a\n    32\n  quit\n certificate 0a\n    31\n  quit\n"
        ),
        "{shown}"
    );
    let config = Script::accepts(&format!(
        "{before}no certificate ca 0a\nno certificate 0A\n"
    ));
    assert_eq!(section(&config), "crypto ca trustpoint tp\n");
    assert_eq!(
        section(&Script::accepts(&format!(
            "{before}no crypto ca trustpoint tp noconfirm"
        ))),
        ""
    );
}

#[test]
fn reference_identities_take_names_of_their_kind_alone() {
    let shown = section(&Script::accepts(
        "crypto ca reference-identity id\ncn-id a.example.com\ndns-id b.example.com\ndns-id B.example.com\nsrv-id _imaps.example.net\n\
         uri-id sip:voice.example.edu\nuri-id https://user@a.example.com:8443/x\n",
    ));
    let printed = "crypto ca reference-identity id\n cn-id a.example.com\n dns-id b.example.com\n srv-id _imaps.example.net\n \
                   uri-id sip:voice.example.edu\n uri-id https://user@a.example.com:8443/x\n";
    assert_eq!(shown, printed);
    for line in [
        "dns-id *.example.com",
        "dns-id 192.0.2.1",
        "dns-id 2001:db8::1",
        "cn-id a..b",
        "cn-id -a",
        "srv-id imaps.example.net",
        "srv-id _.example.net",
        "uri-id sip:",
        "uri-id example.com",
        "uri-id 1a:b",
    ] {
        let script = Script::run(&format!("crypto ca reference-identity id\n{line}"));
        assert!(
            matches!(
                script.refused.as_slice(),
                [(_, Some(Refusal::Value { .. }))]
            ),
            "{line}: {:?}",
            script.refused
        );
    }
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let gone = |kind, name: &str| Refusal::NotDefined {
        kind,
        name: name.into(),
    };
    Script::refuses(
        "",
        "no crypto ca trustpoint tp",
        &gone(Kind::Trustpoint, "tp"),
    );
    Script::refuses(
        "",
        "no crypto ca reference-identity id",
        &gone(Kind::ReferenceIdentity, "id"),
    );
    Script::refuses(
        "crypto ca reference-identity id",
        "no dns-id a.b",
        &gone(Kind::Name, "a.b"),
    );
    Script::refuses(
        "crypto ca trustpool policy",
        "no match certificate map",
        &gone(Kind::Name, "map"),
    );
}

#[test]
fn a_command_of_an_object_that_is_gone_is_refused() {
    let mut script = Script::run("crypto ca trustpoint tp\n");
    script.config.crypto = Arc::default();
    script.feed("serial-number");
    assert_eq!(script.refused.len(), 1);
    assert_eq!(script.config.crypto, Arc::default());
}

#[test]
fn a_refused_line_does_not_bring_back_what_another_console_removed() {
    let mut script = Script::run("crypto ca trustpool policy\n");
    script.config.crypto = Arc::default();
    script.feed("no match certificate map");
    assert_eq!(script.config.crypto, Arc::default());
    let mut script = Script::run("crypto ca trustpoint tp\ncrl configure\n");
    let without_lists = Script::run("crypto ca trustpoint tp\n").config;
    script.config = without_lists.clone();
    script.feed("no url 3");
    assert_eq!((script.refused.len(), script.config), (1, without_lists));
}

/// What opens each of the modes, from global configuration.
const MODES: [(&str, &str); 6] = [
    ("config", ""),
    ("ca-trustpoint", "crypto ca trustpoint Xq7"),
    ("ca-crl", "crypto ca trustpoint Xq7\ncrl configure"),
    ("ca-trustpool", "crypto ca trustpool policy"),
    ("ca-ref-identity", "crypto ca reference-identity Xq7"),
    (
        "cert-chain",
        "crypto ca trustpoint Xq7\ncrypto ca certificate chain Xq7",
    ),
];

/// A certificate's line with its block.
fn any_line() -> impl Strategy<Value = (&'static str, String)> {
    let lines = |(mode, open): (&str, &'static str)| {
        let ours = |line: &String| mode != "config" || line.contains("crypto");
        let block = |line: String| {
            if line.starts_with("certificate") {
                format!("{line}\n3001\n 02\nquit")
            } else {
                line
            }
        };
        sentences(mode)
            .into_iter()
            .filter(ours)
            .map(move |line| (open, block(line)))
            .collect::<Vec<_>>()
    };
    prop::sample::select(MODES.into_iter().flat_map(lines).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_typed_what_is_printed_gives_the_same_again(lines in prop::collection::vec(any_line(), 1..40)) {
        let mut script = Script::default();
        for (open, line) in &lines {
            script.end();
            script.feed(open);
            let before = script.config.clone();
            let refused = script.refused.len();
            script.feed(line);
            if script.refused.len() > refused {
                prop_assert_eq!(&script.config, &before, "a refused line has changed something: {}", line);
            }
        }
        let shown = section(&script.config);
        let again = Script::run(&shown);
        prop_assert_eq!(&again.refused, &[], "{}", shown);
        prop_assert_eq!(&again.config.crypto, &script.config.crypto);
        prop_assert_eq!(section(&again.config), shown);
    }
}
