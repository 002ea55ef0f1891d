//! What a command answers when it changes nothing, and the lines a device prints when it does. The words themselves stand
//! in the shell's `wording`, but for a reason or a warning that one command alone gives.

use std::sync::Arc;

/// The operator's business: the line changed nothing. Printed once, by the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing matches from this byte of the line on.
    Invalid {
        column: usize,
    },
    Incomplete,
    /// The text that several keywords begin with.
    Ambiguous {
        text: String,
    },
    /// A name that refers to nothing.
    NotDefined {
        kind: Kind,
        name: Arc<str>,
    },
    /// The name is taken.
    Exists {
        kind: Kind,
        name: Arc<str>,
    },
    /// A limit of the feature is reached.
    Limit {
        kind: Kind,
        most: usize,
    },
    /// Something refers to it, so that it stays.
    InUse {
        kind: Kind,
        name: Arc<str>,
        /// `profile NAME`.
        by: String,
    },
    /// What is asked cannot be done to this object.
    NotAllowed {
        why: &'static str,
    },
    /// A regular expression that does not translate; says why.
    Pattern {
        why: String,
    },
    /// A value is well formed and still not acceptable; says what would be.
    Value {
        expected: String,
    },
}

/// What a name can refer to, in the manual's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Discriminator,
    CorrelatorRule,
    List,
    Limit,
    Session,
    Input,
    Sender,
    Filter,
    /// A terminal line.
    Line,
    Profile,
    Trustpoint,
    ReferenceIdentity,
    Certificate,
    MailServer,
    NameServer,
    /// Of name servers.
    ServerGroup,
    /// Of e-mails.
    Recipient,
    Destination,
    User,
    Name,
    Interface,
    /// What `nameif` gives an interface.
    Nameif,
    Command,
    Section,
}

/// Lines a device prints although it obeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    DiscriminatorAdded {
        name: Arc<str>,
    },
    DiscriminatorModified {
        name: Arc<str>,
    },
    /// Deleted while in use (C5b.8): the sessions it was taken off.
    DiscriminatorDetached {
        name: Arc<str>,
        sessions: usize,
    },
    /// `no logging discriminator` of a name that is not there: said, not refused (spec of the manual's capture).
    DiscriminatorUnknown {
        name: Arc<str>,
    },
    /// A secret that another device sealed: kept, printed, and of no use here (C2.7).
    Unusable,
    /// `call-home reporting anonymous`: what it consents to, and whether its trust point was created.
    AnonymousReporting {
        is_created: bool,
    },
    /// A warning line; printed as `WARNING: text`.
    Warning(String),
    /// An information line; printed as `INFO: text`.
    Info(String),
}

/// In the order in which they are printed.
pub type Notices = Vec<Notice>;
