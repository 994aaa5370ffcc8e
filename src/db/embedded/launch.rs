//! From a data home to a server that answers: joining the one that runs, or starting one.

use std::io;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::cluster::State;
use super::home::{Home, Password};
use super::ready::wait_ready;
use super::{Config, DEFAULT_PORT, Error, binaries, cluster, home, postmaster, settings};

/// What is known of a server that answers.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) bin_dir: PathBuf,
    pub(super) port: u16,
    pub(super) version: String,
    pub(super) password: Password,
}

/// Logs in to the server that already runs on the home, if one does.
pub(super) async fn attach(
    config: &Config,
    home: &Home,
    state: &State,
) -> Result<Option<Running>, Error> {
    let data = home.data();
    let State::Cluster(major) = state else {
        return Ok(None);
    };
    if postmaster::find(&data)?.is_none() {
        return Ok(None);
    }
    let password = home.password()?;
    let Some((port, version)) = wait_ready(&data, &home.run(), &password).await? else {
        return Ok(None);
    };
    let bin_dir = match binaries::of_running(&data) {
        Some(dir) => dir,
        None => binaries::find(config.bin_dir.as_deref(), home, Some(major))?,
    };
    Ok(Some(Running {
        bin_dir,
        port,
        version,
        password,
    }))
}

/// Starts a server, after making its database if there is none.
pub(super) async fn launch(
    config: &Config,
    home: &Home,
    account: &Account,
    state: &State,
) -> Result<Running, Error> {
    let major = match state {
        State::Cluster(major) => Some(major.as_str()),
        State::Absent => None,
    };
    let bin_dir = binaries::find(config.bin_dir.as_deref(), home, major)?;
    let release = binaries::check(&bin_dir, account).await?;
    if let Some(major) = major
        && major != release.major.to_string()
    {
        return Err(Error::OtherMajor {
            data: home.data(),
            found: major.to_owned(),
            dir: bin_dir,
            have: release.version,
        });
    }
    if let Some(port) = config.port
        && !port_is_free(port)
    {
        return Err(Error::PortTaken { port });
    }
    let password = match state {
        State::Cluster(_) => home.password()?,
        State::Absent => {
            tracing::info!(data = %home.data().display(), version = release.version, "making a new database");
            cluster::init(home, account, &bin_dir, &release).await?
        }
    };
    let port = config.port.unwrap_or(DEFAULT_PORT);
    let version = ignite(config, home, account, &bin_dir, port, &password).await?;
    Ok(Running {
        bin_dir,
        port,
        version,
        password,
    })
}

/// Starts the server on an existing data directory and waits until it answers; gives its version.
pub(super) async fn ignite(
    config: &Config,
    home: &Home,
    account: &Account,
    bin_dir: &Path,
    port: u16,
    password: &Password,
) -> Result<String, Error> {
    let (data, run) = (home.data(), home.run());
    Home::private_dir(&run, account)?;
    home.clear_sockets();
    let listen = config.port.is_some();
    let text = settings::render(&run, port, listen, settings::memory(), &config.settings);
    home::write_file(&home.settings(), &text, 0o644)?;
    postmaster::start(&data, account, bin_dir).await?;
    match wait_ready(&data, &run, password).await {
        Ok(Some((_, version))) => Ok(version),
        Ok(None) => Err(postmaster::start_failed(&data, "it stopped at once")),
        Err(error) => {
            // A slow one is left to recover, the next start finds it; one that will never do is not left behind.
            if matches!(error, Error::Refused { .. }) {
                let _ = postmaster::stop(&data, account, bin_dir).await;
            }
            Err(error)
        }
    }
}

/// Whether nobody listens on the port yet.
fn port_is_free(port: u16) -> bool {
    match std::net::TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::AddrInUse,
    }
}
