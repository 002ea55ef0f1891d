//! A Unix datagram input, as `/dev/log` is one. It takes the place of a socket that nobody listens on any more and of
//! nothing else; any program of this host may send to it, and it is removed when it is closed.

use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mio::event::Event;

use super::datagrams::DatagramSocket;
use super::own::is_own;
use super::{Place, Room, Take, Tally};

/// An open Unix input.
#[derive(Debug)]
pub(super) struct UnixInput {
    socket: DatagramSocket<mio::net::UnixDatagram>,
    name: Name,
    looks_at: Duration,
}

/// The socket's name, as long as it is this socket's.
#[derive(Debug)]
struct Name {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Name {
    fn is_ours(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok_and(|found| {
            found.file_type().is_socket() && (found.dev(), found.ino()) == (self.device, self.inode)
        })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if self.is_ours() {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

impl UnixInput {
    pub(super) fn open(path: &Path, place: &mut Place<'_>) -> io::Result<Self> {
        place.grounds.check(path)?;
        remove_dead(path)?;
        let socket = UnixDatagram::bind(path)?;
        socket.set_nonblocking(true)?;
        let found = std::fs::symlink_metadata(path)?;
        let name = Name {
            path: path.to_owned(),
            device: found.dev(),
            inode: found.ino(),
        };
        // As /dev/log: who may send is limited by the folder's mode (D81).
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
        // Room for bursts, as far as the system grants it.
        drop(socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER));
        let socket = mio::net::UnixDatagram::from_std(socket);
        Ok(Self {
            socket: DatagramSocket::register(socket, place)?,
            name,
            looks_at: place.now + LOOK,
        })
    }

    pub(super) fn ready(&mut self, event: &Event) -> bool {
        self.socket.ready(event)
    }

    pub(super) fn is_readable(&self) -> bool {
        self.socket.is_readable()
    }

    /// Looks now and then whether somebody has removed or replaced the socket's name: then nobody finds it any more.
    pub(super) fn tend(&mut self, now: Duration) -> io::Result<()> {
        if now < self.looks_at {
            return Ok(());
        }
        self.looks_at = now + LOOK;
        if self.name.is_ours() {
            Ok(())
        } else {
            Err(io::Error::other("somebody removed the socket"))
        }
    }

    pub(super) fn wakes_at(&self) -> Duration {
        self.looks_at
    }

    /// A turn's share; how many datagrams there were.
    pub(super) fn read(
        &mut self,
        room: &mut Room,
        tally: &mut Tally,
        take: &mut impl Take,
    ) -> usize {
        self.socket.read(room, tally, |_, bytes, tally| {
            if is_own(bytes) {
                tally.own += 1;
            } else if bytes.len() > LONGEST {
                tally.malformed += 1;
                tally.last_error = Some("datagram over 64 KiB".to_owned());
            } else if take.local(bytes) {
                tally.received += 1;
            } else {
                tally.malformed += 1;
            }
        })
    }

    /// A sender on this host is usually told to wait instead.
    pub(super) fn count_drops(&mut self, tally: &mut Tally) {
        self.socket.count_drops(tally);
    }
}

/// Removes a socket that nobody listens on. What is no socket, and one that answers, stays.
fn remove_dead(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "something that is no socket has this name",
            ));
        }
        Ok(_) => {}
    }
    match UnixDatagram::unbound()?.connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path)
        }
        // A socket of another kind may be a living one, too.
        _ => Err(io::ErrorKind::AddrInUse.into()),
    }
}

const LOOK: Duration = Duration::from_secs(5);
const LONGEST: usize = 64 * 1024;
const RECEIVE_BUFFER: usize = 16 * 1024 * 1024;
