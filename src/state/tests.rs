//! The state folder as a whole: who may use it, the lock, what lies in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Folder, StateFault, default_path};

pub(super) fn temporary() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("a mode");
    folder
}

pub(super) fn open(folder: &TempDir) -> Folder {
    Folder::open(folder.path()).expect("a usable folder")
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").mode() & 0o7777
}

pub(super) fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("a folder").flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_default_is_the_systems_for_root_and_the_users_own_for_others() {
    let path = |root, states, home| {
        default_path(
            root,
            Option::map(states, OsStr::new),
            Option::map(home, OsStr::new),
        )
        .map(|path: PathBuf| path.into_os_string().into_string().expect("text"))
    };
    assert_eq!(
        path(true, Some("/states"), Some("/root")).as_deref(),
        Some("/var/lib/watchfire")
    );
    assert_eq!(
        path(false, Some("/states"), Some("/home/a")).as_deref(),
        Some("/states/watchfire")
    );
    for states in [None, Some(""), Some("relative")] {
        let expected = "/home/a/.local/state/watchfire";
        assert_eq!(
            path(false, states, Some("/home/a")).as_deref(),
            Some(expected)
        );
    }
    assert_eq!(path(false, None, None), None);
    assert_eq!(path(false, None, Some("")), None);
}

#[test]
fn a_new_folder_and_what_is_in_it_are_the_owners_alone() {
    let parent = temporary();
    let path = parent.path().join("a/watchfire");
    let folder = Folder::open(&path).expect("a new folder");
    folder.write_startup(b"hostname a\n").expect("written");
    folder.keep("key", b"secret").expect("written");
    folder.disk0().write("file", b"1").expect("written");
    folder.disk0().append("other", b"1").expect("written");
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join("disk0")), 0o700);
    assert_eq!(mode(&folder.room("outbox").expect("a room")), 0o700);
    let files =
        ["startup-config", "key", "lock", "disk0/file", "disk0/other"].map(|name| path.join(name));
    for file in files
        .into_iter()
        .chain([folder.history_path("ssh ../../x")])
    {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert!(file.starts_with(&path));
    }
}

#[test]
fn a_folder_that_others_may_write_to_is_refused_before_anything_is_written() {
    let folder = temporary();
    for mode in [0o720, 0o702, 0o1777] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("a mode");
        let refused = Folder::open(folder.path());
        assert!(
            matches!(&refused, Err(StateFault::Writable { mode: found, .. }) if *found == mode),
            "{refused:?}"
        );
    }
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let folder = temporary();
    // Only root can give a folder away; everybody else finds one of root's.
    let path = if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(folder.path(), Some(65534), None).expect("given away");
        folder.path()
    } else {
        Path::new("/usr")
    };
    assert!(matches!(Folder::open(path), Err(StateFault::Owner { .. })));
}

#[test]
fn what_is_no_folder_is_refused() {
    let folder = temporary();
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    assert!(matches!(
        Folder::open(&file),
        Err(StateFault::NotAFolder { .. })
    ));
    assert!(Folder::open(&file.join("below")).is_err());
}

#[test]
fn a_link_to_a_folder_is_followed() {
    let (folder, other) = (temporary(), temporary());
    let link = other.path().join("link");
    symlink(folder.path(), &link).expect("a link");
    let opened = Folder::open(&link).expect("a usable folder");
    opened.write_startup(b"x").expect("written");
    assert!(folder.path().join("startup-config").exists());
}

#[test]
fn a_folder_in_use_names_its_holder_and_is_free_when_that_one_lets_go() {
    let folder = temporary();
    let first = open(&folder);
    let second = Folder::open(folder.path()).expect_err("in use");
    let StateFault::Held { pid, .. } = &second else {
        panic!("{second}")
    };
    assert_eq!(*pid, Some(std::process::id()));
    let said = second.to_string();
    assert!(
        said.contains(&std::process::id().to_string()) && said.contains("watchfire attach"),
        "{said}"
    );
    drop(first);
    open(&folder);
}

#[test]
fn there_is_no_startup_config_before_one_is_written_or_after_it_is_erased() {
    let folder = temporary();
    let state = open(&folder);
    assert_eq!(state.read_startup().expect("readable"), None);
    assert!(!state.erase_startup().expect("erased"));
    state.write_startup(b"hostname a\n\xff").expect("written");
    assert_eq!(
        state.read_startup().expect("readable").as_deref(),
        Some(&b"hostname a\n\xff"[..])
    );
    assert!(state.erase_startup().expect("erased"));
    assert_eq!(state.read_startup().expect("readable"), None);
    assert!(folder.path().join("startup-config.1").exists());
}

#[test]
fn what_lies_there_instead_of_a_file_is_an_error_and_stays() {
    let folder = temporary();
    let state = open(&folder);
    let (startup, outside) = (folder.path().join("startup-config"), temporary());
    let target = outside.path().join("target");
    fs::write(&target, "outside").expect("written");
    symlink(&target, &startup).expect("a link");
    assert!(state.read_startup().is_err());
    assert!(state.write_startup(b"new").is_err());
    assert!(state.erase_startup().is_err());
    assert_eq!(fs::read_to_string(&target).expect("readable"), "outside");
    fs::remove_file(&startup).expect("removed");
    nix::unistd::mkfifo(&startup, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    assert!(state.read_startup().is_err());
    assert_eq!(names(&folder), ["lock", "startup-config"]);
}

#[test]
fn files_that_rooms_keep_have_plain_names() {
    let folder = temporary();
    let state = open(&folder);
    assert_eq!(state.kept("cursor").expect("readable"), None);
    state.keep("cursor", b"1").expect("written");
    state.keep("cursor", b"2").expect("written");
    assert_eq!(
        state.kept("cursor").expect("readable").as_deref(),
        Some(&b"2"[..])
    );
    assert!(matches!(
        state.keep("../cursor", b""),
        Err(StateFault::Name { .. })
    ));
    assert!(matches!(
        state.kept(".incoming"),
        Err(StateFault::Name { .. })
    ));
    assert!(matches!(
        state.room("cursor"),
        Err(StateFault::NotAFolder { .. })
    ));
}
