//! Data homes with a PostgreSQL in them, and the real program as a process of its own.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read},
    os::unix::fs::{PermissionsExt, chown},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use agentdata::db::embedded::{Config, Embedded, Error};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};

use super::cluster::postgres_bin;

/// Longer than a first start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A data home in a short place, whose PostgreSQL is gone at the end of the test, however that ends.
pub struct TestHome {
    /// What the home is in.
    pub dir: tempfile::TempDir,
}

impl TestHome {
    /// A home that does not exist yet.
    pub fn new() -> Self {
        // The path of a Unix socket is bounded; macOS's own temporary directories are too deep.
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        // As root the server runs as another user, who has to get in.
        fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
        Self { dir }
    }

    /// The home.
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// PostgreSQL's data directory.
    pub fn data(&self) -> PathBuf {
        self.home().join("postgres-data")
    }

    /// A configuration for this home.
    pub fn config(&self) -> Config {
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Config {
            home: self.home(),
            bin_dir: Some(postgres_bin()),
            port: None,
            settings: vec![setting("fsync", "off"), setting("shared_buffers", "16MB")],
        }
    }

    /// Starts PostgreSQL.
    pub async fn start(&self) -> Embedded {
        Embedded::start(self.config()).await.unwrap()
    }

    /// The error of a start that must fail.
    pub async fn error(config: Config) -> Error {
        Embedded::start(config).await.unwrap_err()
    }

    /// The postmaster's process, if it lives.
    pub fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let pid = Pid::from_raw(text.lines().next()?.parse().ok()?);
        let cwd = fs::read_link(format!("/proc/{pid}/cwd"));
        let ours = !cfg!(target_os = "linux") || cwd.is_ok_and(|cwd| cwd == self.data());
        (ours && kill(pid, None).is_ok()).then_some(pid)
    }

    /// Whether PostgreSQL is up, as its own file says.
    pub fn is_up(&self) -> bool {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        // The last line is the state.
        text.lines()
            .nth(7)
            .is_some_and(|state| state.trim() == "ready")
    }

    /// Makes a data directory that belongs to the user that PostgreSQL would run as.
    pub fn make_data_dir(&self, files: &[(&str, &str)]) {
        fs::create_dir_all(self.data()).unwrap();
        fs::set_permissions(self.home(), Permissions::from_mode(0o711)).unwrap();
        for (name, text) in files {
            fs::write(self.data().join(name), text).unwrap();
        }
        if geteuid().is_root() {
            let nobody = User::from_name("nobody").unwrap().unwrap();
            let (uid, gid) = (nobody.uid.as_raw(), nobody.gid.as_raw());
            chown(self.data(), Some(uid), Some(gid)).unwrap();
        }
    }

    /// The program with a command and this home.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = agentdata();
        command.args(words).arg("--home").arg(self.home());
        command.arg("--postgres-bin").arg(postgres_bin());
        command
    }

    /// Runs the program with a command to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        Output::of(&mut self.command(words))
    }

    /// Starts `agentdata serve` on a free port.
    pub fn serve(&self, flags: &[&str]) -> Served {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(flags);
        Served::spawn(command)
    }
}

impl Drop for TestHome {
    fn drop(&mut self) {
        // What `pg_ctl stop -m immediate` does, without knowing where that is.
        if let Some(pid) = self.postmaster() {
            let _ = kill(pid, Signal::SIGQUIT);
            let begin = Instant::now();
            while self.postmaster().is_some() && begin.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// The program, with nothing of the developer's own settings.
pub fn agentdata() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agentdata"));
    for (name, _) in std::env::vars_os() {
        let bytes = name.as_encoded_bytes();
        if bytes.starts_with(b"AGENTDATA_") || bytes.starts_with(b"DATABASE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// Runs a program to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The standard output of a program that must have succeeded.
    #[track_caller]
    pub fn success(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.stdout
    }

    /// The standard error of a program that must have failed with exit code 1.
    #[track_caller]
    pub fn failure(self) -> String {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        self.stderr
    }
}

/// A server process. It is killed when the test ends.
pub struct Served {
    child: Child,
    stdout: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<String>>,
}

impl Served {
    /// Starts a program that serves.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = Arc::new(Mutex::new(Vec::new()));
        let (lines, pipe) = (Arc::clone(&stdout), child.stdout.take().unwrap());
        let out = std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                lines.lock().unwrap().push(line.unwrap());
            }
            lines.lock().unwrap().join("\n")
        });
        let mut pipe = child.stderr.take().unwrap();
        let err = std::thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).unwrap();
            text
        });
        Self {
            child,
            stdout,
            readers: vec![out, err],
        }
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    /// What it has printed, once that is complete; panics when the server ends before.
    pub fn greeting(&mut self) -> Vec<String> {
        let begin = Instant::now();
        loop {
            let lines = self.stdout.lock().unwrap().clone();
            // The call to try comes last, and an empty line behind it.
            let complete = lines.iter().any(|line| line.contains("curl "))
                && lines.last().is_some_and(String::is_empty);
            if complete {
                return lines;
            }
            let over = self.child.try_wait().unwrap().is_some() || begin.elapsed() > PATIENCE;
            if over {
                self.child.kill().unwrap();
                let text: Vec<_> = self.readers.drain(..).map(JoinHandle::join).collect();
                panic!("the server did not begin to serve: {text:?}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its base URL, once it serves.
    pub fn url(&mut self) -> String {
        let greeting = self.greeting();
        let url = greeting[0].strip_prefix("agentdata serves ");
        url.unwrap_or_else(|| panic!("{greeting:?}")).to_owned()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Output {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begin.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut readers = self.readers.drain(..);
        let mut text = || readers.next().unwrap().join().unwrap();
        Output {
            status,
            stdout: text(),
            stderr: text(),
        }
    }

    /// Sends it a signal and waits for its end.
    pub fn stop(self, signal: Signal) -> Output {
        self.signal(signal);
        self.end()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
