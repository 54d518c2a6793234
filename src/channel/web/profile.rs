//! A session's profile folder: one owner at a time, and nothing left over from an owner that died.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use procfs::process::{Process, all_processes};

use crate::channel::OpenError;

const LOCK: &str = "whatsmassive.lock";
const CHROMIUM_LEFTOVERS: [&str; 3] = ["SingletonLock", "SingletonCookie", "SingletonSocket"];
/// How long a leftover browser gets to end by itself, so that it writes its profile to disk.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(5);

/// Our hold on a profile folder, given up when it is dropped.
#[derive(Debug)]
pub(super) struct ProfileLock(PathBuf);

impl ProfileLock {
    /// Takes the profile, creating it where needed, and ends a browser that a crash has left on it. Blocks for up to five seconds.
    pub fn take(profile: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(profile).map_err(OpenError::Profile)?;
        restrict(profile).map_err(OpenError::Profile)?;
        let lock = profile.join(LOCK);
        let host = host();
        if let Ok(text) = fs::read_to_string(&lock)
            && let Some((pid, owner_host)) = text.trim().split_once(' ')
            && let Ok(pid) = pid.parse::<u32>()
            && pid != std::process::id()
            && (owner_host != host || is_ours(pid))
        {
            return Err(OpenError::ProfileInUse { pid, host: owner_host.to_owned() });
        }
        end_orphans(profile);
        for leftover in CHROMIUM_LEFTOVERS {
            remove_if_there(&profile.join(leftover)).map_err(OpenError::Profile)?;
        }
        fs::write(&lock, format!("{} {host}\n", std::process::id())).map_err(OpenError::Profile)?;
        Ok(Self(lock))
    }
}

/// A folder that a shared browser runs on. It links to the profiles that the browser has open, and holds nothing else that lasts.
pub(super) struct SharedFolder {
    pub path: PathBuf,
    _lock: ProfileLock,
}

impl SharedFolder {
    /// Takes the folder and empties it; ends a browser that a crash has left on it. Blocks for up to five seconds.
    pub fn take(path: PathBuf) -> Result<Self, OpenError> {
        let lock = ProfileLock::take(&path)?;
        empty(&path).map_err(OpenError::Profile)?;
        Ok(Self { path, _lock: lock })
    }

    /// Lets the browser open a profile. What it keeps is where a browser of the number's own keeps it, so that a number keeps its link
    /// whichever browser it is in.
    pub fn share(&self, profile: &Path) -> io::Result<()> {
        let kept = profile.join("Default");
        fs::create_dir_all(&kept)?;
        self.unshare(profile)?;
        std::os::unix::fs::symlink(kept, self.link(profile))
    }

    /// Takes it out again.
    pub fn unshare(&self, profile: &Path) -> io::Result<()> {
        remove_if_there(&self.link(profile))
    }

    fn link(&self, profile: &Path) -> PathBuf {
        self.path.join(profile.file_name().unwrap_or_default())
    }
}

/// Removes all but our lock; what is linked stays where it is.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Drop for ProfileLock {
    fn drop(&mut self) {
        if let Err(error) = remove_if_there(&self.0) {
            tracing::warn!(error = &error as &dyn std::error::Error, "profile lock not removed");
        }
    }
}

/// Moves a profile to `archived/` beside it, in place of an earlier one; a profile that is not there is fine.
pub(super) fn archive(profile: &Path) -> io::Result<()> {
    let (Some(parent), Some(name)) = (profile.parent(), profile.file_name()) else {
        return Ok(());
    };
    if !profile.exists() {
        return Ok(());
    }
    let archive = parent.join("archived");
    fs::create_dir_all(&archive)?;
    let target = archive.join(name);
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::rename(profile, target)
}

/// Only we may read the profile: it holds the link to the account.
fn restrict(profile: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(profile, fs::Permissions::from_mode(0o700))
}

fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "localhost".to_owned(), |name| name.trim().to_owned())
}

/// Whether the process is a server of ours; a pid is given again to others.
fn is_ours(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains("whatsmassive"))
}

/// Ends browsers that have this very profile open: nobody owns them, for the profile's lock was free.
fn end_orphans(profile: &Path) {
    let Ok(profile) = std::path::absolute(profile) else { return };
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let deadline = Instant::now() + ORPHAN_PATIENCE;
        let orphans = browsers_on(&profile);
        for &pid in &orphans {
            tracing::warn!(pid, %signal, "ending a browser that a crash has left behind");
            // It may have ended just now.
            let _ = kill(Pid::from_raw(pid), signal);
        }
        if orphans.is_empty() {
            return;
        }
        while Instant::now() < deadline {
            if browsers_on(&profile).is_empty() {
                return;
            }
            wait_a_little();
        }
    }
}

/// The main processes of browsers on a profile, as their command lines tell: they run on its folder, or on one that shares it.
fn browsers_on(profile: &Path) -> Vec<i32> {
    let is_there = |folder: &str| {
        let shared = profile.file_name().and_then(|name| fs::read_link(Path::new(folder).join(name)).ok());
        Path::new(folder) == profile || shared.is_some_and(|link| link.starts_with(profile))
    };
    let is_one = |process: &Process| {
        process.cmdline().is_ok_and(|line| {
            line.iter().filter_map(|argument| argument.strip_prefix("--user-data-dir=")).any(is_there)
                && !line.iter().any(|argument| argument.starts_with("--type="))
        })
    };
    let processes = all_processes().into_iter().flatten().flatten();
    processes.filter(is_one).map(|process| process.pid).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "on a blocking thread, between two looks at a process that is not ours to await"
)]
fn wait_a_little() {
    std::thread::sleep(Duration::from_millis(50));
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        process::{Child, Command, Stdio},
    };

    use super::*;

    /// A shell that is called what a browser on the folder would be called; it waits for its input.
    fn run(folder: &Path) -> Child {
        let argument = format!("--user-data-dir={}", folder.display());
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo; read line", "browser", &argument]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        // Only then is it certain to have its command line: for a moment, a new program has none yet.
        shell.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        shell
    }

    #[test]
    fn a_profile_is_taken_given_back_and_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("7");
        let lock = ProfileLock::take(&profile).unwrap();
        assert!(profile.join(LOCK).exists());
        drop(lock);
        assert!(!profile.join(LOCK).exists());
        ProfileLock::take(&profile).unwrap();
    }

    #[test]
    fn a_lock_of_a_dead_process_does_not_count_and_one_of_another_host_does() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOCK), format!("4194303 {}", host())).unwrap();
        drop(ProfileLock::take(folder.path()).unwrap());
        fs::write(folder.path().join(LOCK), "17 another-host").unwrap();
        assert!(matches!(ProfileLock::take(folder.path()), Err(OpenError::ProfileInUse { pid: 17, .. })));
    }

    #[test]
    fn chromium_s_leftovers_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("SingletonLock");
        std::os::unix::fs::symlink(format!("{}-4194303", host()), &lock).unwrap();
        let _lock = ProfileLock::take(folder.path()).unwrap();
        assert!(fs::symlink_metadata(lock).is_err());
    }

    #[test]
    fn a_browser_without_an_owner_is_ended_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let [mut orphan, mut other] = ["7", "77"].map(|profile| run(&folder.path().join(profile)));
        // Kept open: at the end of its input a shell ends by itself.
        let _input = orphan.stdin.take();
        // Whoever has died is there until the parent has looked.
        let reaper = std::thread::spawn(move || orphan.wait().unwrap());
        let _lock = ProfileLock::take(&folder.path().join("7")).unwrap();
        assert!(!reaper.join().unwrap().success());
        assert!(other.try_wait().unwrap().is_none(), "the browser of another profile goes on");
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn a_shared_folder_is_emptied_and_what_it_linked_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (profile, shared) = (folder.path().join("7"), folder.path().join("shared/1"));
        for _ in 0..2 {
            // As a crash leaves it: the link is still there.
            let shared = SharedFolder::take(shared.clone()).unwrap();
            assert!(!shared.path.join("Default").exists());
            shared.share(&profile).unwrap();
            fs::create_dir_all(shared.path.join("Default/Cache")).unwrap();
            fs::write(shared.path.join("7/Cookies"), "kept").unwrap();
        }
        let shared = SharedFolder::take(shared).unwrap();
        assert_eq!(fs::read_to_string(profile.join("Default/Cookies")).unwrap(), "kept");
        shared.share(&profile).unwrap();
        shared.unshare(&profile).unwrap();
        assert!(!shared.path.join("7").exists());
    }

    #[test]
    fn a_shared_browser_without_an_owner_is_known_by_each_of_its_profiles() {
        let folder = tempfile::tempdir().unwrap();
        let [seven, eight] = ["7", "8"].map(|name| folder.path().join(name));
        let shared = SharedFolder::take(folder.path().join("shared/1")).unwrap();
        shared.share(&seven).unwrap();
        let mut browser = run(&shared.path);
        let pid = i32::try_from(browser.id()).unwrap();
        assert_eq!((browsers_on(&seven), browsers_on(&eight)), (vec![pid], vec![]));
        shared.unshare(&seven).unwrap();
        assert!(browsers_on(&seven).is_empty());
        assert_eq!(browsers_on(&shared.path), [pid]);
        browser.kill().unwrap();
        browser.wait().unwrap();
    }

    #[test]
    fn an_archived_profile_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("7");
        for text in ["first", "second"] {
            fs::create_dir_all(&profile).unwrap();
            fs::write(profile.join("file"), text).unwrap();
            archive(&profile).unwrap();
            assert!(!profile.exists());
        }
        assert_eq!(fs::read_to_string(folder.path().join("archived/7/file")).unwrap(), "second");
        archive(&profile).unwrap();
    }
}
