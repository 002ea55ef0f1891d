//! The `call-home` commands: global switches, the block, its sub-modes, and what an operator sends or looks at. The values they
//! carry stand in `values`; what a command changes stands in `config::call_home`.

pub mod ios;
pub mod texts;
#[cfg(test)]
pub(crate) mod typed;
pub mod values;

use std::sync::Arc;

use serde::Deserialize;

use ios::{
    NoPrivacy, NoReporting, NoSourceInterface, NoSourceIpAddress, NoUsername, NoVrf, Privacy,
    Secure, SetReporting, SourceInterface, SourceIpAddress, Username, Vrf,
};
use texts::{Address, ProfileName, Text};
use values::{
    AlertGroup, AlertSeverity, Export, Format, MessageIds, Method, Metric, Periodic, Threshold,
};

/// What changes the `call-home` section, the switches before its block included.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    ServiceCallHome,
    NoServiceCallHome,
    EnterCallHome,
    NoCallHome,
    ReportingAnonymous(ReportingAnonymous),
    NoReportingAnonymous,
    VendorPermit,
    NoVendorPermit,
    // The block.
    AlertGroup(GroupSwitch),
    NoAlertGroup(GroupSwitch),
    DefaultAlertGroup(GroupSwitch),
    EnterCallHomeEnvironment,
    NoCallHomeEnvironment,
    EnterCallHomeSnapshot,
    NoCallHomeSnapshot,
    Contact(FreeText<200>),
    NoContact(NoText),
    ContactName(FreeText<200>),
    NoContactName(NoText),
    ContactEmailAddr(MailAddress),
    NoContactEmailAddr(NoMailAddress),
    PhoneNumber(FreeText<64>),
    NoPhoneNumber(NoText),
    StreetAddress(FreeText<200>),
    NoStreetAddress(NoText),
    CustomerId(FreeText<64>),
    NoCustomerId(NoText),
    SiteId(FreeText<200>),
    NoSiteId(NoText),
    ContractId(FreeText<64>),
    NoContractId(NoText),
    MailServer(MailServer),
    NoMailServer(NoMailServer),
    SenderFrom(MailAddress),
    NoSenderFrom(NoMailAddress),
    SenderReplyTo(MailAddress),
    NoSenderReplyTo(NoMailAddress),
    CallHomeRateLimit(RateLimit),
    NoCallHomeRateLimit(NoRateLimit),
    DefaultCallHomeRateLimit(NoRateLimit),
    HttpProxy(HttpProxy),
    NoHttpProxy(NoHttpProxy),
    HttpResolveIpv4First,
    NoHttpResolveIpv4First,
    DefaultHttpResolveIpv4First,
    HttpServerIdentityCheck,
    NoHttpServerIdentityCheck,
    DefaultHttpServerIdentityCheck,
    SourceInterface(SourceInterface),
    NoSourceInterface(NoSourceInterface),
    SourceIpAddress(SourceIpAddress),
    NoSourceIpAddress(NoSourceIpAddress),
    CallHomeVrf(Vrf),
    NoCallHomeVrf(NoVrf),
    AaaAuthorization,
    NoAaaAuthorization,
    DefaultAaaAuthorization,
    AaaAuthorizationUsername(Username),
    NoAaaAuthorizationUsername(NoUsername),
    DefaultAaaAuthorizationUsername(NoUsername),
    DataPrivacyLevel(Privacy),
    NoDataPrivacyLevel(NoPrivacy),
    DefaultDataPrivacyLevel(NoPrivacy),
    DataPrivacyHostname,
    NoDataPrivacyHostname,
    DefaultDataPrivacyHostname,
    SyslogThrottling,
    NoSyslogThrottling,
    DefaultSyslogThrottling,
    DiagnosticSignature,
    NoDiagnosticSignature,
    EnterCallHomeProfile(Profile),
    NoCallHomeProfile(NoProfile),
    CopyProfile(TwoProfiles),
    RenameProfile(TwoProfiles),
    // A profile.
    Active,
    NoActive,
    DefaultActive,
    AnonymousReportingOnly,
    NoAnonymousReportingOnly,
    DefaultAnonymousReportingOnly,
    Reporting(SetReporting),
    NoReporting(NoReporting),
    DefaultReporting(NoReporting),
    DestinationAddress(HttpDestination),
    DestinationEmail(MailAddress),
    NoDestinationAddress(NoDestination),
    TransportMethod(TransportMethod),
    NoTransportMethod(TransportMethod),
    DefaultTransportMethod(AnyTransportMethod),
    PreferredMsgFormat(PreferredMsgFormat),
    NoPreferredMsgFormat(NoPreferredMsgFormat),
    DefaultPreferredMsgFormat(NoPreferredMsgFormat),
    MessageSizeLimit(MessageSizeLimit),
    NoMessageSizeLimit(NoMessageSizeLimit),
    DefaultMessageSizeLimit(NoMessageSizeLimit),
    ProfileReferenceIdentity(ReferenceIdentity),
    NoProfileReferenceIdentity(NoReferenceIdentity),
    Subscribe(Subscribe),
    SubscribeToEvents(Subscribe),
    NoSubscribe(Subscribe),
    // The two alert groups that can be configured.
    Threshold(SetThreshold),
    NoThreshold(NoThreshold),
    DefaultThreshold(NoThreshold),
    AddCommand(SnapshotCommand),
    NoAddCommand(SnapshotCommand),
    DefaultAddCommand(SnapshotCommand),
}

/// `alert-group` of the block: one of the eight, or all of them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GroupSwitch {
    pub group: GroupOrAll,
}

/// One alert group or every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupOrAll {
    All,
    One(AlertGroup),
}

impl<'de> Deserialize<'de> for GroupOrAll {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "all" {
            return Ok(Self::All);
        }
        let group = AlertGroup::ALL
            .into_iter()
            .find(|group| group.keyword() == text);
        group
            .map(Self::One)
            .ok_or_else(|| serde::de::Error::custom("an alert group"))
    }
}

/// A setting that is one text: `contact-name`, `street-address` and their like.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FreeText<const MOST: usize> {
    pub text: Text<MOST>,
}

/// Its removal; the text may be repeated and changes nothing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoText {
    pub text: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MailAddress {
    pub address: Address,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoMailAddress {
    pub address: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MailServer {
    pub host: Arc<str>,
    pub priority: u8,
    pub port: Option<u16>,
    pub secure: Option<Secure>,
    pub username: Option<Arc<str>>,
    /// A clear one is sealed by the exec room before the command is applied.
    pub password: Option<Arc<str>>,
    #[serde(default)]
    pub encrypted: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoMailServer {
    #[serde(default)]
    pub all: bool,
    pub host: Option<Arc<str>>,
    /// May be repeated; changes nothing, like what follows.
    pub priority: Option<u8>,
    pub port: Option<u16>,
    pub secure: Option<Secure>,
    pub username: Option<Arc<str>>,
    /// A clear one is sealed by the exec room before the command is applied.
    pub password: Option<Arc<str>>,
    #[serde(default)]
    pub encrypted: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RateLimit {
    pub messages: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoRateLimit {
    pub messages: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpProxy {
    pub host: Arc<str>,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoHttpProxy {
    pub host: Option<Arc<str>>,
    pub port: Option<u16>,
}

/// Opens a profile and makes it where there is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    pub profile: ProfileName,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoProfile {
    #[serde(default)]
    pub all: bool,
    pub profile: Option<Arc<str>>,
}

/// `copy profile` and `rename profile`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TwoProfiles {
    pub profile: Arc<str>,
    pub new_name: ProfileName,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpDestination {
    pub url: Arc<str>,
    pub reference_identity: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoDestination {
    pub address: DestinationToRemove,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum DestinationToRemove {
    All,
    Email {
        address: Arc<str>,
    },
    Http {
        url: Arc<str>,
        /// May be repeated; changes nothing.
        reference_identity: Option<Arc<str>>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TransportMethod {
    pub method: Method,
}

/// `default destination transport-method`; the method may be repeated and changes nothing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AnyTransportMethod {
    pub method: Option<Method>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PreferredMsgFormat {
    pub format: Format,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoPreferredMsgFormat {
    pub format: Option<Format>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MessageSizeLimit {
    pub bytes: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoMessageSizeLimit {
    pub bytes: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReferenceIdentity {
    pub reference_identity: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoReferenceIdentity {
    pub reference_identity: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Subscribe {
    pub group: Subscription,
}

/// A group and how it is subscribed to. A removal may repeat the rest of the line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Subscription {
    All,
    Diagnostic {
        severity: Option<AlertSeverity>,
    },
    Environment {
        severity: Option<AlertSeverity>,
    },
    Threat {
        severity: Option<AlertSeverity>,
    },
    Syslog {
        severity: Option<AlertSeverity>,
        ids: Option<MessageIds>,
        pattern: Option<Text<80>>,
    },
    Inventory {
        periodic: Option<Periodic>,
    },
    Configuration {
        export: Option<Export>,
        periodic: Option<Periodic>,
    },
    Telemetry {
        periodic: Option<Periodic>,
    },
    Snapshot {
        periodic: Option<Periodic>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SetThreshold {
    pub metric: Metric,
    pub percent: Threshold,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoThreshold {
    pub metric: Metric,
    pub percent: Option<Threshold>,
}

/// A command whose output the snapshot group sends.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SnapshotCommand {
    pub command: Text<127>,
}

/// `call-home reporting anonymous`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReportingAnonymous {
    /// The question was put off; so often it may be again.
    pub prompt: Option<u8>,
}

/// `call-home test`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Test {
    pub text: Option<Arc<str>>,
    pub profile: Arc<str>,
}

/// `call-home send alert-group`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Send {
    pub group: GroupToSend,
    pub profile: Option<Arc<str>>,
}

/// `call-home send "CLI"`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SendCommands {
    /// Several with `;` between them.
    pub commands: Arc<str>,
    pub address: Option<Arc<str>>,
    pub number: Option<Arc<str>>,
}

/// The groups that can be sent on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupToSend {
    Configuration,
    Inventory,
    Snapshot,
    Telemetry,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Show {
    pub view: Option<View>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum View {
    AlertGroup,
    Detail,
    Events,
    /// `mail-server status`.
    MailServer,
    Statistics,
    Profile {
        #[serde(default)]
        all: bool,
        profile: Option<Arc<str>>,
    },
}
