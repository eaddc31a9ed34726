//! Who listens where, as the system says it (Linux manual, proc(5)).

use std::net::TcpListener;
use std::path::Path;

use super::RehearsalError;

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// A port of loopback that is free now. Somebody may take it before it is used.
pub(crate) fn free_port() -> Result<u16, RehearsalError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(RehearsalError::NoPort)?;
    Ok(listener.local_addr().map_err(RehearsalError::NoPort)?.port())
}

/// Whether a process holds a socket that listens on the port: that somebody
/// answers there would not say who.
pub(crate) fn listens(process: u32, port: u16) -> bool {
    let Ok(table) = system::read_text(Path::new("/proc/net/tcp")) else { return false };
    let sockets: Vec<String> = table.lines().filter_map(|line| socket(line, port)).collect();
    let Ok(open) = std::fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    let mut links = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.any(|link| sockets.iter().any(|socket| link == Path::new(socket)))
}

/// The socket of a line when it listens on the port, as an open file shows it.
fn socket(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let &[_, local, _, state, _, _, _, _, _, inode, ..] = fields.as_slice() else { return None };
    let (_, local_port) = local.split_once(':')?;
    let here = state == LISTENING && u16::from_str_radix(local_port, 16) == Ok(port);
    here.then(|| format!("socket:[{inode}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_held_by_the_process_that_listens_on_it_alone() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listens(std::process::id(), port));
        assert!(!listens(1, port));
        drop(listener);
        assert!(!listens(std::process::id(), port));
    }
}
