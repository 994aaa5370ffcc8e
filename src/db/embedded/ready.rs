//! Waiting for a server until it lets us in.

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use super::binaries::short;
use super::home::Password;
use super::postmaster::find;
use super::{DATABASE, Error, USER};

/// How long a process that answers nothing at all may take.
const SILENCE: Duration = Duration::from_secs(30);
/// How long recovery after a crash may take.
const RECOVERY: Duration = Duration::from_mins(15);

/// What a server said to an attempt to log in.
enum Answer {
    /// It is ready, and of this version.
    Ready(String),
    /// It is starting, recovering or stopping, and says which.
    NotNow(String),
    /// Nothing: no socket yet, or no reaction.
    Silence,
}

/// Logs in once.
async fn ask(
    data: &Path,
    socket_dir: &Path,
    port: u16,
    password: &Password,
) -> Result<Answer, Error> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(socket_dir).port(port);
    config.user(USER).password(&password.0).dbname(DATABASE);
    config.application_name("agentdata");
    match timeout(Duration::from_secs(5), config.connect(NoTls)).await {
        Ok(Ok((_client, connection))) => {
            let version = connection.parameter("server_version").unwrap_or_default();
            Ok(Answer::Ready(short(version)))
        }
        Ok(Err(source)) => match source.as_db_error() {
            Some(error) if *error.code() == SqlState::CANNOT_CONNECT_NOW => {
                Ok(Answer::NotNow(error.message().to_owned()))
            }
            Some(_) => Err(Error::Refused {
                data: data.into(),
                source,
            }),
            None => Ok(Answer::Silence),
        },
        Err(_) => Ok(Answer::Silence),
    }
}

/// Waits until the server answers and gives its port and version; `None` if it went away meanwhile.
pub(super) async fn wait_ready(
    data: &Path,
    socket_dir: &Path,
    password: &Password,
) -> Result<Option<(u16, String)>, Error> {
    let begin = Instant::now();
    let mut told = begin;
    let mut patience = SILENCE;
    let mut pause = Duration::from_millis(10);
    let mut said = String::new();
    while let Some(postmaster) = find(data)? {
        if let Some(port) = postmaster.port {
            match ask(data, socket_dir, port, password).await? {
                Answer::Ready(version) => return Ok(Some((port, version))),
                Answer::NotNow(words) => {
                    patience = RECOVERY;
                    said = words;
                }
                Answer::Silence => {}
            }
        }
        if begin.elapsed() > patience {
            return Err(Error::NotAnswering {
                pid: postmaster.pid,
                data: data.into(),
            });
        }
        if told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            tracing::info!(pid = postmaster.pid, said, "waiting for PostgreSQL");
        }
        sleep(pause).await;
        // Every attempt during a long recovery is a line in the server's log.
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    Ok(None)
}
