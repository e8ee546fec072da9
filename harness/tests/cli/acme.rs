//! An adapter whose version decides its defect: a release is the reference, with a mutant or without, in no time and from no
//! package index.

use crate::Counterfoil;

/// The reference as a third party's exporter; `defects` are the branches of a `case` on its version.
pub(crate) fn manifest(defects: &str) -> String {
    let text = counterfoil_reference::MANIFEST.replace("name = \"reference\"", "name = \"acme\"");
    let text = text.replace("version = \"0.1.0\"", "version = \"2.0\"");
    // Fleet and merge have the defect, as those of a release would.
    let script = format!("case {{version}} in {defects} *) ;; esac; exec \\\"$0\\\" \\\"$@\\\"");
    let program = "\"{counterfoil}\", \"reference\",";
    let text = text.replace(program, &format!("\"sh\", \"-c\", \"{script}\", {program}"));
    assert_eq!(text.matches("case {version}").count(), 2, "{text}");
    assert!(text.contains("\"acme\"") && text.contains("\"2.0\""));
    text
}

/// The branch that gives these versions a defect.
pub(crate) fn defect(versions: &str, mutant: &str) -> String {
    format!("{versions}) export COUNTERFOIL_MUTANT={mutant};;")
}

/// The same, installed by a `uv` that knows no version 3.
pub(crate) fn installed(manifest: &str) -> String {
    let python =
        "[python]\nrequirements = [\"acme=={version}\"]\nlocks = \"locks/{version}.txt\"\n\n[workers]\n";
    manifest.replacen("[workers]\n", python, 1)
}

const UV: &str = r#"#!/bin/sh
for last; do :; done
case "$*" in
venv*)
    mkdir -p "$last/bin"
    printf '#!/bin/sh\necho acme==0\n' > "$last/bin/python"
    chmod +x "$last/bin/python"
    ;;
*)
    if grep -q 'acme==3' "$last"; then
        echo "there is no acme of that version"
        exit 1
    fi
    ;;
esac
"#;

/// `counterfoil` with that adapter in `acme/`, and that `uv` on PATH.
pub(crate) fn counterfoil(arguments: &[&str], manifest: &str) -> Counterfoil {
    use std::os::unix::fs::PermissionsExt;
    let counterfoil = Counterfoil::new(arguments)
        .with_file("acme/manifest.toml", manifest)
        .with_file("bin/uv", UV);
    let folder = counterfoil.folder.path().to_path_buf();
    let uv = folder.join("bin/uv");
    std::fs::set_permissions(uv, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    counterfoil
        .env("PATH", &format!("{}:{path}", folder.join("bin").display()))
        .env("XDG_CACHE_HOME", folder.join("cache").to_str().unwrap())
        .env("COUNTERFOIL_PYTHON", "/bin/sh")
}
