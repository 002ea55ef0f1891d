//! The equations of docs/PROMISES.md on what the device says of itself, and what the receivers say against it.

use serde_json::Value;

use crate::Faults;
use crate::measure::report;
use crate::receiver::{Behaviour, Receiver, Receivers};

const LOCALS: [&str; 5] = ["console", "monitor", "buffer", "persistent", "mail"];

fn count(view: &Value, name: &str) -> u64 {
    view.get(name).and_then(Value::as_u64).unwrap_or(u64::MAX)
}

fn sum(view: &Value, names: &[&str]) -> u128 {
    names.iter().map(|name| u128::from(count(view, name))).sum()
}

fn hosts(view: &Value) -> &[Value] {
    let hosts = view.pointer("/trap/hosts").and_then(Value::as_array);
    hosts.map_or(&[], Vec::as_slice)
}

fn receiver_of<'r>(host: &Value, receivers: &'r Receivers) -> Option<&'r Receiver> {
    receivers.of(count(host, "port"))
}

/// Of the device and of each of its sessions.
pub(crate) fn conservation(view: &Value, faults: &mut Faults) {
    let mut equal = |what: &str, of: &Value, left: &[&str], right: &[&str]| {
        let (one, other) = (sum(of, left), sum(of, right));
        faults.unless(one == other, || {
            format!(
                "{what}: {} = {one}, but {} = {other}",
                left.join(" + "),
                right.join(" + ")
            )
        });
    };
    equal(
        "the device",
        view,
        &["received_by_inputs", "own"],
        &[
            "disabled_by_logging_message",
            "discarded_by_global_rate_limit",
            "offered",
        ],
    );
    let none = Value::Null;
    let locals = LOCALS.map(|name| (name.to_owned(), view.get(name).unwrap_or(&none)));
    let remotes = hosts(view).iter().map(|host| {
        let name = format!("the session to port {}", count(host, "port"));
        (name, host)
    });
    for (name, session) in locals.into_iter().chain(remotes) {
        equal(
            &name,
            session,
            &["received"],
            &[
                "message_lines_logged",
                "dropped_by_md",
                "rate_limited",
                "merged",
                "queued",
                "overflowed",
            ],
        );
        equal(
            &name,
            session,
            &["offered", "restored", "summaries"],
            &["below_its_level", "received"],
        );
    }
}

/// What was sent came in, or the kernel says that it dropped it.
pub(crate) fn inputs(view: &Value, inputs: &Value, sent: (u64, u64), faults: &mut Faults) {
    let all = inputs.get("inputs").and_then(Value::as_array);
    let of = |transport: &str| {
        let mut all = all.into_iter().flatten();
        all.find(|input| input.get("transport").is_some_and(|is| is == transport))
            .unwrap_or(&Value::Null)
    };
    let (tcp, udp) = (of("tcp"), of("udp"));
    let (by_tcp, by_udp) = (count(tcp, "received"), count(udp, "received"));
    report(format_args!(
        "storm: inputs: {by_tcp} by TCP, {by_udp} by UDP, {} datagrams dropped by the kernel before the device",
        count(udp, "dropped")
    ));
    faults.unless(by_tcp == sent.0, || {
        format!("{} sent by TCP, {by_tcp} received", sent.0)
    });
    faults.unless(sum(udp, &["received", "dropped"]) == sent.1.into(), || {
        format!("{} sent by UDP, received and dropped: {udp}", sent.1)
    });
    let received = count(view, "received_by_inputs");
    faults.unless(
        u128::from(received) == u128::from(by_tcp) + u128::from(by_udp),
        || format!("received_by_inputs is {received}"),
    );
}

/// A line for each session.
pub(crate) fn told_sessions(view: &Value, receivers: &Receivers) {
    for host in hosts(view) {
        let Some(receiver) = receiver_of(host, receivers) else {
            continue;
        };
        report(format_args!(
            "storm: {} {} {:?}: received {} = delivered {} + filtered {} + limited {} + merged {} + queued {} + overflowed {}; repeated {}",
            receiver.role.name,
            receiver.role.transport,
            receiver.role.behaviour,
            count(host, "received"),
            count(host, "message_lines_logged"),
            count(host, "dropped_by_md"),
            count(host, "rate_limited"),
            count(host, "merged"),
            count(host, "queued"),
            count(host, "overflowed"),
            count(host, "possibly_repeated"),
        ));
    }
}

/// Nothing was counted between two looks.
pub(crate) fn same_counts(one: &Value, other: &Value) -> bool {
    let view = |of: &Value| (count(of, "offered"), of.pointer("/trap/hosts").cloned());
    view(one) == view(other)
}

/// Nothing waits, except, as long as not all read, where nobody takes it.
pub(crate) fn is_empty(view: &Value, receivers: &Receivers, all_read: bool) -> bool {
    hosts(view).iter().all(|host| {
        let reads = receiver_of(host, receivers).is_none_or(|receiver| {
            let behaviour = receiver.role.behaviour;
            all_read || !matches!(behaviour, Behaviour::Stalls | Behaviour::Refuses)
        });
        !reads || count(host, "queued") == 0
    })
}

/// What receivers have got, once everything was delivered.
pub(crate) fn received(view: &Value, receivers: &Receivers, faults: &mut Faults) {
    for host in hosts(view) {
        let Some(receiver) = receiver_of(host, receivers) else {
            continue;
        };
        let (got, dropped) = (receiver.tracker(), receiver.dropped());
        let name = receiver.role.name;
        let delivered = count(host, "message_lines_logged");
        let numbered = delivered + count(host, "overflowed");
        report(format_args!(
            "storm: {name}: {delivered} delivered, {} received, {dropped} dropped by the receiver's kernel, {} again",
            got.messages, got.again
        ));
        faults.unless(got.messages + dropped == delivered, || {
            format!("{name}: {delivered} delivered, {got:?}")
        });
        faults.unless(got.again <= count(host, "possibly_repeated"), || {
            format!("{name}: came again: {got:?}, {host}")
        });
        faults.unless(
            got.highest == numbered || receiver.role.transport == "udp",
            || format!("{name}: {numbered} delivered or overflowed, {got:?}"),
        );
        faults.unless(got.disordered == 0, || {
            format!("{name}: out of order: {got:?}")
        });
    }
}
