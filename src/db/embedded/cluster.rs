//! The data directory: what it is, and making a new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Stdio;

use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;
use tokio::io::AsyncWriteExt as _;

use super::account::Account;
use super::binaries::Release;
use super::home::{Home, Password};
use super::{DATABASE, Error, USER};

const SPACE_NEEDED: u64 = 256 << 20;
/// From this version on PostgreSQL sorts and cases UTF-8 by itself, the same on every machine.
const FIRST_BUILTIN_LOCALE: u32 = 17;
const STAGING: &str = "postgres-init.";

/// What is at the data directory's place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing, or an empty directory.
    Absent,
    /// A PostgreSQL data directory of this major version.
    Cluster(String),
}

/// Looks at the data directory and finds out who PostgreSQL runs as.
pub(super) fn inspect(home: &Home) -> Result<(State, Account), Error> {
    let data = home.data();
    let meta = match fs::metadata(&data) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((State::Absent, Account::choose(None)?));
        }
        Err(error) => return Err(Error::io("look at", &data)(error)),
    };
    // Whose it is says more than what it holds or that it cannot be read; only root has a choice of accounts.
    if !geteuid().is_root() {
        Account::choose(Some((&data, &meta)))?;
    }
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(major) => {
            let account = Account::choose(Some((&data, &meta)))?;
            Ok((State::Cluster(major.trim().to_owned()), account))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut entries = fs::read_dir(&data).map_err(Error::io("read", &data))?;
            if entries.next().is_some() {
                return Err(Error::NotACluster { dir: data });
            }
            Ok((State::Absent, Account::choose(None)?))
        }
        Err(error) => Err(Error::io("read", &data)(error)),
    }
}

/// Makes the data directory with the database in it; it appears in its place whole or not at all.
pub(super) async fn init(
    home: &Home,
    account: &Account,
    bin_dir: &Path,
    release: &Release,
) -> Result<Password, Error> {
    remove_leftovers(home);
    if free_space(home.path())? < SPACE_NEEDED {
        return Err(Error::NoSpace {
            path: home.path().into(),
        });
    }
    let password = home.new_password()?;
    // The process id keeps us apart from an `initdb` that outlived a killed agentdata for a moment.
    let staging = home.path().join(format!("{STAGING}{}", std::process::id()));
    Home::private_dir(&staging, account)?;
    let made = fill(&staging, account, bin_dir, release, &password).await;
    let placed = made.and_then(|()| {
        let data = home.data();
        fs::rename(staging.join("data"), &data).map_err(Error::io("make", &data))?;
        // A crash of the machine must not undo what the first clients were told.
        File::open(home.path())
            .and_then(|dir| dir.sync_all())
            .map_err(Error::io("sync", home.path()))
    });
    remove_leftovers(home);
    placed.map(|()| password)
}

async fn fill(
    staging: &Path,
    account: &Account,
    bin_dir: &Path,
    release: &Release,
    password: &Password,
) -> Result<(), Error> {
    let data = staging.join("data");
    // `initdb` runs as the account, which may not read the home's own password file.
    let password_file = staging.join("password");
    super::home::write_file(&password_file, &password.0, 0o600)?;
    account.own(&password_file)?;

    let mut args: Vec<std::ffi::OsString> = [
        "--encoding=UTF8",
        // Byte order for the C library's part: no index breaks when the system's sort order changes.
        "--locale=C",
        "--auth=scram-sha-256",
        "--data-checksums",
        "--no-instructions",
    ]
    .map(Into::into)
    .into();
    args.extend(["--username".into(), USER.into()]);
    args.extend(["--pwfile".into(), password_file.into()]);
    args.extend(["--pgdata".into(), data.clone().into()]);
    if release.major >= FIRST_BUILTIN_LOCALE {
        args.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"].map(Into::into));
    }
    // What is a letter still comes from the C library in places (pg_trgm, text search); not every system knows C.UTF-8.
    let with_letters = args.iter().cloned().chain(["--lc-ctype=C.UTF-8".into()]);
    let initdb = bin_dir.join("initdb");
    let mut output = account.run(&initdb, with_letters).await?;
    if !output.status.success() && text_of(&output).contains("invalid locale name") {
        output = account.run(&initdb, args).await?;
    }
    succeeded(&output, staging)?;
    create_database(&data, account, bin_dir).await?;

    // Relative to the data directory, so that the home can be moved.
    let name = "../postgres-settings.conf";
    append_as(
        account,
        &data.join("postgresql.conf"),
        &format!("\ninclude '{name}'\n"),
    )
}

/// Creates the database before any server runs: single-user mode, as `initdb` itself does it.
async fn create_database(data: &Path, account: &Account, bin_dir: &Path) -> Result<(), Error> {
    let postgres = bin_dir.join("postgres");
    let run = async {
        let mut child = account
            .command(&postgres)
            .args(["--single", "-c", "exit_on_error=true", "-D"])
            .arg(data)
            .arg("template1")
            .stdin(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            let sql = format!("CREATE DATABASE {DATABASE} OWNER {USER};\n");
            // If it died its output tells more than our broken pipe.
            let _ = stdin.write_all(sql.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let output = run.await.map_err(Error::io("run", &postgres))?;
    succeeded(&output, data)
}

/// Appends a line to a file of the account's that nobody but it and us can reach yet.
fn append_as(account: &Account, path: &Path, text: &str) -> Result<(), Error> {
    let append = || {
        let mut file = File::options().append(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    append().map_err(Error::io("write", path))?;
    account.own(path)
}

fn succeeded(output: &std::process::Output, dir: &Path) -> Result<(), Error> {
    if output.status.success() {
        return Ok(());
    }
    let text = text_of(output);
    if text.contains("No space left") {
        return Err(Error::NoSpace { path: dir.into() });
    }
    Err(Error::InitFailed {
        dir: dir.into(),
        output: text,
    })
}

/// What a program printed, on either stream.
pub(super) fn text_of(output: &std::process::Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}

/// Removes what an interrupted `init` left behind. Failure costs only space, so it is logged and no more.
fn remove_leftovers(home: &Home) {
    let entries = fs::read_dir(home.path()).into_iter().flatten().flatten();
    for entry in entries {
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(STAGING.as_bytes())
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(path = %entry.path().display(), %error, "cannot remove a half-made database");
        }
    }
}

/// The bytes that an ordinary user may still write there.
pub(super) fn free_space(path: &Path) -> Result<u64, Error> {
    let stat = statvfs(path).map_err(|errno| Error::io("look at", path)(errno.into()))?;
    Ok(stat.blocks_available() as u64 * stat.fragment_size() as u64)
}
