//! The file systems that lie on the machine's own disks, and how full they are. What is read only, lies in memory or on
//! another host is left out: the first cannot fill up, the last can keep whoever asks waiting for ever.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::proc::text;

/// More are not looked at.
const MOST: usize = 64;

/// One mounted file system. Bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileSystem {
    pub mounted_on: String,
    pub device: String,
    /// `ext4`.
    pub kind: String,
    pub total: u64,
    pub used: u64,
    /// To those who are not root.
    pub available: u64,
}

impl FileSystem {
    /// Percent of what programs may use, rounded up, as df(1) counts it.
    pub fn used_percent(&self) -> u8 {
        let usable = u128::from(self.used) + u128::from(self.available);
        let percent = (u128::from(self.used) * 100).div_ceil(usable.max(1));
        u8::try_from(percent).unwrap_or(100).min(100)
    }
}

/// A line of `/proc/self/mounts` that counts.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    device: String,
    place: String,
    kind: String,
}

/// What is mounted, each device once, at its first place.
pub(super) fn read(root: &Path) -> Vec<FileSystem> {
    let mounts = text(&root.join("proc/self/mounts")).unwrap_or_default();
    let of = |mount: Mount| {
        let place: PathBuf = root.join(mount.place.trim_start_matches('/'));
        let stat = rustix::fs::statvfs(&place).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        (stat.f_blocks > 0).then(|| FileSystem {
            mounted_on: mount.place,
            device: mount.device,
            kind: mount.kind,
            total: bytes(stat.f_blocks),
            used: bytes(stat.f_blocks.saturating_sub(stat.f_bfree)),
            available: bytes(stat.f_bavail),
        })
    };
    of_disks(&mounts).into_iter().filter_map(of).collect()
}

/// proc(5): device, place, kind, options, two numbers.
fn of_disks(mounts: &str) -> Vec<Mount> {
    let mut seen = BTreeSet::new();
    let counts = |line: &str| {
        let mut words = line.split(' ');
        let mut next = || words.next().map(unescaped);
        let (device, place, kind, options) = (next()?, next()?, next()?, next()?);
        let is_written = options.split(',').any(|option| option == "rw");
        // The root of a container is an overlay; what is on a disk has a device, or is a pool that has several.
        let is_local =
            device.starts_with("/dev/") || kind == "zfs" || (kind == "overlay" && place == "/");
        (is_written && is_local).then_some(Mount {
            device,
            place,
            kind,
        })
    };
    mounts
        .lines()
        .filter_map(counts)
        .filter(|mount| seen.insert(mount.device.clone()))
        .take(MOST)
        .collect()
}

/// `\040` is a blank.
fn unescaped(word: &str) -> String {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let [first, behind @ ..] = rest {
        match (first, behind) {
            (
                b'\\',
                [
                    a @ b'0'..=b'3',
                    b @ b'0'..=b'7',
                    c @ b'0'..=b'7',
                    after @ ..,
                ],
            ) => {
                bytes.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "proc /proc proc rw,relatime 0 0\n\
        /dev/vda1 / ext4 rw,relatime 0 0\n\
        tmpfs /run tmpfs rw,nosuid 0 0\n\
        /dev/loop0 /snap/core squashfs ro 0 0\n\
        /dev/vdb1 /srv/my\\040files xfs rw 0 0\n\
        /dev/vda1 /var/lib/docker ext4 rw 0 0\n\
        nas:/export /mnt nfs4 rw,hard 0 0\n\
        overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0\n";

    #[test]
    fn file_systems_on_disks_count_once_each() {
        let places: Vec<_> = of_disks(MOUNTS).into_iter().map(|m| m.place).collect();
        assert_eq!(places, ["/", "/srv/my files"]);
    }

    #[test]
    fn the_root_of_a_container_counts() {
        let found = of_disks("overlay / overlay rw,relatime,lowerdir=/x 0 0\n");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn broken_lines_are_passed_over() {
        assert_eq!(of_disks("\n \n/dev/vda1 /\n\\777 \\04 x\n"), []);
        assert_eq!(unescaped("a\\0x\\134\\"), "a\\0x\\\\");
    }

    #[test]
    fn percent_is_of_what_programs_may_use_and_rounded_up() {
        let of = |used, available| FileSystem {
            used,
            available,
            total: 1000,
            ..FileSystem::default()
        };
        assert_eq!(of(1, 899).used_percent(), 1);
        assert_eq!(of(90, 0).used_percent(), 100);
        assert_eq!(of(0, 0).used_percent(), 0);
        assert_eq!(of(u64::MAX, u64::MAX).used_percent(), 50);
    }

    #[test]
    fn a_mounted_file_system_states_its_size() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(root.path().join("proc/self")).expect("a folder");
        std::fs::write(
            root.path().join("proc/self/mounts"),
            "/dev/vda1 / ext4 rw 0 0\n/dev/vdb1 /missing ext4 rw 0 0\n",
        )
        .expect("a file");
        let found = read(root.path());
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .all(|fs| fs.mounted_on == "/" && fs.total >= fs.used && fs.total > 0)
        );
    }
}
