//! The table of certificates times identities as handshakes: the certificates are made by `openssl` and by `certtool`, the server
//! is `openssl s_server` on loopback. Where a program is not on this machine, the test says so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::api::Service;
use super::certificate::Presented;
use super::engine_tests::{Bench, crypto_of};
use super::identity::Expected;
use super::identity_tests::{TABLE, expected, presented};
use super::s_server::Server;
use crate::config::crypto::ReferenceIdentity;

/// Runs a program in `folder`; `None` with a reason on standard error where there is none.
fn run(program: &Path, folder: &Path, arguments: &[&str]) -> Option<()> {
    let ran = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    match ran {
        Ok(ran) => {
            let errors = String::from_utf8_lossy(&ran.stderr);
            let program = program.display();
            assert!(ran.status.success(), "{program} {arguments:?}: {errors}");
            Some(())
        }
        Err(error) => {
            // Past the harness, which keeps what a test that passes prints.
            let line = format!("skipped: {}: {error}\n", program.display());
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).ok();
            None
        }
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> Option<()> {
    run(Path::new("openssl"), folder, arguments)
}

/// Of this machine, or as `.ci/peers` has brought it beside the folder of this test's program.
fn certtool() -> PathBuf {
    let here = std::env::current_exe().expect("this program");
    let brought = here
        .ancestors()
        .map(|folder| folder.join("peers/bin/certtool"))
        .find(|file| file.is_file());
    brought.unwrap_or_else(|| "certtool".into())
}

/// id-on-dnsSRV (RFC 4985, 2).
const SRV: &str = "1.3.6.1.5.5.7.8.7";

/// An authority, `ca.pem`, and a server's key.
fn prepare(folder: &Path) -> Option<()> {
    std::fs::write(
        folder.join("req.cnf"),
        "[req]\ndistinguished_name=n\nprompt=no\nx509_extensions=c\n[n]\nCN=ours\n[c]\nbasicConstraints=critical,CA:TRUE\n\
         keyUsage=critical,keyCertSign\n",
    )
    .expect("a file");
    openssl(
        folder,
        &"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -config req.cnf"
            .split(' ')
            .collect::<Vec<_>>(),
    )?;
    openssl(
        folder,
        &"genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out server.key"
            .split(' ')
            .collect::<Vec<_>>(),
    )
}

/// A certificate of the authority's that shows these names, made by openssl.
fn by_openssl(folder: &Path, names: &Presented) -> Option<()> {
    let mut lines = Vec::new();
    let mut add = |kind: &str, form: &str, values: &[String]| {
        for (place, value) in values.iter().enumerate() {
            lines.push(format!("{kind}.{}={form}{value}\n", place + 1));
        }
    };
    add("DNS", "", &names.dns);
    add("URI", "", &names.uri);
    add("otherName", &format!("{SRV};IA5:"), &names.srv);
    let addresses: Vec<_> = names.addresses.iter().map(ToString::to_string).collect();
    add("IP", "", &addresses);
    let shown = match lines.is_empty() {
        true => "basicConstraints=CA:FALSE\n".to_owned(),
        false => format!("subjectAltName=@a\n[a]\n{}", lines.concat()),
    };
    std::fs::write(folder.join("names.cnf"), shown).expect("a file");
    let subject = names.common_name.as_deref();
    let subject = subject.map_or_else(|| "/O=nobody".to_owned(), |name| format!("/CN={name}"));
    openssl(
        folder,
        &[
            "req",
            "-new",
            "-utf8",
            "-key",
            "server.key",
            "-subj",
            &subject,
            "-config",
            "req.cnf",
            "-out",
            "server.csr",
        ],
    )?;
    openssl(
        folder,
        &"x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -extfile names.cnf -out server.pem"
            .split(' ')
            .collect::<Vec<_>>(),
    )
}

/// The same by certtool.
fn by_certtool(folder: &Path, names: &Presented) -> Option<()> {
    let mut lines = vec!["expiration_days = 10\ntls_www_server\n".to_owned()];
    match &names.common_name {
        Some(name) => lines.push(format!("cn = \"{name}\"\n")),
        None => lines.push("organization = \"nobody\"\n".to_owned()),
    }
    lines.extend(
        names
            .dns
            .iter()
            .map(|name| format!("dns_name = \"{name}\"\n")),
    );
    lines.extend(names.uri.iter().map(|name| format!("uri = \"{name}\"\n")));
    let addresses = names.addresses.iter();
    lines.extend(addresses.map(|address| format!("ip_address = \"{address}\"\n")));
    for name in &names.srv {
        // An IA5String, whole.
        let length = name.len();
        let digits: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        lines.push(format!("other_name = \"{SRV} 16{length:02x}{digits}\"\n"));
    }
    std::fs::write(folder.join("names.cfg"), lines.concat()).expect("a file");
    run(
        &certtool(),
        folder,
        &"--generate-certificate --load-privkey server.key --load-ca-certificate ca.pem --load-ca-privkey ca.key --template names.cfg \
          --outfile server.pem"
            .split_whitespace()
            .collect::<Vec<_>>(),
    )
}

/// Every row is a handshake with a server whose certificate `make` has made.
async fn every_row(make: fn(&Path, &Presented) -> Option<()>) {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    if prepare(at).is_none() {
        return;
    }
    let read = |file: &str| CertificateDer::from_pem_file(at.join(file)).expect("a certificate");
    let authority = read("ca.pem");
    // One server for all rows with the same certificate.
    let mut rows: Vec<_> = TABLE.iter().collect();
    rows.sort_by_key(|(_, shown, _)| *shown);
    for rows in rows.chunk_by(|(_, a, _), (_, b, _)| a == b) {
        let names = presented(rows[0].1);
        if make(at, &names).is_none() {
            return;
        }
        let server = Server::start(at, "-www");
        for (wanted, shown, believed) in rows {
            let mut crypto = crypto_of(&[("OURS", None, &authority)]);
            let (host, identity) = match expected(wanted) {
                Expected::Host(host) => (host, None),
                Expected::Reference(reference) => {
                    let identity = ReferenceIdentity {
                        cn_ids: reference.cn_ids.clone(),
                        dns_ids: reference.dns_ids.clone(),
                        srv_ids: reference.srv_ids.clone(),
                        uri_ids: reference.uri_ids.clone(),
                    };
                    Arc::make_mut(&mut crypto.reference_identities)
                        .insert("collector".into(), identity.into());
                    ("dialled.example".into(), Some("collector"))
                }
            };
            let bench = Bench::new(crypto);
            let connected = bench.connect(Service::CallHome, server.at, &host, identity);
            let verdict = connected.await;
            assert_eq!(
                verdict.is_ok(),
                *believed,
                "{wanted} against {shown}: {verdict:?}"
            );
            if let Err(reason) = verdict {
                assert!(
                    reason.starts_with("certificate is for "),
                    "{wanted} against {shown}: {reason}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_row_holds_for_certificates_of_openssl() {
    every_row(by_openssl).await;
}

#[tokio::test]
async fn every_row_holds_for_certificates_of_certtool() {
    every_row(by_certtool).await;
}
