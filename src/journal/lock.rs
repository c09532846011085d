//! One process per data directory: a locked file, and directories made durably on a local disk.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// File systems on which locks and syncs do not mean what the journal needs.
const REMOTE: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs"];

/// A process that was just killed, or is just starting a child, lets go of its files a moment later.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(20);

/// Takes the directory's lock; it is held as long as the file is open. `None` when another process has it.
pub(super) fn take(folder: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Makes a directory that only its owner can enter, and syncs it and those above it that are new.
pub(crate) fn make_durably(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_durably(parent)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    sync(folder)?;
    sync(parent)
}

/// Makes the entries of a directory durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The type of the remote file system that a directory is on, or nothing when it is on a local one.
pub(super) fn remote_file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    remote_among(&mounts, &folder)
}

fn remote_among(mounts: &str, folder: &Path) -> Option<String> {
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((PathBuf::from(words.next()?.replace("\\040", " ")), words.next()?))
    });
    // The deepest mount wins, and of two on the same place the later one.
    let (_, kind) =
        mounted.filter(|(place, _)| folder.starts_with(place)).max_by_key(|(place, _)| place.components().count())?;
    REMOTE.contains(&kind).then(|| kind.to_owned())
}

/// What identifies this start of the machine; empty where the system does not tell.
pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(folder.path()).unwrap();
        assert!(first.is_some());
        assert!(take(folder.path()).unwrap().is_none());
        drop(first);
        assert!(take(folder.path()).unwrap().is_some());
    }

    #[test]
    fn the_deepest_mount_tells_the_file_system() {
        let mounts = "/dev/vda / ext4 rw 0 0\nhost:/x /srv nfs4 rw 0 0\n/dev/vdb /srv/local xfs rw 0 0\n";
        assert_eq!(remote_among(mounts, Path::new("/var/lib/kuimen")), None);
        assert_eq!(remote_among(mounts, Path::new("/srv/kuimen")).as_deref(), Some("nfs4"));
        assert_eq!(remote_among(mounts, Path::new("/srv/local/kuimen")), None);
    }

    #[test]
    fn directories_are_made_all_the_way_down() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        make_durably(&deep).unwrap();
        make_durably(&deep).unwrap();
        assert!(deep.is_dir());
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&deep).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700, "payments stand in there with names of banks and amounts");
    }
}
