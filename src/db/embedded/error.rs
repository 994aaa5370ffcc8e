//! What can keep the private server from running, each with what to do about it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL could not be used; every message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable PostgreSQL on this machine.
    #[error("{}", no_binaries(passed_over.as_deref()))]
    NoBinaries {
        /// A PostgreSQL that `pg_config` names but that has no `vector`.
        passed_over: Option<PathBuf>,
    },
    /// A directory that should hold PostgreSQL's programs lacks one.
    #[error(
        "{} holds no `{program}`: AGENTDATA_POSTGRES_BIN must name the directory of a PostgreSQL server's programs \
         (`pg_config --bindir` prints it)",
        dir.display()
    )]
    MissingProgram {
        /// The directory searched.
        dir: PathBuf,
        /// The program it lacks.
        program: &'static str,
    },
    /// The programs are there but do not run.
    #[error("the PostgreSQL programs in {} do not run; install them anew (`make postgres`). They said: {output}", dir.display())]
    BrokenBinaries {
        /// Where they are.
        dir: PathBuf,
        /// What they printed.
        output: String,
    },
    /// The server's programs are older than agentdata supports.
    #[error("PostgreSQL {version} in {} is too old, agentdata needs 15 or newer: run `make postgres` or name another one in AGENTDATA_POSTGRES_BIN", dir.display())]
    TooOld {
        /// Where the programs are.
        dir: PathBuf,
        /// Their version.
        version: String,
    },
    /// The server's programs come without the vector extension.
    #[error("the PostgreSQL in {} has no pgvector: install pgvector 0.8 or newer for it, or run `make postgres`", dir.display())]
    NoVector {
        /// Where the programs are.
        dir: PathBuf,
    },
    /// The server's vector extension is too old.
    #[error("the PostgreSQL in {} has pgvector {version}, agentdata needs 0.8 or newer: upgrade it, or run `make postgres`", dir.display())]
    VectorTooOld {
        /// Where the programs are.
        dir: PathBuf,
        /// The extension's version.
        version: String,
    },
    /// The data was written by another major version.
    #[error(
        "{} was written by PostgreSQL {found}, but the programs in {} are version {have}: dump it with PostgreSQL {found} \
         (pg_dump), move the directory away, start agentdata and restore the dump (pg_restore)",
        data.display(), dir.display()
    )]
    OtherMajor {
        /// The data directory.
        data: PathBuf,
        /// Its major version.
        found: String,
        /// Where the programs are.
        dir: PathBuf,
        /// Their version.
        have: String,
    },
    /// The place of the data directory is taken by something else.
    #[error("{} holds files but is no PostgreSQL data directory: move it away, agentdata makes a new one", dir.display())]
    NotACluster {
        /// The directory.
        dir: PathBuf,
    },
    /// A directory of the server belongs to someone else.
    #[error("{} belongs to {owner}, but PostgreSQL would run as {user}: run agentdata as the owner, choose another data home, or `chown -R` the directory", dir.display())]
    ForeignOwner {
        /// The directory.
        dir: PathBuf,
        /// Whose it is.
        owner: String,
        /// Who would use it.
        user: String,
    },
    /// As root PostgreSQL runs as an unprivileged user, who cannot get at its files.
    #[error(
        "PostgreSQL refuses to run as root, so it runs as {user}, who may not enter {}: choose a data home (and programs) \
         that this user can reach, such as /var/lib/agentdata, or run `chmod o+x {}`",
        dir.display(), dir.display()
    )]
    Unreachable {
        /// The directory that shuts the user out.
        dir: PathBuf,
        /// The user PostgreSQL runs as.
        user: String,
    },
    /// Root, and nobody to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root and this machine has neither a user `postgres` nor `nobody`: make one, or run agentdata as an ordinary user"
    )]
    NoAccount,
    /// Too little room for a database.
    #[error("not enough disk space at {}: a new database needs 256 MiB free, a running one room for its writes; free some or choose another data home", path.display())]
    NoSpace {
        /// Where the space is missing.
        path: PathBuf,
    },
    /// The socket's path does not fit into a socket address.
    #[error("the data home's path is too long for a Unix socket: {} has {} bytes, this system allows {max}; choose a shorter data home", path.display(), path.as_os_str().len())]
    SocketPathTooLong {
        /// The socket's path.
        path: PathBuf,
        /// The longest path allowed, in bytes.
        max: usize,
    },
    /// A path that PostgreSQL's own scripts cannot quote.
    #[error(
        "the data home {path:?} cannot be used: its path must be UTF-8 without quotes, backslashes, `$`, `` ` `` and line breaks"
    )]
    UnusablePath {
        /// The path.
        path: PathBuf,
    },
    /// Someone else listens on the port.
    #[error(
        "port {port} on 127.0.0.1 is taken by another program: choose another port for the embedded PostgreSQL, or none"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Another process holds the home's lock.
    #[error("another agentdata ({holder}) runs on {}: stop it, or give this one another data home", home.display())]
    HomeInUse {
        /// The home.
        home: PathBuf,
        /// The process that holds the lock, as far as known.
        holder: String,
    },
    /// The data directory's password is gone.
    #[error("{} is missing or empty, it holds the password of the database beside it: put it back from a backup of the data home", path.display())]
    NoPassword {
        /// Where the password should be.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("making the database in {} failed; PostgreSQL said:\n{output}", dir.display())]
    InitFailed {
        /// Where it was to be.
        dir: PathBuf,
        /// What the program printed last.
        output: String,
    },
    /// The server did not come up.
    #[error("PostgreSQL did not start on {}; its last words (more in {}):\n{log}", data.display(), data.join("log").display())]
    StartFailed {
        /// The data directory.
        data: PathBuf,
        /// The last lines of the server's log.
        log: String,
    },
    /// The server runs but gives no answer.
    #[error("PostgreSQL (process {pid}) runs on {} but does not answer: see {}, or stop it with `pg_ctl stop -D {}`", data.display(), data.join("log").display(), data.display())]
    NotAnswering {
        /// The postmaster's process id.
        pid: i32,
        /// The data directory.
        data: PathBuf,
    },
    /// The server answers but does not let us in.
    #[error("the PostgreSQL on {} refuses agentdata: {}", data.display(), chain(source))]
    Refused {
        /// The data directory.
        data: PathBuf,
        /// Its answer.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The server did not stop.
    #[error("PostgreSQL on {} did not stop: {output}", data.display())]
    StopFailed {
        /// The data directory.
        data: PathBuf,
        /// What `pg_ctl` printed.
        output: String,
    },
    /// The operating system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: names the file and what was done to it; a full disk keeps its own message.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            _ => Self::Io {
                action,
                path,
                source,
            },
        }
    }
}

fn no_binaries(passed_over: Option<&Path>) -> String {
    let mut text = String::from(
        "no PostgreSQL with pgvector found: run `make postgres`, or set DATABASE_URL to a server of your own, \
         or AGENTDATA_POSTGRES_BIN to the directory of a server's programs",
    );
    if let Some(dir) = passed_over {
        // Writing to a String cannot fail.
        let _ = write!(text, " (the one in {} has no pgvector)", dir.display());
    }
    text
}

/// `tokio_postgres::Error` prints only its kind; the server's own words are its source.
fn chain(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}
