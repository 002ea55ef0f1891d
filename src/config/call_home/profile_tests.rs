//! What the commands of a profile change, and those that make, copy, rename and remove profiles.

use super::script::Script;
use super::tests::section;
use super::*;

fn ops(lines: &str) -> RunningConfig {
    Script::accepts(&format!("call-home\nprofile ops\n{lines}"))
}

#[test]
fn a_users_profile_is_active_and_sends_mail_until_told_otherwise() {
    let config = ops("");
    let profile = config.call_home.profile("ops").cloned().unwrap_or_default();
    assert!(profile.is_active());
    assert_eq!(
        profile.methods(),
        Methods {
            http: false,
            email: true
        }
    );
    assert_eq!(
        (profile.format(), profile.message_size_limit()),
        (Format::Xml, 3_145_728)
    );
    assert!(section(&config).ends_with(" profile ops\n"));
}

#[test]
fn the_predefined_profile_is_inactive_until_told_otherwise() {
    let tac = |lines: &str| Script::accepts(&format!("call-home\nprofile CiscoTAC-1\n{lines}"));
    assert_eq!(tac("no active"), RunningConfig::default());
    assert!(section(&tac("active")).contains(" profile CiscoTAC-1\n  active\n"));
    assert_eq!(tac("active\ndefault active"), RunningConfig::default());
}

#[test]
fn what_was_taken_from_the_predefined_profile_stays_away() {
    let config = Script::accepts(
        "call-home\nprofile CiscoTAC-1\nno destination address email callhome@cisco.com\nno subscribe-to-alert-group diagnostic\n\
         no destination transport-method http\n",
    );
    let shown = section(&config);
    for line in [
        "no destination address email callhome@cisco.com",
        "no subscribe-to-alert-group diagnostic",
        "no destination transport-method http",
    ] {
        assert!(shown.contains(&format!("\n  {line}\n")), "{shown}");
    }
    assert_eq!(Script::accepts(&shown), config);
}

#[test]
fn a_format_that_the_vendor_cannot_read_is_warned_about_once_in_whichever_order() {
    let said = |lines: &str| Script::run(&format!("call-home\nprofile ops\n{lines}")).notices;
    let vendor = "destination address email callhome@cisco.com";
    for (lines, warnings) in [
        (
            format!("destination preferred-msg-format long-text\n{vendor}\n{vendor}"),
            1,
        ),
        (
            format!("{vendor}\ndestination preferred-msg-format short-text"),
            1,
        ),
        (format!("{vendor}\ndestination preferred-msg-format xml"), 0),
        (
            "destination preferred-msg-format long-text\ndestination address email noc@example.com"
                .to_owned(),
            0,
        ),
    ] {
        let notices = said(&lines);
        let is_warning = |notice: &&Notice| matches!(notice, Notice::Warning(_));
        assert_eq!(
            notices.iter().filter(is_warning).count(),
            warnings,
            "{lines}: {notices:?}"
        );
    }
}

#[test]
fn removing_the_predefined_profile_brings_it_back_as_delivered() {
    let script = Script::run("call-home\nprofile CiscoTAC-1\nactive\nno profile CiscoTAC-1\n");
    assert_eq!(script.config, RunningConfig::default());
    assert!(
        matches!(script.notices.as_slice(), [.., Notice::Info(text)] if text.contains("CiscoTAC-1")),
        "{:?}",
        script.notices
    );
    assert_eq!(
        Script::accepts("call-home\nprofile ops\nprofile CiscoTAC-1\nactive\nno profile all\n"),
        RunningConfig::default()
    );
}

#[test]
fn the_first_method_named_replaces_the_default_and_a_second_joins_it() {
    let methods = |lines: &str| {
        ops(lines)
            .call_home
            .profile("ops")
            .map(|profile| profile.methods())
    };
    assert_eq!(
        methods("destination transport-method http"),
        Some(Methods {
            http: true,
            email: false
        })
    );
    assert_eq!(
        methods("destination transport-method http\ndestination transport-method email"),
        Some(Methods {
            http: true,
            email: true
        })
    );
    assert_eq!(
        methods("no destination transport-method email"),
        Some(Methods::default())
    );
    assert_eq!(
        ops("destination transport-method http\nno destination transport-method http"),
        ops("")
    );
}

#[test]
fn eleven_profiles_are_one_too_many() {
    let ten: String = (0..10)
        .map(|number| format!("profile p{number}\n"))
        .collect();
    let before = format!("call-home\n{ten}exit\n");
    let before = before.trim_end_matches("exit\n");
    Script::refuses(
        before,
        "profile p10",
        &Refusal::Limit {
            kind: Kind::Profile,
            most: 10,
        },
    );
    Script::refuses(
        before,
        "copy profile p1 p10",
        &Refusal::Limit {
            kind: Kind::Profile,
            most: 10,
        },
    );
    assert_eq!(
        Script::accepts(&format!("{before}profile p9\n"))
            .call_home
            .profiles
            .len(),
        11
    );
}

#[test]
fn a_copy_of_the_predefined_profile_is_a_profile_like_any_other() {
    let config = Script::accepts("call-home\ncopy profile CiscoTAC-1 ops\n");
    let copy = config.call_home.profile("ops").cloned().unwrap_or_default();
    assert!(!copy.predefined && !copy.is_active());
    assert_eq!(Script::accepts(&section(&config)), config);
}

#[test]
fn profiles_are_renamed_and_copied_to_free_names_alone() {
    let before = "call-home\nprofile a\nprofile b\n";
    let exists = Refusal::Exists {
        kind: Kind::Profile,
        name: "b".into(),
    };
    Script::refuses(before, "copy profile a b", &exists);
    Script::refuses(before, "rename profile a b", &exists);
    Script::refuses(
        before,
        "rename profile c d",
        &Refusal::NotDefined {
            kind: Kind::Profile,
            name: "c".into(),
        },
    );
    Script::refuses(
        before,
        "rename profile CiscoTAC-1 d",
        &Refusal::NotAllowed {
            why: "A predefined profile cannot be renamed",
        },
    );
    let renamed = Script::accepts(&format!("{before}rename profile a c\n"));
    assert!(renamed.call_home.profile("a").is_none() && renamed.call_home.profile("c").is_some());
}

#[test]
fn a_profile_removed_by_another_console_is_not_made_again() {
    let mut script = Script::run("call-home\nprofile ops\n");
    Arc::make_mut(&mut script.config.call_home)
        .profiles
        .remove("ops");
    script.feed("no active");
    assert_eq!(
        script.refused,
        [(
            "no active".to_owned(),
            Some(Refusal::NotDefined {
                kind: Kind::Profile,
                name: "ops".into()
            })
        )]
    );
}

#[test]
fn a_reference_identity_must_exist_before_a_profile_names_it() {
    let missing = Refusal::NotDefined {
        kind: Kind::ReferenceIdentity,
        name: "id".into(),
    };
    Script::refuses(
        "call-home\nprofile p",
        "destination address http https://a/ reference-identity id",
        &missing,
    );
    Script::refuses("call-home\nprofile p", "reference-identity id", &missing);
    let used = "crypto ca reference-identity id\ncall-home\nprofile p\ndestination address http https://a/ reference-identity id";
    Script::refuses(
        used,
        "no crypto ca reference-identity id",
        &Refusal::InUse {
            kind: Kind::ReferenceIdentity,
            name: "id".into(),
            by: "call-home profile p".to_owned(),
        },
    );
}

#[test]
fn a_group_that_only_all_covers_cannot_be_taken_out_of_it() {
    let why = "The profile subscribes to all alert groups; remove that subscription first";
    Script::refuses(
        "call-home\nprofile p\nsubscribe-to-alert-group all",
        "no subscribe-to-alert-group threat",
        &Refusal::NotAllowed { why },
    );
    let config = ops("subscribe-to-alert-group all");
    let profile = config.call_home.profile("ops").cloned().unwrap_or_default();
    assert!(
        AlertGroup::ALL
            .into_iter()
            .all(|group| profile.subscribes_to(group))
    );
    assert_eq!(
        ops(
            "subscribe-to-alert-group all\nsubscribe-to-alert-group threat\nno subscribe-to-alert-group all"
        ),
        ops("")
    );
}

#[test]
fn syslog_is_subscribed_to_by_severity_by_number_and_by_pattern() {
    let config = ops(
        "subscribe-to-alert-group syslog message 106100-106103 severity warnings\nsubscribe-to-alert-group syslog pattern \"a b\"\n\
         subscribe-to-alert-group syslog severity critical\n",
    );
    let tail = "  subscribe-to-alert-group syslog severity critical\n  subscribe-to-alert-group syslog severity warning message 106100-106103\n  \
                subscribe-to-alert-group syslog pattern \"a b\"\n";
    assert!(section(&config).ends_with(tail), "{}", section(&config));
    let mut script = Script::on(config);
    script
        .feed("call-home\nprofile ops\nno subscribe-to-alert-group syslog message 106100-106103\n");
    assert_eq!(
        script
            .config
            .call_home
            .profile("ops")
            .map(|profile| profile.subscriptions.syslog.len()),
        Some(2)
    );
    script.feed("no subscribe-to-alert-group syslog\n");
    assert_eq!(script.config, ops(""));
}

#[test]
fn a_pattern_that_does_not_translate_is_refused() {
    let mut script =
        Script::run("call-home\nprofile p\nsubscribe-to-alert-group syslog pattern a(b\n");
    assert!(matches!(
        script.refused.pop(),
        Some((_, Some(Refusal::Pattern { .. })))
    ));
}
