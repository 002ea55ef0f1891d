//! Applies configuration text line by line, for tests: modes and their objects as a Session keeps them, blocks included.

use crate::command::call_home::typed::typed;
use crate::command::{Config, crypto};
use crate::config::render::Lines;
use crate::config::{Notice, Refusal, RunningConfig, Scope, apply};

/// What became of a text.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) config: RunningConfig,
    pub(crate) notices: Vec<Notice>,
    /// Lines that were refused, with the refusal; `None` where no mode takes the line.
    pub(crate) refused: Vec<(String, Option<Refusal>)>,
    /// Open modes with their objects, the innermost last; empty in global configuration.
    open: Vec<(String, Scope)>,
}

impl Script {
    /// On a device that was never configured.
    pub(crate) fn run(text: &str) -> Self {
        let mut script = Self::default();
        script.feed(text);
        script
    }

    /// On a device that is configured like that.
    pub(crate) fn on(config: RunningConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    pub(crate) fn feed(&mut self, text: &str) {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let (mode, _) = self.innermost();
            let Some(mut line_typed) = typed(&mode, line) else {
                self.refused.push((line.to_owned(), None));
                continue;
            };
            if let Config::Crypto(crypto::Command::Certificate(certificate)) =
                &mut line_typed.config
            {
                let block: Vec<_> = lines
                    .by_ref()
                    .take_while(|line| line.trim() != crypto::Certificate::END)
                    .collect();
                *certificate = certificate.clone().with_block(&block);
            }
            while self.innermost().0 != line_typed.mode && self.open.pop().is_some() {}
            let (_, scope) = self.innermost();
            match apply(&mut self.config, &scope, &line_typed.config) {
                Ok(notices) => self.notices.extend(notices),
                Err(refusal) => {
                    self.refused.push((line.to_owned(), Some(refusal)));
                    continue;
                }
            }
            if let (Some(mode), Some(scope)) =
                (line_typed.opens, scope.opened_by(&line_typed.config))
            {
                self.open.push((mode, scope));
            }
        }
    }

    /// The configuration that a text makes, all of whose lines are accepted.
    #[track_caller]
    pub(crate) fn accepts(text: &str) -> RunningConfig {
        let script = Self::run(text);
        assert_eq!(script.refused, [], "{text}");
        script.config
    }

    /// Behind `before`, `line` (the first of its block) is refused and changes nothing.
    #[track_caller]
    pub(crate) fn refuses(before: &str, line: &str, refusal: &Refusal) {
        let mut script = Self::run(before);
        let start = script.config.clone();
        script.feed(line);
        let first = line.lines().next().unwrap_or_default().to_owned();
        assert_eq!(script.refused, [(first, Some(refusal.clone()))]);
        assert_eq!(script.config, start, "a refused line has changed something");
    }

    /// Back to global configuration.
    pub(crate) fn end(&mut self) {
        self.open.clear();
    }

    fn innermost(&self) -> (String, Scope) {
        self.open
            .last()
            .cloned()
            .unwrap_or_else(|| ("config".to_owned(), Scope::Global))
    }
}

/// The lines of a section as they are printed.
pub(crate) fn printed(lines: impl FnOnce(&mut Lines)) -> String {
    let mut out = Lines::new(false);
    lines(&mut out);
    out.into_text()
}
