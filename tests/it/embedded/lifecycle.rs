//! The private server through starts, crashes and stops.

use std::{fs, os::unix::fs::MetadataExt, path::Path, process::Command, time::Duration};

use agentdata::db::embedded::{Embedded, Error};
use nix::sys::signal::{Signal, kill};
use tokio_postgres::NoTls;

use super::value;
use crate::support::{cluster::Session, eventually, process::TestHome};

/// Longer than anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

async fn write_row(server: &Embedded) {
    let session = Session::open(&server.url()).await;
    session
        .run("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('kept')")
        .await;
}

async fn read_row(server: &Embedded) -> String {
    value(server, "SELECT word FROM kept").await
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[tokio::test]
async fn the_first_start_makes_a_database_and_the_second_keeps_it() {
    let test = TestHome::new();
    let server = test.start().await;
    assert!(server.is_owner());
    assert_eq!(server.data_dir(), test.data());
    assert!(server.bin_dir().join("pg_dump").exists());

    let show =
        async |name: &str| value(&server, &format!("SELECT current_setting('{name}')")).await;
    assert_eq!(
        show("server_version").await.split(' ').next(),
        Some(server.version())
    );
    assert_eq!(show("server_encoding").await, "UTF8");
    assert_eq!(show("data_checksums").await, "on");
    assert_eq!(show("listen_addresses").await, "");
    assert_eq!(show("full_page_writes").await, "on");
    assert_eq!(show("TimeZone").await, "UTC");
    assert_eq!(show("jit").await, "off");
    assert_eq!(
        show("shared_buffers").await,
        "16MB",
        "the test's own settings win"
    );
    assert_eq!(value(&server, "SELECT upper('äß')").await, "Äß");
    Session::open(&server.url())
        .await
        .run("CREATE EXTENSION vector")
        .await;

    let password = fs::read_to_string(test.home().join("postgres-password")).unwrap();
    assert!(
        !format!("{server:?}").contains(password.trim()),
        "the password is in the debug output"
    );
    let wrong = server.url().replace("agentdata:", "agentdata:x");
    assert!(
        tokio_postgres::connect(&wrong, NoTls).await.is_err(),
        "any password does"
    );
    assert_eq!(mode(&test.home().join("postgres-password")), 0o600);
    assert_eq!(mode(&test.home().join("run")), 0o700);
    assert_eq!(mode(&test.data()), 0o700);

    write_row(&server).await;
    let url = server.url();
    server.stop().await.unwrap();
    assert_eq!(test.postmaster(), None, "stop leaves no server");

    let server = test.start().await;
    assert_eq!(server.url(), url);
    assert_eq!(read_row(&server).await, "kept");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_takes_over_the_server_of_a_killed_process() {
    let test = TestHome::new();
    let server = test.start().await;
    write_row(&server).await;
    server.stop().await.unwrap();

    let serve = test.serve(&[]);
    eventually("the process's server is up", PATIENCE, || async {
        test.is_up()
    })
    .await;
    let lock = fs::read_to_string(test.home().join("postgres.lock")).unwrap();
    assert!(lock.contains(&serve.pid().to_string()), "{lock}");
    serve.stop(Signal::SIGKILL);
    let orphan = test.postmaster();
    assert!(orphan.is_some(), "the database outlives its owner");

    let server = test.start().await;
    assert_eq!(test.postmaster(), orphan, "it is the same server");
    assert!(server.is_owner());
    assert_eq!(read_row(&server).await, "kept");
    server.stop().await.unwrap();
    assert_eq!(test.postmaster(), None);
}

#[tokio::test]
async fn a_killed_postmaster_is_started_again() {
    let test = TestHome::new();
    let server = test.start().await;
    write_row(&server).await;
    assert!(!server.ensure_running().await.unwrap());
    // A busy backend does not notice its postmaster's death, and holds the shared memory.
    let busy = Session::open(&server.url()).await;
    let count = "SELECT count(*) FROM generate_series(1, 20000000)";
    let busy = tokio::spawn(async move { busy.number(count).await });
    let watch = Session::open(&server.url()).await;
    eventually("the backend is busy", PATIENCE, || async {
        let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' \
                      AND state = 'active' AND pid <> pg_backend_pid()";
        watch.number(active).await == 1
    })
    .await;

    kill(test.postmaster().unwrap(), Signal::SIGKILL).unwrap();
    eventually("the postmaster's end", PATIENCE, || async {
        test.postmaster().is_none()
    })
    .await;
    assert!(server.ensure_running().await.unwrap());
    assert!(!server.ensure_running().await.unwrap());
    assert_eq!(read_row(&server).await, "kept");
    busy.abort();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle() {
    let test = TestHome::new();
    let server = test.start().await;
    write_row(&server).await;
    kill(test.postmaster().unwrap(), Signal::SIGKILL).unwrap();
    eventually("the postmaster's end", PATIENCE, || async {
        test.postmaster().is_none()
    })
    .await;
    drop(server);

    // As in a container, where the same process ids come again. The stranger has PostgreSQL's own user id.
    let user = fs::metadata(test.data()).unwrap();
    let mut command = Command::new("sleep");
    std::os::unix::process::CommandExt::uid(&mut command, user.uid());
    let mut stranger = command.arg("60").spawn().unwrap();
    for file in [
        test.data().join("postmaster.pid"),
        test.home().join("run/.s.PGSQL.5432.lock"),
    ] {
        let text = fs::read_to_string(&file).unwrap();
        let (_, rest) = text.split_once('\n').unwrap();
        fs::write(&file, format!("{}\n{rest}", stranger.id())).unwrap();
    }
    let server = Embedded::start(test.config()).await;
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    let server = server.unwrap();
    assert_eq!(read_row(&server).await, "kept");

    // An empty one is what a power cut can leave.
    kill(test.postmaster().unwrap(), Signal::SIGKILL).unwrap();
    eventually("the postmaster's end", PATIENCE, || async {
        test.postmaster().is_none()
    })
    .await;
    fs::write(test.data().join("postmaster.pid"), "").unwrap();
    assert!(server.ensure_running().await.unwrap());
    assert_eq!(read_row(&server).await, "kept");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_home_has_one_owner_and_commands_join_it() {
    let test = TestHome::new();
    let server = test.start().await;
    let error = TestHome::error(test.config()).await;
    assert!(matches!(error, Error::HomeInUse { .. }), "{error}");
    assert!(
        error.to_string().contains(&std::process::id().to_string()),
        "{error}"
    );

    let command = Embedded::join_or_start(test.config()).await.unwrap();
    assert!(!command.is_owner());
    assert_eq!(command.url(), server.url());
    assert_eq!(command.version(), server.version());
    assert_eq!(command.bin_dir(), server.bin_dir());
    let running = test.postmaster();
    assert!(!command.ensure_running().await.unwrap());
    command.stop().await.unwrap();
    assert_eq!(test.postmaster(), running, "the server goes on");
    server.ensure_running().await.unwrap();
    server.stop().await.unwrap();
    assert_eq!(test.postmaster(), None);
}

#[tokio::test]
async fn commands_without_a_server_start_their_own_one_after_the_other() {
    let test = TestHome::new();
    let first = Embedded::join_or_start(test.config()).await.unwrap();
    assert!(first.is_owner());
    let config = test.config();
    let mut second = tokio::spawn(async { Embedded::join_or_start(config).await.unwrap() });
    let early = tokio::time::timeout(Duration::from_millis(500), &mut second).await;
    assert!(
        early.is_err(),
        "the second command waits, the first one's server will not last"
    );
    first.stop().await.unwrap();
    let second = second.await.unwrap();
    assert!(second.is_owner());
    second.stop().await.unwrap();
    assert_eq!(test.postmaster(), None);
}

#[tokio::test]
async fn a_first_start_that_was_killed_half_way_is_made_up_for() {
    let test = TestHome::new();
    let serve = test.serve(&[]);
    let half_made = || {
        fs::read_dir(test.home())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().contains("postgres-init."))
    };
    eventually("initdb", PATIENCE, || async {
        half_made().is_some_and(|path| path.join("data/base").exists())
    })
    .await;
    serve.stop(Signal::SIGKILL);
    assert!(!test.data().exists());

    let server = test.start().await;
    assert_eq!(half_made(), None, "the leftovers are gone");
    assert_eq!(
        value(&server, "SELECT current_database()::text").await,
        "agentdata"
    );
    server.stop().await.unwrap();
}
