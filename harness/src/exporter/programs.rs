//! What an exporter needs that nobody installs for it: it is asked for before anything is played.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::manifest::Programs;
use super::{Adapter, Expansion, ExporterError};

/// How long the answer may take.
const DEADLINE: Duration = Duration::from_secs(30);

impl Adapter {
    /// What is there of the programs that its manifest asks for, a line each as `NAME==VERSION`; nothing, if it asks for none.
    ///
    /// # Errors
    /// Something is missing.
    pub fn programs(&self) -> Result<Vec<String>, ExporterError> {
        let Some(wanted) = &self.manifest.programs else {
            return Ok(Vec::new());
        };
        let own = std::env::current_exe().unwrap_or_default();
        let expansion = Expansion::of(self, &own);
        let words: Vec<String> = wanted
            .installed
            .iter()
            .map(|word| expansion.apply(word))
            .collect();
        answer(&words).map_err(|reason| self.missing(wanted, reason))
    }

    fn missing(&self, wanted: &Programs, reason: String) -> ExporterError {
        ExporterError::NoPrograms {
            name: self.manifest.name.clone(),
            reason,
            remedy: wanted.remedy.clone(),
        }
    }
}

/// The lines that the command prints, if it ends well.
fn answer(command: &[String]) -> Result<Vec<String>, String> {
    let (program, arguments) = command.split_first().ok_or("no command asks for them")?;
    let said = |error: io::Error| format!("{program} cannot be started: {error}");
    let (printed, complaint) = (
        tempfile::tempfile().map_err(said)?,
        tempfile::tempfile().map_err(said)?,
    );
    let status = ended(
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(printed.try_clone().map_err(said)?)
            .stderr(complaint.try_clone().map_err(said)?),
    );
    let status = status.map_err(said)?;
    match status {
        Some(status) if status.success() => Ok(lines(printed).map_err(said)?),
        Some(status) => {
            let said = lines(complaint).map_err(said)?;
            let first = said.first().map_or("nothing was printed", String::as_str);
            Err(format!("{program} says ({status}): {first}"))
        }
        None => Err(format!(
            "{program} has not answered after {} s",
            DEADLINE.as_secs()
        )),
    }
}

/// How it ended, if it did within the deadline; else it is killed.
fn ended(command: &mut Command) -> io::Result<Option<ExitStatus>> {
    let mut child = command.spawn()?;
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        // Sleeps, bounded by the deadline, between two looks at the child.
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn lines(mut file: File) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::answer;

    fn shell(script: &str) -> Result<Vec<String>, String> {
        answer(&["sh", "-c", script].map(str::to_owned))
    }

    #[test]
    fn what_is_there_is_what_the_command_prints_line_by_line() {
        let said = shell("echo acme==1.0; echo; echo redis==4.8.0; echo a warning >&2");
        assert_eq!(said.unwrap(), ["acme==1.0", "redis==4.8.0"]);
    }

    #[test]
    fn what_is_missing_is_told_in_the_commands_own_words() {
        let said = shell("echo acme==1.0; echo there is no redis >&2; echo 'at line 7' >&2; exit 3");
        assert_eq!(said.unwrap_err(), "sh says (exit status: 3): there is no redis");
        assert_eq!(
            shell("exit 1").unwrap_err(),
            "sh says (exit status: 1): nothing was printed"
        );
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let said = answer(&["no-such-program".to_owned()]).unwrap_err();
        assert_eq!(
            said,
            "no-such-program cannot be started: No such file or directory (os error 2)"
        );
    }
}
