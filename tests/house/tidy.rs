//! The house rules that a compiler does not check: who may know whom, words that a room may not contain, sizes. The table is the
//! one of docs/ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room, rooms it may import besides itself, words its code may not contain.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    ("message", &[], &[]),
    ("vendor", &[], &[]),
    ("state", &[], &[]),
    ("grammar", &[], &["tokio", "call_home", "logging"]),
    (
        "wire",
        &["message"],
        &[
            "tokio",
            "std::net::Tcp",
            "Instant::now",
            "SystemTime::now",
            ".unwrap()",
        ],
    ),
    ("command", &["grammar", "message", "vendor"], &["tokio"]),
    (
        "config",
        &["command", "message", "vendor"],
        &["tokio", "std::fs", "Instant", "println"],
    ),
    ("net", &["wire", "message", "vendor"], &["crate::config"]),
    (
        "intake",
        &["config", "wire", "net", "message", "vendor", "state"],
        &["call_home"],
    ),
    (
        "device",
        &["config", "net", "message", "vendor", "state"],
        &[],
    ),
    (
        "trust",
        &["config", "net", "device", "message", "vendor", "state"],
        &[],
    ),
    (
        "syslog",
        &[
            "config",
            "wire",
            "net",
            "device",
            "trust::api",
            "intake",
            "message",
            "vendor",
            "state",
        ],
        &["rustyline", "call_home"],
    ),
    (
        "call_home",
        &[
            "config",
            "wire",
            "net",
            "device",
            "trust::api",
            "message",
            "vendor",
            "state",
        ],
        &["rustyline", "syslog::"],
    ),
    (
        "show",
        &[
            "config",
            "syslog::api",
            "call_home::api",
            "trust::api",
            "access::api",
            "device",
            "message",
            "vendor",
        ],
        &["tokio", "println"],
    ),
    (
        "exec",
        &[
            "command",
            "config",
            "show",
            "device",
            "syslog::api",
            "call_home::api",
            "trust::api",
            "access::api",
            "message",
            "vendor",
            "state",
        ],
        &["TcpStream", "UdpSocket"],
    ),
    (
        "shell",
        &[
            "grammar", "command", "config", "exec", "show", "message", "vendor",
        ],
        &["TcpStream", "UdpSocket", "UnixStream"],
    ),
    (
        "access",
        &[
            "shell",
            "exec",
            "config",
            "show",
            "net",
            "syslog::api",
            "call_home::api",
            "trust::api",
            "message",
            "vendor",
            "state",
        ],
        &[],
    ),
];

/// Parts of a room that are stricter than the room: files, and what lies in the folder of the same name.
const STRICTER: &[(&str, &[&str])] = &[
    ("syslog/core", PURE),
    ("syslog/correlate", PURE),
    ("syslog/discriminator", PURE),
    ("syslog/judge", PURE),
    ("syslog/plan", PURE),
    ("syslog/verdict", PURE),
    ("syslog/plane", &["tokio"]),
    ("call_home/plan", PURE),
    ("trust/plan", PURE),
];

const PURE: &[&str] = &["tokio", "Instant::now", "Utc::now", "SystemTime::now"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("a folder of the project")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Path below src, and the code without comments and without its tests.
fn rooms() -> Vec<(String, String)> {
    let src = root().join("src");
    let below = |path: &Path| {
        path.strip_prefix(&src)
            .map(|p| p.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let is_test = |name: &str| name.ends_with("tests.rs") || name.contains("/tests/");
    sources(&src)
        .iter()
        .map(|path| {
            (
                below(path),
                code(&fs::read_to_string(path).expect("a source file")),
            )
        })
        .filter(|(name, _)| !is_test(name))
        .collect()
}

fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

fn room_of(name: &str) -> &str {
    name.split('/')
        .next()
        .unwrap_or(name)
        .trim_end_matches(".rs")
}

/// Every `crate::a::b` of the code, and `crate::{a, b::c}` taken apart.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 || (depth == 1 && c == ',') {
                    found.push(item.trim().to_owned());
                    item.clear();
                    if depth == 0 {
                        break;
                    }
                } else {
                    item.push(c);
                }
            }
        } else {
            found.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
                    .collect(),
            );
        }
    }
    found
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (name, code) in rooms() {
        let room = room_of(&name);
        let Some((_, allowed, _)) = ROOMS.iter().find(|(known, ..)| *known == room) else {
            continue;
        };
        for import in imports(&code) {
            let is_allowed =
                |allowed: &&str| import == *allowed || import.starts_with(&format!("{allowed}::"));
            let own = import == room || import.starts_with(&format!("{room}::"));
            if !own && !allowed.iter().any(is_allowed) {
                wrong.push(format!("src/{name} may not import crate::{import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table() {
    let known = |room: &str| {
        matches!(room, "lib" | "main" | "run") || ROOMS.iter().any(|(known, ..)| *known == room)
    };
    let unknown: Vec<_> = rooms()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !known(room_of(name)))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn rooms_do_not_contain_words_that_are_not_theirs() {
    let mut wrong = Vec::new();
    for (name, code) in rooms() {
        let of_room = ROOMS
            .iter()
            .filter(|(room, ..)| *room == room_of(&name))
            .flat_map(|(_, _, words)| words.iter());
        let of_file = STRICTER
            .iter()
            .filter(|(part, _)| {
                let behind = name.strip_prefix(part);
                behind.is_some_and(|behind| behind.starts_with(['.', '/']))
            })
            .flat_map(|(_, words)| words.iter());
        wrong.extend(
            of_room
                .chain(of_file)
                .filter(|word| code.contains(**word))
                .map(|word| format!("src/{name}: `{word}`")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_source_file_says_what_lives_in_it() {
    let src = root().join("src");
    let silent: Vec<_> = sources(&src)
        .into_iter()
        .filter(|path| {
            !fs::read_to_string(path)
                .unwrap_or_default()
                .starts_with("//!")
        })
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn no_source_file_has_grown_a_second_subject() {
    let long: Vec<_> = sources(&root().join("src"))
        .into_iter()
        .map(|path| {
            (
                fs::read_to_string(&path)
                    .unwrap_or_default()
                    .lines()
                    .count(),
                path,
            )
        })
        .filter(|(lines, _)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn unsafe_code_stands_in_one_file() {
    let found: Vec<_> = rooms()
        .into_iter()
        .filter(|(_, code)| code.contains("unsafe {"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(found, ["net/kernel.rs"]);
}

/// `docs/ARCHITECTURE.md` prints the same table: what a row's second column names in backticks is what the room may import,
/// `message` and `vendor`, which everybody may, left out.
#[test]
fn the_document_prints_the_same_table() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("a document");
    let table = text
        .split("## Who may know whom")
        .nth(1)
        .expect("the section");
    let named = |cell: &str| -> BTreeSet<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let rows: BTreeMap<String, BTreeSet<String>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split(" | ");
            let rooms = named(cells.next()?);
            let imports = cells.next()?;
            // "every `api`" stands for those of the living rooms and of access.
            let mut imports_named = named(imports);
            if imports_named.remove("api") {
                let apis = ["syslog::api", "call_home::api", "trust::api", "access::api"];
                imports_named.extend(apis.map(str::to_owned));
            }
            Some((rooms.into_iter().next()?, imports_named))
        })
        .collect();
    for (room, allowed, _) in ROOMS {
        if ["message", "vendor", "state"].contains(room) {
            continue;
        }
        let expected: BTreeSet<String> = allowed
            .iter()
            .filter(|import| !["message", "vendor"].contains(import))
            .map(|import| (*import).to_owned())
            .collect();
        let mut printed = rows.get(*room).cloned().unwrap_or_default();
        if *room == "access" {
            printed.remove("access::api");
        }
        assert_eq!(printed, expected, "the row of `{room}`");
    }
}
