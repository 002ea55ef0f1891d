//! How `show logging` is laid out: the IOS XE reference, with the counters of the conservation law beside the manual's
//! own (D38). What is shown is gathered elsewhere.

use std::fmt;
use std::time::Duration;

use super::logging::{
    CountersView, CriterionView, DiscriminatorView, FilterModule, FlappingView, HostView,
    LocalView, View,
};
use super::logging_brief::short;
use crate::config::logging::Transport;

/// `enabled (N messages logged)`, of what changes every line of a session.
fn counted(on: bool, lines: u64) -> String {
    if on {
        format!("enabled ({lines} messages logged)")
    } else {
        "disabled".to_owned()
    }
}

fn switch(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Syslog logging: {} ({} messages dropped, {} messages rate-limited, 0 flushes, 0 overruns, xml {}, filtering {})",
            switch(self.enabled),
            self.dropped,
            self.discarded_by_global_rate_limit,
            switch(self.xml),
            switch(self.filtering),
        )?;
        writeln!(f)?;
        discriminators(f, "Active", &self.active_discriminators)?;
        discriminators(f, "Inactive", &self.inactive_discriminators)?;
        local(f, "Console logging: ", 21, &self.console, None)?;
        local(f, "Monitor logging: ", 21, &self.monitor, None)?;
        local(f, "Buffer logging:  ", 20, &self.buffer, self.xml_buffer)?;
        writeln!(f, "    Exception Logging: Disabled")?;
        let counting = switch(self.counting);
        writeln!(f, "    Count and timestamp logging messages: {counting}")?;
        if !self.history.is_off() {
            let (history, lines) = (&self.history, self.history_logged);
            writeln!(f, "    History logging: {history}, {lines} messages logged")?;
        }
        write!(f, "{}", self.mail)?;
        writeln!(f, "    File logging: disabled")?;
        writeln!(f, "    {}", self.persistent)?;
        writeln!(
            f,
            "    Permit-hostdown logging: {}",
            switch(self.permit_hostdown)
        )?;
        writeln!(f, "\nNo active filter modules.\n")?;
        if !self.filter_modules.is_empty() {
            writeln!(f, "Inactive filter modules:")?;
            for FilterModule { url, args } in &self.filter_modules {
                match args {
                    Some(args) => writeln!(f, "    {url} args {args}")?,
                    None => writeln!(f, "    {url}")?,
                }
            }
            writeln!(f)?;
        }
        writeln!(
            f,
            "    Messages: {} received by inputs, {} own,",
            self.received_by_inputs, self.own
        )?;
        writeln!(
            f,
            "              {} disabled by logging message, {} discarded by global rate limit,",
            self.disabled_by_logging_message, self.discarded_by_global_rate_limit
        )?;
        writeln!(
            f,
            "              {} offered, counting since {}",
            self.offered, self.counting_since
        )?;
        if self.faults > 0 {
            writeln!(f, "              {} internal faults", self.faults)?;
        }
        let (admitted, lines) = (&self.trap.admitted, self.trap.message_lines_logged);
        if admitted.is_off() {
            writeln!(f, "    Trap logging: disabled")?;
        } else {
            writeln!(
                f,
                "    Trap logging: {admitted}, {lines} message lines logged"
            )?;
        }
        self.trap
            .hosts
            .iter()
            .try_for_each(|host| write!(f, "{host}"))?;
        write!(f, "{}", self.source_interfaces)?;
        if let Some(last) = self.last {
            write!(f, "\nShowing last {last} lines")?;
        }
        writeln!(f, "\nLog Buffer ({} bytes):\n", self.buffer_size)?;
        self.log_buffer
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn discriminators(
    f: &mut fmt::Formatter<'_>,
    kind: &str,
    all: &[DiscriminatorView],
) -> fmt::Result {
    if all.is_empty() {
        return writeln!(f, "No {kind} Message Discriminator.\n");
    }
    writeln!(f, "{kind} Message Discriminator:")?;
    for found in all {
        rows(f, found)?;
        writeln!(f)?;
    }
    Ok(())
}

/// One discriminator: its name, then a row a criterion, columns 10, 15 and 9 wide; later rows are indented by the name's.
fn rows(f: &mut fmt::Formatter<'_>, found: &DiscriminatorView) -> fmt::Result {
    let criteria = [
        ("severity group", &found.severity_group),
        ("facility", &found.facility),
        ("mnemonics", &found.mnemonics),
        ("msg-body", &found.msg_body),
        ("sender", &found.sender),
    ];
    let mut name = found.name.as_str();
    for (field, criterion) in criteria {
        if let Some(CriterionView { action, pattern }) = criterion {
            writeln!(f, "{name:<10}{field:<15}{action:<9}{pattern}")?;
            name = "";
        }
    }
    if let Some(seconds) = found.duplicates {
        writeln!(f, "{name:<10}duplicates counted for {seconds} seconds")?;
        name = "";
    }
    if let Some(FlappingView {
        changes,
        within_seconds,
    }) = &found.flapping
    {
        writeln!(
            f,
            "{name:<10}flapping damped after {changes} changes within {within_seconds} seconds"
        )?;
        name = "";
    }
    match found.rate_limit_not_to_exceed {
        Some(limit) => {
            write!(
                f,
                "{name:<10}rate-limit not to exceed {limit} messages per second"
            )?;
            match found.rate_limit_except {
                Some(severity) => writeln!(f, ", severities 0 to {severity} exempt"),
                None => writeln!(f),
            }
        }
        // An empty one is legal (R33) and has no rows; its name is shown all the same.
        None if !name.is_empty() => writeln!(f, "{name}"),
        None => Ok(()),
    }
}

/// `xml_buffer`: the messages of the buffer of XML that stands beside this one.
fn local(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    indent: usize,
    local: &LocalView,
    xml_buffer: Option<u64>,
) -> fmt::Result {
    let c = &local.counters;
    let xml = match xml_buffer {
        Some(lines) => counted(true, lines),
        None => counted(local.xml, c.message_lines_logged),
    };
    let (admitted, lines) = (&local.admitted, c.message_lines_logged);
    if !admitted.is_off() {
        write!(
            f,
            "    {name}{admitted}, {lines} messages logged, xml {xml},"
        )?;
    } else if name.starts_with("Buffer") {
        write!(f, "    {name}disabled, xml {xml},")?;
    } else {
        return writeln!(f, "    {name}disabled");
    }
    write!(
        f,
        "\n{:indent$}filtering {}",
        "",
        counted(local.filtering, c.message_lines_logged)
    )?;
    if local.guaranteed {
        f.write_str(", guaranteed")?;
    }
    // A daemon has none; what is counted there, nobody sees.
    if name.starts_with("Console") && local.listeners == 0 {
        f.write_str(", no console")?;
    }
    if let Some(discriminator) = &local.discriminator {
        write!(f, ", discriminator({discriminator}), \n{:indent$}", "")?;
        write!(
            f,
            "{} messages rate-limited, {} messages dropped-by-MD",
            c.rate_limited, c.dropped_by_md
        )?;
    } else if c.rate_limited > 0 {
        write!(
            f,
            ",\n{:indent$}{} messages rate-limited",
            "", c.rate_limited
        )?;
    }
    writeln!(f)?;
    if !admitted.is_off() {
        writeln!(f, "{:indent$}{}", "", c.balance())?;
        if local.lost_by_terminals > 0 {
            let lost = local.lost_by_terminals;
            writeln!(f, "{:indent$}{lost} messages lost by slow terminals", "")?;
        }
    }
    Ok(())
}

impl CountersView {
    /// What becomes of what is received, besides what the manual's own counters say.
    pub(super) fn balance(&self) -> String {
        let (received, merged) = (self.received, self.merged);
        let (queued, overflowed) = (self.queued, self.overflowed);
        let mut text = format!(
            "{received} messages received, {merged} merged, {queued} queued, {overflowed} overflowed"
        );
        if self.summaries > 0 {
            text.push_str(&format!(", {} summaries", self.summaries));
        }
        text
    }
}

impl HostView {
    /// Of a queue that is on disk, or should be (C5b.6).
    fn disk(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        let restored = self.counters.restored;
        match &self.disk_fault {
            Some(reason) => writeln!(
                f,
                "{indent}queue in memory, not on disk: {reason}, {restored} from before the start, "
            ),
            None if self.queue == "disk" => writeln!(
                f,
                "{indent}queue on disk, {} not there yet, {restored} from before the start, ",
                self.waiting_for_disk
            ),
            None => Ok(()),
        }
    }
}

impl fmt::Display for HostView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const INDENT: &str = "              ";
        let session = &self.session;
        write!(f, "        Logging to {}  ", session.host)?;
        if let Some(vrf) = &session.vrf {
            write!(f, "({vrf}) ")?;
        }
        if let Some(interface) = &self.interface {
            write!(f, "({interface}) ")?;
        }
        write!(f, "({} port {}", session.transport, session.port)?;
        if let Some(channel) = session.channel {
            write!(f, ", channel {channel}")?;
        }
        writeln!(f, ", audit {},", switch(self.audit))?;
        if session.transport == Transport::Beep.keyword() {
            write!(
                f,
                "{INDENT}authentication {}, encryption {}, ",
                switch(self.authentication),
                switch(self.encryption)
            )?;
        } else {
            write!(f, "{INDENT}")?;
        }
        match &self.reason {
            None => writeln!(f, "link up),")?,
            Some(reason) => writeln!(f, "link down, {reason}),")?,
        }
        let c = &self.counters;
        writeln!(
            f,
            "{INDENT}{} message lines logged, ",
            c.message_lines_logged
        )?;
        writeln!(f, "{INDENT}{} message lines rate-limited, ", c.rate_limited)?;
        writeln!(
            f,
            "{INDENT}{} message lines dropped-by-MD, ",
            c.dropped_by_md
        )?;
        writeln!(f, "{INDENT}{}, ", c.balance())?;
        let (offered, below) = (c.offered, c.below_its_level);
        let (repeated, cut) = (c.possibly_repeated, c.cut);
        writeln!(
            f,
            "{INDENT}{offered} offered, {below} below its level, {repeated} possibly repeated, {cut} cut, "
        )?;
        write!(
            f,
            "{INDENT}{} of {} bytes of its queue used",
            self.queue_bytes, self.queue_limit_bytes
        )?;
        match self.full_in_seconds {
            Some(seconds) => writeln!(
                f,
                ", full in {} at the present rate, ",
                short(Duration::from_secs(seconds))
            )?,
            None => writeln!(f, ", ")?,
        }
        self.disk(f, INDENT)?;
        writeln!(
            f,
            "{INDENT}xml {}, sequence number {}",
            switch(self.xml),
            switch(self.sequence_number)
        )?;
        write!(
            f,
            "{INDENT}filtering {}",
            counted(self.filtering, c.message_lines_logged)
        )?;
        if let Some(stream) = self.stream {
            write!(f, ", stream {stream}")?;
        }
        match &self.discriminator {
            Some(discriminator) => writeln!(f, ", discriminator({discriminator})")?,
            None => writeln!(f)?,
        }
        self.tls_profile.as_ref().map_or(Ok(()), |profile| {
            writeln!(f, "{INDENT}tls-profile: {profile}")
        })
    }
}
