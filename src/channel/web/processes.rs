//! A browser's processes: what they use together, and an end to those that outlive it.

use std::{path::Path, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use procfs::{
    Current as _,
    process::{FDTarget, Process, Stat, all_processes},
};

use crate::domain::health::Usage;

/// A process and all that descend from it, or some of them. A pid is given to another process after its owner's end, so each is kept with
/// its start.
#[derive(Clone, Default)]
pub(super) struct Family(Vec<Member>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Member {
    pid: i32,
    started: u64,
}

impl From<&Stat> for Member {
    fn from(stat: &Stat) -> Self {
        Self { pid: stat.pid, started: stat.starttime }
    }
}

impl Family {
    /// Those that run now. Reads every process of the machine: for a blocking thread.
    pub fn of(head: u32) -> Self {
        let everybody: Vec<Stat> =
            all_processes().into_iter().flatten().filter_map(|process| process.ok()?.stat().ok()).collect();
        let is_head = |stat: &&Stat| u32::try_from(stat.pid) == Ok(head);
        let mut members: Vec<Member> = everybody.iter().filter(is_head).map(Member::from).collect();
        let mut next = 0;
        while let Some(&parent) = members.get(next) {
            members.extend(everybody.iter().filter(|stat| stat.ppid == parent.pid).map(Member::from));
            next += 1;
        }
        Self(members)
    }

    /// Those of them that show pages.
    pub fn renderers(self) -> Self {
        let shows_pages = |member: &Member| {
            let line = member.find().and_then(|(process, _)| process.cmdline().ok());
            // What a zygote has forked has its whole command line in one argument.
            line.is_some_and(|line| line.iter().any(|argument| argument.contains("--type=renderer")))
        };
        Self(self.0.into_iter().filter(shows_pages).collect())
    }

    /// Those of them that are not among the others.
    pub fn without(self, others: &Self) -> Self {
        Self(self.0.into_iter().filter(|member| !others.0.contains(member)).collect())
    }

    /// What they use together; nothing, once they are gone.
    pub fn usage(&self) -> Option<Usage> {
        let mut usage = Usage { memory_bytes: 0, cpu: Duration::ZERO, processes: 0 };
        for member in &self.0 {
            let Some((process, stat)) = member.find() else { continue };
            usage.memory_bytes += memory(&process).unwrap_or_default();
            usage.cpu += Duration::from_secs_f64((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64);
            usage.processes += 1;
        }
        (usage.processes > 0).then_some(usage)
    }

    /// Whether one of them has a file open in the folder. What the kernel does not tell of a process in a sandbox is not counted: it has
    /// none.
    pub fn has_open(&self, folder: &Path) -> bool {
        let files = |member: &Member| member.find().and_then(|(process, _)| process.fd().ok());
        let mut open = self.0.iter().filter_map(files).flatten().flatten();
        open.any(|file| matches!(file.target, FDTarget::Path(path) if path.starts_with(folder)))
    }

    /// Kills those that still run, and says how many there were.
    pub fn kill(&self) -> usize {
        let left = self.0.iter().filter(|member| member.find().is_some_and(|(_, stat)| stat.state != 'Z'));
        left.filter(|member| kill(Pid::from_raw(member.pid), Signal::SIGKILL).is_ok()).count()
    }
}

impl Member {
    fn find(self) -> Option<(Process, Stat)> {
        let process = Process::new(self.pid).ok()?;
        let stat = process.stat().ok()?;
        (stat.starttime == self.started).then_some((process, stat))
    }
}

/// The process's own memory and its share of common memory, in bytes; what the kernel hides of a sandboxed process is left to its own
/// memory alone.
fn memory(process: &Process) -> Option<u64> {
    let share = |rollup: procfs::process::SmapsRollup| {
        let maps = rollup.memory_map_rollup.into_iter();
        maps.filter_map(|map| map.extension.map.get("Pss").copied()).sum()
    };
    process.smaps_rollup().ok().map(share).or_else(|| {
        let pages = process.statm().ok()?;
        Some(pages.resident.saturating_sub(pages.shared) * procfs::page_size())
    })
}

/// Memory that a new process could have, in megabytes: of the machine, and of the container where there is one. Nothing, where the kernel
/// does not tell.
pub(super) fn free_memory_mb() -> Option<u64> {
    let of_machine = procfs::Meminfo::current().ok().and_then(|memory| memory.mem_available);
    let of_container = left_in_container(Path::new("/sys/fs/cgroup"));
    of_machine.into_iter().chain(of_container).min().map(|bytes| bytes / (1024 * 1024))
}

/// What a control group may still take, in bytes; pages of files that nobody has touched for long are given up for it. Nothing without a
/// limit, as outside of containers. Version 2 (<https://docs.kernel.org/admin-guide/cgroup-v2.html>).
fn left_in_container(group: &Path) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(group.join(name)).ok();
    let number = |text: String| text.trim().parse::<u64>().ok();
    let (limit, taken) = (number(read("memory.max")?)?, number(read("memory.current")?)?);
    let of_files = read("memory.stat").and_then(|stat| {
        stat.lines().find_map(|line| line.strip_prefix("inactive_file ").map(str::to_owned)).and_then(number)
    });
    Some(limit.saturating_sub(taken.saturating_sub(of_files.unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_container_s_limit_counts() {
        let group = tempfile::tempdir().unwrap();
        assert_eq!(left_in_container(group.path()), None);
        let write = |name: &str, text: &str| std::fs::write(group.path().join(name), text).unwrap();
        write("memory.max", "max\n");
        write("memory.current", "700\n");
        assert_eq!(left_in_container(group.path()), None);
        write("memory.max", "1000\n");
        assert_eq!(left_in_container(group.path()), Some(300));
        write("memory.stat", "anon 500\ninactive_file 150\n");
        assert_eq!(left_in_container(group.path()), Some(450));
        write("memory.max", "500\n");
        assert_eq!(left_in_container(group.path()), Some(0));
    }

    #[test]
    fn a_family_is_counted_and_ended_with_its_head() {
        let mut head =
            Command::new("sh").args(["-c", "sleep 600 & echo ready; wait"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(head.stdout.take().unwrap()), &mut line).unwrap();
        let family = Family::of(head.id());
        let usage = family.usage().unwrap();
        assert_eq!(usage.processes, 2);
        assert!(usage.memory_bytes > 0);

        head.kill().unwrap();
        head.wait().unwrap();
        assert_eq!(family.kill(), 1, "the child outlived its parent");
        assert!(free_memory_mb().unwrap() > 0);
    }
}
