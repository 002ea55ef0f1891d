//! The console on a pseudo terminal: the keys, the pages, the password, the end. What is printed is waited for, never slept
//! for.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::termios::{Winsize, tcsetwinsize};

/// A console that is waited for longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(20);

struct Console {
    /// Until its end is waited for.
    child: Option<Child>,
    keys: Option<File>,
    printed: Receiver<Vec<u8>>,
    /// What came and was not waited for yet.
    seen: String,
    folder: tempfile::TempDir,
}

impl Console {
    fn open(startup: &str, term: &str) -> Self {
        Self::open_with(startup, &[("TERM", term)])
    }

    fn open_with(startup: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let state = folder.path().join("state");
        std::fs::create_dir(&state).expect("a state folder");
        restrict(&state);
        std::fs::write(state.join("startup-config"), startup).expect("a startup-config");
        let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)
            .expect("a pseudo terminal");
        grantpt(&master).expect("a pseudo terminal of ours");
        unlockpt(&master).expect("a pseudo terminal that opens");
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).expect("a size");
        // Nobody else may hold an end: a terminal vanishes with the last of them.
        let slave = ptsname_r(&master).expect("a name");
        let slave = File::options()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOCTTY)
            .open(slave)
            .expect("its other end");
        let master = File::from(OwnedFd::from(master));
        let end = || Stdio::from(slave.try_clone().expect("one more end"));
        let child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
            .arg("--state")
            .arg(&state)
            .envs(environment.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("the program starts");
        let (came, printed) = mpsc::channel();
        let mut reader = master.try_clone().expect("one more end");
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut piece) {
                if came.send(piece[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child: Some(child),
            keys: Some(master),
            printed,
            seen: String::new(),
            folder,
        }
    }

    fn person() -> Self {
        let mut console = Self::open("no call-home reporting anonymous\n", "vt100");
        console.wait("ciscoasa> ");
        console.types("enable\r");
        console.wait("ciscoasa# ");
        console
    }

    /// On a device where nothing is decided about anonymous reporting, in privileged EXEC.
    fn undecided() -> Self {
        let mut console = Self::open("logging enable\nlogging buffered notifications\n", "vt100");
        console.wait("ciscoasa> ");
        console.types("enable\r");
        console.wait("ciscoasa# ");
        console
    }

    /// Enters configuration mode and is asked.
    fn is_asked(&mut self) {
        self.types("configure terminal\r");
        let asked = self.wait("[Y]es, [N]o, [A]sk later: ");
        assert!(asked.contains("(config)# "), "{asked}");
        assert!(asked.contains(" NOTICE "), "{asked}");
        assert!(asked.contains("/legal/privacy.html"), "{asked}");
    }

    fn types(&mut self, keys: &str) {
        self.keys
            .as_mut()
            .expect("the terminal is there")
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
    }

    /// Ctrl-C while a command is at work, as the terminal of a login tells it.
    fn interrupts(&self) {
        let pid = self.child.as_ref().expect("it runs").id();
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGINT).expect("a child of ours");
    }

    /// Waits until this text has come; what came up to its end.
    fn wait(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen.find(text) {
                let rest = self.seen.split_off(at + text.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            match self
                .printed
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(piece) => self.seen.push_str(&String::from_utf8_lossy(&piece)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("{text:?} did not come, but {:?}", self.seen)
                }
            }
        }
    }

    /// Runs a line; what it printed before the next prompt.
    fn line(&mut self, line: &str, prompt: &str) -> String {
        self.types(&format!("{line}\r"));
        self.wait("\r\n");
        self.wait(prompt)
    }

    /// The process's end. Its output is taken meanwhile, or it could not write its last words.
    fn end(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it ends once");
        let pid = Pid::from_raw(child.id().cast_signed());
        let (ended, end) = mpsc::channel();
        thread::spawn(move || ended.send(child.wait()));
        match end.recv_timeout(PATIENCE) {
            Ok(status) => status.expect("a child of ours"),
            Err(_) => {
                kill(pid, Signal::SIGKILL).unwrap_or_default();
                panic!("the console does not end")
            }
        }
    }

    /// How often its threads have waited for something so far.
    fn wake_ups(&self) -> u64 {
        let pid = self.child.as_ref().expect("it runs").id();
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
        threads
            .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("status")).ok())
            .filter_map(|status| {
                let (_, count) = status.split_once("\nvoluntary_ctxt_switches:")?;
                count.split_whitespace().next()?.parse::<u64>().ok()
            })
            .sum()
    }

    fn kept(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("state").join(name)).unwrap_or_default()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // One that has ended already needs no killing.
            child.kill().unwrap_or_default();
            child.wait().map(drop).unwrap_or_default();
        }
    }
}

fn restrict(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
        .expect("a folder of ours");
}

#[test]
fn a_question_mark_helps_at_once_and_keeps_the_line() {
    let mut console = Console::person();
    console.types("show cl?");
    console.wait("exec mode commands/options:\r\n  clock ");
    console.wait("ciscoasa# show cl");
    console.types("ock\r");
    console.wait(" UTC ");
}

#[test]
fn control_v_quotes_the_question_mark() {
    let mut console = Console::person();
    console.line("configure terminal", "(config)# ");
    console.types("logging discriminator d msg-body drops a\u{16}?b\r");
    console.wait("(config)# ");
    let shown = console.line("show running-config | include drops", "(config)# ");
    assert!(shown.contains("msg-body drops a?b"), "{shown}");
}

#[test]
fn tab_completes() {
    let mut console = Console::person();
    console.types("show inv\t");
    console.wait("inventory ");
    console.types("\r");
    console.wait("ciscoasa# ");
}

#[test]
fn control_z_runs_the_line_and_ends_configuration() {
    let mut console = Console::person();
    console.line("configure terminal", "(config)# ");
    console.types("hostname fw\u{1a}");
    console.wait("fw# ");
}

#[test]
fn what_is_typed_ahead_is_kept_in_order() {
    let mut console = Console::person();
    console.types("configure terminal\rhostname fw\rcall-home\rprofile x\rend\rshow running-config | include profile x\r");
    console.wait("\r\n profile x\r\n");
    console.wait("fw# ");
}

#[test]
fn output_stops_at_a_full_page() {
    let mut console = Console::person();
    console.types("show running-config all\r");
    let page = console.wait("<--- More --->");
    assert_eq!(page.matches("\r\n").count(), 24, "the echo and 23 rows");
    console.types("\r");
    console.wait("\x1b[A\r\n");
    let row = console.wait("<--- More --->");
    assert_eq!(row.matches("\r\n").count(), 1);
    console.types("q");
    console.wait("\r              \r");
    console.wait("ciscoasa# ");
    console.line("terminal pager 0", "ciscoasa# ");
    assert!(
        !console
            .line("show running-config all", ": end\r\n")
            .contains("More")
    );
}

#[test]
fn keys_typed_ahead_are_keys_of_the_page_that_comes() {
    let mut console = Console::person();
    console.types("show running-config all\rx \rqshow clock\r");
    for marker in ["a page", "and a row", "and the end"] {
        let shown = console.wait("<--- More --->");
        assert!(!shown.contains("UTC"), "{marker}: {shown}");
    }
    console.wait("ciscoasa# ");
    console.wait(" UTC ");
}

#[test]
fn a_log_line_stands_above_the_marker_of_a_page() {
    let mut console = Console::open("logging console informational\n", "vt100");
    console.wait("ciscoasa> ");
    console.types("enable\r");
    console.wait("ciscoasa# ");
    console.types("show running-config all\r");
    console.wait("<--- More --->");
    let attached = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(console.folder.path().join("state"))
        .args(["attach", "-c", "send log knock knock"])
        .status()
        .expect("the program starts");
    assert!(attached.success());
    let above = console.wait("knock knock");
    let wiped = above.rfind("\x1b[K").unwrap_or_default();
    assert!(!above[wiped..].contains("More"), "{above:?}");
    console.wait("\r\n");
    console.wait("<--- More --->");
    console.types("q");
    console.wait("ciscoasa# ");
}

#[test]
fn synchronous_lines_wait_for_the_end_of_output_and_the_severe_do_not() {
    let startup = "logging console informational\nline console 0\n logging synchronous level 4\n";
    let mut console = Console::open(startup, "vt100");
    console.wait("ciscoasa> ");
    console.types("enable\r");
    console.wait("ciscoasa# ");
    console.types("show running-config all\r");
    console.wait("<--- More --->");
    let attached = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(console.folder.path().join("state"))
        .args([
            "attach",
            "-c",
            "send log patience",
            "-c",
            "send log 3 knock",
        ])
        .status()
        .expect("the program starts");
    assert!(attached.success());
    let above = console.wait("%USER-3-LOG: knock");
    assert!(!above.contains("patience"), "{above:?}");
    console.wait("<--- More --->");
    console.types("q");
    console.wait("%USER-6-LOG: patience");
    console.wait("ciscoasa# ");
}

#[test]
fn an_idle_console_sleeps() {
    let console = Console::person();
    // What a start does beside the prompt may go on for a moment.
    let woken = (0..10).map(|_| {
        let before = console.wake_ups();
        let printed = console.printed.recv_timeout(Duration::from_secs(1));
        assert_eq!(printed, Err(RecvTimeoutError::Timeout));
        console.wake_ups() - before
    });
    let least = woken.take_while(|woken| *woken > 3).count();
    assert!(
        least < 10,
        "more than three times a second, for ten seconds"
    );
}

#[test]
fn a_password_is_not_shown_and_no_history_keeps_it() {
    let mut console = Console::person();
    console.line("configure terminal", "(config)# ");
    console.line("enable password hunter2", "(config)# ");
    console.line("end", "ciscoasa# ");
    console.line("disable", "ciscoasa> ");
    console.types("enable\r");
    console.wait("Password: ");
    console.types("hunter2\r");
    let typed = console.wait("ciscoasa# ");
    assert!(!typed.contains("hunter2"), "{typed}");
    let history = console.kept("history-console");
    assert!(
        history.contains("disable") && !history.contains("hunter2"),
        "{history}"
    );
}

#[test]
fn control_c_clears_the_line_and_control_d_ends_nothing() {
    let mut console = Console::person();
    console.types("garbage");
    console.wait("garbage");
    console.types("\u{3}");
    console.wait("\r\n");
    console.wait("ciscoasa# ");
    console.types("\u{4}show curpriv\r");
    console.wait("P_PRIV\r\n");
}

#[test]
fn control_c_gives_up_a_certificate_half_pasted_and_no_history_has_it() {
    let mut console = Console::person();
    console.line("configure terminal", "ciscoasa(config)# ");
    console.line("crypto ca trustpoint T", "ciscoasa(config-ca-trustpoint)# ");
    console.types("crypto ca authenticate T\r");
    console.wait("\"quit\" on a line by itself\r\n");
    console.types("-----BEGIN CERTIFICATE-----\rMIIBizCCATKgAwIBAgIE\r");
    console.wait("MIIBizCCATKgAwIBAgIE\r\n");
    console.types("MIIB\u{3}");
    console.wait("ciscoasa(config)# ");
    let told = console.line("show crypto ca trustpoints T", "ciscoasa(config)# ");
    assert!(told.contains("Not authenticated."), "{told}");
    let told = console.line("show history", "ciscoasa(config)# ");
    assert!(!told.contains("MII"), "{told}");
    // A blank line before the first of the block ends nothing, one behind it does.
    console.types("crypto ca authenticate T\r");
    console.wait("\"quit\" on a line by itself\r\n");
    console.types("\r\rMIIB\r\r");
    console.wait("ERROR: not a certificate\r\n");
    console.wait("ciscoasa(config)# ");
}

#[test]
fn an_authority_is_accepted_by_yes_and_by_nothing_else() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let mut console = Console::person();
    console.line("configure terminal", "ciscoasa(config)# ");
    console.line("crypto ca trustpoint T", "ciscoasa(config-ca-trustpoint)# ");
    let pastes = |console: &mut Console| {
        console.types("crypto ca authenticate T\r");
        let told = console.wait("\"quit\" on a line by itself\r\n");
        assert!(told.contains("Enter the base 64 encoded CA certificate.\r\n"));
        console.types(&pem.replace('\n', "\r"));
        console.types("quit\r");
        let told = console.wait("Do you accept this certificate? [yes/no]: ");
        assert!(told.contains("Fingerprint: "), "{told}");
    };
    pastes(&mut console);
    console.types("\r");
    console.wait("% Please answer 'yes' or 'no'.\r\n");
    console.wait("[yes/no]: ");
    console.types("perhaps\r");
    console.wait("[yes/no]: ");
    console.types("no\r");
    console.wait("% Certificate not accepted\r\n");
    console.wait("ciscoasa(config)# ");
    let told = console.line("show crypto ca trustpoints T", "ciscoasa(config)# ");
    assert!(told.contains("Not authenticated."), "{told}");
    pastes(&mut console);
    console.types("\u{3}");
    console.wait("ciscoasa(config)# ");
    let told = console.line("show crypto ca trustpoints T", "ciscoasa(config)# ");
    assert!(told.contains("Not authenticated."), "{told}");
    pastes(&mut console);
    console.types("yes\r");
    console.wait("Trustpoint CA certificate accepted.\r\n");
    console.wait("% Certificate successfully imported\r\n");
    console.wait("ciscoasa(config)# ");
    let told = console.line("show crypto ca trustpoints T", "ciscoasa(config)# ");
    assert!(!told.contains("Not authenticated."), "{told}");
    console.line("end", "ciscoasa# ");
    let told = console.line("show history", "ciscoasa# ");
    assert!(!told.contains("MII"), "{told}");
}

#[test]
fn control_c_ends_an_import_and_only_a_person_is_asked_before_one() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let at = silent.local_addr().expect("bound");
    let mut console = Console::person();
    console.types(&format!(
        "crypto ca trustpool import url http://{at}/bundle\r"
    ));
    // It has asked, and is never answered.
    let (_asked, _) = silent.accept().expect("a question");
    console.interrupts();
    console.wait("ERROR: Interrupted; nothing was imported\r\n");
    console.wait("ciscoasa# ");
    // What is no terminal is asked nothing, also beside a person.
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let file = console.folder.path().join("bundle.pem");
    std::fs::write(&file, pem).expect("a bundle");
    let import = format!("crypto ca trustpool import url file:{}", file.display());
    let attached = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(console.folder.path().join("state"))
        .args(["attach", "-c", &import])
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&attached.stdout).into_owned();
    assert!(attached.status.success(), "{told}");
    assert!(
        told.contains("  installed: 1\n") && !told.contains("(y/n)"),
        "{told}"
    );
    console.types(&format!("{import}\r"));
    console.wait("Do you want to continue? (y/n) ");
    console.types("y\r");
    console.wait("  duplicates: 1\r\n");
    console.wait("ciscoasa# ");
}

#[test]
fn what_is_typed_behind_control_c_begins_the_next_line() {
    let mut console = Console::person();
    console.types("show clo\u{3}show clock\rshow cur\u{3}\u{3}show curpriv\r");
    console.wait(" UTC ");
    console.wait("P_PRIV\r\n");
}

#[test]
fn a_byte_that_is_no_text_costs_the_line_and_not_the_console() {
    let mut console = Console::person();
    let keys = console.keys.as_mut().expect("an open terminal");
    keys.write_all(b"show cl\xff").expect("keys are taken");
    console.wait("\r\n");
    console.wait("ciscoasa# ");
    let printed = console.line("show clock", "ciscoasa#");
    assert!(printed.contains("UTC"), "{printed}");
}

#[test]
fn leaving_with_unsaved_changes_asks_and_ends_with_status_0() {
    let mut console = Console::person();
    console.line("zzz", "ciscoasa# ");
    console.line("configure terminal", "(config)# ");
    console.line("hostname fw", "fw(config)# ");
    console.line("end", "fw# ");
    console.types("exit\r");
    console.wait("Save? [Y]es/[N]o/[S]ave all/[C]ancel: ");
    console.types("y\r");
    assert!(console.end().success());
    assert!(console.kept("startup-config").contains("\nhostname fw\n"));
}

#[test]
fn a_terminal_that_vanishes_leaves_what_was_unsaved() {
    let mut console = Console::person();
    console.line("configure terminal", "(config)# ");
    console.line("hostname lost", "lost(config)# ");
    // The reader holds an end of the terminal, too, and looks up at the echo of a key.
    console.printed = mpsc::channel().1;
    console.types("x");
    console.keys = None;
    assert!(console.end().success());
    assert!(
        console
            .kept("disk0/unsaved-config")
            .contains("\nhostname lost\n")
    );
}

#[test]
fn a_dumb_terminal_gets_along_without_an_editor() {
    let mut console = Console::open("", "dumb");
    console.wait("ciscoasa> ");
    console.types("enable\r");
    console.wait("ciscoasa# ");
    console.types("show clo ?\r");
    console.wait("exec mode commands/options:");
    console.wait("ciscoasa# ");
    console.types("show clock\r");
    console.wait(" UTC ");
}

#[test]
fn startup_errors_are_said_before_the_first_prompt() {
    let mut console = Console::open("hostname a\nzzz\n", "vt100");
    let greeting = console.wait("a> ");
    assert!(
        greeting.contains("startup-config") && greeting.contains("line 2"),
        "{greeting}"
    );
}

#[test]
fn who_configures_first_is_asked_about_anonymous_reporting_until_it_is_decided() {
    let mut console = Console::undecided();
    console.is_asked();
    console.types("N\r");
    console.wait("In the future, if you would like to enable this feature,");
    console.wait("(config)# ");
    let line = console.line("show running-config | include anonymous", "(config)# ");
    assert!(line.contains("no call-home reporting anonymous"), "{line}");
    console.line("end", "ciscoasa# ");
    console.line("configure terminal", "(config)# ");
    let again = console.line("show clock", " UTC ");
    assert!(!again.contains("NOTICE"), "{again}");
    console.wait("(config)# ");
    let logged = console.line("show logging | include 120012", "(config)# ");
    let chosen = "User enable_15 chose to disable call-home anonymous reporting at the prompt.";
    assert!(logged.contains(chosen), "{logged}");
}

#[test]
fn yes_enables_it_and_says_what_was_made() {
    let mut console = Console::undecided();
    console.is_asked();
    console.types("maybe\r");
    console.wait("[A]sk later: ");
    console.types("x\x7fyes\r");
    console.wait("Creating trustpoint \"_SmartCallHome_ServerCA\" and installing certificate...");
    console.wait("Please remember to save your configuration.");
    console.wait("(config)# ");
    let lines = console.line("show running-config | include reporting", "(config)# ");
    assert!(
        lines.starts_with("call-home reporting anonymous\r"),
        "{lines}"
    );
}

#[test]
fn enter_means_later_and_control_c_nothing() {
    let mut console = Console::undecided();
    console.is_asked();
    console.types("\x03");
    console.wait("(config)# ");
    console.line("end", "ciscoasa# ");
    console.is_asked();
    console.types("\r");
    console.wait("You will be reminded again in 7 days.");
    console.wait("(config)# ");
    let line = console.line("show running-config | include anonymous", "(config)# ");
    assert!(
        line.contains("call-home reporting anonymous prompt 2"),
        "{line}"
    );
    console.line("end", "ciscoasa# ");
    console.line("configure terminal", "(config)# ");
    let again = console.line("show clock", " UTC ");
    assert!(!again.contains("NOTICE"), "{again}");
}

#[test]
fn what_is_typed_ahead_answers_no_question_and_puts_it_off() {
    let mut console = Console::undecided();
    console.types("configure terminal\rY\rhostname fw\rend\rshow running-config | include anonymous\rshow clock\r");
    let all = console.wait(" UTC ");
    assert!(!all.contains("NOTICE"), "{all}");
    assert!(all.contains("ERROR: % Invalid input"), "{all}");
    assert!(!all.contains("call-home reporting"), "{all}");
    console.wait("fw# ");
    console.is_asked();
}

#[test]
fn programs_that_switch_pages_off_are_not_asked() {
    let mut console = Console::undecided();
    console.line("terminal pager 0", "ciscoasa# ");
    console.line("configure terminal", "ciscoasa(config)# ");
    console.types("hostname fw\r");
    let all = console.wait("fw(config)# ");
    assert!(!all.contains("NOTICE"), "{all}");
}

#[test]
fn a_terminal_without_colours_shows_no_password() {
    let mut console = Console::open_with(
        "no call-home reporting anonymous\nenable password right\n",
        &[("TERM", "vt100"), ("NO_COLOR", "1")],
    );
    console.wait("ciscoasa> ");
    console.types("enable\r");
    console.wait("Password: ");
    console.types("wrong\r");
    let shown = console.wait("Invalid password");
    assert!(!shown.contains("wrong"), "{shown}");
}
