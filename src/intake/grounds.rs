//! What inputs may use of this host: the folders below which their paths must lie (C2.6), and the state folder, where they
//! keep their places.

use std::path::PathBuf;
use std::sync::Arc;

use crate::state::Folder;

/// Shared by all inputs of a device.
#[derive(Debug)]
pub struct Grounds {
    pub state: Arc<Folder>,
    pub roots: Vec<PathBuf>,
}

impl Grounds {
    /// `roots` come besides `/var/log`, `/run` and `/dev/log`.
    pub fn new(state: Arc<Folder>, roots: Vec<PathBuf>) -> Self {
        Self { state, roots }
    }
}
