//! What is in the pool after what was done to it.

use rcgen::{IsCa, date_time_ymd};

use super::*;
use crate::trust::bench::{NOW, authority};

fn certificate(name: &str) -> Certificate {
    Certificate::read(authority(name, |_| {}).der()).expect("readable")
}

fn bundle(certificates: &[&Certificate]) -> Bundle {
    Bundle {
        certificates: certificates
            .iter()
            .map(|known| known.der().to_vec())
            .collect(),
        ..Bundle::default()
    }
}

fn names(pool: &Pool) -> Vec<(&str, Origin)> {
    pool.certificates()
        .map(|(certificate, origin)| (certificate.subject()[0].1.as_str(), origin))
        .collect()
}

fn tally(attempted: usize, rest: [usize; 4]) -> Tally {
    let [installed, duplicates, expired, failed] = rest;
    Tally {
        attempted,
        installed,
        duplicates,
        expired,
        failed,
    }
}

#[test]
fn each_certificate_of_a_bundle_is_counted_once() {
    let root = certificate("root");
    let pool = Pool::new([root.clone()].into());
    let new = certificate("new");
    let old = authority("old", |params| params.not_after = date_time_ymd(2026, 1, 1));
    let leaf = authority("leaf", |params| params.is_ca = IsCa::ExplicitNoCa);
    let mut bundle = bundle(&[&root, &new, &new]);
    bundle
        .certificates
        .extend([old.der().to_vec(), leaf.der().to_vec(), vec![1, 2, 3]]);
    bundle.broken = 1;
    let (pool, counted) = pool.with(&bundle, How::Add, NOW).expect("usable");
    assert_eq!(counted, tally(7, [1, 2, 1, 3]));
    assert_eq!(
        names(&pool),
        [("root", Origin::BuiltIn), ("new", Origin::Imported)]
    );
}

#[test]
fn a_bundle_of_nothing_usable_changes_nothing_even_when_it_would_clean() {
    let old = authority("old", |params| params.not_after = date_time_ymd(2026, 1, 1));
    let pool = Pool::new([certificate("root")].into());
    let old = Certificate::read(old.der()).expect("readable");
    for how in [How::Add, How::Clean, How::Automatic] {
        let refused = pool.with(&bundle(&[&old]), how, NOW);
        assert_eq!(refused, Err(NothingUsable(tally(1, [0, 0, 1, 0]))));
    }
}

#[test]
fn the_daily_import_replaces_what_it_brought_and_leaves_the_rest() {
    let (by_hand, first, second) = (
        certificate("hand"),
        certificate("first"),
        certificate("second"),
    );
    let pool = Pool::new(Arc::default());
    let (pool, _) = pool
        .with(&bundle(&[&by_hand]), How::Add, NOW)
        .expect("usable");
    let (pool, _) = pool
        .with(&bundle(&[&first]), How::Automatic, NOW)
        .expect("usable");
    let (pool, _) = pool
        .with(&bundle(&[&second, &by_hand]), How::Automatic, NOW)
        .expect("usable");
    assert_eq!(
        names(&pool),
        [("hand", Origin::Imported), ("second", Origin::AutoImported)]
    );
    let (pool, counted) = pool
        .with(&bundle(&[&first]), How::Clean, NOW)
        .expect("usable");
    assert_eq!(counted, tally(1, [1, 0, 0, 0]));
    assert_eq!(names(&pool), [("first", Origin::Imported)]);
}

#[test]
fn what_an_operator_removed_comes_back_by_hand_alone() {
    let (root, other) = (certificate("root"), certificate("other"));
    let pool = Pool::new([root.clone()].into());
    let pool = pool.without(root.fingerprint()).expect("there");
    assert_eq!(names(&pool), []);
    assert_eq!(pool.without(root.fingerprint()), None);
    let both = bundle(&[&root, &other]);
    let (auto, counted) = pool.with(&both, How::Automatic, NOW).expect("usable");
    assert_eq!(counted, tally(2, [1, 0, 0, 1]));
    assert_eq!(names(&auto), [("other", Origin::AutoImported)]);
    let (hand, _) = pool
        .with(&bundle(&[&other]), How::Add, NOW)
        .expect("usable");
    let (hand, counted) = hand.with_built_in(true);
    assert_eq!(counted, tally(1, [1, 0, 0, 0]));
    assert_eq!(names(&hand), [("root", Origin::BuiltIn)]);
}

#[test]
fn a_cleared_pool_is_empty_until_the_built_in_set_is_imported() {
    let (root, other) = (certificate("root"), certificate("other"));
    let pool = Pool::new([root].into());
    let (pool, _) = pool
        .with(&bundle(&[&other]), How::Add, NOW)
        .expect("usable");
    let pool = pool.cleared();
    assert_eq!(names(&pool), []);
    assert_eq!(
        names(&pool.with_built_in(false).0),
        [("root", Origin::BuiltIn)]
    );
}

#[test]
fn what_is_kept_reads_back_as_the_same_pool() {
    let built_in: Arc<[Certificate]> = [certificate("root"), certificate("gone")].into();
    let pool = Pool::new(Arc::clone(&built_in));
    let pool = pool.without(built_in[1].fingerprint()).expect("there");
    let (pool, _) = pool
        .with(&bundle(&[&certificate("hand")]), How::Add, NOW)
        .expect("usable");
    let (pool, _) = pool
        .with(&bundle(&[&certificate("auto")]), How::Automatic, NOW)
        .expect("usable");
    for pool in [pool.clone(), pool.cleared()] {
        let text = pool.to_text();
        assert_eq!(Pool::of_text(&text, Arc::clone(&built_in)), Some(pool));
    }
    let text = pool.to_text();
    for broken in [
        String::new(),
        text.replace("imported 1", "imported 9"),
        text.replacen("removed ", "removed 0", 1),
        text.replacen("M", "*", 1),
        text.replace("trustpool 1", "trustpool 2"),
    ] {
        assert_eq!(
            Pool::of_text(&broken, Arc::clone(&built_in)),
            None,
            "{broken}"
        );
    }
}

#[test]
fn fingerprints_are_typed_in_any_form() {
    let expected = Some([0xab; 20]);
    assert_eq!(fingerprint(&"ab".repeat(20)), expected);
    assert_eq!(fingerprint(&["AB"; 20].join(":")), expected);
    assert_eq!(fingerprint(&["abababab"; 5].join(" ")), expected);
    for text in ["", "ab", &"ab".repeat(21), &"xy".repeat(20)] {
        assert_eq!(fingerprint(text), None);
    }
}

#[test]
fn what_is_exported_is_imported_again_in_either_form() {
    let pool = Pool::new([certificate("one"), certificate("two")].into());
    for form in [Form::Pem, Form::Pkcs7] {
        let bundle = crate::trust::bundle::read(&pool.export(form)).expect("a bundle");
        let (again, counted) = Pool::new(Arc::default())
            .with(&bundle, How::Add, NOW)
            .expect("usable");
        assert_eq!(counted, tally(2, [2, 0, 0, 0]));
        let mut found: Vec<_> = names(&again).iter().map(|(name, _)| *name).collect();
        found.sort_unstable();
        assert_eq!(found, ["one", "two"]);
    }
    assert_eq!(Pool::new(Arc::default()).export(Form::Pem), b"");
}
