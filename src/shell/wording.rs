//! What a Session says by itself: refusals, notices, prompts, the pager's words, questions, the device's own messages about what was
//! typed. Another dialect would be another file like this one. What a command prints stands with the command, in `exec` and `show`.

use std::fmt;

use crate::config::refusal::{Kind, Notice, Refusal};
use crate::message::{Own, Severity};

pub const BANNER: &str = "Type help or '?' for a list of available commands.";
pub const MORE: &str = "<--- More --->";
/// What wipes the pager's prompt: CR, 14 blanks, CR.
pub const MORE_WIPE: &str = "\r              \r";
pub const PASSWORD: &str = "Password: ";
pub const INVALID_PASSWORD: &str = "Invalid password";
pub const UNUSABLE: &str =
    "this password was sealed by another device and matches nothing; enter a new one";
pub const ENABLE_IS_UNUSABLE: &str = "INFO: the enable password of this configuration was sealed by another device and matches nothing";
pub const ACCESS_DENIED: &str = "Access denied.";
pub const LOGOFF: &str = "Logoff";
/// How the user of a console without a login begins: `enable_1`, `enable_15`.
pub const NAMELESS: &str = "enable_";
pub const CONSOLE_MONITORS: &str = "this console shows log messages already ('logging console')";
pub const MONITOR_IS_OFF: &str = "logging monitor is off; 'logging monitor LEVEL' turns it on";
pub const SAVE: &str = "System config has been modified. Save? [Y]es/[N]o/[S]ave all/[C]ancel: ";
pub const LOGGING_STOPS: &str = "Logging and call home stop with this console.";
const ENABLING: &str = "\
Enabling anonymous reporting.
Adding \"call-home reporting anonymous\" to running configuration...
";
const CREATING: &str = "\
Creating trustpoint \"_SmartCallHome_ServerCA\" and installing certificate...

Trustpoint CA certificate accepted.
";
/// What is consented to.
pub const CONSENT: &str = "\
By enabling it you consent to the transfer of error and health
information, which does not identify you, to Cisco or to vendors on its
behalf, also outside of the U.S. About personal information:
http://www.cisco.com/web/siteassets/legal/privacy.html
";
const REMEMBER: &str = "Please remember to save your configuration.";
pub const QUESTION_NOTICE: &str = "
***************************** NOTICE *****************************

Help to improve the ASA platform by enabling anonymous reporting,
which allows Cisco to securely receive minimal error and health
information from the device. To learn more about this feature,
please visit: http://www.cisco.com/go/smartcall

";
pub const QUESTION_BEFORE: &str = "
Would you like to enable anonymous error reporting to help improve
";
pub const QUESTION: &str = "the product? [Y]es, [N]o, [A]sk later: ";
pub const DECLINED: &str = "\
In the future, if you would like to enable this feature,
issue the command \"call-home reporting anonymous\".

Please remember to save your configuration.
";
pub const POSTPONED: &str = "\
You will be reminded again in 7 days.

If you would like to enable this feature,
issue the command \"call-home reporting anonymous\".

Please remember to save your configuration.
";
pub const INVALID: &str = "ERROR: % Invalid input detected at '^' marker.";
pub const DO: &str = "Run an EXEC command";
pub const HELP: &str = "\
Help may be requested at any point in a command by entering
a question mark '?'.  If nothing matches, the help list will
be empty and you must back up until entering a '?' shows the
available options.
Two styles of help are provided:
1. Full help is available when you are ready to enter a
   command argument (e.g. 'show ?') and describes each possible
   argument.
2. Partial help is provided when an abbreviated argument is entered
   and you want to know what arguments match the input
   (e.g. 'show lo?').
";

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { .. } => f.write_str(INVALID),
            Self::Incomplete => f.write_str("ERROR: % Incomplete command"),
            Self::Ambiguous { text } => write!(f, "ERROR: % Ambiguous command:  \"{text}\""),
            Self::NotDefined {
                kind: Kind::Discriminator,
                name,
            } => {
                write!(f, "ERROR: Specified MD by the name {name} is not found.")
            }
            Self::NotDefined {
                kind: Kind::Session,
                name,
            } => write!(f, "ERROR: Logging host {name} is not configured."),
            Self::NotDefined { kind, name } => {
                write!(f, "ERROR: {} {name} does not exist.", noun(*kind))
            }
            Self::Exists { kind, name } => {
                write!(f, "ERROR: {} {name} already exists.", noun(*kind))
            }
            Self::Limit { kind, most } => {
                write!(
                    f,
                    "ERROR: {}: the maximum of {most} has been reached.",
                    noun(*kind)
                )
            }
            Self::NotAllowed { why } => write!(f, "ERROR: {why}"),
            Self::InUse { kind, name, by } => {
                write!(f, "ERROR: {} {name} is in use by {by}", noun(*kind))
            }
            Self::Pattern { why } => write!(f, "ERROR: % Invalid regular expression: {why}"),
            Self::Value { expected } => write!(f, "ERROR: % Invalid value, expected {expected}"),
        }
    }
}

impl fmt::Display for Notice {
    /// One line or several, without a line end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiscriminatorAdded { name } => write!(
                f,
                "Specified MD by the name {name} is not found.\n\
                 Adding new MD instance with specified MD attribute values."
            ),
            Self::DiscriminatorModified { name } => write!(
                f,
                "Specified MD by the name {name} already exists.\n\
                 Modifying MD instance with specified MD attribute values."
            ),
            Self::DiscriminatorDetached { name, sessions } => {
                let plural = if *sessions == 1 { "" } else { "s" };
                write!(
                    f,
                    "MD {name} was in use and is removed from {sessions} logging session{plural}."
                )
            }
            Self::DiscriminatorUnknown { name } => {
                write!(f, "Specified MD by the name {name} does not exist.")
            }
            Self::AnonymousReporting { is_created } => {
                f.write_str(ENABLING)?;
                if *is_created {
                    f.write_str(CREATING)?;
                }
                write!(f, "\n{CONSENT}\n{REMEMBER}")
            }
            Self::Unusable => write!(f, "WARNING: {UNUSABLE}"),
            Self::Warning(text) => write!(f, "WARNING: {text}"),
            Self::Info(text) => write!(f, "INFO: {text}"),
        }
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Discriminator => "Message discriminator",
        Kind::CorrelatorRule => "Correlator rule",
        Kind::Limit => "Rate limit of",
        Kind::List => "Logging list",
        Kind::Session => "Logging host",
        Kind::Input => "Logging input",
        Kind::Sender => "Sender",
        Kind::Filter => "Filter module",
        Kind::Line => "Line",
        Kind::Profile => "Profile",
        Kind::Trustpoint => "Trustpoint",
        Kind::ReferenceIdentity => "Reference identity",
        Kind::Certificate => "Certificate",
        Kind::MailServer => "Mail server",
        Kind::NameServer => "Name server",
        Kind::ServerGroup => "DNS server group",
        Kind::Recipient => "Recipient address",
        Kind::Destination => "Destination address",
        Kind::User => "User",
        Kind::Name => "Name",
        Kind::Interface => "Interface",
        Kind::Nameif => "Interface name",
        Kind::Command => "Command",
        Kind::Section => "Configuration section",
    }
}

/// `hostname` and the mode's own part, followed by the one blank that clients expect.
pub fn prompt(hostname: &str, mode: &str) -> String {
    format!("{hostname}{mode} ")
}

/// The line that points at column `width` (of the terminal, from 0), and its line end.
pub fn caret(width: usize) -> String {
    // A format's width is bounded, a line is not.
    format!("{}^\n", " ".repeat(width))
}

/// An action that failed.
pub fn failed(why: &str) -> String {
    format!("ERROR: {why}\n")
}

/// `yes` or `no`, as a question is answered.
pub(super) fn is_answer(line: &str) -> bool {
    let line = line.trim();
    ["yes", "no", "y", "n"]
        .iter()
        .any(|answer| line.eq_ignore_ascii_case(answer))
}

/// The result line of `| count`, without its end.
pub fn count(lines: u64) -> String {
    format!("Number of lines which match regexp = {lines}")
}

/// `FILE:LINE:COLUMN: ` before a refusal or a warning of a line that was read.
pub fn located(file: &str, line: usize, column: usize) -> String {
    format!("{file}:{line}:{column}: ")
}

/// The line that ends the reading of a configuration (C1.7). `refused` counts by first keyword, most first.
pub fn summary(applied: usize, refused: &[(String, usize)]) -> String {
    let all: usize = refused.iter().map(|(_, times)| times).sum();
    let mut text = format!("{} lines: {applied} applied, {all} refused", applied + all);
    let named: Vec<_> = refused
        .iter()
        .take(NAMED_AT_MOST)
        .map(|(keyword, times)| format!("{keyword} {times}"))
        .collect();
    if !named.is_empty() {
        let more = if refused.len() > NAMED_AT_MOST {
            ", ..."
        } else {
            ""
        };
        text.push_str(&format!(" ({}{more})", named.join(", ")));
    }
    text.push('\n');
    text
}

/// What a console says at its start when lines of the startup-config were refused.
pub fn startup_errors(lines: &[usize]) -> String {
    let plural = if lines.len() == 1 { "" } else { "s" };
    let mut numbers: Vec<_> = lines
        .iter()
        .take(NAMED_AT_MOST)
        .map(usize::to_string)
        .collect();
    if lines.len() > NAMED_AT_MOST {
        numbers.push("...".into());
    }
    format!(
        "WARNING: {} line{plural} of the startup-config refused (line{plural} {}); see 'show startup-config errors'\n",
        lines.len(),
        numbers.join(", ")
    )
}

/// `%ASA-5-111008`, one per configuration command; `command` has its secrets masked.
pub fn executed(user: &str, command: &str) -> Own {
    Own::asa(
        Severity::Notifications,
        111_008,
        format!("User '{user}' executed the '{command}' command."),
    )
}

/// `%ASA-5-111010`, one per change of the configuration.
pub fn changed(user: &str, application: &str, address: &str, command: &str) -> Own {
    let body =
        format!("User '{user}', running '{application}' from IP {address}, executed '{command}'");
    Own::asa(Severity::Notifications, 111_010, body)
}

/// `%ASA-5-120012`, what was answered to the question about anonymous reporting.
pub fn chosen(user: &str, choice: &str) -> Own {
    let body =
        format!("User {user} chose to {choice} call-home anonymous reporting at the prompt.");
    Own::asa(Severity::Notifications, 120_012, body)
}

/// `%ASA-5-502103`, when `enable` or `disable` succeeded.
pub fn privilege_changed(user: &str, from: u8, to: u8) -> Own {
    let body = format!("User priv level changed: Uname: {user} From: {from} To: {to}");
    Own::asa(Severity::Notifications, 502_103, body)
}

/// `%ASA-6-611102`, when the passwords for `enable` were all wrong; `user` as `logging hide username` has it.
pub fn authentication_failed(user: &str, address: &str) -> Own {
    let body = format!("User authentication failed: IP address: {address}, Uname: {user}");
    Own::asa(Severity::Informational, 611_102, body)
}

/// `%SYS-5-PRIV_AUTH_PASS`, with `logging userinfo`.
pub fn privilege_set(user: &str, address: &str, level: u8) -> Own {
    let from = if address == CONSOLE {
        String::new()
    } else {
        format!(" ({address})")
    };
    let body = format!("Privilege level set to {level} by {user} on console{from}");
    Own::sys(Severity::Notifications, "PRIV_AUTH_PASS", body)
}

/// `%SYS-5-CONFIG_I`, on leaving configuration mode.
pub fn configured_by(user: &str, address: &str) -> Own {
    let by = if user.starts_with(NAMELESS) || user.is_empty() {
        "console".into()
    } else {
        format!("{user} on console")
    };
    let from = if address == CONSOLE {
        String::new()
    } else {
        format!(" ({address})")
    };
    Own::sys(
        Severity::Notifications,
        "CONFIG_I",
        format!("Configured from console by {by}{from}"),
    )
}

/// The address that messages carry for the process's own console.
pub const CONSOLE: &str = "0.0.0.0";
const NAMED_AT_MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_wipes_exactly_what_it_printed() {
        assert_eq!(MORE_WIPE.trim_matches('\r').len(), MORE.len());
    }

    #[test]
    fn the_summary_counts_refused_lines_by_their_first_keyword() {
        let refused = [("access-list".to_owned(), 120), ("object".to_owned(), 84)];
        assert_eq!(
            summary(208, &refused),
            "412 lines: 208 applied, 204 refused (access-list 120, object 84)\n"
        );
        assert_eq!(summary(3, &[]), "3 lines: 3 applied, 0 refused\n");
    }

    #[test]
    fn a_long_summary_ends_in_dots() {
        let refused: Vec<_> = (0..9).map(|n| (format!("k{n}"), 1)).collect();
        assert!(summary(0, &refused).ends_with("k7 1, ...)\n"));
    }

    #[test]
    fn the_console_s_own_user_has_no_name_in_config_i() {
        assert_eq!(
            configured_by("enable_15", CONSOLE).body,
            "Configured from console by console"
        );
        assert_eq!(
            configured_by("ann", "192.0.2.1").body,
            "Configured from console by ann on console (192.0.2.1)"
        );
    }

    #[test]
    fn refusals_speak_the_device_s_words() {
        assert_eq!(
            Refusal::Incomplete.to_string(),
            "ERROR: % Incomplete command"
        );
        assert_eq!(
            Refusal::Ambiguous { text: "co".into() }.to_string(),
            "ERROR: % Ambiguous command:  \"co\""
        );
        let missing = Refusal::NotDefined {
            kind: Kind::Discriminator,
            name: "quiet".into(),
        };
        assert_eq!(
            missing.to_string(),
            "ERROR: Specified MD by the name quiet is not found."
        );
    }
}
