//! The outbox and its thread, on a disk that works and on one that does not.

use super::*;

struct Silent;

impl Say for Silent {
    fn say(&self, _: Own) {}
}

fn outbox(folder: Option<&std::path::Path>) -> Outbox {
    Outbox::new(
        folder.map(std::path::Path::to_owned),
        Arc::new(Silent),
        Arc::default(),
    )
}

fn parcel(message: &str) -> Parcel {
    Parcel {
        message: message.to_owned(),
        kind: "inventory",
        severity: 1,
        format: "xml",
        accepted: 0,
        bytes: Bytes::from(message.to_owned()),
        addresses: vec![Label {
            profile: "ops".to_owned(),
            is_email: false,
            address: "http://a/".to_owned(),
        }],
    }
}

#[tokio::test]
async fn what_was_accepted_is_found_by_the_next_run_until_it_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = outbox(Some(folder.path()));
    assert_eq!(first.found().await, []);
    assert!(
        !folder.path().join(FILE).exists(),
        "nothing was made of nothing"
    );
    let places = first.accept(vec![parcel("M1"), parcel("M2")]).await;
    let places = places.expect("a disk");
    let second = outbox(Some(folder.path()));
    // As after a kill: the first one's thread has let go of the file.
    first.finish();
    drop(first);
    let found = loop {
        let found = second.found().await;
        if !found.is_empty() {
            break found;
        }
    };
    let ids: Vec<&str> = found.iter().map(|(_, found)| &*found.message).collect();
    assert_eq!(ids, ["M1", "M2"]);
    assert_eq!(found[0].0.row, places[0][0].row);
    let document = second.document(found[1].0).await;
    assert_eq!(document, Ok(Some(Bytes::from_static(b"M2"))));
    second.done(found[0].0);
    assert_eq!(second.found().await.len(), 1);
    second.done(found[1].0);
    assert_eq!(second.found().await, []);
}

#[tokio::test]
async fn many_that_are_accepted_together_each_get_their_own_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = Arc::new(outbox(Some(folder.path())));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200 {
        let outbox = outbox.clone();
        tasks.spawn(async move {
            let message = format!("M{number}");
            let places = outbox.accept(vec![parcel(&message)]).await.expect("a disk");
            let document = outbox.document(places[0][0]).await;
            assert_eq!(document, Ok(Some(Bytes::from(message))));
            outbox.done(places[0][0]);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no task fails");
    }
    assert_eq!(outbox.found().await, []);
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept_and_that_is_said() {
    let outbox = outbox(None);
    assert_eq!(outbox.found().await, []);
    let refused = outbox.accept(vec![parcel("M1")]).await;
    assert_eq!(refused, Err(Unkept("no state folder".to_owned())));
}

#[tokio::test]
async fn a_place_in_a_file_that_was_set_aside_means_nothing_in_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = outbox(Some(folder.path()));
    let old = outbox.accept(vec![parcel("M1")]).await.expect("a disk");
    let old = Place {
        epoch: old[0][0].epoch + 1,
        ..old[0][0]
    };
    assert_eq!(outbox.document(old).await, Ok(None));
    outbox.done(old);
    assert_eq!(outbox.found().await.len(), 1);
}

#[test]
fn room_is_bounded_and_given_back() {
    let outbox = outbox(None);
    let one = outbox.room(MOST / 2, 1).expect("room");
    assert!(outbox.room(MOST / 2, 1).is_none());
    drop(one);
    let many: Vec<Room> = std::iter::from_fn(|| outbox.room(1, 1)).collect();
    // Small ones take memory, too.
    assert!(many.len() <= MOST / PLACE && many.len() > MOST / PLACE / 2);
    drop(many);
    assert!(outbox.room(MOST / 2, 1).is_some());
    assert!(outbox.memory(MOST_IN_MEMORY).is_some());
    assert!(outbox.memory(MOST_IN_MEMORY + 1).is_none());
}
