//! Room on the disk: a browser that finds none starts all the same, and loses the link to the account.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::WebConfig;
use crate::channel::OpenError;

/// What has to be free for a profile, in megabytes: one takes some 40 MB, and WhatsApp's page may keep as much again of what it loads.
const NEEDED_MB: u64 = 200;

/// Refuses to start a browser on a profile that would find no room.
pub(super) fn check(web: &WebConfig, profile: &Path) -> Result<(), OpenError> {
    match (web.free_disk_mb)(profile) {
        Some(free_mb) if free_mb < NEEDED_MB => Err(OpenError::NoDiskSpace { free_mb, needed_mb: NEEDED_MB }),
        _ => Ok(()),
    }
}

/// What the file system of a folder, or of the next one above that is there, has free for us.
pub(super) fn free_mb(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let system = statvfs(there).ok()?;
    Some(system.blocks_available().saturating_mul(system.fragment_size()) / (1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_said_and_what_nobody_knows_is_no_obstacle() {
        let profile = Path::new("/nowhere/profiles/1");
        let with = |free_disk_mb: fn(&Path) -> Option<u64>| {
            check(&WebConfig { free_disk_mb, ..WebConfig::default() }, profile)
        };
        assert!(matches!(with(|_| Some(199)), Err(OpenError::NoDiskSpace { free_mb: 199, needed_mb: 200 })));
        assert!(with(|_| Some(200)).is_ok());
        assert!(with(|_| None).is_ok());
        assert!(free_mb(profile).is_some(), "the root is there");
    }
}
