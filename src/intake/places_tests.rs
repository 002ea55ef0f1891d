//! Places of inputs in a real state folder, written by the thread that writes them.

use super::*;
use crate::intake::pages::MOST_PLACES;

fn mark(offset: u64) -> Mark {
    Mark {
        device: 1,
        inode: 2,
        offset,
        print: 3,
    }
}

#[test]
fn what_was_flushed_is_found_by_the_next_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
    let places = Places::new(state.clone());
    assert_eq!((places.file("/a"), places.journal()), (None, None));
    for offset in 0..100 {
        places.set_file("/a", vec![mark(offset)], 0, 0);
    }
    places.set_file("/b", Vec::new(), 0, 0);
    places.set_journal((Some("s=1;i=2".to_owned()), None), 0, 0);
    places.flush();
    drop(places);
    let places = Places::new(state);
    assert_eq!(places.file("/a"), Some(vec![mark(99)]));
    assert_eq!(places.file("/b"), Some(Vec::new()));
    assert_eq!(places.journal().as_deref(), Some("s=1;i=2"));
    places.forget_file("/b");
    assert_eq!(places.file("/b"), None);
}

/// Whether all is on disk, without asking for it.
fn is_written(places: &Places) -> bool {
    let is_waiting = |book: &mut Book| book.on_disk != book.change;
    let shared = &places.shared;
    let waited =
        shared
            .written
            .wait_timeout_while(shared.lock(), Duration::from_secs(20), is_waiting);
    waited.is_ok_and(|(_, waited)| !waited.timed_out())
}

#[test]
fn where_an_input_begins_is_written_without_a_pause() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
    let hour = Duration::from_secs(3600);
    let places = Places::pausing(state.clone(), hour);
    places.set_file("/a", vec![mark(0)], 0, 0);
    assert!(is_written(&places), "the first of all");
    assert_eq!(places.journal_since(7), 7);
    assert!(is_written(&places), "a moment");
    places.set_file("/b", vec![mark(0)], 0, 0);
    assert!(is_written(&places), "another file");
    drop(places);
    let next = Places::new(state);
    assert_eq!(next.file("/b"), Some(vec![mark(0)]));
    assert_eq!(next.journal_since(8), 7, "after a kill");
}

#[test]
fn a_broken_file_is_as_good_as_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
    state.keep(NAME, b"{\"files\": 7").expect("written");
    let places = Places::new(state);
    assert_eq!(places.file("/a"), None);
    places.set_file("/a", vec![mark(1)], 0, 0);
    places.flush();
    assert_eq!(places.file("/a"), Some(vec![mark(1)]));
}

#[test]
fn a_place_is_kept_when_what_stands_before_it_is_settled() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
    let places = Places::new(state.clone());
    places.set_file("/a", vec![mark(0)], 0, 0);
    for number in 1..=3 {
        places.set_file("/a", vec![mark(number * 10)], number, number);
    }
    places.settle(2, 3);
    assert!(places.is_ahead());
    assert_eq!(places.file("/a"), Some(vec![mark(30)]), "read on there");
    places.flush();
    let next = Places::new(state);
    assert_eq!(next.file("/a"), Some(vec![mark(20)]), "after a kill");
    places.settle(2, 3 + MOST_WAITING);
    assert!(places.is_ahead() && places.take_unkept("/a") == 0);
    places.settle(2, 4 + MOST_WAITING);
    assert!(!places.is_ahead() && places.take_unkept("/a") == 1);
}

#[test]
fn many_places_that_wait_become_fewer_and_the_last_one_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
    let places = Places::new(state);
    let many = 10_000;
    for number in 1..=many {
        places.set_file("/a", vec![mark(number)], number, number);
    }
    assert!(places.shared.lock().ahead["/a"].waits.len() < MOST_PLACES);
    assert_eq!(places.file("/a"), Some(vec![mark(many)]));
}
