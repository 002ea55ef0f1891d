//! What EXEC commands do: show, write, copy, clear, send. One file per subject; `run` is the table of contents. The living
//! rooms are spoken to through their apis alone.

mod authorities;
mod call_home;
mod certificates;
pub mod chassis;
pub mod configure;
mod containers;
mod crls;
mod discriminator;
mod dns;
mod enrolment;
mod files;
mod host;
mod key_pairs;
mod log;
mod logging;
pub mod owner;
mod ping;
pub mod seal;
mod show;
pub mod startup;
mod tech_support;
mod trustpool;
mod waiting;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use chassis::Chassis;
pub use owner::Owner;

use crate::command::call_home::View;
use crate::command::exec::ShowRunningConfig;
use crate::command::{Config, Exec};
use crate::config::{Notices, Refusal, RunningConfig, Scope};
use crate::show::absent::Absent;
use crate::show::route::Family;

/// Who gives a command.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `enable_1` on the process's own console.
    pub user: Arc<str>,
    /// 0 to 15; 1 is user EXEC, 15 privileged EXEC.
    pub privilege: u8,
    /// A person at a terminal, who can be asked and paged.
    pub is_terminal: bool,
    /// For 111010: `CLI`.
    pub application: &'static str,
    /// Where from, for 111010: `0.0.0.0` for the console.
    pub address: Arc<str>,
}

impl Caller {
    /// Someone at this host: the console, the control socket, the process itself.
    pub fn of_this_host(is_terminal: bool) -> Self {
        Self {
            user: "enable_15".into(),
            privilege: 15,
            is_terminal,
            application: "CLI",
            address: "0.0.0.0".into(),
        }
    }
}

/// How output is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// One command's surroundings.
pub struct Call<'a> {
    pub chassis: &'a Arc<Chassis>,
    pub caller: &'a mut Caller,
    pub format: Format,
    pub out: &'a mut dyn Write,
    /// Set by Ctrl-C; long commands look at it between pieces of output.
    pub interrupt: &'a AtomicBool,
    /// The command changed the running-config, which is to be said as of a line of configuration.
    pub changed: bool,
}

impl Call<'_> {
    /// A line of configuration that a command stands for.
    fn configure(&mut self, scope: &Scope, command: &Config) -> Result<Notices, Refusal> {
        let notices = configure::configure(self.chassis, scope, command)?;
        self.changed = true;
        Ok(notices)
    }

    /// A change that is no line of configuration.
    fn edit<E>(
        &mut self,
        change: impl FnOnce(&mut RunningConfig) -> Result<(), E>,
    ) -> Result<(), E> {
        self.chassis.owner.edit(change)?;
        self.changed = true;
        Ok(())
    }
}

/// What a command wants next.
pub enum Outcome {
    Done,
    /// A question; off a terminal its default is the answer.
    Ask(Ask),
    /// Lines up to `until`.
    Block(Block),
    /// Not EXEC's to do: the Session carries it out.
    Session(SessionAction),
}

/// What only the Session can do for an EXEC command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionAction {
    /// Merge this text into the running-config as `copy FILE running-config` does; the name is for refusals.
    Merge { name: String, text: String },
    /// Replace the running-config by the startup-config (`reload`).
    Reload,
}

pub type Continue<T> = Box<dyn FnOnce(T, &mut Call<'_>) -> Result<Outcome, Failure> + Send>;

/// A question to the operator.
pub struct Ask {
    /// Printed as it is, without a line end.
    pub text: String,
    /// False for passwords.
    pub echo: bool,
    /// The answer of an empty line, and the answer off a terminal.
    pub default: String,
    pub then: Continue<String>,
}

/// A block of lines, such as a certificate in hex.
pub struct Block {
    /// The line that ends it, `quit`. At a terminal a blank line behind others does, too; off a terminal it is none of the
    /// block (D168).
    pub until: &'static str,
    /// Off a terminal an answer on the line behind the block is one to a question that was not asked: it is dropped.
    pub drops_answer: bool,
    pub then: Continue<Vec<String>>,
}

/// Why a command did not do what it says.
#[derive(Debug)]
pub enum Failure {
    /// The operator's business; nothing changed.
    Refusal(Refusal),
    /// An action that did not succeed; printed as `ERROR: text`.
    Action(String),
    /// Already said, line by line; only the exit status is left to tell.
    Said,
    /// The output is gone; ends quietly.
    Output(io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Carries out one EXEC command.
pub fn run(command: &Exec, call: &mut Call<'_>) -> Result<Outcome, Failure> {
    match command {
        Exec::ShowVersion => show::version(call),
        Exec::ShowClock(c) => show::clock(call, c),
        Exec::ShowInventory => show::inventory(call),
        Exec::ShowRunningConfig(c) => show::running_config(call, c),
        Exec::ShowStartupConfig(c) => show::startup_config(call, c),
        Exec::ShowDns => dns::show(call),
        Exec::ShowNameif => show::nameif(call),
        Exec::ShowEnvironment => host::environment(call),
        Exec::ShowCpuUsage => host::cpu_usage(call),
        Exec::ShowMemory(c) => host::memory(call, c),
        Exec::ShowInterface(c) => host::interface(call, c),
        Exec::ShowRoute => host::route(call, Family::V4),
        Exec::ShowIpv6Route => host::route(call, Family::V6),
        Exec::ShowTraffic => host::traffic(call),
        Exec::ClearTraffic => host::clear_traffic(call),
        Exec::ShowPerfmon(c) => host::perfmon(call, c.detail),
        Exec::ShowConnCount => host::conn_count(call),
        Exec::ShowLocalHost => host::local_host(call),
        Exec::ShowModule => host::module(call),
        Exec::ShowFailover(_) => show::print(call, &Absent::Failover),
        Exec::ShowContext => show::print(call, &Absent::Contexts),
        Exec::ShowXlateCount => show::print(call, &Absent::Translations),
        Exec::ShowAccessList => show::print(call, &Absent::AccessLists),
        Exec::ShowVpnSessiondb => show::print(call, &Absent::VpnSessions),
        Exec::ShowVpnLoadBalancing => show::print(call, &Absent::VpnLoadBalancing),
        Exec::ShowPhoneProxy => show::print(call, &Absent::PhoneProxy),
        Exec::ShowThreatDetection => show::print(call, &Absent::ThreatDetection),
        Exec::ShowThreatDetectionProtocol => host::protocols(call),
        Exec::ShowShun => show::print(call, &Absent::Shunning),
        Exec::ShowDynamicFilter => show::print(call, &Absent::DynamicFilter),
        Exec::ShowCluster => show::print(call, &Absent::Clustering),
        Exec::ShowCrashinfo => host::crashinfo(call),
        Exec::ClearCrashinfo => host::clear_crashinfo(call),
        Exec::ShowTechSupport(c) => tech_support::show(call, c.no_config),
        Exec::ShowRegisteredModules(c) => call_home::registered_modules(call, c.all),
        Exec::TrustpoolImport(c) => trustpool::import(call, c),
        Exec::TrustpoolExport(c) => trustpool::export(call, c),
        Exec::TrustpoolRemove(c) => trustpool::remove(call, c),
        Exec::ClearTrustpool(c) => trustpool::clear(call, c),
        Exec::ClearConfigureCrypto => startup::clear_section(call, "crypto"),
        Exec::ClearConfigureTrustpool => trustpool::clear_policy(call),
        Exec::ClearConfigureTrustpoint(c) => certificates::clear(call, c.name.as_ref()),
        Exec::ShowTrustpool(c) => trustpool::show(call, c),
        Exec::ShowTrustpoolPolicy => trustpool::show_policy(call),
        Exec::CaAuthenticate(c) => authorities::authenticate(call, c),
        Exec::CaEnroll(c) => enrolment::enroll(call, c),
        Exec::CaImportCertificate(c) => enrolment::import(call, c),
        Exec::CaImportPkcs12(c) => containers::import(call, c),
        Exec::CaExportPkcs12(c) => containers::export(call, c),
        Exec::CaExportIdentity(c) => enrolment::export_identity(call, &c.name),
        Exec::KeyGenerateRsa(c) => key_pairs::generate_rsa(call, c),
        Exec::KeyGenerateEcdsa(c) => key_pairs::generate_ecdsa(call, c),
        Exec::KeyZeroize(c) => key_pairs::zeroize(call, c),
        Exec::ShowKeyMypubkey(c) => key_pairs::show(call, c.kind),
        Exec::ShowCaCertificates(c) => certificates::show(call, c.name.as_ref()),
        Exec::ShowCaTrustpoints(c) => certificates::show_trustpoints(call, c.name.as_ref()),
        Exec::ShowLogging => show::logging(call, None),
        Exec::ShowLoggingLast(c) => show::logging(call, Some(c.lines)),
        Exec::ShowLoggingHostBrief => show::logging_brief(call),
        Exec::ShowLoggingOutages => show::logging_outages(call),
        Exec::ShowLoggingCorrelator => show::logging_correlator(call),
        Exec::ShowLoggingDiscriminator(c) => discriminator::show(call, c),
        Exec::ShowLoggingPersistent => show::logging_persistent(call),
        Exec::ShowLoggingRateLimit => logging::rate_limit(call),
        Exec::ShowLoggingMessage(c) => logging::message(call, c),
        Exec::ShowLoggingQueue => logging::queue(call),
        Exec::ShowLoggingSetting => logging::setting(call),
        Exec::ShowLoggingCount => logging::count(call),
        Exec::ShowLoggingHistory => logging::history(call),
        Exec::ShowLoggingXml => logging::xml(call),
        Exec::ShowLoggingInput => show::logging_input(call),
        Exec::ShowLoggingInputSenders => show::logging_input_senders(call),
        Exec::WriteMemory(_) => startup::write_memory(call),
        Exec::WriteTerminal => show::running_config(
            call,
            &ShowRunningConfig {
                all: false,
                section: None,
            },
        ),
        Exec::WriteErase => startup::write_erase(call),
        Exec::CopyRunningStartup => startup::copy_running_startup(call),
        Exec::CopyRunningFile(c) => startup::copy_running_file(call, &c.file),
        Exec::CopyStartupRunning => startup::copy_startup_running(call),
        Exec::CopyStartupFile(c) => startup::copy_startup_file(call, &c.file),
        Exec::CopyFileRunning(c) => files::copy_to_running(call, &c.file),
        Exec::More(c) => files::more(call, &c.file),
        Exec::Dir(_) => files::dir(call),
        Exec::Delete(c) => files::delete(call, &c.file),
        Exec::ClearConfigureAll => startup::clear_all(call),
        Exec::ClearConfigure(c) => startup::clear_section(call, &c.section),
        Exec::ClearLogging(_) => log::clear(call),
        Exec::LoggingSavelog(c) => log::save(call, c),
        Exec::ClearLoggingXml => log::clear_xml(call),
        Exec::ClearLoggingQueueDisk => log::clear_left_on_disk(call),
        Exec::ClearDns => Ok(dns::clear(call)),
        Exec::DebugCallHome => Ok(dns::debug(call, true)),
        Exec::NoDebugCallHome | Exec::UndebugAll => Ok(dns::debug(call, false)),
        Exec::ShowDebug => dns::show_debug(call),
        Exec::Reload => startup::reload(call),
        Exec::PingTcp(c) => ping::tcp(call, c),
        Exec::SendLog(c) => log::send(call, c),
        Exec::TestLoggingDiscriminator(c) => discriminator::test(call, c),
        Exec::TestLoggingDiscriminatorBuffer(c) => discriminator::replay(call, c),
        Exec::CallHomeTest(c) => call_home::test(call, c),
        Exec::CallHomeSend(c) => call_home::send(call, c),
        Exec::CallHomeSendCommands(c) => call_home::send_commands(call, c),
        Exec::CallHomeTestAnonymous => call_home::test_anonymous(call),
        Exec::ShowCallHome(c) => call_home::show(call, c.view.as_ref()),
        Exec::ShowCryptoCaCrls(c) => crls::show(call, c),
        Exec::ClearCryptoCaCrls(c) => crls::clear(call, c),
        Exec::CryptoCaCrlRequest(c) => crls::request(call, &c.name),
        Exec::ShowSmartCallHomeAlertGroup => call_home::show(call, Some(&View::AlertGroup)),
    }
}
