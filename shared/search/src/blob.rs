//! An index in one piece of memory: what is stored of it, and a directory that reads it.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tantivy::{
    Directory, HasLen,
    directory::{
        FileHandle, FileSlice, OwnedBytes, RamDirectory, WatchCallback, WatchHandle, WritePtr,
        error::{DeleteError, OpenReadError, OpenWriteError},
    },
};

use crate::Error;

/// The files of an index, read only.
#[derive(Clone)]
pub(crate) struct Blob {
    files: Arc<BTreeMap<PathBuf, OwnedBytes>>,
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

/// Puts files into one piece: for each, the lengths of its name and of its bytes, and both.
pub(crate) fn pack(directory: &RamDirectory, files: impl IntoIterator<Item = PathBuf>) -> Result<Vec<u8>, Error> {
    let mut packed = Vec::new();
    for path in files {
        let name = path.to_string_lossy().into_owned();
        let slice = directory.open_read(&path).map_err(Error::broken)?;
        let bytes = slice.read_bytes().map_err(Error::broken)?;
        for length in [name.len(), slice.len()] {
            packed.extend_from_slice(&(length as u64).to_le_bytes());
        }
        packed.extend_from_slice(name.as_bytes());
        packed.extend_from_slice(&bytes);
    }
    Ok(packed)
}

impl Blob {
    /// Finds the files in what [`pack`] made.
    pub(crate) fn open(packed: Arc<[u8]>) -> Result<Self, Error> {
        let mut rest = OwnedBytes::new(packed);
        let mut files = BTreeMap::new();
        while !rest.is_empty() {
            let name = length(&mut rest)?;
            let bytes = length(&mut rest)?;
            let name = String::from_utf8(part(&mut rest, name)?.to_vec()).map_err(Error::broken)?;
            files.insert(PathBuf::from(name), part(&mut rest, bytes)?);
        }
        Ok(Self { files: Arc::new(files) })
    }

    fn file(&self, path: &Path) -> Result<&OwnedBytes, OpenReadError> {
        self.files.get(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_owned()))
    }
}

fn length(rest: &mut OwnedBytes) -> Result<usize, Error> {
    let bytes = part(rest, 8)?;
    let bytes: [u8; 8] = bytes.as_slice().try_into().map_err(Error::broken)?;
    usize::try_from(u64::from_le_bytes(bytes)).map_err(Error::broken)
}

fn part(rest: &mut OwnedBytes, length: usize) -> Result<OwnedBytes, Error> {
    if rest.len() < length {
        return Err(Error::broken("a snapshot ends too early"));
    }
    let part = rest.slice(0..length);
    rest.advance(length);
    Ok(part)
}

fn read_only() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "a snapshot is only read")
}

impl Directory for Blob {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.file(path)?.clone()))
    }

    fn open_read(&self, path: &Path) -> Result<FileSlice, OpenReadError> {
        Ok(FileSlice::new(self.get_file_handle(path)?))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_owned() })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.files.contains_key(path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_owned() })
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        Ok(self.file(path)?.to_vec())
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
