//! One question to one toy server, and what hostile answers come to.

use super::*;
use crate::net::toy_dns::{ToyDns, record};

const LOOPBACK: &str = "127.0.0.1:0";
const PATIENCE: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(400);

async fn asked(server: &ToyDns, host: &str, patience: Duration) -> Result<Answer, NoAnswer> {
    let server = Server {
        at: server.at,
        way: Way::default(),
    };
    ask(&server, host, patience, &OnlyTo::anywhere()).await
}

fn addresses_of(answer: &Answer) -> Vec<String> {
    answer.addresses.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn both_families_are_asked_for_and_ipv4_comes_first() {
    let server = ToyDns::open(LOOPBACK, |question, mut message| {
        let address = if question.is_ipv6 {
            "2001:db8::1"
        } else {
            "192.0.2.1"
        };
        let ttl = if question.is_ipv6 { 30 } else { 60 };
        message.answers = vec![record(&question.name, address, ttl)];
        vec![message]
    });
    let answer = asked(&server, "host.example", PATIENCE)
        .await
        .expect("an answer");
    assert_eq!(addresses_of(&answer), ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(answer.ttl, Duration::from_secs(30));
}

#[tokio::test]
async fn what_a_server_says_instead_of_an_address_is_the_reason() {
    for (code, expected) in [
        (ResponseCode::NXDomain, "no such name"),
        (ResponseCode::NoError, "no address for name"),
        (ResponseCode::ServFail, "answers Server Failure"),
        (ResponseCode::Refused, "answers Query Refused"),
    ] {
        let server = ToyDns::failing(LOOPBACK, code);
        let fault = asked(&server, "host.example", PATIENCE).await;
        assert_eq!(fault.expect_err("no address").to_string(), expected);
    }
}

#[tokio::test]
async fn silence_ends_with_the_patience() {
    let server = ToyDns::silent(LOOPBACK);
    let fault = asked(&server, "host.example", SHORT).await;
    assert_eq!(fault, Err(NoAnswer::Silent));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_over_tcp() {
    let server = ToyDns::open(LOOPBACK, |question, mut message| {
        if question.is_tcp && !question.is_ipv6 {
            message.answers = vec![record(&question.name, "192.0.2.1", 60)];
        }
        message.metadata.truncation = !question.is_tcp;
        vec![message]
    });
    let answer = asked(&server, "host.example", PATIENCE).await;
    assert_eq!(addresses_of(&answer.expect("an answer")), ["192.0.2.1"]);
    assert!(server.asked().iter().any(|question| question.is_tcp));
}

#[tokio::test]
async fn an_answer_of_another_number_or_to_another_question_is_nobodys() {
    let server = ToyDns::open(LOOPBACK, |question, message| {
        let of = |address: &str| record(&question.name, address, 60);
        let mut other_number = message.clone();
        other_number.metadata.id = !message.metadata.id;
        other_number.answers = vec![of("192.0.2.66")];
        let mut other_question = message.clone();
        for query in &mut other_question.queries {
            query.set_name(Name::from_str("other.example.").expect("a name"));
        }
        other_question.answers = vec![of("192.0.2.67")];
        let mut right = message;
        if !question.is_ipv6 {
            right.answers = vec![of("192.0.2.1")];
        }
        vec![other_number, other_question, right]
    });
    let answer = asked(&server, "host.example", PATIENCE).await;
    assert_eq!(addresses_of(&answer.expect("an answer")), ["192.0.2.1"]);
}

#[tokio::test]
async fn aliases_are_followed_and_their_time_counts() {
    let server = ToyDns::open(LOOPBACK, |question, mut message| {
        if !question.is_ipv6 {
            message.answers = vec![
                record("b.example", "192.0.2.1", 300),
                record("host.example", "a.example", 20),
                record("a.example", "b.example", 100),
                record("stranger.example", "192.0.2.66", 300),
            ];
        }
        vec![message]
    });
    let answer = asked(&server, "host.example", PATIENCE).await;
    let answer = answer.expect("an answer");
    assert_eq!(addresses_of(&answer), ["192.0.2.1"]);
    assert_eq!(answer.ttl, Duration::from_secs(20));
}

#[tokio::test]
async fn aliases_in_a_circle_end() {
    let server = ToyDns::open(LOOPBACK, |question, mut message| {
        let other = if question.name == "a.example" {
            "b.example"
        } else {
            "a.example"
        };
        message.answers = vec![record(&question.name, other, 60)];
        vec![message]
    });
    let started = std::time::Instant::now();
    assert!(asked(&server, "a.example", PATIENCE).await.is_err());
    assert!(started.elapsed() < PATIENCE);
    assert!(server.asked().len() < 64, "{}", server.asked().len());
}

#[test]
fn records_that_lead_nowhere_are_no_answer() {
    let name = |text| Name::from_str(text).expect("a name");
    let circle = [
        record("a.example", "b.example", 60),
        record("b.example", "a.example", 60),
    ];
    let of = |records: &[Record]| addresses(&name("a.example."), records);
    assert_eq!(of(&circle), Err(NoAnswer::Invalid));
    assert_eq!(of(&circle[..1]), Err(NoAnswer::NoAddress));
    let nobody = ["0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1"];
    let nobody = nobody.map(|address| record("a.example", address, 60));
    assert_eq!(of(&nobody), Err(NoAnswer::NoAddress));
    let many: Vec<_> = (0..200)
        .map(|last| record("a.example", &format!("192.0.2.{last}"), u32::MAX))
        .collect();
    let answer = of(&many).expect("an answer");
    assert_eq!(answer.addresses.len(), MOST_ADDRESSES);
    assert_eq!(answer.ttl, Duration::from_secs(LONGEST.into()));
}

#[tokio::test]
async fn a_question_leaves_from_the_address_that_is_given() {
    let toy = ToyDns::of(LOOPBACK, "192.0.2.1", 60);
    let server = Server {
        at: toy.at,
        way: Way {
            source: Some("127.0.0.9".parse().expect("an address")),
            device: Some("lo".to_owned()),
        },
    };
    let answer = ask(&server, "host.example", PATIENCE, &OnlyTo::anywhere()).await;
    assert!(answer.is_ok(), "{answer:?}");
    for question in toy.asked() {
        assert_eq!(question.from.to_string(), "127.0.0.9");
    }
}

#[tokio::test]
async fn nobody_outside_the_fence_is_asked_and_what_is_no_name_is_not_asked_for() {
    let toy = ToyDns::of(LOOPBACK, "192.0.2.1", 60);
    let server = Server {
        at: toy.at,
        way: Way::default(),
    };
    let fence = "192.0.2.0/24".parse().expect("a network");
    let fault = ask(&server, "host.example", PATIENCE, &fence).await;
    assert_eq!(fault.expect_err("outside").to_string(), "not in --only-to");
    let long = format!("{}.example", "x".repeat(64));
    for host in ["", ".", "a..b", &long] {
        let fault = asked(&toy, host, PATIENCE).await;
        assert_eq!(fault, Err(NoAnswer::NotAName), "{host}");
    }
    assert_eq!(toy.asked(), []);
}
