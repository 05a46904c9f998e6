//! The file that keeps the world between two runs: read at the start, replaced as a whole at the end.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::DevServerError;
use crate::world::World;

/// Where the world is kept.
#[derive(Debug, Clone)]
pub(crate) struct StateFile(PathBuf);

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Puts into the world what the file has, if there is one.
    pub(crate) fn load_into(&self, world: &mut World) -> Result<(), DevServerError> {
        let state = match fs::read(&self.0) {
            Ok(state) => state,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.failed(error.to_string())),
        };
        world.restore(&state).map_err(|reason| self.failed(reason))
    }

    /// Writes the world beside the file first, so that there is always one whole file.
    pub(crate) fn save(&self, world: &World) -> Result<(), DevServerError> {
        let state = world.to_state().map_err(|reason| self.failed(reason))?;
        replace(&self.0, &state).map_err(|error| self.failed(error.to_string()))
    }

    fn failed(&self, reason: String) -> DevServerError {
        DevServerError::State { path: self.0.clone(), reason }
    }
}

fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let mut file = fs::File::create(&beside)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
