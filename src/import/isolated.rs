//! Workbooks are read in a process of their own, with a limit on its memory and its time: a file of a few kilobytes can make any reader
//! ask for more than there is, and that must end the reading and not the server.
//!
//! The process is this same program. It writes one frame for each row ([`frames`](super::frames)), and a last one that says how it ended;
//! without that last one nothing counts.

use std::{
    io::{self, BufReader, BufWriter, Read as _},
    ops::ControlFlow,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde::{Deserialize, Serialize};

use super::{
    ImportError,
    frames::{Frame, Reader, Writer},
    sheet::{SheetName, Source, Take},
    workbook::{self, Failure, Refusal},
};

/// The name of the command that [`serve`]s.
pub const COMMAND: &str = "read-workbook";
/// Address space of the process, in bytes. Nearly every xlsx is read in place, and takes little whatever its size; of the kinds that
/// calamine reads as a whole, 50 MB of real data take some hundred megabytes.
const MEMORY: u64 = 1 << 30;
/// Processor time of the process, in seconds; a million rows, of which a sheet has no more, take a few.
const SECONDS: u64 = 60;
/// What the process may write, in bytes.
const OUTPUT: u64 = 512 << 20;
/// Bytes that are written and read at once: as many as a pipe holds.
const BUFFER: usize = 1 << 16;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    /// All rows were written; these are the workbook's sheets, and the one that was read.
    Whole(Vec<SheetName>, Option<String>),
    Refused(Refusal),
}

/// Reads a sheet of a workbook, the one called `sheet` or else the first with phones, and writes its rows to standard output; for the
/// process of its own.
///
/// # Errors
///
/// The limits cannot be set, the file cannot be read or is damaged, or nobody listens.
pub fn serve(path: &Path, sheet: Option<&str>) -> io::Result<()> {
    limit()?;
    let mut out = Writer::new(BufWriter::with_capacity(BUFFER, io::stdout().lock()));
    let end = match workbook::read(path, sheet, &mut |line| out.row(line)) {
        Ok((sheets, read)) => End::Whole(sheets, read),
        Err(Failure::Refused(refusal)) => End::Refused(refusal),
        Err(Failure::Io(error)) => return Err(error),
    };
    out.end(&end)
}

#[cfg(unix)]
fn limit() -> io::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY)?;
    setrlimit(Resource::RLIMIT_CPU, SECONDS, SECONDS)?;
    // What it leaves behind when it ends by a limit helps nobody.
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Reads a workbook by `program`. The process waits while `take` is busy, so that only a few rows are in memory.
pub(super) fn read(
    program: &Path,
    path: &Path,
    sheet: Option<&str>,
    take: &mut Take<'_>,
) -> Result<Source, ImportError> {
    let mut command = Command::new(program);
    command.arg(COMMAND).arg(path).args(sheet.map(|sheet| format!("--sheet={sheet}")));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = Running(command.spawn()?);
    let output = process.0.stdout.take().ok_or_else(|| io::Error::other("the process has no output"))?;
    let mut output = Reader::new(BufReader::with_capacity(BUFFER, output.take(OUTPUT)));
    loop {
        match output.next() {
            Ok(Frame::Row(row)) => {
                if let ControlFlow::Break(()) = take(row)? {
                    return Ok(Source::default());
                }
            }
            Ok(Frame::End(End::Whole(sheets, sheet))) => {
                return Ok(Source { sheets: Some(sheets), sheet, ..Source::default() });
            }
            Ok(Frame::End(End::Refused(refusal))) => return Err(refusal.into()),
            // It ended too early, or says more than it may.
            Err(_) if output.get_ref().get_ref().limit() == 0 => return Err(ImportError::ArchiveBomb),
            Err(_) => return Err(process.ended()?),
        }
    }
}

/// A process that does not outlive its reader.
struct Running(Child);

impl Running {
    /// Why it ended without a last line: by a limit, or over a damaged file.
    fn ended(&mut self) -> io::Result<ImportError> {
        let status = self.0.wait()?;
        Ok(if status.code().is_none() { ImportError::ArchiveBomb } else { ImportError::Unsupported })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
