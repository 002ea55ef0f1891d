//! One process per state folder: an advisory lock on the file `lock`, in which the holder states its pid. The kernel frees
//! it however the holder ends; the file itself stays.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags, flock, openat};
use rustix::process::{Pid, test_kill_process};

use super::StateFault;

const NAME: &str = "lock";
/// The pid is padded, so that writing it on a full disk needs no new block.
const WIDTH: usize = 10;

/// Takes the lock, or says who has it. The lock lasts as long as the file that is given back.
pub(super) fn take(folder: &File, path: &Path) -> Result<File, StateFault> {
    let at = |error: io::Error| StateFault::io("lock", &path.join(NAME), error);
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = openat(folder, NAME, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| at(error.into()))?
        .into();
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {
            // The lock is what counts. Where the pid cannot be written, others name no holder.
            drop(file.write_all_at(format!("{:<WIDTH$}\n", std::process::id()).as_bytes(), 0));
            Ok(file)
        }
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StateFault::Held {
            path: path.to_owned(),
            pid: holder(&file),
        }),
        Err(error) => Err(at(error.into())),
    }
}

/// The pid in the file. Between taking the lock and writing it the file names the holder before; a pid that is no longer
/// alive is read again for as long as that may reasonably take.
fn holder(file: &File) -> Option<u32> {
    for _ in 0..20 {
        if let Some(pid) = written(file).filter(|pid| is_alive(*pid)) {
            return Some(pid);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}

fn written(file: &File) -> Option<u32> {
    let mut bytes = [0; WIDTH + 1];
    let length = file.read_at(&mut bytes, 0).ok()?;
    std::str::from_utf8(bytes.get(..length)?)
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}
