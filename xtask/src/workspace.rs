//! `Workspace`: where the project is, which files it has, and how its output is to look.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{error::Error, process::Command};

pub(crate) struct Workspace {
    root: PathBuf,
    for_a_log: bool,
}

impl Workspace {
    /// The workspace that this program was built in.
    pub(crate) fn new() -> Self {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: xtask.parent().unwrap_or(xtask).to_owned(), for_a_log: std::env::var_os("CI").is_some() }
    }

    /// The same workspace, whose cargo prints no colours and no progress bars and builds without the files that
    /// only help the next build. Set from the start if the environment has `CI`.
    pub(crate) fn for_a_log(self) -> Self {
        Self { for_a_log: true, ..self }
    }

    pub(crate) fn is_for_a_log(&self) -> bool {
        self.for_a_log
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// Paths of the files that git tracks or would track (new ones that are not ignored), sorted.
    pub(crate) fn files(&self) -> Result<Vec<String>, Error> {
        let listing = Command::new(self, "git")
            .args(["-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard"])
            .probe()
            .ok_or(Error::Missing { tool: "git, or the project's .git folder", install: "a git clone" })?;
        // A file that was removed and not yet committed is still listed.
        let mut files: Vec<_> = listing.lines().filter(|path| self.has(path)).map(str::to_owned).collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        let path = self.root.join(path);
        fs::read(&path).map_err(|source| Error::Read { path, source })
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), Error> {
        let path = self.root.join(path);
        fs::write(&path, text).map_err(|source| Error::Write { path, source })
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target_dir(&self) -> Result<PathBuf, Error> {
        let manifest = self.root.join("Cargo.toml");
        let metadata = cargo_metadata::MetadataCommand::new().manifest_path(manifest).no_deps().exec()?;
        Ok(metadata.target_directory.into_std_path_buf())
    }
}
