//! The data home: its layout, the password file and the lock that makes one process the server's owner.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::Error;
use super::account::Account;

/// `sun_path` less its final NUL.
const MAX_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The data home; all paths are absolute.
#[derive(Debug, Clone)]
pub(super) struct Home {
    root: PathBuf,
}

impl Home {
    /// Makes the home if need be and checks that PostgreSQL can work there.
    ///
    /// Symbolic links stay unresolved: a short link is the way around a path too long for a socket.
    pub(super) fn open(path: &Path, port: u16) -> Result<Self, Error> {
        let root = std::path::absolute(path).map_err(Error::io("find", path))?;
        // `pg_ctl` starts the server through a shell, with the paths in double quotes.
        let usable = |text: &str| !text.contains(['"', '\'', '\\', '$', '`', '\n', '\r']);
        if !root.to_str().is_some_and(usable) {
            return Err(Error::UnusablePath { path: root });
        }
        let home = Self { root };
        let socket = home.run().join(format!(".s.PGSQL.{port}"));
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(Error::SocketPathTooLong {
                path: socket,
                max: MAX_SOCKET_PATH,
            });
        }
        home.create()?;
        Ok(home)
    }

    fn create(&self) -> Result<(), Error> {
        let root = &self.root;
        if root.is_dir() {
            return Ok(());
        }
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(Error::io("make", parent))?;
        }
        fs::create_dir(root).map_err(Error::io("make", root))?;
        // Root's server runs as another user, who has to pass through; what is private has its own mode.
        let mode = if nix::unistd::geteuid().is_root() {
            0o711
        } else {
            0o700
        };
        fs::set_permissions(root, Permissions::from_mode(mode)).map_err(Error::io("chmod", root))
    }

    pub(super) fn path(&self) -> &Path {
        &self.root
    }
    /// PostgreSQL's data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("postgres-data")
    }
    /// The directory of the socket.
    pub(super) fn run(&self) -> PathBuf {
        self.root.join("run")
    }
    /// Where `make postgres` installs, one directory per version.
    pub(super) fn installs(&self) -> PathBuf {
        self.root.join("postgres")
    }
    /// The generated settings; outside the data directory, because root must not write into another user's.
    pub(super) fn settings(&self) -> PathBuf {
        self.root.join("postgres-settings.conf")
    }
    fn password_file(&self) -> PathBuf {
        self.root.join("postgres-password")
    }
    fn lock_file(&self) -> PathBuf {
        self.root.join("postgres.lock")
    }

    /// Makes a directory of mode 0700 that belongs to `account`.
    pub(super) fn private_dir(path: &Path, account: &Account) -> Result<(), Error> {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(Error::io("make", path)(error))
            }
            _ => account.own(path),
        }
    }

    /// Removes the sockets of a server that is gone: PostgreSQL believes a lock file beside them if the process id in it
    /// lives again, whoever that is now.
    pub(super) fn clear_sockets(&self) {
        let entries = fs::read_dir(self.run()).into_iter().flatten().flatten();
        for entry in entries {
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(b".s.PGSQL.")
            {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The password of an existing database.
    pub(super) fn password(&self) -> Result<Password, Error> {
        let path = self.password_file();
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => Ok(Password(text.trim().to_owned())),
            Ok(_) => Err(Error::NoPassword { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::NoPassword { path })
            }
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// A password for a new database, on disk before the database exists.
    pub(super) fn new_password(&self) -> Result<Password, Error> {
        let path = self.password_file();
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| {
            Error::io("draw random bytes for", &path)(io::Error::other("no entropy"))
        })?;
        let password = Password(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        write_file(&path, &format!("{}\n", password.0), 0o600)?;
        Ok(password)
    }

    /// Takes the lock if nobody has it.
    pub(super) fn try_lock(&self, role: Role) -> Result<Option<Lock>, Error> {
        let path = self.lock_file();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        // The text only informs the others; the lock itself is the file's, and ends with its holder, however that ends.
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{} {}", std::process::id(), role.name()))
            .map_err(Error::io("write", &path))?;
        Ok(Some(Lock { file }))
    }

    /// Who holds the lock, as far as it can be known.
    pub(super) fn holder(&self) -> Holder {
        let mut text = String::new();
        // Another user's lock may be unreadable, and a holder may just be writing.
        let _ = File::open(self.lock_file()).and_then(|mut file| file.read_to_string(&mut text));
        let (pid, role) = text.split_once(' ').unwrap_or_default();
        Holder {
            is_server: role == Role::Server.name(),
            text: if pid.is_empty() {
                "an unknown process".to_owned()
            } else {
                format!("process {pid}, a {role}")
            },
        }
    }
}

/// What the holder of a home's lock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Serves until told to stop: its database may be joined.
    Server,
    /// Runs a command and stops the database after it: others wait for its end.
    Command,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Command => "command",
        }
    }
}

/// Who holds a home's lock.
pub(super) struct Holder {
    pub(super) is_server: bool,
    pub(super) text: String,
}

/// The right to start and stop the home's server, until dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // So that nobody joins on the word of a server that is gone.
        let _ = self.file.set_len(0);
    }
}

/// The database password, kept out of logs.
#[derive(Clone)]
pub(super) struct Password(pub(super) String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Writes a whole file or leaves the old one, in a directory that is ours alone to write.
pub(super) fn write_file(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&new)?;
        // The umask had its say in the mode above.
        file.set_permissions(Permissions::from_mode(mode))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(Error::io("write", path))
}
