//! Typed commands: what a line means, before anybody acts on it. Three closed enums, `Config` for `config::apply`, `Exec`
//! for the exec room, `Session` for the Session itself. Structs hold captures and nothing behaves here.

pub mod call_home;
pub mod clock;
pub mod correlator;
pub mod crypto;
pub mod dns;
pub mod enrolment;
pub mod exec;
pub mod interface;
pub mod line;
pub mod logging;
pub mod logging_files;
pub mod logging_filters;
pub mod logging_form;
mod logging_host;
pub mod logging_kept;
pub mod logging_mail;
pub mod read_only;
pub mod system;
pub mod trustpool;

use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::grammar::{CaptureError, Grammar, Map, Match, Source, variants_of};

macro_rules! source {
    ($file:literal) => {
        Source {
            file: $file,
            text: include_str!(concat!("../../grammar/", $file)),
        }
    };
}

/// Everything that can be typed, one file per mode.
pub static GRAMMAR: Grammar = Grammar::new(
    source!("types.cli"),
    &[
        source!("exec.cli"),
        source!("config.cli"),
        source!("interface.cli"),
        source!("dns-server-group.cli"),
        source!("correlator-rule.cli"),
        source!("line.cli"),
        source!("call-home.cli"),
        source!("call-home-profile.cli"),
        source!("call-home-environment.cli"),
        source!("call-home-snapshot.cli"),
        source!("ca-trustpoint.cli"),
        source!("ca-crl.cli"),
        source!("ca-trustpool.cli"),
        source!("ca-ref-identity.cli"),
        source!("cert-chain.cli"),
    ],
);

/// One line's meaning.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Config(Box<Config>),
    Exec(Exec),
    Session(Session),
}

/// Which enum a name belongs to.
#[derive(Clone, Copy)]
enum Family {
    System,
    Clock,
    Dns,
    Interface,
    Line,
    Logging,
    LoggingForm,
    Correlator,
    LoggingFiles,
    LoggingKept,
    CallHome,
    Crypto,
    Exec,
    Session,
}

static FAMILIES: LazyLock<Map<&'static str, Family>> = LazyLock::new(|| {
    let of = |names: &'static [&'static str], family| names.iter().map(move |name| (*name, family));
    of(variants_of::<system::Command>(), Family::System)
        .chain(of(variants_of::<clock::Command>(), Family::Clock))
        .chain(of(variants_of::<dns::Command>(), Family::Dns))
        .chain(of(variants_of::<interface::Command>(), Family::Interface))
        .chain(of(variants_of::<line::Command>(), Family::Line))
        .chain(of(variants_of::<logging::Command>(), Family::Logging))
        .chain(of(
            variants_of::<logging_form::Command>(),
            Family::LoggingForm,
        ))
        .chain(of(variants_of::<correlator::Command>(), Family::Correlator))
        .chain(of(
            variants_of::<logging_files::Command>(),
            Family::LoggingFiles,
        ))
        .chain(of(
            variants_of::<logging_kept::Command>(),
            Family::LoggingKept,
        ))
        .chain(of(variants_of::<call_home::Command>(), Family::CallHome))
        .chain(of(variants_of::<crypto::Command>(), Family::Crypto))
        .chain(of(variants_of::<Exec>(), Family::Exec))
        .chain(of(variants_of::<Session>(), Family::Session))
        .collect()
});

/// The typed command of a match. An error names the argument that its type refuses; a name that no enum has is an error
/// of ours, which a test over all sentences finds.
pub fn parse(found: &Match<'_, '_>) -> Result<Command, CaptureError> {
    let config = |config| Command::Config(Box::new(config));
    match FAMILIES.get(found.name()) {
        Some(Family::System) => found.typed().map(|c| config(Config::System(c))),
        Some(Family::Clock) => found.typed().map(|c| config(Config::Clock(c))),
        Some(Family::Dns) => found.typed().map(|c| config(Config::Dns(c))),
        Some(Family::Interface) => found.typed().map(|c| config(Config::Interface(c))),
        Some(Family::Line) => found.typed().map(|c| config(Config::Line(c))),
        Some(Family::Logging) => found.typed().map(|c| config(Config::Logging(c))),
        Some(Family::LoggingForm) => found.typed().map(|c| config(Config::LoggingForm(c))),
        Some(Family::Correlator) => found.typed().map(|c| config(Config::Correlator(c))),
        Some(Family::LoggingFiles) => found.typed().map(|c| config(Config::LoggingFiles(c))),
        Some(Family::LoggingKept) => found.typed().map(|c| config(Config::LoggingKept(c))),
        Some(Family::CallHome) => found.typed().map(|c| config(Config::CallHome(c))),
        Some(Family::Crypto) => found.typed().map(|c| config(Config::Crypto(c))),
        Some(Family::Exec) => found.typed().map(Command::Exec),
        Some(Family::Session) | None => found.typed().map(Command::Session),
    }
}

/// Names of all variants, for the tests that hold the grammar against the types.
pub fn variants() -> impl Iterator<Item = &'static str> {
    FAMILIES.keys().copied()
}

/// A captured text with one copy; serde's own way to an `Arc<str>` makes two.
fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = Arc<str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E>(self, text: &str) -> Result<Arc<str>, E> {
            Ok(text.into())
        }
    }
    deserializer.deserialize_str(Text)
}

/// What changes the running-config, by the section it changes; each section's enum is closed, and its `apply` a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Config {
    System(system::Command),
    Clock(clock::Command),
    Dns(dns::Command),
    Interface(interface::Command),
    Line(line::Command),
    Logging(logging::Command),
    LoggingForm(logging_form::Command),
    Correlator(correlator::Command),
    LoggingFiles(logging_files::Command),
    LoggingKept(logging_kept::Command),
    CallHome(call_home::Command),
    Crypto(crypto::Command),
}

/// What an operator makes happen or looks at.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Exec {
    ShowVersion,
    ShowClock(exec::ShowClock),
    ShowInventory,
    ShowRunningConfig(exec::ShowRunningConfig),
    ShowStartupConfig(exec::ShowStartupConfig),
    ShowNameif,
    ShowEnvironment,
    ShowCpuUsage,
    ShowMemory(exec::ShowMemory),
    ShowInterface(exec::ShowInterface),
    ShowRoute,
    ShowIpv6Route,
    ShowTraffic,
    ClearTraffic,
    ShowPerfmon(exec::ShowPerfmon),
    ShowConnCount,
    ShowLocalHost,
    ShowModule,
    ShowFailover(exec::ShowFailover),
    ShowContext,
    ShowXlateCount,
    ShowAccessList,
    ShowVpnSessiondb,
    ShowVpnLoadBalancing,
    ShowPhoneProxy,
    ShowThreatDetection,
    ShowThreatDetectionProtocol,
    ShowShun,
    ShowDynamicFilter,
    ShowCluster,
    ShowCrashinfo,
    ClearCrashinfo,
    ShowTechSupport(exec::ShowTechSupport),
    ShowRegisteredModules(exec::ShowRegisteredModules),
    TrustpoolImport(trustpool::TrustpoolImport),
    TrustpoolExport(trustpool::TrustpoolExport),
    TrustpoolRemove(trustpool::TrustpoolRemove),
    ClearTrustpool(trustpool::ClearTrustpool),
    ClearConfigureCrypto,
    ClearConfigureTrustpool,
    ClearConfigureTrustpoint(enrolment::OfTrustpoint),
    ShowTrustpool(trustpool::ShowTrustpool),
    ShowTrustpoolPolicy,
    CaAuthenticate(enrolment::CaAuthenticate),
    CaEnroll(enrolment::CaEnroll),
    CaImportCertificate(enrolment::CaImportCertificate),
    CaImportPkcs12(enrolment::Container),
    CaExportPkcs12(enrolment::Container),
    CaExportIdentity(enrolment::CaExportIdentity),
    KeyGenerateRsa(enrolment::KeyGenerateRsa),
    KeyGenerateEcdsa(enrolment::KeyGenerateEcdsa),
    KeyZeroize(enrolment::KeyZeroize),
    ShowKeyMypubkey(enrolment::KeysOfKind),
    ShowCaCertificates(enrolment::OfTrustpoint),
    ShowCaTrustpoints(enrolment::OfTrustpoint),
    ShowDns,
    ShowLogging,
    ShowLoggingLast(exec::ShowLoggingLast),
    ShowLoggingHostBrief,
    ShowLoggingOutages,
    ShowLoggingCorrelator,
    ShowLoggingDiscriminator(exec::ShowLoggingDiscriminator),
    ShowLoggingRateLimit,
    ShowLoggingMessage(exec::ShowLoggingMessage),
    ShowLoggingQueue,
    ShowLoggingSetting,
    ShowLoggingCount,
    ShowLoggingHistory,
    ShowLoggingXml,
    ShowLoggingInput,
    ShowLoggingInputSenders,
    ShowLoggingPersistent,
    LoggingSavelog(exec::LoggingSavelog),
    WriteMemory(exec::WriteMemory),
    WriteTerminal,
    WriteErase,
    CopyRunningStartup,
    CopyRunningFile(exec::DiskFile),
    CopyStartupRunning,
    CopyStartupFile(exec::DiskFile),
    CopyFileRunning(exec::DiskFile),
    More(exec::DiskFile),
    Dir(exec::Dir),
    Delete(exec::DiskFile),
    ClearConfigureAll,
    ClearConfigure(exec::ClearConfigure),
    ClearLogging(exec::ClearLogging),
    ClearLoggingXml,
    ClearLoggingQueueDisk,
    ClearDns,
    DebugCallHome,
    NoDebugCallHome,
    UndebugAll,
    ShowDebug,
    Reload,
    PingTcp(exec::PingTcp),
    SendLog(exec::SendLog),
    TestLoggingDiscriminator(exec::TestLoggingDiscriminator),
    TestLoggingDiscriminatorBuffer(exec::TestLoggingDiscriminatorBuffer),
    CallHomeTest(call_home::Test),
    CallHomeSend(call_home::Send),
    CallHomeSendCommands(call_home::SendCommands),
    CallHomeTestAnonymous,
    ShowCallHome(call_home::Show),
    ShowSmartCallHomeAlertGroup,
    ShowCryptoCaCrls(crypto::Crls),
    ClearCryptoCaCrls(crypto::Crls),
    CryptoCaCrlRequest(crypto::Named),
}

/// What only the Session itself can do: its modes, its privilege, its terminal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Session {
    EnterConfig,
    Enable(exec::Enable),
    Disable,
    Exit,
    Quit,
    Logout,
    End,
    Help,
    TerminalMonitor,
    NoTerminalMonitor,
    TerminalNoMonitor,
    TerminalPager(exec::TerminalPager),
    NoTerminalPager,
    TerminalWidth(exec::TerminalWidth),
    ShowHistory,
    ShowCurpriv,
}
