//! Revocation as `openssl ca` and `openssl ocsp` tell it, where they are installed; their files are served on loopback.

use std::path::Path as FilePath;
use std::process::Command;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::certificate::Certificate;
use super::revocation_tests::{Bench, Places};
use crate::config::crypto::Crl;
use crate::config::crypto::RevocationMethod;
use crate::net::only_to::OnlyTo;

use RevocationMethod::{Crl as ByCrl, Ocsp as ByOcsp};

/// Runs `openssl`; `None` with a reason on standard error where there is none.
fn openssl(folder: &FilePath, arguments: &str) -> Option<Vec<u8>> {
    let words = arguments.split(' ');
    let ran = Command::new("openssl")
        .args(words)
        .current_dir(folder)
        .output();
    match ran {
        Ok(ran) => {
            let errors = String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success(), "openssl {arguments}: {errors}");
            Some(ran.stdout)
        }
        Err(error) => {
            // Past the harness, which keeps what a test that passes prints.
            let line = format!("skipped: openssl: {error}\n");
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).ok();
            None
        }
    }
}

/// An authority of `openssl ca` with two servers, one of which it has revoked; its list and its responder are real.
fn real_authority(folder: &FilePath, port: u16) -> Option<(Certificate, Certificate, Certificate)> {
    let config = format!(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\n\
         default_md=sha256\ndefault_days=30\ndefault_crl_days=1\npolicy=p\nx509_extensions=s\nunique_subject=no\n[p]\ncommonName=supplied\n\
         [req]\ndistinguished_name=n\n[n]\n[s]\nbasicConstraints=CA:FALSE\nsubjectAltName=DNS:a.example\n\
         crlDistributionPoints=URI:http://127.0.0.1:{port}/ca.crl\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:{port}/ocsp\n\
         [r]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=OCSPSigning\n\
         [l]\nauthorityKeyIdentifier=keyid\n\
         [delta]\n2.5.29.27=critical,ASN1:INTEGER:1\n[indirect]\nissuingDistributionPoint=critical,@i\n[i]\nindirectCRL=TRUE\n\
         [c]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
    );
    for (name, content) in [
        ("c.cnf", config.as_str()),
        ("index.txt", ""),
        ("serial", "1000\n"),
    ] {
        std::fs::write(folder.join(name), content).expect("a file");
    }
    let run = |arguments: &str| openssl(folder, arguments);
    run(
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Real -days 30 -config c.cnf -extensions c",
    )?;
    for (name, extensions) in [("good", "s"), ("bad", "s"), ("responder", "r")] {
        run(&format!(
            "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name} -config c.cnf"
        ))?;
        run(&format!(
            "ca -batch -config c.cnf -extensions {extensions} -in {name}.csr -out {name}.pem -notext"
        ))?;
    }
    run("ca -config c.cnf -revoke bad.pem")?;
    // Without extensions that is a list of version 1.
    run("ca -config c.cnf -gencrl -out v1.pem")?;
    run("crl -in v1.pem -outform DER -out v1.crl")?;
    run("ca -config c.cnf -gencrl -crlexts l -out ca.crl.pem")?;
    run("crl -in ca.crl.pem -outform DER -out ca.crl")?;
    run("ca -config c.cnf -gencrl -crlexts l -md sha1 -out sha1.pem")?;
    run("ca -config c.cnf -gencrl -crlexts delta -out delta.pem")?;
    run("ca -config c.cnf -gencrl -crlexts indirect -out indirect.pem")?;
    let read = |name: &str| {
        let der = CertificateDer::from_pem_file(folder.join(name)).expect("PEM");
        Certificate::read(&der).expect("readable")
    };
    Some((read("ca.pem"), read("good.pem"), read("bad.pem")))
}

#[tokio::test]
async fn openssl_lists_and_answers_tell_good_from_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let places = Places::default();
    let port = places.serve().await;
    let Some((ca, good, bad)) = real_authority(folder.path(), port) else {
        return;
    };
    let at = folder.path().to_owned();
    let der = std::fs::read(at.join("ca.crl")).expect("a list");
    let pem = std::fs::read(at.join("ca.crl.pem")).expect("a list");
    let first = std::fs::read(at.join("v1.crl")).expect("a list");
    places.say("/ocsp", move |question| {
        std::fs::write(at.join("question"), question).expect("a file");
        openssl(&at, "ocsp -index index.txt -CA ca.pem -rsigner responder.pem -rkey responder.key -reqin question -respout answer -ndays 1");
        std::fs::read(at.join("answer")).expect("an answer")
    });
    for (methods, list) in [
        (&[ByCrl][..], Some(&der)),
        (&[ByCrl], Some(&pem)),
        (&[ByCrl], Some(&first)),
        (&[ByOcsp], None),
    ] {
        if let Some(list) = list {
            places.list("/ca.crl", list.clone());
        }
        let bench = Bench::new(&ca, methods, Crl::default(), OnlyTo::anywhere());
        bench.clock.set(chrono::Utc::now());
        assert_eq!(bench.check(&good).await, Ok(()), "{methods:?}");
        let refused = bench.check(&bad).await.expect_err("revoked");
        assert_eq!(
            refused, "certificate is revoked, serial number: 1001, subject name: cn=bad",
            "{methods:?}"
        );
        // Kept: nobody is asked again.
        let asked = places.asked();
        assert_eq!(bench.check(&good).await, Ok(()));
        assert_eq!(places.asked(), asked);
    }
    for (name, why) in [
        (
            "sha1",
            "revocation list is signed by an algorithm that is not accepted",
        ),
        ("delta", "delta revocation lists are not supported"),
        ("indirect", "indirect revocation lists are not supported"),
    ] {
        let list = std::fs::read(folder.path().join(format!("{name}.pem"))).expect("a list");
        places.list("/ca.crl", list);
        let bench = Bench::new(&ca, &[ByCrl], Crl::default(), OnlyTo::anywhere());
        bench.clock.set(chrono::Utc::now());
        let refused = bench.check(&good).await.expect_err("unknown");
        assert!(refused.contains(why), "{refused}");
    }
}
