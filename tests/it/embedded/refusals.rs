//! What keeps the private server from running, and what it says then.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown, symlink},
};

use agentdata::db::embedded::{Embedded, Error};
use nix::unistd::geteuid;

use super::value;
use crate::support::{
    cluster::Session,
    process::{Output, TestHome, agentdata},
};

#[tokio::test]
async fn an_empty_data_directory_is_filled_and_a_full_one_left_alone() {
    let test = TestHome::new();
    test.make_data_dir(&[]);
    test.start().await.stop().await.unwrap();

    let test = TestHome::new();
    test.make_data_dir(&[("photo.jpg", "")]);
    let error = TestHome::error(test.config()).await;
    assert!(matches!(error, Error::NotACluster { .. }), "{error}");
    assert!(test.data().join("photo.jpg").exists());
}

#[tokio::test]
async fn data_of_another_major_version_is_refused() {
    let test = TestHome::new();
    test.make_data_dir(&[("PG_VERSION", "9\n")]);
    let error = TestHome::error(test.config()).await;
    assert!(
        matches!(&error, Error::OtherMajor { found, .. } if found == "9"),
        "{error}"
    );
    assert!(error.to_string().contains("pg_dump"), "{error}");
}

#[tokio::test]
async fn data_of_another_user_is_refused() {
    let test = TestHome::new();
    test.make_data_dir(&[("PG_VERSION", "18\n")]);
    if geteuid().is_root() {
        chown(test.data(), Some(0), Some(0)).unwrap();
    } else {
        // Nobody can give a directory away, but a link leads to one of root's.
        fs::rename(test.data(), test.home().join("aside")).unwrap();
        symlink("/usr", test.data()).unwrap();
    }
    let error = TestHome::error(test.config()).await;
    assert!(matches!(error, Error::ForeignOwner { .. }), "{error}");
    assert!(error.to_string().contains("belongs to root"), "{error}");
}

#[tokio::test]
async fn root_is_told_which_directory_shuts_postgresql_out() {
    if !geteuid().is_root() {
        return;
    }
    let test = TestHome::new();
    fs::set_permissions(test.dir.path(), Permissions::from_mode(0o700)).unwrap();
    let error = TestHome::error(test.config()).await;
    let Error::Unreachable { dir, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(dir, test.dir.path());
}

#[tokio::test]
async fn a_socket_path_too_long_and_an_odd_path_are_refused() {
    let test = TestHome::new();
    let mut config = test.config();
    config.home = test.dir.path().join("x".repeat(90));
    let error = TestHome::error(config).await;
    assert!(matches!(error, Error::SocketPathTooLong { .. }), "{error}");

    let mut config = test.config();
    config.home = test.dir.path().join("$(date)");
    let error = TestHome::error(config).await;
    assert!(matches!(error, Error::UnusablePath { .. }), "{error}");
}

#[tokio::test]
async fn listens_on_a_port_unless_it_is_taken() {
    let test = TestHome::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut config = test.config();
    config.port = Some(port);
    let error = TestHome::error(config.clone()).await;
    assert!(
        matches!(error, Error::PortTaken { port: named } if named == port),
        "{error}"
    );
    drop(taken);

    let server = Embedded::start(config).await.unwrap();
    assert_eq!(
        value(&server, "SELECT current_setting('port')").await,
        port.to_string()
    );
    let url = server.url();
    let (user, _) = url.rsplit_once('@').unwrap();
    Session::open(&format!("{user}@127.0.0.1:{port}/agentdata")).await;
    drop(server);

    // Taken over with other settings, it stays where it is.
    let server = test.start().await;
    assert_eq!(
        value(&server, "SELECT current_setting('port')").await,
        port.to_string()
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why() {
    let test = TestHome::new();
    // The first fails before the server's log is open, the second after.
    for (name, value, reason) in [
        ("shared_buffers", "plenty", "\"plenty\""),
        (
            "unix_socket_directories",
            "/nonexistent",
            "FATAL:  could not create lock file",
        ),
    ] {
        let mut config = test.config();
        config.settings.push((name.into(), value.into()));
        let error = TestHome::error(config).await;
        assert!(matches!(error, Error::StartFailed { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    let server = test.start().await;
    server.stop().await.unwrap();

    let password = test.home().join("postgres-password");
    fs::write(&password, "another").unwrap();
    let error = TestHome::error(test.config()).await;
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert!(error.to_string().contains("password"), "{error}");
    assert_eq!(
        test.postmaster(),
        None,
        "a useless server is not left behind"
    );

    fs::remove_file(password).unwrap();
    let error = TestHome::error(test.config()).await;
    assert!(matches!(error, Error::NoPassword { .. }), "{error}");
}

#[tokio::test]
async fn programs_that_are_missing_or_will_not_do_are_named() {
    let test = TestHome::new();
    let bin = test.dir.path().join("bin");
    let mut config = test.config();
    config.bin_dir = Some(bin.clone());
    let error = TestHome::error(config.clone()).await;
    assert!(
        matches!(
            error,
            Error::MissingProgram {
                program: "postgres",
                ..
            }
        ),
        "{error}"
    );

    fs::create_dir_all(test.dir.path().join("share/extension")).unwrap();
    fs::create_dir(&bin).unwrap();
    let script = |text: &str| {
        for name in ["postgres", "initdb", "pg_ctl"] {
            fs::write(bin.join(name), format!("#!/bin/sh\n{text}")).unwrap();
            fs::set_permissions(bin.join(name), Permissions::from_mode(0o755)).unwrap();
        }
    };
    let show = |version: &str| {
        let share = test.dir.path().join("share");
        script(&format!(
            "echo 'VERSION={version}\nshare_path={}' >&2",
            share.display()
        ));
    };
    script("echo 'libwonder.so: not found' >&2; exit 127");
    let error = TestHome::error(config.clone()).await;
    assert!(matches!(error, Error::BrokenBinaries { .. }), "{error}");
    assert!(error.to_string().contains("libwonder"), "{error}");

    show("14.2 (Debian 14.2-1)");
    let error = TestHome::error(config.clone()).await;
    assert!(
        matches!(&error, Error::TooOld { version, .. } if version == "14.2"),
        "{error}"
    );

    show("19beta1");
    let error = TestHome::error(config.clone()).await;
    assert!(matches!(error, Error::NoVector { .. }), "{error}");

    let control = test.dir.path().join("share/extension/vector.control");
    fs::write(control, "comment = 'x'\ndefault_version = '0.7.4'\n").unwrap();
    let error = TestHome::error(config.clone()).await;
    assert!(
        matches!(&error, Error::VectorTooOld { version, .. } if version == "0.7.4"),
        "{error}"
    );

    let mut command = agentdata();
    let command = command.args(["migrate", "--home"]).arg(test.home());
    let error = Output::of(command.env("PATH", "/nonexistent")).failure();
    assert!(error.contains("run `make postgres`"), "{error}");
}
