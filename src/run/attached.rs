//! `watchfire attach`: lines from `-c`, files and standard input run on the process that holds the state folder.

use std::io::{self, BufRead, IsTerminal};

use super::arguments::{Arguments, Input};
use super::{Stop, folder, say, status};
use crate::access::control;
use crate::shell::merge;
use crate::state::Folder;

pub(super) fn run(arguments: &Arguments, input: &Input) -> Result<u8, Stop> {
    let path = Folder::socket_of(&folder(arguments)?);
    if input.command.is_empty() && io::stdin().is_terminal() {
        let text = "attach takes lines by -c or from standard input; a terminal comes with the other ways in".to_owned();
        return Err(Stop {
            status: status::ARGUMENTS,
            text,
        });
    }
    let mut merges = Vec::new();
    let mut failed = false;
    for file in &input.file {
        match merge::text_at(file) {
            Ok(text) => merges.push((file.display().to_string(), text)),
            Err(error) => {
                say(&format!("{}: {error}", file.display()));
                failed = true;
            }
        }
    }
    let (out, err) = (&mut io::stdout().lock(), &mut io::stderr().lock());
    let commands = input.command.clone();
    let answered = if commands.is_empty() {
        control::attach(&path, merges, typed(), out, err)
    } else {
        control::attach(
            &path,
            merges,
            commands.into_iter().map(String::into_bytes),
            out,
            err,
        )
    };
    match answered {
        Ok(code) => Ok(code.max(u8::from(failed))),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(status::REFUSED),
        Err(error) => Err(Stop {
            status: status::STATE_FOLDER,
            text: format!(
                "nothing answers on the control socket {}: {error}",
                path.display()
            ),
        }),
    }
}

/// Lines of standard input without their ends, as they come.
fn typed() -> impl Iterator<Item = Vec<u8>> + Send {
    io::BufReader::new(io::stdin())
        .split(b'\n')
        .map_while(Result::ok)
}
