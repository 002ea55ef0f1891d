//! Each kind of argument against words that are right, begun and wrong.

use super::Check::{Accepted, Begun, Wrong};
use super::*;

#[track_caller]
fn checks(kind: Kind, cases: &[(&str, Check)]) {
    for (word, wanted) in cases {
        assert_eq!(kind.check(word), *wanted, "{kind:?} of {word:?}");
    }
}

#[test]
fn a_word_is_counted_in_characters() {
    checks(
        Kind::Word { least: 1, most: 3 },
        &[
            ("a", Accepted),
            ("日本語", Accepted),
            ("日本語x", Wrong(9)),
            ("\"a b\"", Wrong(2)),
            ("", Begun),
        ],
    );
}

#[test]
fn the_length_of_a_text_is_that_of_what_the_quotes_hold() {
    for kind in [
        Kind::Text { least: 1, most: 3 },
        Kind::Line { least: 1, most: 3 },
    ] {
        checks(
            kind,
            &[
                ("a b", Accepted),
                ("日本語", Accepted),
                ("日本語x", Wrong(9)),
                ("\"a b\"", Accepted),
                ("\"a bc\"", Wrong(4)),
                ("\"\"", Begun),
                ("", Begun),
                ("\"ab", Accepted),
                ("\"abc", Wrong(3)),
            ],
        );
    }
    checks(
        Kind::Email { most: 5 },
        &[
            ("a@b.c", Accepted),
            ("a@b.cd", Wrong(5)),
            ("a,b@c.d", Wrong(1)),
            ("abcdef", Wrong(5)),
            ("abcde", Begun),
        ],
    );
}

#[test]
fn a_number_behind_letters_goes_wrong_where_either_does() {
    checks(
        Kind::Led("tcp/", 1, 65535),
        &[
            ("tcp/514", Accepted),
            ("TCP/1", Accepted),
            ("", Begun),
            ("tc", Begun),
            ("tcp", Begun),
            ("tcp/", Begun),
            ("tcp/0", Begun),
            ("tcp/65536", Wrong(8)),
            ("tcp/x", Wrong(4)),
            ("tcp-1", Wrong(3)),
            ("udp/1", Wrong(0)),
            ("tcé", Wrong(2)),
        ],
    );
}

#[test]
fn a_number_goes_wrong_where_no_more_digits_could_help() {
    checks(
        Kind::Range(1, 65535),
        &[
            ("1", Accepted),
            ("65535", Accepted),
            ("65536", Wrong(4)),
            ("70000", Wrong(4)),
            ("0", Begun),
            ("01", Accepted),
            ("x", Wrong(0)),
            ("1x", Wrong(1)),
            ("-1", Wrong(0)),
            ("99999999999999999999999999", Wrong(4)),
            ("", Begun),
        ],
    );
    checks(
        Kind::Range(4096, 9000),
        &[
            ("5", Begun),
            ("40", Begun),
            ("95", Wrong(1)),
            ("90", Begun),
            ("3", Wrong(0)),
            ("4095", Wrong(3)),
        ],
    );
    checks(
        Kind::Range(-12, 14),
        &[
            ("-12", Accepted),
            ("-13", Wrong(2)),
            ("14", Accepted),
            ("15", Wrong(1)),
            ("-", Begun),
            ("-0", Accepted),
        ],
    );
    checks(
        Kind::Range(0, i64::MAX),
        &[
            ("9223372036854775807", Accepted),
            ("9223372036854775808", Wrong(18)),
        ],
    );
}

#[test]
fn a_list_holds_numbers_and_ranges_that_rise() {
    checks(
        Kind::List(0, 7),
        &[
            ("6", Accepted),
            ("0,3-5,7", Accepted),
            ("0,", Begun),
            ("3-", Begun),
            ("5-3", Wrong(2)),
            ("8", Wrong(0)),
            ("1,,2", Wrong(2)),
            (",1", Wrong(0)),
            ("1,x", Wrong(2)),
            ("", Begun),
        ],
    );
}

#[test]
fn addresses_go_wrong_where_they_cease_to_be_addresses() {
    checks(
        Kind::Ipv4,
        &[
            ("192.0.2.7", Accepted),
            ("192.0.2", Begun),
            ("192.0.2.", Begun),
            ("192.0.2.300", Wrong(10)),
            ("192..2", Wrong(4)),
            ("192.0.2.7.", Wrong(9)),
            ("01.2.3.4", Wrong(1)),
            ("host", Wrong(0)),
        ],
    );
    checks(
        Kind::Ipv6,
        &[
            ("2001:db8::7", Accepted),
            ("::", Accepted),
            ("::ffff:192.0.2.7", Accepted),
            ("::ffff:192.0", Begun),
            ("2001:db8", Begun),
            ("2001:db8:", Begun),
            ("1:2:3:4:5:6:7:8", Accepted),
            ("1:2:3:4:5:6:7", Begun),
            ("1:2:3:4:5:6:7:8:9", Wrong(15)),
            ("2001:xyz", Wrong(5)),
            ("12345", Wrong(4)),
            ("::1::", Wrong(4)),
        ],
    );
    checks(
        Kind::Ip,
        &[
            ("10.0.0.1", Accepted),
            ("::1", Accepted),
            ("10.0.0.256", Wrong(9)),
        ],
    );
    checks(
        Kind::Host,
        &[
            ("host1.example.net", Accepted),
            ("ipv6x", Accepted),
            ("10.0.0.1", Accepted),
            ("10.0.0", Begun),
            ("10.0.0.300", Wrong(9)),
            ("2001:db8::1", Accepted),
            ("-x", Wrong(0)),
            ("a..b", Wrong(2)),
            ("a b", Wrong(1)),
            ("bücher", Wrong(1)),
            ("x-", Begun),
            ("7", Accepted),
        ],
    );
    checks(
        Kind::Mask,
        &[
            ("255.255.255.0", Accepted),
            ("0.0.0.0", Accepted),
            ("255.0.255.0", Wrong(6)),
            ("255.253.0.0", Wrong(4)),
            ("25", Begun),
            ("255.255.254.0", Accepted),
        ],
    );
    checks(
        Kind::Prefix,
        &[
            ("10.0.0.0/8", Accepted),
            ("10.0.0.0/33", Wrong(10)),
            ("2001:db8::/32", Accepted),
            ("10.0.0.0", Begun),
            ("10.0/8", Wrong(4)),
        ],
    );
}

#[test]
fn urls_addresses_and_times_are_checked_from_the_left() {
    checks(
        Kind::Url,
        &[
            ("https://tools.example.com/its/service", Accepted),
            ("http://192.0.2.7:8080", Accepted),
            ("https://[2001:db8::1]:8443/x", Accepted),
            ("HTTPS://Example.com", Accepted),
            ("http", Begun),
            ("https://", Begun),
            ("https:///x", Wrong(8)),
            ("ftp://x", Wrong(0)),
            ("http:/x", Wrong(6)),
            ("http://x:70000/", Wrong(13)),
            ("http://user:pw@host/x", Accepted),
            ("http://ho st/", Wrong(9)),
        ],
    );
    checks(
        Kind::Email { most: usize::MAX },
        &[
            ("ops@example.net", Accepted),
            ("ops", Begun),
            ("@x", Wrong(0)),
            ("a@b@c", Wrong(3)),
            ("a@b,c@d", Wrong(3)),
            ("a@", Begun),
        ],
    );
    checks(
        Kind::Time,
        &[
            ("00:00", Accepted),
            ("23:59", Accepted),
            ("7:45", Accepted),
            ("24:00", Wrong(1)),
            ("12:60", Wrong(4)),
            ("12:5", Begun),
            ("12", Begun),
            ("123", Wrong(2)),
            ("012", Wrong(2)),
            ("日", Wrong(0)),
            ("12:345", Wrong(5)),
            ("x", Wrong(0)),
        ],
    );
    checks(Kind::Hex, &[("0aF3", Accepted), ("0ag", Wrong(2))]);
}

#[test]
fn a_name_begins_with_a_letter() {
    checks(
        Kind::Name { least: 1, most: 4 },
        &[
            ("a", Accepted),
            ("vp-9", Accepted),
            ("vpn-9", Wrong(4)),
            ("9vpn", Wrong(0)),
            ("-x", Wrong(0)),
        ],
    );
}
