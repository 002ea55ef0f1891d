//! What one receiver has got: how many messages, which of them again, and whether they came in order. A message of the storm
//! ends in ` #t1` (by TCP) or ` #u1` (by UDP), numbered from 1; a session numbers what it sends (`s_sn="1"`).

/// What has come over a session, through whatever connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tracker {
    /// Messages, those that came again apart.
    pub(crate) messages: u64,
    /// Messages that came again after a connection broke.
    pub(crate) again: u64,
    /// The highest of the session's numbers.
    pub(crate) highest: u64,
    /// Messages that came behind a later one.
    pub(crate) disordered: u64,
    pub(crate) first_fault: Option<String>,
    by_tcp: u64,
    by_udp: u64,
}

impl Tracker {
    /// A message without its line end.
    pub(crate) fn take(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let number = number_behind(&line, "s_sn=\"");
        match number {
            Some(number) if number <= self.highest => {
                self.again += 1;
                return;
            }
            Some(number) => self.highest = number,
            None => self.fault(&line),
        }
        self.messages += 1;
        let Some((_, tag)) = line.rsplit_once(" #") else {
            return;
        };
        // A summary has more behind the number, and comes when its time has come.
        let Some(number) = tag.get(1..).and_then(|number| number.parse().ok()) else {
            return;
        };
        let last = match tag.as_bytes().first() {
            Some(b't') => &mut self.by_tcp,
            _ => &mut self.by_udp,
        };
        if number > *last {
            *last = number;
        } else {
            self.fault(&line);
        }
    }

    fn fault(&mut self, line: &str) {
        self.disordered += 1;
        self.first_fault.get_or_insert_with(|| {
            format!("behind #t{} and #u{}: {line}", self.by_tcp, self.by_udp)
        });
    }
}

fn number_behind(line: &str, mark: &str) -> Option<u64> {
    let (_, behind) = line.split_once(mark)?;
    let (number, _) = behind.split_once('"')?;
    number.parse().ok()
}
