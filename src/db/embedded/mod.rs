//! The private PostgreSQL of a machine that has no other: found or installed programs, a data directory under the data
//! home, reached through a Unix socket.
//!
//! One process owns the server: it holds the home's lock, starts the server or takes over the one a crashed predecessor
//! left running, restarts it when it dies, and stops it in the end. Others join it. A server outlives an owner that is
//! killed; nothing that was committed depends on a clean stop.

mod account;
mod binaries;
mod cluster;
mod error;
mod home;
mod launch;
mod postmaster;
mod ready;
mod settings;

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use tokio::time::{Instant, sleep};

use account::Account;
use cluster::State;
use home::{Home, Lock, Role};
use launch::{Running, attach, ignite, launch};

pub use error::Error;

/// The server's superuser, which agentdata logs in as.
const USER: &str = "agentdata";
/// The one database.
const DATABASE: &str = "agentdata";
/// PostgreSQL's usual port; without TCP it is only a part of the socket's name.
const DEFAULT_PORT: u16 = 5432;

/// How long to wait for another server to let go of the home, as in a restart.
const WAIT_FOR_SERVER: Duration = Duration::from_secs(3);
/// How long to wait for a command, or for a server that is just making its database.
const WAIT_FOR_COMMAND: Duration = Duration::from_mins(1);
const LOCK_POLL: Duration = Duration::from_millis(50);

/// Where and how the private server runs.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The data home; made if it does not exist.
    pub home: PathBuf,
    /// The directory of PostgreSQL's programs; searched for if not given.
    pub bin_dir: Option<PathBuf>,
    /// Listen on this port of 127.0.0.1 too.
    pub port: Option<u16>,
    /// Further server settings, which override agentdata's own.
    pub settings: Vec<(String, String)>,
}

/// A running private server.
///
/// Dropping it leaves the server running, to be taken over by the next [`Embedded::start`]; [`Embedded::stop`] ends it.
#[derive(Debug)]
pub struct Embedded {
    config: Config,
    home: Home,
    account: Account,
    data_dir: PathBuf,
    running: Running,
    /// `None`: the server is another process's.
    lock: Option<Lock>,
}

impl Embedded {
    /// Starts the server for `serve`, or takes over the one a crashed agentdata left running.
    ///
    /// Makes the database on first use. The settings of a server that already runs stay as they are. Let it end: given
    /// up half-way, it leaves behind a server for the next start to take over.
    ///
    /// # Errors
    /// Another agentdata owns the home's server, or whatever else keeps PostgreSQL from running: see [`Error`].
    pub async fn start(config: Config) -> Result<Self, Error> {
        let home = Home::open(&config.home, config.port.unwrap_or(DEFAULT_PORT))?;
        // Whose the data is explains more than a lock file that cannot be opened.
        cluster::inspect(&home)?;
        let begin = Instant::now();
        loop {
            if let Some(lock) = home.try_lock(Role::Server)? {
                return Self::own(config, home, lock).await;
            }
            let holder = home.holder();
            let patience = if holder.is_server {
                WAIT_FOR_SERVER
            } else {
                WAIT_FOR_COMMAND
            };
            if begin.elapsed() > patience {
                return Err(in_use(&home, holder));
            }
            sleep(LOCK_POLL).await;
        }
    }

    /// For commands: joins the server that a running `serve` owns, else starts one as [`Embedded::start`] does.
    ///
    /// Commands that each need a server of their own run one after the other.
    ///
    /// # Errors
    /// As [`Embedded::start`].
    pub async fn join_or_start(config: Config) -> Result<Self, Error> {
        let home = Home::open(&config.home, config.port.unwrap_or(DEFAULT_PORT))?;
        cluster::inspect(&home)?;
        let begin = Instant::now();
        loop {
            if let Some(lock) = home.try_lock(Role::Command)? {
                return Self::own(config, home, lock).await;
            }
            let holder = home.holder();
            if holder.is_server
                && let (state @ State::Cluster(_), account) = cluster::inspect(&home)?
                && let Some(running) = attach(&config, &home, &state).await?
            {
                return Ok(Self::new(config, home, account, running, None));
            }
            if begin.elapsed() > WAIT_FOR_COMMAND {
                return Err(in_use(&home, holder));
            }
            sleep(LOCK_POLL).await;
        }
    }

    /// How clients reach the database: a `postgresql://` URL with the password in it.
    #[must_use]
    pub fn url(&self) -> String {
        let encode = |bytes| percent_encode(bytes, NON_ALPHANUMERIC);
        let run = self.home.run();
        let port = match self.running.port {
            DEFAULT_PORT => String::new(),
            port => format!(":{port}"),
        };
        format!(
            "postgresql://{USER}:{}@{}{port}/{DATABASE}",
            encode(self.running.password.0.as_bytes()),
            encode(run.as_os_str().as_encoded_bytes()),
        )
    }

    /// PostgreSQL's data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The directory of PostgreSQL's programs, `pg_dump` and `psql` among them.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.running.bin_dir
    }

    /// The server's version, such as `18.6`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.running.version
    }

    /// Whether this process started the server or took it over, and stops it in the end.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.lock.is_some()
    }

    /// Restarts the server if it died; `true` if it had. Does nothing for a server that another process owns.
    ///
    /// A few system calls while the server lives: to be called every second or so, by one task.
    ///
    /// # Errors
    /// The server could not be started; the next call tries again.
    pub async fn ensure_running(&self) -> Result<bool, Error> {
        if !self.is_owner() || postmaster::find(&self.data_dir)?.is_some() {
            return Ok(false);
        }
        tracing::warn!(data = %self.data_dir.display(), "PostgreSQL died, starting it again");
        let Running {
            bin_dir,
            port,
            password,
            ..
        } = &self.running;
        ignite(
            &self.config,
            &self.home,
            &self.account,
            bin_dir,
            *port,
            password,
        )
        .await?;
        Ok(true)
    }

    /// Stops the server if this process owns it: sessions are cut, what was committed is safe.
    ///
    /// # Errors
    /// The server did not stop within a minute.
    pub async fn stop(self) -> Result<(), Error> {
        if self.is_owner() {
            postmaster::stop(&self.data_dir, &self.account, &self.running.bin_dir).await?;
        }
        Ok(())
    }

    async fn own(config: Config, home: Home, lock: Lock) -> Result<Self, Error> {
        let (state, account) = cluster::inspect(&home)?;
        account.can_reach(home.path())?;
        let running = match attach(&config, &home, &state).await? {
            Some(running) => {
                tracing::info!(data = %home.data().display(), "took over a running PostgreSQL");
                if config.port.is_some_and(|port| port != running.port) {
                    tracing::warn!(
                        port = running.port,
                        "the running PostgreSQL keeps its port until its next start"
                    );
                }
                running
            }
            None => launch(&config, &home, &account, &state).await?,
        };
        Ok(Self::new(config, home, account, running, Some(lock)))
    }

    fn new(
        config: Config,
        home: Home,
        account: Account,
        running: Running,
        lock: Option<Lock>,
    ) -> Self {
        let data_dir = home.data();
        Self {
            config,
            home,
            account,
            data_dir,
            running,
            lock,
        }
    }
}

fn in_use(home: &Home, holder: home::Holder) -> Error {
    Error::HomeInUse {
        home: home.path().to_owned(),
        holder: holder.text,
    }
}
