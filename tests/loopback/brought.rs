//! Programs that tests meet: as `.ci/peers` has brought them, else of this machine.

use std::path::{Path, PathBuf};

/// Where a program is, if it is anywhere.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(folder())
        .chain(std::env::split_paths(&path))
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Where `.ci/peers` puts what it brings.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers/bin")
}
