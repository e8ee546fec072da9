//! `counterfoil init`

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use counterfoil::exporter::{ExporterError, adapter_like};
use counterfoil::report::ExitStatus;
use miette::Diagnostic;
use thiserror::Error;

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The adapter's folder, which is made; its name is the exporter's
    dir: PathBuf,
    /// The adapter that it begins as: one whose queue or framework is yours. `list exporters` names them; `reference` is
    /// for a command in any language
    #[arg(long, value_name = "EXPORTER", default_value = "prometheus_client")]
    like: String,
}

#[derive(Debug, Error, Diagnostic)]
enum Stopped {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Exporter(#[from] ExporterError),
    #[error("{} is there already", path.display())]
    #[diagnostic(help("choose another folder: nothing is written over"))]
    Occupied { path: PathBuf },
    #[error("{} does not end in the name of an exporter", path.display())]
    #[diagnostic(help("end it in one of letters, digits, `.`, `_` and `-`, as in adapters/my-exporter"))]
    Nameless { path: PathBuf },
    #[error("cannot write {}", path.display())]
    #[diagnostic(help("see that the folder above it is there, is writable, and has room"))]
    Write { path: PathBuf, source: io::Error },
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    match begin(arguments) {
        Ok(files) => {
            let out = Output::default();
            let dir = arguments.dir.display();
            out.line(format_args!("{dir}: an adapter like that of {}", arguments.like));
            for file in files {
                out.line(format_args!("  {}", file.display()));
            }
            out.line(
                "it passes as it is; then put your exporter in its place, and see what of it still does",
            );
            out.line(format_args!("  counterfoil run counter/ --exporter {dir}"));
            out.end(ExitStatus::Conformant)
        }
        Err(stopped) => {
            let exit = match &stopped {
                Stopped::Write { .. } => ExitStatus::NotJudged,
                _ => ExitStatus::Usage,
            };
            super::complain(stopped);
            exit.into()
        }
    }
}

fn begin(arguments: &Arguments) -> Result<Vec<PathBuf>, Stopped> {
    let dir = &arguments.dir;
    let is_plain = |name: &&str| {
        let mut chars = name.chars();
        chars.all(|char| char.is_ascii_alphanumeric() || "._-".contains(char)) && !name.starts_with('.')
    };
    let name = dir.file_name().and_then(|name| name.to_str()).filter(is_plain);
    let name = name.ok_or_else(|| Stopped::Nameless { path: dir.clone() })?;
    if dir.exists() {
        return Err(Stopped::Occupied { path: dir.clone() });
    }
    let files = adapter_like(&arguments.like, name, counterfoil_reference::MANIFEST)?;
    write(dir, &files).map_err(|source| Stopped::Write {
        path: dir.clone(),
        source,
    })?;
    Ok(files.into_keys().collect())
}

/// The whole folder, or nothing.
fn write(dir: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
    let whole = tempfile::tempdir_in(above.unwrap_or(Path::new(".")))?;
    for (path, content) in files {
        fs::write(whole.path().join(path), content)?;
    }
    // Whoever made the folder may read it; so may others, as with any folder of theirs.
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(whole.path(), readable)?;
    fs::rename(whole.path(), dir)?;
    let _ = whole.keep();
    Ok(())
}
