//! A client's process: a request a line, an answer a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::program::{Process, Program};

/// A client that runs until it is dropped.
pub(crate) struct Client {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(crate) enum Request<'a> {
    Record {
        dir: &'a Path,
        processes: &'a [Process],
    },
    Merge {
        dir: &'a Path,
        orders: &'a [Vec<String>],
    },
    Parse {
        text: &'a str,
        format: &'static str,
    },
}

impl Client {
    /// Starts a script of this folder.
    pub(crate) fn start(interpreter: &Path, script: &str) -> Result<Self, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/clients")
            .join(script);
        let mut child = Command::new(interpreter)
            .arg(&script)
            // File names and label values are UTF-8, whatever the machine's language.
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", interpreter.display()))?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Ok(Self {
            child,
            requests,
            answers,
        })
    }

    /// Has it do what the program says, in files below `dir`.
    pub(crate) fn record(&mut self, program: &Program, dir: &Path) -> Result<(), String> {
        let processes = &program.processes;
        self.ask(&Request::Record { dir, processes })
            .map(|_: serde_json::Value| ())
    }

    pub(crate) fn ask<T: DeserializeOwned>(&mut self, request: &Request<'_>) -> Result<T, String> {
        let mut line = serde_json::to_vec(request).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let requests = self.requests.as_mut().ok_or("the client was told to end")?;
        requests
            .write_all(&line)
            .and_then(|()| requests.flush())
            .map_err(|error| format!("the client is gone: {error}"))?;
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .map_err(|error| format!("the client is gone: {error}"))?;
        let answer: serde_json::Value = serde_json::from_str(&answer)
            .map_err(|error| format!("the client ended, or answered no JSON: {error}: {answer}"))?;
        match answer.get("failed") {
            Some(why) => Err(format!("the client failed: {why}")),
            None => serde_json::from_value(answer).map_err(|error| error.to_string()),
        }
    }
}

/// It ends when its input does.
impl Drop for Client {
    fn drop(&mut self) {
        self.requests = None;
        let _ = self.child.wait();
    }
}
