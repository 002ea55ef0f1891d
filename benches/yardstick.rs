//! What the benches with a yardstick share: which of their parts are asked for, and where a peer's program is.

use std::env;
use std::path::PathBuf;

/// Whether a part of the bench is asked for: by its name, or by naming none.
pub(crate) fn wants(part: &str) -> bool {
    let mut named = env::args().skip(1).scan(false, |is_value, argument| {
        let (before, option) = (*is_value, argument.starts_with("--"));
        *is_value = option && argument != "--bench";
        Some((!before && !option).then_some(argument))
    });
    let named: Vec<String> = named.by_ref().flatten().collect();
    named.is_empty() || named.iter().any(|name| name == part)
}

/// A program of this host: where the variable says, in the path, or in the folders of the administrator.
pub(crate) fn program(variable: &str, name: &str) -> Option<PathBuf> {
    if let Some(said) = env::var_os(variable) {
        return Some(said.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
