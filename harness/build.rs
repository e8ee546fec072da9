//! Rebuilds the crate when an embedded file changes: `include_dir!` does not tell cargo which files it read.

fn main() {
    for folder in ["scenarios", "requirements", "exporters", "src"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
