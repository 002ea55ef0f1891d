//! The control socket's frames: a kind, a length, that many bytes. Both ends are this program; everything is bounded all
//! the same.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// What a frame carries. Client to server: `Line`, `Merge`, `End`. Server to client: `Out`, `Err`, `Exit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line as typed, without its end.
    Line,
    /// A name, NUL, and configuration text to merge as `copy FILE running-config` does.
    Merge,
    /// No line will come any more.
    End,
    Out,
    Err,
    /// One byte: the exit status.
    Exit,
}

/// The longest frame: `disk0:` holds no larger file either.
const LONGEST: u32 = 64 << 20;

impl Kind {
    const ALL: [(u8, Self); 6] = [
        (b'L', Self::Line),
        (b'M', Self::Merge),
        (b'.', Self::End),
        (b'o', Self::Out),
        (b'e', Self::Err),
        (b'x', Self::Exit),
    ];

    fn byte(self) -> u8 {
        Self::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or(b'?', |(byte, _)| *byte)
    }
}

pub(super) fn write(to: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= LONGEST);
    let length = length
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a frame beyond 64 MiB"))?;
    to.write_all(&[kind.byte()])?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)
}

/// The next frame; `None` at the end between two frames.
///
/// # Errors
/// The stream breaks, or what comes is no frame.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let mut kind = [0];
    if from.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let malformed = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "not a frame of the control socket",
        )
    };
    let kind = Kind::ALL
        .iter()
        .find(|(byte, _)| [*byte] == kind)
        .map(|(_, kind)| *kind)
        .ok_or_else(malformed)?;
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(malformed());
    }
    let mut bytes = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((kind, bytes)))
}

/// A stream of one kind of frame; each write is one frame.
pub(super) struct Framed<W> {
    pub to: Arc<Mutex<W>>,
    pub kind: Kind,
}

impl<W: Write> Write for Framed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = bytes.get(..bytes.len().min(1 << 16)).unwrap_or(bytes);
        if !bytes.is_empty() {
            let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
            write(&mut *to, self.kind, bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let mut bytes = Vec::new();
        write(&mut bytes, Kind::Line, b"show version").expect("memory takes everything");
        write(&mut bytes, Kind::End, b"").expect("memory takes everything");
        let mut stream = bytes.as_slice();
        assert_eq!(
            read(&mut stream).ok().flatten(),
            Some((Kind::Line, b"show version".to_vec()))
        );
        assert_eq!(
            read(&mut stream).ok().flatten(),
            Some((Kind::End, Vec::new()))
        );
        assert!(matches!(read(&mut stream), Ok(None)));
    }

    #[test]
    fn what_is_no_frame_is_an_error_and_reserves_nothing() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"L\xff\xff\xff\xff",
            b"L\0\0\0\x09short",
            b"L\0",
        ] {
            assert!(read(&mut &*bytes).is_err(), "{bytes:?}");
        }
    }
}
