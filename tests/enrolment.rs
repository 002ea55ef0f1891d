//! Certificates between this device and `openssl`: an authority made there is entered here, a request made here is signed there,
//! containers go both ways, and all of it outlives a restart. Real processes, no network. Skipped where there is no openssl.

#[path = "loopback/brought.rs"]
mod brought;
#[path = "loopback/ran.rs"]
mod ran;
#[path = "loopback/s_server.rs"]
mod s_server;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use ran::ran;
use s_server::Server;
use tempfile::TempDir;

/// Runs lines on a state folder of the program, with a startup-config there may be.
fn device(state: &Path, lines: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(lines.as_bytes()).expect("it reads");
    drop(input);
    child.wait_with_output().expect("it ends")
}

/// What a script that must succeed prints.
fn printed(state: &Path, lines: &str) -> String {
    let output = device(state, lines);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}\n{text}\n{told}");
    text
}

/// What a script that must fail prints.
fn refused(state: &Path, lines: &str) -> String {
    let output = device(state, lines);
    assert!(!output.status.success(), "{lines}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs openssl in a folder; what it prints on both streams.
fn openssl(folder: &Path, arguments: &str) -> String {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("openssl starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}\n{text}");
    text
}

/// Two folders, for openssl and for the device; `None` says that there is no openssl, and why the test is skipped.
fn folders() -> Option<(TempDir, TempDir)> {
    if Command::new("openssl").arg("version").output().is_err() {
        let mut err = std::io::stderr();
        writeln!(err, "skipped: there is no openssl on this host").unwrap_or_default();
        return None;
    }
    let folder = || tempfile::tempdir().expect("a folder");
    Some((folder(), folder()))
}

/// An authority, `ca.pem` and `ca.key`.
fn authority(folder: &Path) -> String {
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /O=Example/CN=Root \
         -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
    );
    fs::read_to_string(folder.join("ca.pem")).expect("a certificate")
}

/// The part of a text from one line to another, both included.
fn between(text: &str, first: &str, last: &str) -> String {
    let start = text
        .find(first)
        .unwrap_or_else(|| panic!("{first} in {text}"));
    let rest = &text[start..];
    let end = rest
        .find(last)
        .unwrap_or_else(|| panic!("{last} in {text}"));
    format!("{}\n", &rest[..end + last.len()])
}

#[test]
fn an_authority_is_pasted_off_a_terminal_and_nothing_is_asked() {
    let Some((made, state)) = folders() else {
        return;
    };
    let pem = authority(made.path());
    for answer in ["", "yes\n", "no\n"] {
        let text = printed(
            state.path(),
            &format!(
                "configure terminal\ncrypto ca trustpoint T\nenrollment terminal\n\
                 crypto ca authenticate T nointeractive\n\n{pem}\nquit\n{answer}end\nshow running-config crypto\n"
            ),
        );
        assert!(
            text.contains("% Certificate successfully imported"),
            "{text}"
        );
        assert!(text.contains("certificate ca "), "{text}");
    }
    // Without `quit` it is no block; another key is another authority.
    let open = "configure terminal\ncrypto ca trustpoint T\ncrypto ca authenticate T\n";
    assert!(refused(state.path(), &format!("{open}{pem}")).contains("% Incomplete command"));
}

#[test]
fn a_request_is_signed_by_an_authority_and_comes_back() {
    for key in [
        "ecdsa label site elliptic-curve 256",
        "ecdsa label site",
        "rsa label site modulus 2048",
    ] {
        let Some((made, state)) = folders() else {
            return;
        };
        let pem = authority(made.path());
        let text = printed(
            state.path(),
            &format!(
                "configure terminal\ncrypto key generate {key}\ncrypto ca trustpoint T\nenrollment terminal\nkeypair site\n\
                 subject-name CN=branch-7,OU=Sites,O=\"Example, Inc.\",C=DE\nfqdn branch-7.example.com\nip-address 192.0.2.1\n\
                 email noc@example.com\ncrypto ca authenticate T\n{pem}quit\ncrypto ca enroll T noconfirm\nend\nwrite memory\n"
            ),
        );
        let request = between(
            &text,
            "-----BEGIN CERTIFICATE REQUEST-----",
            "-----END CERTIFICATE REQUEST-----",
        );
        fs::write(made.path().join("site.csr"), request).expect("a file");
        let told = openssl(made.path(), "req -in site.csr -verify -noout -text");
        for part in [
            "CN = branch-7, OU = Sites, O = \"Example, Inc.\", C = DE",
            "unstructuredName = branch-7.example.com",
            "DNS:branch-7.example.com",
            "IP Address:192.0.2.1",
            "email:noc@example.com",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
        openssl(
            made.path(),
            "x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -out site.pem",
        );
        let own = fs::read_to_string(made.path().join("site.pem")).expect("a certificate");
        // Another process: the key pair and the chain have outlived the first.
        let import = "configure terminal\ncrypto ca import T certificate\n";
        let text = printed(
            state.path(),
            &format!("{import}{own}quit\ncrypto ca export T identity-certificate\n"),
        );
        assert!(
            text.contains("INFO: Certificate successfully imported"),
            "{text}"
        );
        let exported = between(
            &text,
            "-----BEGIN CERTIFICATE-----",
            "-----END CERTIFICATE-----",
        );
        fs::write(made.path().join("exported.pem"), exported).expect("a file");
        openssl(made.path(), "verify -CAfile ca.pem exported.pem");
        // The authority's own certificate is for another key.
        let text = refused(state.path(), &format!("{import}{pem}quit\n"));
        assert!(
            text.contains("for another key than key pair site"),
            "{text}"
        );
        // One of a stranger is not this authority's.
        fs::create_dir(made.path().join("other")).expect("a folder");
        authority(&made.path().join("other"));
        openssl(
            made.path(),
            "x509 -req -in site.csr -CA other/ca.pem -CAkey other/ca.key -CAcreateserial -days 10 -out strange.pem",
        );
        let strange = fs::read_to_string(made.path().join("strange.pem")).expect("a certificate");
        let text = refused(state.path(), &format!("{import}{strange}quit\n"));
        assert!(
            text.contains("not signed by the CA of the trustpoint"),
            "{text}"
        );
    }
}

#[test]
fn a_certificate_that_the_device_signs_itself_is_one() {
    let Some((made, state)) = folders() else {
        return;
    };
    let text = printed(
        state.path(),
        "configure terminal\ncrypto key generate rsa\ncrypto ca trustpoint T\nenrollment self\nsubject-name CN=me\n\
         crypto ca enroll T noconfirm\ncrypto ca export T identity-certificate\nend\nshow running-config\n",
    );
    let own = between(
        &text,
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
    );
    fs::write(made.path().join("own.pem"), own).expect("a file");
    openssl(made.path(), "verify -CAfile own.pem -check_ss_sig own.pem");
    let told = openssl(made.path(), "x509 -in own.pem -noout -text");
    assert!(told.contains("CA:FALSE"), "{told}");
    assert!(!text.contains("PRIVATE"), "{text}");
    for entry in fs::read_dir(state.path().join("keys")).expect("the room of keys") {
        use std::os::unix::fs::PermissionsExt;
        let found = entry.expect("a file").metadata().expect("a file");
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn certificates_that_are_no_authority_or_out_of_their_dates_are_refused() {
    let Some((made, state)) = folders() else {
        return;
    };
    authority(made.path());
    openssl(
        made.path(),
        "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf",
    );
    openssl(
        made.path(),
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -out leaf.pem",
    );
    openssl(
        made.path(),
        "req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.pem -days 30 -subj /CN=Weak",
    );
    openssl(
        made.path(),
        "x509 -req -in leaf.csr -signkey leaf.key -days -1 -out old.pem",
    );
    let ca = " -newkey rsa:2048 -nodes -keyout x.key -days 9 -subj /CN=R -addext basicConstraints=critical,CA:TRUE";
    openssl(made.path(), &format!("req -x509 -md5 -out md5.pem{ca}"));
    let whole = fs::read_to_string(made.path().join("ca.pem")).expect("a certificate");
    let write = |file: &str, text: &str| fs::write(made.path().join(file), text).expect("a file");
    write("two.pem", &format!("{whole}{whole}"));
    write("cut.pem", &format!("{}\n", &whole[..400]));
    for (file, said) in [
        ("leaf.pem", "not that of an authority"),
        ("weak.pem", "% Key is too small (1024 bits); 2048 at least"),
        ("old.pem", "the clock says"),
        (
            "md5.pem",
            "signed by MD5 with RSA Encryption, which is not verified here",
        ),
        ("two.pem", "enter one certificate; there are several"),
        ("cut.pem", "cut off: its last END line is missing"),
        ("ca.key", "no certificate was entered"),
    ] {
        let pem = fs::read_to_string(made.path().join(file)).expect("a certificate");
        let text = refused(
            state.path(),
            &format!(
                "configure terminal\ncrypto ca trustpoint T\nenrollment terminal\ncrypto ca authenticate T\n{pem}quit\n"
            ),
        );
        assert!(text.contains(said), "{said} in {text}");
        assert!(!text.contains("successfully"), "{text}");
    }
    // Old, and it shows that nobody changed it; nothing else of the kind counts.
    openssl(made.path(), &format!("req -x509 -sha1 -out sha1.pem{ca}"));
    let pem = fs::read_to_string(made.path().join("sha1.pem")).expect("a certificate");
    let text = printed(
        state.path(),
        &format!(
            "configure terminal\ncrypto ca trustpoint T\ncrypto ca authenticate T\n{pem}quit\n"
        ),
    );
    assert!(text.contains("successfully imported"), "{text}");
}

#[test]
fn a_container_of_openssl_is_taken_and_one_is_given_back() {
    let Some((made, state)) = folders() else {
        return;
    };
    authority(made.path());
    openssl(
        made.path(),
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout site.key -out site.csr -subj /CN=site",
    );
    openssl(
        made.path(),
        "x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -out site.pem",
    );
    let forms = [
        ("P1", "-certfile ca.pem"),
        ("P2", "-certfile ca.pem -legacy"),
        ("P3", "-certpbe AES-128-CBC -keypbe AES-128-CBC"),
    ];
    for (name, options) in forms {
        openssl(
            made.path(),
            &format!(
                "pkcs12 -export -inkey site.key -in site.pem {options} -passout pass:cisco123 -out site.p12"
            ),
        );
        openssl(made.path(), "base64 -in site.p12 -out site.b64");
        let container = fs::read_to_string(made.path().join("site.b64")).expect("base 64");
        let import = |word: &str| {
            format!("configure terminal\ncrypto ca import {name} pkcs12 {word}\n{container}quit\n")
        };
        let text = refused(state.path(), &import("wrong"));
        assert!(text.contains("% Wrong passphrase"), "{text}");
        let text = printed(
            state.path(),
            &format!(
                "{}end\nshow running-config crypto\nshow crypto ca certificates\nwrite memory\n",
                import("cisco123")
            ),
        );
        assert!(text.contains("INFO: Import PKCS12 operation completed successfully"));
        assert!(text.contains(&format!("keypair {name}")), "{text}");
        assert!(!text.contains("cisco123"), "{text}");
        let again = refused(state.path(), &import("cisco123"));
        assert!(again.contains("use another name"), "{again}");
        let text = printed(
            state.path(),
            &format!("configure terminal\ncrypto ca export {name} pkcs12 another1\n"),
        );
        let body = between(&text, "Exported pkcs12 follows:", "---End");
        let body = body
            .lines()
            .filter(|line| !line.contains(' ') && !line.contains("---"));
        fs::write(
            made.path().join("back.b64"),
            body.collect::<Vec<_>>().join("\n") + "\n",
        )
        .expect("a file");
        openssl(made.path(), "base64 -d -in back.b64 -out back.p12");
        openssl(
            made.path(),
            "pkcs12 -in back.p12 -passin pass:another1 -nodes -out back.pem",
        );
        let key = |file: &str| openssl(made.path(), &format!("pkey -in {file} -pubout"));
        assert_eq!(key("back.pem"), key("site.key"));
    }
    let short = refused(
        state.path(),
        "configure terminal\ncrypto ca export P1 pkcs12 short\n",
    );
    assert!(short.contains("8 characters at least"), "{short}");
}

#[test]
fn keys_in_pem_are_taken_and_old_forms_are_named() {
    let Some((made, state)) = folders() else {
        return;
    };
    authority(made.path());
    openssl(made.path(), "genrsa -traditional -out old.key 2048");
    openssl(
        made.path(),
        "ecparam -name secp384r1 -genkey -noout -out sec1.key",
    );
    openssl(made.path(), "genrsa -out new.key 2048");
    openssl(
        made.path(),
        "pkcs8 -topk8 -in new.key -passout pass:cisco123 -out sealed.key",
    );
    openssl(
        made.path(),
        "rsa -in new.key -traditional -aes128 -passout pass:cisco123 -out proc.key",
    );
    openssl(
        made.path(),
        "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in new.key -passout pass:cisco123 -out pbes1.key",
    );
    let cases = [
        ("A", "old.key", "old.key", None),
        ("B", "sec1.key", "sec1.key", None),
        ("C", "new.key", "new.key", None),
        ("D", "sealed.key", "new.key", None),
        (
            "E",
            "proc.key",
            "new.key",
            Some("% Convert with \"openssl pkcs8 -topk8\""),
        ),
        (
            "F",
            "pbes1.key",
            "new.key",
            Some("% Convert with \"openssl pkcs8 -topk8\""),
        ),
        (
            "G",
            "old.key",
            "new.key",
            Some("% No certificate of the container is for its private key"),
        ),
    ];
    for (name, file, key, said) in cases {
        openssl(
            made.path(),
            &format!("req -x509 -new -key {key} -days 9 -subj /CN={name} -out own.pem"),
        );
        let read = |file: &str| fs::read_to_string(made.path().join(file)).expect("PEM");
        let lines = format!(
            "configure terminal\ncrypto ca import {name} pkcs12 cisco123\n{}{}quit\n",
            read(file),
            read("own.pem")
        );
        match said {
            None => {
                let text = printed(state.path(), &lines);
                assert!(text.contains("completed successfully"), "{name}: {text}");
            }
            Some(said) => {
                let text = refused(state.path(), &lines);
                assert!(text.contains(said), "{name}: {text}");
            }
        }
    }
}

#[test]
fn certtool_signs_a_request_and_containers_go_both_ways() {
    let Some((made, state)) = folders() else {
        return;
    };
    let at = made.path();
    let template = "cn = Root\nca\ncert_signing_key\nexpiration_days = 30\n";
    fs::write(at.join("ca.cfg"), template).expect("a file");
    fs::write(
        at.join("site.cfg"),
        "honor_crq_extensions\nexpiration_days = 9\n",
    )
    .expect("a file");
    if !ran(
        at,
        "certtool",
        "--generate-privkey --key-type ecdsa --curve secp384r1 --outfile ca.key",
    ) {
        return;
    }
    ran(
        at,
        "certtool",
        "--generate-self-signed --load-privkey ca.key --template ca.cfg --outfile ca.pem",
    );
    let read = |file: &str| fs::read_to_string(at.join(file)).expect("a file");
    let text = printed(
        state.path(),
        &format!(
            "configure terminal\ncrypto key generate rsa label site\ncrypto ca trustpoint T\nenrollment terminal\nkeypair site\n\
             subject-name CN=branch-7\nfqdn branch-7.example.com\ncrypto ca authenticate T\n{}quit\n\
             crypto ca enroll T noconfirm\nend\nwrite memory\n",
            read("ca.pem")
        ),
    );
    let request = between(
        &text,
        "-----BEGIN CERTIFICATE REQUEST-----",
        "-----END CERTIFICATE REQUEST-----",
    );
    fs::write(at.join("site.csr"), request).expect("a file");
    ran(
        at,
        "certtool",
        "--generate-certificate --load-request site.csr --load-ca-certificate ca.pem --load-ca-privkey ca.key \
         --template site.cfg --outfile site.pem",
    );
    let text = printed(
        state.path(),
        &format!(
            "configure terminal\ncrypto ca import T certificate\n{}quit\nshow crypto ca certificates\ncrypto ca export T pkcs12 cisco123\n",
            read("site.pem")
        ),
    );
    assert!(text.contains("    branch-7.example.com\n"), "{text}");
    let body = between(&text, "Exported pkcs12 follows:", "---End");
    let body: Vec<_> = body
        .lines()
        .filter(|line| !line.contains(' ') && !line.contains("---"))
        .collect();
    fs::write(at.join("back.b64"), body.join("\n") + "\n").expect("a file");
    openssl(at, "base64 -d -in back.b64 -out back.p12");
    ran(
        at,
        "certtool",
        "--p12-info --inder --infile back.p12 --password cisco123 --outfile back.pem",
    );
    assert!(read("back.pem").contains("PRIVATE KEY"));
    ran(
        at,
        "certtool",
        "--generate-privkey --bits 2048 --outfile other.key",
    );
    ran(
        at,
        "certtool",
        "--generate-self-signed --load-privkey other.key --template ca.cfg --outfile other.pem",
    );
    for (name, cipher) in [("A", "aes-256"), ("B", "3des-pkcs12")] {
        ran(
            at,
            "certtool",
            &format!(
                "--to-p12 --load-privkey other.key --load-certificate other.pem --p12-name x --pkcs-cipher {cipher} \
                 --password cisco123 --outder --outfile other.p12"
            ),
        );
        openssl(at, "base64 -in other.p12 -out other.b64");
        let text = printed(
            state.path(),
            &format!(
                "configure terminal\ncrypto ca import {name} pkcs12 cisco123\n{}quit\n",
                read("other.b64")
            ),
        );
        assert!(text.contains("completed successfully"), "{text}");
    }
}

#[test]
fn an_authority_without_validation_usage_vouches_for_no_bundle() {
    let Some((made, state)) = folders() else {
        return;
    };
    let at = made.path();
    let pem = authority(at);
    fs::write(at.join("srv.cfg"), "subjectAltName=IP:127.0.0.1\n").expect("a file");
    openssl(
        at,
        "req -newkey rsa:2048 -nodes -keyout server.key -out srv.csr -subj /CN=srv",
    );
    openssl(
        at,
        "x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -extfile srv.cfg -out server.pem",
    );
    let server = Server::start(at, "-WWW");
    let port = server.at.port();
    let import =
        format!("crypto ca trustpool import url https://127.0.0.1:{port}/ca.pem noconfirm\n");
    let point = "configure terminal\ncrypto ca trustpoint T\n";
    let text = refused(
        state.path(),
        &format!(
            "{point}enrollment terminal\nno validation-usage\ncrypto ca authenticate T\n{pem}quit\nend\nwrite memory\n{import}"
        ),
    );
    assert!(text.contains("successfully imported"), "{text}");
    assert!(
        text.contains("ERROR: Trustpool import failed: unknown issuer"),
        "{text}"
    );
    // For every client it vouches at once.
    let text = printed(
        state.path(),
        &format!("{point}validation-usage ssl-server\nend\n{import}"),
    );
    assert!(text.contains("  installed: 1\n"), "{text}");
}
