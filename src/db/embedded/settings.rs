//! The server's settings: written anew at every start, so that they follow the machine and the configuration.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Assumed where the machine does not tell.
const FALLBACK_MEMORY: u64 = GIB;

/// The text of the settings file. Later lines win, so `extra` overrides everything.
pub(super) fn render(
    socket_dir: &Path,
    port: u16,
    listen: bool,
    memory: u64,
    extra: &[(String, String)],
) -> String {
    let megabytes =
        |bytes: u64, low: u64, high: u64| format!("{}MB", bytes.clamp(low * MIB, high * MIB) / MIB);
    let max_wal = (memory / 8).clamp(GIB, 8 * GIB);
    // A list of directories, hence the inner quotes.
    let sockets = format!("\"{}\"", socket_dir.display());
    let settings: &[(&str, String)] = &[
        ("unix_socket_directories", sockets),
        ("unix_socket_permissions", "0700".into()),
        (
            "listen_addresses",
            if listen { "127.0.0.1" } else { "" }.into(),
        ),
        ("port", port.to_string()),
        ("max_connections", "100".into()),
        ("password_encryption", "scram-sha-256".into()),
        ("cluster_name", "agentdata".into()),
        // 2xx means committed: never traded for speed.
        ("fsync", "on".into()),
        ("full_page_writes", "on".into()),
        ("synchronous_commit", "on".into()),
        // Memory.
        ("shared_buffers", megabytes(memory / 4, 128, 8 << 10)),
        ("effective_cache_size", megabytes(memory / 2, 256, 1 << 20)),
        ("maintenance_work_mem", megabytes(memory / 16, 64, 1 << 10)),
        ("work_mem", megabytes(memory / 1024, 4, 32)),
        // Write-ahead log: fewer checkpoints under load, pages in it compressed.
        ("max_wal_size", megabytes(max_wal, 0, u64::MAX / MIB)),
        ("min_wal_size", megabytes(max_wal / 8, 0, u64::MAX / MIB)),
        ("wal_compression", "on".into()),
        ("checkpoint_completion_target", "0.9".into()),
        // Many small statements on flash: an index is cheap and compiling a plan is not.
        ("random_page_cost", "1.1".into()),
        ("jit", "off".into()),
        ("timezone", "UTC".into()),
        ("log_timezone", "UTC".into()),
        // A week of logs, each weekday's file replaced when the day comes again.
        ("logging_collector", "on".into()),
        ("log_destination", "stderr".into()),
        ("log_directory", "log".into()),
        ("log_filename", "postgresql-%a.log".into()),
        ("log_rotation_age", "1d".into()),
        ("log_rotation_size", "0".into()),
        ("log_truncate_on_rotation", "on".into()),
        ("log_line_prefix", "%m [%p] %q%a %u@%d ".into()),
        ("log_lock_waits", "on".into()),
        // The details of an error and a statement's parameters hold tenants' data, which no log may.
        ("log_error_verbosity", "terse".into()),
        ("log_parameter_max_length", "0".into()),
    ];
    let mut text = String::from(
        "# Written by agentdata at every start of the server. For settings of your own use ALTER SYSTEM, it wins.\n",
    );
    let extra = extra.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in settings
        .iter()
        .map(|(name, value)| (*name, value))
        .chain(extra)
    {
        let value = value.replace('\\', "\\\\").replace('\'', "''");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name} = '{value}'");
    }
    text
}

/// The memory this process may use, in bytes: the machine's, or less if a control group says so.
pub(super) fn memory() -> u64 {
    let machine = if cfg!(target_os = "macos") {
        macos_memory()
    } else {
        fs::read_to_string("/proc/meminfo")
            .ok()
            .and_then(|text| parse_meminfo(&text))
    };
    let machine = machine.unwrap_or(FALLBACK_MEMORY);
    cgroup_limit().map_or(machine, |limit| limit.min(machine))
}

fn parse_meminfo(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn macos_memory() -> Option<u64> {
    let output = Command::new("/usr/sbin/sysctl")
        .args(["-n", "hw.memsize"])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The smallest `memory.max` of our control group (version 2) and those above it.
fn cgroup_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let root = Path::new("/sys/fs/cgroup");
    let group = root.join(path.trim_start_matches('/'));
    group
        .ancestors()
        .take_while(|dir| dir.starts_with(root))
        .filter_map(|dir| fs::read_to_string(dir.join("memory.max")).ok())
        // The text is `max` where there is no limit.
        .filter_map(|text| text.trim().parse().ok())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(memory: u64) -> String {
        let extra = [("fsync".to_owned(), "o'f\\f".to_owned())];
        render(Path::new("/data home/run"), 5432, false, memory, &extra)
    }

    #[test]
    fn follows_the_memory_within_bounds() {
        assert!(text(24 * GIB).contains("shared_buffers = '6144MB'"));
        assert!(text(100 * MIB).contains("shared_buffers = '128MB'"));
        let large = text(4096 * GIB);
        assert!(large.contains("shared_buffers = '8192MB'"));
        assert!(large.contains("max_wal_size = '8192MB'"));
    }

    #[test]
    fn extra_settings_come_last_and_are_quoted() {
        let text = text(GIB);
        assert!(text.ends_with("\nfsync = 'o''f\\\\f'\n"), "{text}");
        assert!(text.contains("unix_socket_directories = '\"/data home/run\"'"));
    }

    #[test]
    fn reads_the_memory_of_this_machine() {
        assert_eq!(
            parse_meminfo("MemTotal:  2048 kB\nMemFree: 1 kB"),
            Some(2 * MIB)
        );
        assert_eq!(parse_meminfo("nonsense"), None);
        assert!(memory() >= 64 * MIB);
    }
}
