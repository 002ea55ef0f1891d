//! The trust pool of the real program: a bundle that `openssl` has signed, served over HTTP on loopback, is believed because its
//! signer's authority was imported before, and is still there when the program starts again.

#[path = "loopback/brought.rs"]
mod brought;
#[path = "loopback/ran.rs"]
mod ran;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use ran::ran;

fn openssl(folder: &Path, arguments: &str) -> bool {
    ran(folder, "openssl", arguments)
}

/// What the program prints for these lines, and whether it was content.
fn watchfire(state: &Path, lines: &[&str]) -> (String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchfire"));
    command.arg("--state").arg(state);
    for line in lines {
        command.args(["-c", line]);
    }
    let done = command.stdin(Stdio::null()).output().expect("it runs");
    let text = [done.stdout, done.stderr].concat();
    (
        String::from_utf8_lossy(&text).into_owned(),
        done.status.success(),
    )
}

/// Serves the files of `folder` to whoever asks.
fn serve(folder: &Path) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let address = listener.local_addr().expect("an address");
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            let _rest = lines.find(String::is_empty);
            let name = request.split(' ').nth(1).unwrap_or_default();
            let body = std::fs::read(folder.join(name.trim_start_matches('/')));
            let answer = match body {
                Err(_) => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(),
                Ok(body) => {
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                    [head.into_bytes(), body].concat()
                }
            };
            (&stream).write_all(&answer).ok();
        }
    });
    format!("http://{address}")
}

#[test]
fn a_signed_bundle_is_imported_because_its_signer_is_believed_and_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for name in ["root", "next"] {
        let made = openssl(
            at,
            &format!(
                "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -subj /CN={name} -days 30"
            ),
        );
        if !made {
            return;
        }
    }
    openssl(
        at,
        "crl2pkcs7 -nocrl -certfile next.pem -outform DER -out next.p7b",
    );
    openssl(
        at,
        "cms -sign -binary -nodetach -in next.p7b -signer root.pem -inkey root.key -outform DER -out signed.p7b",
    );
    let url = serve(at);
    let state = at.join("state");
    let import =
        format!("crypto ca trustpool import url {url}/signed.p7b noconfirm signature-required");
    let (text, is_content) = watchfire(&state, &[&import]);
    assert!(
        text.contains("the signer's certificate is not trusted"),
        "{text}"
    );
    assert!(!is_content);

    let root = format!(
        "crypto ca trustpool import url file://{} noconfirm",
        at.join("root.pem").display()
    );
    let (text, is_content) = watchfire(&state, &[&root, &import]);
    assert!(is_content, "{text}");
    assert!(text.contains("Root file signature verified."), "{text}");
    assert_eq!(text.matches("  installed: 1\n").count(), 2, "{text}");

    let missing = format!("crypto ca trustpool import clean url {url}/missing noconfirm");
    let show = "show crypto ca trustpool | include cn=(root|next)";
    let (text, is_content) = watchfire(&state, &[&missing, show]);
    assert!(text.contains("the server answered 404 Not Found"), "{text}");
    assert!(!is_content);
    assert_eq!(text.matches("cn=root").count(), 2, "{text}");
    assert_eq!(text.matches("cn=next").count(), 2, "{text}");

    let export = "crypto ca trustpool export disk0:pool.p7b pkcs7";
    let (text, is_content) = watchfire(&state, &[export]);
    assert!(is_content, "{text}");
    openssl(
        at,
        "pkcs7 -inform DER -in state/disk0/pool.p7b -print_certs -out printed.pem",
    );
    let printed = std::fs::read_to_string(at.join("printed.pem")).expect("printed");
    assert!(printed.matches("BEGIN CERTIFICATE").count() > 100);
    assert!(printed.contains("CN = next") || printed.contains("CN=next"));
}

#[test]
fn what_certtool_signs_is_believed_in_each_of_its_forms() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let template = "cn = signer\nca\ncert_signing_key\nsigning_key\nexpiration_days = 30\n";
    std::fs::write(at.join("template"), template).expect("written");
    for name in ["root", "next"] {
        let made = ran(
            at,
            "certtool",
            &format!("--generate-privkey --bits 2048 --outfile {name}.key"),
        );
        if !made {
            return;
        }
        ran(
            at,
            "certtool",
            &format!(
                "--generate-self-signed --load-privkey {name}.key --template template --outfile {name}.pem"
            ),
        );
    }
    let state = at.join("state");
    let import = |name: &str| {
        let place = at.join(name);
        format!(
            "crypto ca trustpool import clean url file:{} noconfirm",
            place.display()
        )
    };
    for form in ["--outder", "--outder --p7-time", "--p7-include-cert"] {
        ran(
            at,
            "certtool",
            &format!(
                "--p7-sign {form} --load-privkey root.key --load-certificate root.pem --infile next.pem --outfile signed"
            ),
        );
        let signed = import("signed").replace("import clean", "import") + " signature-required";
        let (text, is_content) = watchfire(&state, &[&import("root.pem"), &signed]);
        assert!(is_content, "{form}: {text}");
        assert!(
            text.contains("Root file signature verified."),
            "{form}: {text}"
        );
    }
}
