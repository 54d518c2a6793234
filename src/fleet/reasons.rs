//! The reasons that a session's status is given, as stable codes with perhaps more after a colon, and which of them pass by themselves.

use crate::channel::OpenError;

/// How much of an error's text is shown, in characters.
const FAULT_WIDTH: usize = 300;

/// Why a channel was not opened.
pub(super) fn of_opening(error: &OpenError) -> String {
    let (code, fault) = match error {
        OpenError::ProfileInUse { pid, host } => ("profile_in_use", format!("{pid} {host}")),
        OpenError::Bridge(fault) => ("bridge_broken", fault.clone()),
        OpenError::Browser(fault) => ("browser_not_started", fault.clone()),
        OpenError::Profile(fault) => ("profile_not_writable", fault.to_string()),
        OpenError::Unreachable(fault) => ("page_unreachable", fault.clone()),
        OpenError::Proxy(fault) => ("proxy_unreachable", fault.clone()),
        OpenError::NoDiskSpace { free_mb, needed_mb } => ("no_disk_space", format!("{free_mb} < {needed_mb} MB")),
        OpenError::NoMemory { free_mb, needed_mb } => ("no_memory", format!("{free_mb} < {needed_mb} MB")),
    };
    // A browser may say a lot before it ends.
    let fault: String = fault.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(FAULT_WIDTH).collect();
    format!("{code}: {fault}")
}

/// Whether a reason is of the network or the machine, not of the session: then it is tried again for as long as it takes.
pub(super) fn passes_by_itself(reason: &str) -> bool {
    let code = reason.split(':').next().unwrap_or_default();
    matches!(code, "page_unreachable" | "proxy_unreachable" | "no_connection" | "no_memory" | "no_disk_space")
}
