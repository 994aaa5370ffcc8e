//! The server process: finding, starting and stopping it.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::signal::kill;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

use super::Error;
use super::account::Account;
use super::cluster::{free_space, text_of};

/// For how long backends of a killed postmaster may hold its shared memory.
const ORPHANS: Duration = Duration::from_secs(10);
/// A process id above every system's limit.
const NO_PROCESS: i32 = i32::MAX;
/// What the server prints before its own log is open.
const START_LOG: &str = "start.log";
/// What PostgreSQL allocates at once.
const WAL_SEGMENT: u64 = 16 << 20;
const TAIL_LINES: usize = 20;

/// A live server process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: i32,
    /// Missing in its first moments.
    pub(super) port: Option<u16>,
}

/// The server process of a data directory, if it lives. A few system calls, no process.
///
/// What cannot be found out is an error: to take a live server for dead would do harm.
pub(super) fn find(data: &Path) -> Result<Option<Postmaster>, Error> {
    let path = data.join("postmaster.pid");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    // The order of the lines is in PostgreSQL's pidfile.h.
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines().map(str::trim);
    let Some(pid) = lines.next().and_then(|line| line.parse().ok()) else {
        return Ok(None);
    };
    let port = lines.nth(2).and_then(|line| line.parse().ok());
    Ok(is_postmaster(pid, data).then_some(Postmaster { pid, port }))
}

fn is_postmaster(pid: i32, data: &Path) -> bool {
    // Zero and below mean groups of processes to these calls (and a single-user server in the file).
    if pid <= 0 {
        return false;
    }
    let process = Pid::from_raw(pid);
    // As process 1 of a container we inherit the postmaster, and would take its remains for alive.
    let _ = waitpid(process, Some(WaitPidFlag::WNOHANG));
    // It runs as us, or as an account that root may signal: an error means it is gone or not ours.
    if kill(process, None).is_err() {
        return false;
    }
    // Process ids come again soon in containers. A postmaster works in its data directory.
    match fs::metadata(format!("/proc/{pid}/cwd")) {
        Ok(cwd) => fs::metadata(data).map_or(true, |data| {
            (data.dev(), data.ino()) == (cwd.dev(), cwd.ino())
        }),
        // Without /proc (macOS) the process id has to do; with it, this one is a zombie.
        Err(error) => {
            error.kind() != io::ErrorKind::NotFound || fs::metadata("/proc/self/cwd").is_err()
        }
    }
}

/// Starts the server and waits until it answers.
pub(super) async fn start(data: &Path, account: &Account, bin_dir: &Path) -> Result<(), Error> {
    let log = data.join(START_LOG);
    let deadline = Instant::now() + ORPHANS;
    loop {
        disown(data)?;
        let _ = fs::remove_file(&log);
        let mut command = account.command(&bin_dir.join("pg_ctl"));
        command.args(["start", "--silent", "--wait", "--timeout=60", "--pgdata"]);
        command.arg(data).arg("--log").arg(&log);
        let output = command
            .output()
            .await
            .map_err(Error::io("run", &bin_dir.join("pg_ctl")))?;
        // A long recovery outlasts pg_ctl's patience; the caller waits on.
        if output.status.success() || find(data)?.is_some() {
            return Ok(());
        }
        let words = last_words(data);
        if words.contains("pre-existing shared memory block") && Instant::now() < deadline {
            sleep(Duration::from_millis(200)).await;
            continue;
        }
        return Err(start_failed(data, &text_of(&output)));
    }
}

/// Why the server's last start failed: in its own words, or in `otherwise` if it has none.
pub(super) fn start_failed(data: &Path, otherwise: &str) -> Error {
    let mut log = last_words(data);
    if log.is_empty() {
        otherwise.clone_into(&mut log);
    }
    // A full disk may have swallowed these words too.
    if log.contains("No space left") || free_space(data).is_ok_and(|free| free < WAL_SEGMENT) {
        return Error::NoSpace { path: data.into() };
    }
    Error::StartFailed {
        data: data.into(),
        log,
    }
}

/// Makes PostgreSQL see that the process in a stale `postmaster.pid` is not its server, even if that id lives again.
///
/// The rest of the file stays: by it PostgreSQL checks that no backend of the old server is left.
fn disown(data: &Path) -> Result<(), Error> {
    let path = data.join("postmaster.pid");
    let rewrite = || {
        let mut file = fs::File::options()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        match String::from_utf8_lossy(&bytes).split_once('\n') {
            Some((pid, rest)) if pid.trim().parse::<i32>().is_ok() => {
                file.set_len(0)?;
                file.rewind()?;
                write!(file, "{NO_PROCESS}\n{rest}")
            }
            // Torn by a crash of the machine, which left no process either.
            _ => fs::remove_file(&path),
        }
    };
    match rewrite() {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("write", &path)(error))
        }
        _ => Ok(()),
    }
}

/// The last lines of what the server printed before its log was open, and of that log.
fn last_words(data: &Path) -> String {
    let mut text = tail(&data.join(START_LOG));
    let newest = fs::read_dir(data.join("log"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .max();
    if text.contains("logging collector")
        && let Some((_, path)) = newest
    {
        text = tail(&path);
    }
    text
}

fn tail(path: &Path) -> String {
    let read = || {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(8192)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        io::Result::Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// Stops the server: sessions are cut, everything committed is on disk.
pub(super) async fn stop(data: &Path, account: &Account, bin_dir: &Path) -> Result<(), Error> {
    if find(data)?.is_none() {
        return Ok(());
    }
    let mut command = account.command(&bin_dir.join("pg_ctl"));
    command.args([
        "stop",
        "--silent",
        "--wait",
        "--mode=fast",
        "--timeout=60",
        "--pgdata",
    ]);
    let output = command
        .arg(data)
        .output()
        .await
        .map_err(Error::io("run", &bin_dir.join("pg_ctl")))?;
    if output.status.success() || find(data)?.is_none() {
        return Ok(());
    }
    Err(Error::StopFailed {
        data: data.into(),
        output: text_of(&output),
    })
}
