// SPDX-License-Identifier: EUPL-1.2
//! Running the system's own tools. Their words go to the log; secrets never go into arguments.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::{Command, Output, Stdio};

/// Why a tool did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It could not be run.
    #[error("cannot run {tool}")]
    Run {
        /// Which tool.
        tool: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It ended with an error.
    #[error("{tool} failed ({status}): {words}")]
    Failed {
        /// Which tool.
        tool: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The last line it wrote.
        words: String,
    },
}

/// A tool with arguments, to be run once.
#[derive(Debug)]
pub struct Tool {
    name: String,
    command: Command,
    input: Vec<u8>,
}

impl Tool {
    /// The tool at `path`.
    pub fn new(path: &str) -> Self {
        let mut command = Command::new(path);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            command,
            input: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Gives a secret the way systemd's tools take it: in a variable that they read once and erase.
    #[must_use]
    pub fn secret_env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives bytes on standard input.
    #[must_use]
    pub fn input(mut self, bytes: &[u8]) -> Self {
        self.input = bytes.to_vec();
        self
    }

    /// Runs the tool to its end and returns what it wrote to standard output.
    pub fn run(mut self) -> Result<Vec<u8>, CommandError> {
        let name = self.name.clone();
        let failed_to_run = |source| CommandError::Run {
            tool: name.clone(),
            source,
        };
        let mut child = self.command.spawn().map_err(failed_to_run)?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(&self.input) {
                // A tool that needs no input may be gone already.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    return Err(failed_to_run(error));
                }
                _ => {}
            }
        }
        zeroize::Zeroize::zeroize(&mut self.input);
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().map_err(failed_to_run)?;
        let words = String::from_utf8_lossy(&stderr);
        for line in words.lines().filter(|line| !line.trim().is_empty()) {
            tracing::info!(tool = name, "{line}");
        }
        if status.success() {
            return Ok(stdout);
        }
        Err(CommandError::Failed {
            words: words.lines().last().unwrap_or_default().to_owned(),
            tool: name,
            status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C13: a tool that fails is named, with its last word.
    #[test]
    fn failures_name_the_tool() {
        let error = Tool::new("/bin/ls").arg("/no/such/file").run().unwrap_err();
        assert!(matches!(error, CommandError::Failed { ref tool, .. } if tool == "ls"));
        let error = Tool::new("/no/such/tool").run().unwrap_err();
        assert!(matches!(error, CommandError::Run { ref tool, .. } if tool == "tool"));
    }

    /// Proves O2: input arrives whole, and output comes back whole.
    #[test]
    fn input_arrives() {
        assert_eq!(Tool::new("/bin/cat").input(b"key").run().unwrap(), b"key");
    }
}
