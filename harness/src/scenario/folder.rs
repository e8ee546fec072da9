//! A folder of scenarios outside of the binary: `<family>/<behaviour>.toml`, nothing deeper and nothing above.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::CatalogueError;

/// The largest file that is read; a scenario has some kilobytes.
const FILE_LIMIT_BYTES: u64 = 1 << 20;

/// A file that holds a scenario.
pub(super) struct ScenarioFile {
    /// The path below the folder without `.toml`.
    pub(super) id: String,
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// Every scenario of the folder, by name. Hidden entries, and files that are no `.toml`, are nobody's scenario.
///
/// # Errors
/// The folder cannot be listed or holds none; a file lies elsewhere, has a name that is no id, or is no text.
pub(super) fn read(dir: &Path) -> Result<Vec<ScenarioFile>, CatalogueError> {
    let mut files = Vec::new();
    for family in listed(dir)? {
        if !family.is_dir() {
            refuse_scenario(&family, dir)?;
            continue;
        }
        for path in listed(&family)? {
            if path.is_dir() {
                for deeper in listed(&path)? {
                    refuse_scenario(&deeper, dir)?;
                }
            } else if is_toml(&path) {
                let id = id(&family, &path)?;
                let text = text(&path)?;
                files.push(ScenarioFile { id, path, text });
            }
        }
    }
    if files.is_empty() {
        return Err(CatalogueError::Empty { dir: dir.to_owned() });
    }
    Ok(files)
}

/// What is in a folder and not hidden, by name.
fn listed(dir: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let entries = fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|source| CatalogueError::Folder {
        dir: dir.to_owned(),
        source,
    })?;
    let is_hidden = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let shown = entries.iter().filter(|entry| !is_hidden(entry));
    let mut paths: Vec<PathBuf> = shown.map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn refuse_scenario(path: &Path, dir: &Path) -> Result<(), CatalogueError> {
    if is_toml(path) {
        return Err(CatalogueError::Depth {
            path: path.to_owned(),
            dir: dir.to_owned(),
        });
    }
    Ok(())
}

/// The id names folders, queues and tests, so it is made of what all of them take.
fn id(family: &Path, file: &Path) -> Result<String, CatalogueError> {
    let word = |name: Option<&std::ffi::OsStr>| {
        let name = name.and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (!name.is_empty() && name.chars().all(fits)).then_some(name)
    };
    match (word(family.file_name()), word(file.file_stem())) {
        (Some(family), Some(behaviour)) => Ok(format!("{family}/{behaviour}")),
        _ => Err(CatalogueError::Name {
            path: file.to_owned(),
        }),
    }
}

fn text(path: &Path) -> Result<String, CatalogueError> {
    let unreadable = |source| CatalogueError::Read {
        path: path.to_owned(),
        source,
    };
    let other = |what: String| unreadable(io::Error::new(io::ErrorKind::InvalidInput, what));
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(other("it is no regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_LIMIT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_LIMIT_BYTES {
        return Err(other(format!("it has more than {FILE_LIMIT_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        CatalogueError::NotText {
            path: path.to_owned(),
            line: valid.iter().filter(|byte| **byte == b'\n').count() + 1,
            byte: error.as_bytes()[valid.len()],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, each of that content.
    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        dir
    }

    fn refused(files: &[(&str, &[u8])]) -> CatalogueError {
        match read(folder(files).path()) {
            Ok(_) => panic!("{files:?} is accepted"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_scenarios_id_is_its_place() {
        let dir = folder(&[
            ("b/two.toml", b"2"),
            ("a/one.toml", b"1"),
            ("a/README.md", b"of no matter"),
            ("a/.one.toml.swp", b"\xff"),
            (".git/config.toml", b""),
        ]);
        let files = read(dir.path()).unwrap();
        let read: Vec<_> = files
            .iter()
            .map(|file| (file.id.as_str(), file.text.as_str()))
            .collect();
        assert_eq!(read, [("a/one", "1"), ("b/two", "2")]);
    }

    #[test]
    fn a_folder_without_a_scenario_is_none() {
        assert!(matches!(
            refused(&[("a/README.md", b"")]),
            CatalogueError::Empty { .. }
        ));
        let missing = read(Path::new("no/such/folder"));
        assert!(matches!(missing, Err(CatalogueError::Folder { .. })));
    }

    #[test]
    fn a_scenario_that_would_be_overlooked_is_refused() {
        for place in ["one.toml", "a/b/one.toml"] {
            let error = refused(&[("a/two.toml", b""), (place, b"")]);
            assert!(
                matches!(error, CatalogueError::Depth { path, .. } if path.ends_with(place)),
                "{place}"
            );
        }
    }

    #[test]
    fn a_name_that_is_no_id_is_refused() {
        for place in [
            "a/One.toml",
            "a b/one.toml",
            "a/one_two.toml",
            "a/one.two.toml",
            "ä/one.toml",
        ] {
            assert!(
                matches!(refused(&[(place, b"")]), CatalogueError::Name { .. }),
                "{place}"
            );
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_refused_with_the_line() {
        let error = refused(&[("a/one.toml", b"title = 'x'\nwhy = '\xe9'\n")]);
        assert!(
            matches!(
                error,
                CatalogueError::NotText {
                    line: 2,
                    byte: 0xe9,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_pipe_and_a_file_without_end_are_refused() {
        let dir = folder(&[("a/two.toml", b"")]);
        let (pipe, endless) = (dir.path().join("a/one.toml"), dir.path().join("a/three.toml"));
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert!(matches!(read(dir.path()), Err(CatalogueError::Read { path, .. }) if path == pipe));
        fs::remove_file(pipe).unwrap();
        File::create(&endless)
            .unwrap()
            .set_len(FILE_LIMIT_BYTES + 1)
            .unwrap();
        assert!(matches!(read(dir.path()), Err(CatalogueError::Read { path, .. }) if path == endless));
    }
}
