//! `disk0:` from outside: names, links, the limit.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Disk0, Folder, StateFault};

fn disk() -> (TempDir, Folder, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("a mode");
    let state = Folder::open(folder.path()).expect("a usable folder");
    let path = folder.path().join("disk0");
    (folder, state, path)
}

fn listed(disk0: &Disk0) -> Vec<(String, u64)> {
    disk0
        .list()
        .expect("a list")
        .into_iter()
        .map(|entry| (entry.name, entry.size))
        .collect()
}

#[test]
fn files_are_written_read_appended_to_listed_and_deleted() {
    let (_folder, state, path) = disk();
    let disk0 = state.disk0();
    assert_eq!(listed(disk0), []);
    assert_eq!(disk0.free().expect("known"), Disk0::LIMIT);
    assert!(!path.exists());
    disk0.write("b.cfg", b"hostname b\n").expect("written");
    disk0.append("b.cfg", b"!\n").expect("written");
    disk0.append("-a_1", b"").expect("written");
    assert_eq!(disk0.read("b.cfg").expect("readable"), b"hostname b\n!\n");
    assert_eq!(
        listed(disk0),
        [("-a_1".to_owned(), 0), ("b.cfg".to_owned(), 13)]
    );
    assert_eq!(disk0.free().expect("known"), Disk0::LIMIT - 13);
    disk0.delete("b.cfg").expect("deleted");
    assert!(matches!(
        disk0.read("b.cfg"),
        Err(StateFault::NotFound { .. })
    ));
    assert!(matches!(
        disk0.delete("b.cfg"),
        Err(StateFault::NotFound { .. })
    ));
}

#[test]
fn names_that_lead_elsewhere_or_hide_are_refused() {
    let long = "x".repeat(256);
    for name in [
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "/etc/passwd",
        "../startup-config",
        "a b",
        "a\0",
        "\u{e4}",
        &long,
    ] {
        assert!(!Disk0::is_name(name), "{name:?}");
    }
    for name in [
        "a",
        "-",
        "_",
        "a..b",
        "unsaved-config",
        "A.1_b-",
        &long[1..],
    ] {
        assert!(Disk0::is_name(name), "{name:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_name_is_refused_everywhere_or_names_exactly_one_file(
        name in prop_oneof!["[a-zA-Z0-9._-]{0,12}", "[./a]{0,6}", any::<String>()]
    ) {
        let (folder, state, path) = disk();
        let disk0 = state.disk0();
        let written = disk0.write(&name, b"x");
        if Disk0::is_name(&name) {
            prop_assert!(written.is_ok());
            prop_assert_eq!(listed(disk0), [(name.clone(), 1)]);
            prop_assert!(path.join(&name).is_file());
            prop_assert_eq!(disk0.read(&name).ok(), Some(b"x".to_vec()));
            prop_assert!(disk0.delete(&name).is_ok());
        } else {
            let refused = |fault: Option<StateFault>| matches!(fault, Some(StateFault::Name { .. }));
            prop_assert!(refused(written.err()));
            prop_assert!(refused(disk0.append(&name, b"x").err()));
            prop_assert!(refused(disk0.read(&name).err()));
            prop_assert!(refused(disk0.delete(&name).err()));
        }
        prop_assert_eq!(listed(disk0), []);
        let beside: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        prop_assert!(beside.iter().all(|name| name == "lock" || name == "disk0"), "{:?}", beside);
    }
}

#[test]
fn no_link_is_followed_replaced_or_listed() {
    let (folder, state, path) = disk();
    let disk0 = state.disk0();
    disk0.write("file", b"x").expect("written");
    let outside = folder.path().join("outside");
    fs::write(&outside, "outside").expect("written");
    symlink(&outside, path.join("link")).expect("a link");
    fs::create_dir(path.join("folder")).expect("a folder");
    nix::unistd::mkfifo(&path.join("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    for name in ["link", "folder", "pipe"] {
        let refused =
            |fault: Option<StateFault>| matches!(fault, Some(StateFault::NotAFile { .. }));
        assert!(refused(disk0.read(name).err()), "{name}");
        assert!(refused(disk0.write(name, b"y").err()), "{name}");
        assert!(refused(disk0.append(name, b"y").err()), "{name}");
        assert!(refused(disk0.delete(name).err()), "{name}");
        assert!(fs::symlink_metadata(path.join(name)).is_ok(), "{name}");
    }
    assert_eq!(fs::read_to_string(&outside).expect("readable"), "outside");
    assert_eq!(listed(disk0), [("file".to_owned(), 1)]);
}

#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let (folder, state, path) = disk();
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    symlink(&elsewhere, &path).expect("a link");
    assert!(matches!(
        state.disk0().write("file", b"x"),
        Err(StateFault::NotAFolder { .. })
    ));
    assert!(matches!(
        state.disk0().list(),
        Err(StateFault::NotAFolder { .. })
    ));
    assert_eq!(fs::read_dir(&elsewhere).expect("a folder").count(), 0);
}

#[test]
fn all_files_together_stay_within_the_limit() {
    let (_folder, state, path) = disk();
    let disk0 = state.disk0();
    disk0.write("big", b"").expect("written");
    let big = fs::OpenOptions::new()
        .write(true)
        .open(path.join("big"))
        .expect("open");
    big.set_len(Disk0::LIMIT - 10).expect("a hole");
    let full = disk0.write("more", &[0; 11]);
    assert!(
        matches!(
            full,
            Err(StateFault::Full {
                needed: 11,
                free: 10
            })
        ),
        "{full:?}"
    );
    disk0.write("more", &[0; 10]).expect("written");
    assert!(matches!(
        disk0.append("more", &[0]),
        Err(StateFault::Full { needed: 1, free: 0 })
    ));
    assert_eq!(disk0.free().expect("known"), 0);
    // What is replaced makes room for itself.
    disk0.write("more", &[1; 10]).expect("written");
    disk0.write("big", &[0; 100]).expect("written");
    assert_eq!(disk0.free().expect("known"), Disk0::LIMIT - 110);
}

#[test]
fn a_file_beyond_the_limit_is_not_read() {
    let (_folder, state, path) = disk();
    state.disk0().write("big", b"").expect("written");
    let big = fs::OpenOptions::new()
        .write(true)
        .open(path.join("big"))
        .expect("open");
    big.set_len(Disk0::LIMIT + 1).expect("a hole");
    assert!(matches!(
        state.disk0().read("big"),
        Err(StateFault::Io { .. })
    ));
}

#[test]
fn what_a_killed_write_left_beside_takes_no_room() {
    let (_folder, state, path) = disk();
    state.disk0().write("file", b"x").expect("written");
    fs::write(path.join(".incoming"), "half").expect("written");
    assert_eq!(state.disk0().free().expect("known"), Disk0::LIMIT - 1);
    assert_eq!(listed(state.disk0()), [("file".to_owned(), 1)]);
    state.disk0().write("other", b"y").expect("written");
    assert!(!path.join(".incoming").exists());
}
