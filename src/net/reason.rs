//! Why a socket failed, in the few words that follow `link down,` and `last error`. The system's own text serves where the
//! operator's language has no shorter one.

use std::io;

/// `connection refused`, `no route to host`, ...; never a number of the system's.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset by peer".to_owned(),
        io::ErrorKind::BrokenPipe => "connection closed by peer".to_owned(),
        io::ErrorKind::TimedOut => "connection timed out".to_owned(),
        io::ErrorKind::HostUnreachable => "no route to host".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network is unreachable".to_owned(),
        io::ErrorKind::AddrInUse => "address already in use".to_owned(),
        io::ErrorKind::AddrNotAvailable => "no such address on this device".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text
                .split_once(" (os error ")
                .map_or(text.as_str(), |(words, _)| words);
            let mut characters = text.chars();
            characters.next().map_or_else(String::new, |first| {
                first.to_lowercase().chain(characters).collect()
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_words_without_numbers() {
        for number in 1..134 {
            let text = reason(&io::Error::from_raw_os_error(number));
            assert!(
                !text.is_empty() && !text.contains("os error"),
                "{number}: {text}"
            );
        }
        assert_eq!(
            reason(&io::Error::from_raw_os_error(libc::ECONNREFUSED)),
            "connection refused"
        );
        assert_eq!(
            reason(&io::Error::from_raw_os_error(libc::EMFILE)),
            "too many open files"
        );
    }
}
