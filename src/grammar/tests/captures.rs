//! Matched lines as typed commands.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
enum Command {
    EnterKiln,
    NoKiln,
    Hostname(Hostname),
    NoHostname(NoHostname),
    DefaultHostname(NoHostname),
    Hosts(Hosts),
    BeaconFilter(BeaconFilter),
    NoBeaconFilter(NoBeaconFilter),
    BeaconBuffer(BeaconBuffer),
    NoBeaconBuffer(BeaconBuffer),
    BeaconHost(Box<BeaconHost>),
    NoBeaconHost {
        host: String,
        vrf: Option<String>,
    },
    User {
        user: String,
        password: String,
        level: Option<u8>,
    },
    NoUser {
        user: String,
    },
    Banner {
        text: String,
    },
    NoBanner {
        text: Option<String>,
    },
    Plate {
        text: String,
    },
    NoPlate {
        text: Option<String>,
    },
    Stamp {
        text: String,
        #[serde(default)]
        twice: bool,
    },
    Turn(Turn),
    DefaultTurn,
    Mark,
    NoMark,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hostname {
    name: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoHostname {
    name: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hosts {
    list: Vec<Ipv4Addr>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct BeaconFilter {
    name: Tag,
    what: Option<Match>,
    body: Option<Match>,
    rate: Option<u32>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBeaconFilter {
    name: Tag,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    action: Action,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Action {
    Drops { pattern: String },
    Keeps { pattern: String },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct BeaconBuffer {
    filter: Option<Tag>,
    #[serde(default)]
    xml: bool,
    size: Option<u32>,
    heat: Option<Heat>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Heat {
    Cold,
    Warm,
    Hot,
    #[serde(rename = "0", alias = "7")]
    Number,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct BeaconHost {
    host: String,
    vrf: Option<String>,
    filter: Option<Tag>,
    #[serde(default)]
    filtered: bool,
    stream: Option<u16>,
    #[serde(default)]
    xml: bool,
    transport: Option<Transport>,
    #[serde(default)]
    sequence: bool,
    id: Option<Id>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Transport {
    Udp {
        port: Option<u16>,
    },
    Tcp {
        #[serde(default)]
        audit: bool,
        port: Option<u16>,
    },
    Beep(Beep),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beep {
    #[serde(default)]
    audit: bool,
    lane: Option<u8>,
    tls: Option<Tls>,
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    cipher: Option<u8>,
    trust: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Id {
    Name,
    Number,
    String { text: String },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    when: Option<When>,
    export: Export,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    turn: Often,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Often {
    Hourly { minute: Option<u8> },
    Daily { time: Option<String> },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Export {
    Full,
    Least,
}

/// A newtype that refuses by itself.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Tag(String);

impl TryFrom<String> for Tag {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "bad" {
            Err("not this tag".into())
        } else {
            Ok(Self(text))
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, CaptureError> {
    match mode("config").walk(&mut Walker::default(), line) {
        Walk::Matched(found) => found.typed(),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn every_sentence_becomes_its_own_variant() {
    let mut walker = Walker::default();
    let samples = sentences::Samples::default().with("heat", &["cold", "hot", "0"]);
    let all = sentences::sentences(mode("config"), &samples, 2000);
    assert!(all.len() > 2500, "only {} sentences", all.len());
    for sentence in &all {
        let Walk::Matched(found) = mode("config").walk(&mut walker, &sentence.text) else {
            panic!("`{}` matches nothing", sentence.text);
        };
        assert_eq!(found.name(), sentence.name, "{}", sentence.text);
        if let Err(error) = found.typed::<Command>() {
            panic!("`{}`: {error} at {}", sentence.text, error.column);
        }
    }
    let names: std::collections::BTreeSet<&str> =
        all.iter().map(|sentence| sentence.name).collect();
    assert_eq!(names, variants_of::<Command>().iter().copied().collect());
}

#[test]
fn flags_options_enums_and_nested_structs_are_captured() {
    let line = "beacon host 192.0.2.7 transport beep lane 3 tls cipher 7 trust t sequence id string \"two words\"";
    let wanted = BeaconHost {
        host: "192.0.2.7".into(),
        vrf: None,
        filter: None,
        filtered: false,
        stream: None,
        xml: false,
        transport: Some(Transport::Beep(Beep {
            audit: false,
            lane: Some(3),
            tls: Some(Tls {
                cipher: Some(7),
                trust: "t".into(),
            }),
            port: None,
        })),
        sequence: true,
        id: Some(Id::String {
            text: "two words".into(),
        }),
    };
    assert_eq!(typed(line), Ok(Command::BeaconHost(Box::new(wanted))));
    assert_eq!(
        typed("hosts 192.0.2.1 192.0.2.2"),
        Ok(Command::Hosts(Hosts {
            list: vec![[192, 0, 2, 1].into(), [192, 0, 2, 2].into()]
        }))
    );
    assert_eq!(
        typed("hosts 192.0.2.1"),
        Ok(Command::Hosts(Hosts {
            list: vec![[192, 0, 2, 1].into()]
        }))
    );
}

#[test]
fn abbreviated_keywords_are_captured_in_full_and_arguments_as_typed() {
    let wanted = BeaconBuffer {
        filter: None,
        xml: false,
        size: Some(4096),
        heat: Some(Heat::Warm),
    };
    assert_eq!(
        typed("beac buf 4096 WAR"),
        Ok(Command::BeaconBuffer(wanted))
    );
    assert_eq!(
        typed("HOSTNAME KilnOne"),
        Ok(Command::Hostname(Hostname {
            name: "KilnOne".into()
        }))
    );
}

#[test]
fn an_arm_that_can_capture_is_a_struct_even_when_nothing_was_captured() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Bare {
        Udp,
        Tcp,
        Beep,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Host {
        #[serde(rename = "transport")]
        _transport: Bare,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    enum Only {
        BeaconHost(Host),
        Mark {},
    }
    let error = typed::<Only>("beacon host h transport udp").expect_err("udp can capture a port");
    assert!(error.message.contains("fields"), "{error}");
    assert_eq!(error.column, 24);
    assert!(
        typed::<Only>("mark sequence").is_err(),
        "a command without captures is a unit variant"
    );
}

#[test]
fn a_refused_argument_is_told_with_its_place() {
    let error = typed::<Command>("beacon buffer filter bad 5000").expect_err("the tag is refused");
    assert_eq!((error.column, error.message.as_str()), (21, "not this tag"));

    #[derive(Debug, Deserialize)]
    enum Ip {
        BeaconHost(Addressed),
    }
    #[derive(Debug, Deserialize)]
    struct Addressed {
        host: IpAddr,
    }
    let error = typed::<Ip>("beacon  host name").expect_err("a name is no address");
    assert_eq!(error.column, 13, "{error}");
    let Ok(Ip::BeaconHost(Addressed { host })) = typed::<Ip>("beacon host ::1") else {
        panic!("an address")
    };
    assert!(host.is_loopback());
}

#[test]
fn an_unknown_or_missing_field_is_an_error() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Wrong {
        Hostname(Other),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Other {
        #[serde(rename = "title")]
        _title: Option<String>,
    }
    let error = typed::<Wrong>("hostname x").expect_err("the field has another name");
    assert!(error.message.contains("unknown field `name`"), "{error}");
    assert!(typed::<Wrong>("mark sequence").is_err(), "no such variant");
}

#[test]
fn many_captures_on_one_line_are_all_there() {
    let addresses: Vec<String> = (0..100).map(|n| format!("192.0.2.{n}")).collect();
    let Ok(Command::Hosts(Hosts { list })) = typed(&format!("hosts {}", addresses.join(" ")))
    else {
        panic!("hosts")
    };
    assert_eq!(
        list.iter().map(ToString::to_string).collect::<Vec<_>>(),
        addresses
    );
}
