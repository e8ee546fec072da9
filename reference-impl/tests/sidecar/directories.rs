//! Several directories as one, and directories that come and go.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use counterfoil_reference::file_name::Mode;
use counterfoil_reference::record::{Description, Registry};

use crate::{Sidecar, command, count, eventually};

fn set(directory: &Path, pid: u32, mode: Mode, value: f64) {
    let description = Description::new(format!("level_{}", mode.name()), "");
    let gauge = Registry::new(directory, pid).gauge(description, mode).unwrap();
    gauge.labels(&[]).unwrap().set(value);
}

/// What it says and how it exits when it cannot even start.
fn refused(directories: &[&Path]) -> String {
    let output = command(directories, &[]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    stderr
}

#[test]
fn values_of_all_directories_are_merged_though_their_processes_have_the_same_pid() {
    let root = tempfile::tempdir().unwrap();
    let (web, mail) = (root.path().join("web"), root.path().join("mail"));
    for (directory, jobs) in [(&web, 1.0), (&mail, 2.0)] {
        fs::create_dir(directory).unwrap();
        count(directory, 7, jobs);
        for mode in [Mode::Max, Mode::LiveSum] {
            set(directory, 7, mode, jobs);
        }
    }
    let text = Sidecar::of(&[&web, &mail], &[]).scrape();
    for line in ["jobs_total 3.0", "level_max 2.0", "level_livesum 3.0"] {
        assert!(text.contains(&format!("\n{line}\n")), "{line} in\n{text}");
    }
}

#[test]
fn m5_processes_of_one_pid_in_several_directories_are_told_apart_by_its_name() {
    let root = tempfile::tempdir().unwrap();
    let (web, mail) = (root.path().join("a/metrics"), root.path().join("b/metrics"));
    for (directory, level) in [(&web, 1.0), (&mail, 2.0)] {
        fs::create_dir_all(directory).unwrap();
        set(directory, 1, Mode::All, level);
        set(directory, 1, Mode::LiveAll, level);
    }
    let stderr = refused(&[&web, &mail]);
    assert!(stderr.contains("are both called \"metrics\""), "{stderr}");
    let named = |name: &str, path: &Path| format!("{name}={}", path.display());
    let (web, mail) = (named("web", &web), named("mail", &mail));
    let text = Sidecar::of(&[web.as_ref(), mail.as_ref()], &[]).scrape();
    for line in [
        "level_all{pid=\"web/1\"} 1.0",
        "level_all{pid=\"mail/1\"} 2.0",
        "level_liveall{pid=\"web/1\"} 1.0",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line} in\n{text}");
    }
}

#[test]
fn of_a_single_directory_pids_are_served_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    set(directory.path(), 1, Mode::All, 1.0);
    let text = Sidecar::of(&[directory.path()], &[]).scrape();
    assert!(text.contains("\nlevel_all{pid=\"1\"} 1.0\n"), "{text}");
}

#[test]
fn a_directory_that_is_named_twice_is_a_usage_error_by_whatever_path() {
    let root = tempfile::tempdir().unwrap();
    let (here, link) = (root.path().join("here"), root.path().join("link"));
    fs::create_dir(&here).unwrap();
    symlink(&here, &link).unwrap();
    for again in [here.clone(), link, root.path().join("./here/")] {
        let stderr = refused(&[&here, &again]);
        assert!(stderr.contains("are the same directory"), "{stderr}");
    }
}

#[test]
fn directories_that_become_one_later_are_not_counted_twice() {
    let root = tempfile::tempdir().unwrap();
    let (here, link) = (root.path().join("here"), root.path().join("link"));
    fs::create_dir(&here).unwrap();
    count(&here, 1, 1.0);
    let sidecar = Sidecar::of(&[&here, &link], &[]);
    assert!(sidecar.scrape().contains("\njobs_total 1.0\n"));
    symlink(&here, &link).unwrap();
    let response = sidecar.ask("GET /metrics");
    assert_eq!(response.status, "500");
    assert!(
        response.body.contains("are the same directory"),
        "{}",
        response.body
    );
}

#[test]
fn a_directory_that_is_not_there_yet_is_empty_until_it_is() {
    let root = tempfile::tempdir().unwrap();
    let (here, later) = (root.path().join("here"), root.path().join("later"));
    fs::create_dir(&here).unwrap();
    count(&here, 1, 1.0);
    let sidecar = Sidecar::of(&[&here, &later], &[]);
    assert!(sidecar.scrape().contains("\njobs_total 1.0\n"));
    assert_eq!(sidecar.said().matches("later is not there yet").count(), 1);
    fs::create_dir(&later).unwrap();
    count(&later, 1, 2.0);
    assert!(sidecar.scrape().contains("\njobs_total 3.0\n"));
    eventually("the news", || {
        sidecar.said().contains("later is there now").then_some(())
    });
}

#[test]
fn a_directory_that_is_gone_or_none_fails_the_scrape_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let (here, there) = (root.path().join("here"), root.path().join("there"));
    for directory in [&here, &there] {
        fs::create_dir(directory).unwrap();
        count(directory, 1, 1.0);
    }
    let sidecar = Sidecar::of(&[&here, &there], &[]);
    assert!(sidecar.scrape().contains("\njobs_total 2.0\n"));
    fs::rename(&there, root.path().join("elsewhere")).unwrap();
    for _ in 0..3 {
        let response = sidecar.ask("GET /metrics");
        assert_eq!(response.status, "500");
        assert!(response.body.contains("there is gone"), "{}", response.body);
        assert_eq!(sidecar.ask("GET /-/ready").status, "200");
    }
    fs::write(&there, "no directory").unwrap();
    let response = sidecar.ask("GET /metrics");
    assert_eq!(response.status, "500");
    assert!(response.body.contains("cannot list"), "{}", response.body);
    fs::remove_file(&there).unwrap();
    fs::rename(root.path().join("elsewhere"), &there).unwrap();
    assert!(sidecar.scrape().contains("\njobs_total 2.0\n"));
    eventually("the news", || {
        sidecar.said().contains("scrapes succeed again").then_some(())
    });
    assert_eq!(sidecar.said().matches("there is gone").count(), 1, "told once");
}
