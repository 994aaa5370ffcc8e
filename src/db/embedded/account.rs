//! Whom PostgreSQL runs as: ourselves, or as root an unprivileged user, because it refuses root.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown};
use std::path::Path;
use std::process::{Output, Stdio};

use nix::unistd::{Uid, User, geteuid};
use tokio::process::Command;

use super::Error;

/// The user that runs PostgreSQL's programs and owns their files.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// We are root and become this user for every program.
    switch: bool,
}

impl Account {
    /// Chooses the user, given the existing data directory if there is one.
    ///
    /// Root follows the directory's owner: a `postgres` user that was added later, or `sudo` on someone's home, must
    /// not make existing data unusable.
    pub(super) fn choose(data: Option<(&Path, &Metadata)>) -> Result<Self, Error> {
        let me = geteuid();
        let foreign = |dir: &Path, owner: u32, user: &str| Error::ForeignOwner {
            dir: dir.to_owned(),
            owner: user_name(owner),
            user: user.to_owned(),
        };
        if !me.is_root() {
            let name = user_name(me.as_raw());
            return match data {
                Some((dir, meta)) if meta.uid() != me.as_raw() => {
                    Err(foreign(dir, meta.uid(), &name))
                }
                _ => Ok(Self {
                    name,
                    uid: me.as_raw(),
                    gid: nix::unistd::getegid().as_raw(),
                    switch: false,
                }),
            };
        }
        match data {
            Some((dir, meta)) if meta.uid() == 0 => Err(foreign(
                dir,
                0,
                &unprivileged().ok_or(Error::NoAccount)?.name,
            )),
            Some((_, meta)) => Ok(Self {
                name: user_name(meta.uid()),
                uid: meta.uid(),
                gid: lookup(meta.uid()).map_or(meta.gid(), |user| user.gid.as_raw()),
                switch: true,
            }),
            None => {
                let user = unprivileged().ok_or(Error::NoAccount)?;
                Ok(Self {
                    name: user.name,
                    uid: user.uid.as_raw(),
                    gid: user.gid.as_raw(),
                    switch: true,
                })
            }
        }
    }

    /// A PostgreSQL program, run as this user, away from our terminal and environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = std::process::Command::new(program);
        if self.switch {
            use std::os::unix::process::CommandExt as _;
            command.uid(self.uid).gid(self.gid);
        }
        // PGPORT, PGDATA and friends are meant for the user's own servers.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command
            // English messages, which we read; and macOS wants a valid locale in the environment.
            .env("LC_ALL", "C")
            // The user may not be allowed into our working directory.
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut command = Command::from(command);
        // Ctrl-C goes to the terminal's foreground group; the database must outlive our graceful shutdown.
        command.process_group(0);
        // What we no longer wait for must not go on in the home. The server itself is no child of ours.
        command.kill_on_drop(true);
        command
    }

    /// Runs a program to its end.
    pub(super) async fn run<I>(&self, program: &Path, args: I) -> Result<Output, Error>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        self.command(program)
            .args(args)
            .output()
            .await
            .map_err(Error::io("run", program))
    }

    /// Gives a directory or file of ours to this user, or says whose it is instead.
    pub(super) fn own(&self, path: &Path) -> Result<(), Error> {
        let owner = fs::symlink_metadata(path)
            .map_err(Error::io("look at", path))?
            .uid();
        if owner == self.uid {
            Ok(())
        } else if self.switch {
            lchown(path, Some(self.uid), Some(self.gid)).map_err(Error::io("chown", path))
        } else {
            Err(Error::ForeignOwner {
                dir: path.to_owned(),
                owner: user_name(owner),
                user: self.name.clone(),
            })
        }
    }

    /// Checks that this user may enter `dir` and every directory above it, also where symbolic links lead.
    pub(super) fn can_reach(&self, dir: &Path) -> Result<(), Error> {
        if !self.switch {
            return Ok(());
        }
        let real = fs::canonicalize(dir).map_err(Error::io("look at", dir))?;
        for dir in dir.ancestors().chain(real.ancestors()) {
            let meta = fs::metadata(dir).map_err(Error::io("look at", dir))?;
            let bit = if meta.uid() == self.uid {
                0o100
            } else if meta.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if meta.permissions().mode() & bit == 0 {
                return Err(Error::Unreachable {
                    dir: dir.to_owned(),
                    user: self.name.clone(),
                });
            }
        }
        Ok(())
    }
}

fn unprivileged() -> Option<User> {
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .filter(|user| !user.uid.is_root())
}

fn lookup(uid: u32) -> Option<User> {
    User::from_uid(Uid::from_raw(uid)).ok().flatten()
}

fn user_name(uid: u32) -> String {
    lookup(uid).map_or_else(|| format!("user {uid}"), |user| user.name)
}
