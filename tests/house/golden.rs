//! Generated documents and snapshots: compared with what is committed, rewritten with `UPDATE=1`; the difference is the
//! review.

use std::fs;
use std::path::Path;

/// Holds `text` against the file below the project's root.
pub(crate) fn check(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, text).expect("the project's folder can be written");
        return;
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    if committed == text {
        return;
    }
    let differs = committed
        .lines()
        .zip(text.lines())
        .position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(text.lines().count()));
    panic!(
        "{path} is not fresh; `UPDATE=1 cargo test` rewrites it. First difference, line {}:\n  committed: {:?}\n  now:       {:?}",
        line + 1,
        committed.lines().nth(line),
        text.lines().nth(line),
    );
}
