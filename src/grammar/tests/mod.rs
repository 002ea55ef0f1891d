//! Tests of the grammar room, on an invented device: kilns, beacons and ovens.

mod captures;
mod expectations;
mod files;
mod laws;
mod lines;

use super::*;

const TYPES: Source = Source {
    file: "types.cli",
    text: r"
type heat = { cold | warm | hot | 0-7 }
? cold  No fire
? warm  Small fire
? hot   Great fire
? 0-7   Degree of fire
type heat-list = list of 0-7
type lane = { 1 | 3 | 15 }
type tag = word 1-8 as TAG
? <tag>  A tag

Match = action:{ drops <pattern> | keeps <pattern> }
? drops      Drop what matches
? keeps      Keep what matches
? <pattern>  Regular expression
Turn = turn:{ hourly [<minute:0-59>] | daily [<time>] }
? hourly    Every hour
? <minute>  Minute of the hour
? daily     Every day
? <time>    Time of day
",
};

const EXEC: Source = Source {
    file: "exec.cli",
    text: r"
mode exec
  prompt #
  abbreviated-keyword wins to argument

vent
  => Vent
  ? vent  Open the vent

vent-all
  => VentAll
  in-full vent-all
  ? vent-all  Open all vents

show clock
  => ShowClock
  reads
  unprivileged
  ? show   Show something
  ? clock  The time

show conn
  => ShowConn
  ? conn  Connections

show running-config [context | <section:word>]
  => ShowRunning
  reads
  ? running-config  What is configured
  ? context         The context
  ? <section>       A section

show logs [<what:pattern>]
  => ShowLogs
  reads
  unprivileged
  ? logs    Old lines
  ? <what>  Which

copy { running-config | startup-config | <file:word> } <to:word>
  => Copy
  ? copy            Copy
  ? running-config  From what is configured
  ? startup-config  From what is kept
  ? <file>          From a file
  ? <to>            To a file

enable [<level:0-15>] [<secret:word>]
  => Enable
  secret <secret>
  unprivileged
  ? enable    Turn on
  ? <level>   Level
  ? <secret>  Password
",
};

const CONFIG: Source = Source {
    file: "config.cli",
    text: r"
# The main mode.
mode config
  parent exec
  prompt (config)#
  title configure

kiln
  => enter kiln
  no
  ? kiln  Configure the kiln

hostname <name:word>
  => Hostname
  no
  default
  ? hostname  Name of this device
  ? <name>    Name

hosts <list:ipv4>...
  => Hosts
  ? hosts  Some hosts
  ? <list>  Address

beacon filter <name:tag>
    (  what:[what Match]
    &  body:[body Match]
    &  [rate <rate:1-10000>] )
  => BeaconFilter
  no beacon filter <name:tag>
  ? beacon  Beacons
  ? filter  Filter what is seen
  ? <name>  Name of the filter
  ? what    By kind
  ? body    By text
  ? rate    At most so many
  ? <rate>  A second

beacon buffer [filter <filter:tag> | xml] [<size:4096-2147483647>] [<heat>]
  => BeaconBuffer
  no
  ? buffer    Keep some
  ? filter    Through a filter
  ? <filter>  Name of the filter
  ? xml       As XML
  ? <size>    Bytes

beacon host { <host> [vrf <vrf:word>] | ipv6 <host> }
  ( [filter <filter:tag> | filtered [stream <stream:10-65535>] | xml]
  & [transport transport:{ udp [port <port:1-65535>]
                         | tcp  ( [audit] & [port <port:1-65535>] )
                         | beep ( [audit] & [lane <lane:lane>]
                                & tls:[tls cipher [<cipher:1-255>] trust <trust:word>]
                                & [port <port:1-65535>] ) }]
  & [sequence]
  & [id id:{ name | number | string <text:string> }] )
  => BeaconHost
  no beacon host { <host> [vrf <vrf:word>] | ipv6 <host> }
  ? host      Send to a host
  ? <host>    Name or address
  ? vrf       In a VRF
  ? <vrf>     Name of the VRF
  ? ipv6      An IPv6 host
  ? filter    Through a filter
  ? <filter>  Name of the filter
  ? filtered  Filtered
  ? stream    One stream
  ? <stream>  Number of the stream
  ? xml       As XML
  ? transport How
  ? udp       UDP
  ? tcp       TCP
  ? beep      BEEP
  ? port      Port
  ? <port>    Port number
  ? audit     Audit
  ? lane      Lane
  ? <lane>    Lane number
  ? tls       TLS
  ? cipher    Cipher
  ? <cipher>  Cipher number
  ? trust     Trust point
  ? <trust>   Name of the trust point
  ? sequence  Numbers
  ? id        Identify
  ? name      By name
  ? number    By number
  ? string    By a text
  ? <text>    Text

user <user:word> password <password:string> [level <level:0-15>]
  => User
  no user <user:word>
  secret <password>
  ? user        A user
  ? <user>      Name
  ? password    Password
  ? <password>  Text
  ? level       Level
  ? <level>     Number

banner <text:line>
  ~> Banner  nobody greets anybody here
  no
  ? banner  Greeting
  ? <text>  Text

plate <text:line 1-10>
  => Plate
  no
  ? plate   Write on the plate
  ? <text>  Text

stamp <text:string 1-5> [twice]
  => Stamp
  ? stamp   Stamp something
  ? <text>  Text
  ? twice   Two times

turn ( when:[when Turn] & export export:{ full | least } )
  => Turn
  default turn
  ? turn    Take turns
  ? when    When
  ? export  What
  ? full    All
  ? least   Little

mark sequence
  => Mark
  no
  ? mark      Mark
  ? sequence  By number
",
};

const KILN: Source = Source {
    file: "kiln.cli",
    text: r"
mode kiln
  parent config
  prompt (config-kiln)#

hold <name:word>
  => Hold
  no hold { all | <name:word> }
  ? hold    Hold something
  ? <name>  Name
  ? all     Everything

heat <heat>
  => Heat
  no
  ? heat  Set the heat

active
  => Active
  no
  ? active  Light it
",
};

static KILNS: Grammar = Grammar::new(TYPES, &[EXEC, CONFIG, KILN]);

fn mode(name: &str) -> &'static Mode {
    KILNS
        .mode(name)
        .expect("the files of these tests are in order")
}

/// What becomes of a line, in one string.
fn outcome(in_mode: &str, line: &str) -> String {
    match mode(in_mode).walk(&mut Walker::default(), line) {
        Walk::Matched(found) => found.to_string(),
        Walk::Incomplete { column } => format!("incomplete at {column}"),
        Walk::Ambiguous { column, word } => format!("ambiguous {word} at {column}"),
        Walk::Invalid { column } => format!("invalid at {column}"),
    }
}

/// A grammar of one mode with these stanzas, and what is wrong with it.
fn wrong_with(stanzas: &'static str) -> Vec<String> {
    wrong_with_types("", stanzas)
}

fn wrong_with_types(types: &'static str, stanzas: &'static str) -> Vec<String> {
    let text: &'static str = Box::leak(format!("mode m\n  prompt #\n\n{stanzas}").into_boxed_str());
    let modes: &'static [Source] = Box::leak(Box::new([Source {
        file: "m.cli",
        text,
    }]));
    let grammar = Grammar::new(
        Source {
            file: "types.cli",
            text: types,
        },
        modes,
    );
    grammar
        .read_all()
        .err()
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect()
}
