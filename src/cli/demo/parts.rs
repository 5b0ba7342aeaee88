//! What the demonstration starts and takes down again: a temporary folder, a private broker, the daemon.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a child has to end by itself before it is ended.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// A folder that goes away with its owner.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder for this process alone.
    pub fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("noticed-demo-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A child process that ends with its owner.
#[derive(Debug)]
pub struct Part(Child);

impl Part {
    /// Starts `program` in a process group of its own, so that Ctrl-C reaches only us and the end is orderly.
    pub fn start(program: &Path, arguments: &[&str], log: &Path) -> io::Result<Self> {
        let log = fs::File::create(log)?;
        let child = Command::new(program)
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("cannot start {}: {error}", program.display())))?;
        Ok(Self(child))
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Ends it in order, and by force if that takes too long.
    pub fn stop(&mut self) {
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        #[expect(clippy::disallowed_methods, reason = "a child is waited for in real time")]
        let deadline = Instant::now() + STOP_WAIT;
        #[expect(clippy::disallowed_methods, reason = "a child is waited for in real time")]
        while !self.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.stop();
        }
    }
}

/// A loopback address that nobody uses at this moment.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Debian puts the broker where an ordinary user's path does not reach.
#[must_use]
pub fn mosquitto() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    places.map(|place| place.join("mosquitto")).find(|program| program.is_file()).unwrap_or_else(|| "mosquitto".into())
}

/// Writes the configuration of a private broker that keeps sessions in `folder`.
pub fn broker_configuration(folder: &Path, address: SocketAddr) -> io::Result<PathBuf> {
    let file = folder.join("mosquitto.conf");
    let text = format!(
        "listener {} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\n\
         max_inflight_messages 200\nlog_type error\nlog_type warning\n{}",
        address.port(),
        folder.display(),
        // Started by root it would change to a user that may not write here.
        if rustix::process::getuid().is_root() { "user root\n" } else { "" },
    );
    fs::write(&file, text)?;
    Ok(file)
}
