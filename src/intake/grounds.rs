//! What inputs may use of this host: the folders below which their paths must lie (C2.6), the program that reads the
//! journal, and the places that they keep over a restart.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::places::Places;
use crate::state::Folder;

/// Shared by all inputs of a device.
#[derive(Debug)]
pub struct Grounds {
    roots: Vec<PathBuf>,
    pub(super) places: Places,
    /// Looked up on `PATH` where it names no folder.
    pub(super) journal_reader: OsString,
}

impl Grounds {
    /// `roots` come besides `/var/log`, `/run` and `/dev/log`.
    pub fn new(state: Arc<Folder>, mut roots: Vec<PathBuf>) -> Self {
        roots.extend(ROOTS.map(PathBuf::from));
        Self {
            roots,
            places: Places::new(state),
            journal_reader: "journalctl".into(),
        }
    }

    /// The same with another program for the journal.
    #[cfg(test)]
    pub(crate) fn with_journal_reader(self, program: impl Into<OsString>) -> Self {
        Self {
            journal_reader: program.into(),
            ..self
        }
    }

    /// Whether an existing path, as the system knows it with no link in it, lies where inputs may look.
    pub(super) fn check_real(&self, path: &Path) -> io::Result<()> {
        let below = |root: &PathBuf| root.canonicalize().is_ok_and(|root| path.starts_with(root));
        if self.roots.iter().any(below) {
            return Ok(());
        }
        Err(io::Error::other(Elsewhere))
    }

    /// The same of a path that may not exist: its folder counts.
    pub(super) fn check(&self, path: &Path) -> io::Result<()> {
        if path == Path::new(SOCKET) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(path);
        self.check_real(&folder.canonicalize()?)
    }

    pub(super) fn forget_file(&self, path: &str) {
        self.places.forget_file(path);
    }

    pub(super) fn forget_journal(&self) {
        self.places.forget_journal();
    }

    /// Somebody reads on at the places that are kept.
    pub fn begin(&self) {
        self.places.begin();
    }

    /// Something was read whose place is not kept yet.
    pub fn is_ahead(&self) -> bool {
        self.places.is_ahead()
    }

    /// Messages up to `settled` will not be needed again; the last one was `number`.
    pub fn settle(&self, settled: u64, number: u64) {
        self.places.settle(settled, number);
    }

    /// The last places are on disk when this returns, or cannot be brought there.
    pub fn close(&self) {
        self.places.flush();
    }
}

/// Not one of the places for inputs.
#[derive(Debug, thiserror::Error)]
#[error("not below /var/log, /run or an --input-root")]
pub struct Elsewhere;

const ROOTS: [&str; 2] = ["/var/log", "/run"];
const SOCKET: &str = "/dev/log";

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds(root: &Path) -> (tempfile::TempDir, Grounds) {
        let state = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(state.path()).expect("a state folder");
        (state, Grounds::new(Arc::new(folder), vec![root.to_owned()]))
    }

    #[test]
    fn a_path_lies_below_a_root_whatever_links_lead_there() {
        let root = tempfile::tempdir().expect("a folder");
        let outside = tempfile::tempdir().expect("a folder");
        let (_state, grounds) = grounds(root.path());
        std::os::unix::fs::symlink(outside.path(), root.path().join("out")).expect("a link");
        std::os::unix::fs::symlink(root.path(), outside.path().join("in")).expect("a link");
        for path in [root.path().join("x"), outside.path().join("in/x")] {
            assert!(grounds.check(&path).is_ok(), "{path:?}");
        }
        for path in [outside.path().join("x"), root.path().join("out/x")] {
            let error = grounds.check(&path).expect_err("outside");
            assert_eq!(error.to_string(), Elsewhere.to_string());
        }
        assert!(grounds.check(Path::new("/dev/log")).is_ok());
        assert!(grounds.check(Path::new("/dev/null")).is_err());
        assert!(grounds.check(Path::new("/var/log/x")).is_ok());
    }
}
