//! Whether everything written to a connection has been acknowledged by the other end.
//!
//! The kernel tells it as the `tx_queue` of /proc/self/net/tcp (proc(5)); the ioctl that tells the same cannot be called without
//! unsafe code. It is asked once for each picture fetched by a sign, a few times an hour.

use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

/// First pause between two looks; doubles up to [`PAUSE_MAX`]. On the same machine the first look finds everything acknowledged.
const PAUSE_MIN: Duration = Duration::from_millis(5);

/// Longest pause between two looks.
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// Waits until the peer has acknowledged everything, at most for `limit`. `false` if it has not, or the connection is gone.
pub(super) async fn is_acknowledged(stream: &TcpStream, limit: Duration) -> bool {
    let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else { return false };
    let mut waited = Duration::ZERO;
    let mut pause = PAUSE_MIN;
    loop {
        match unacknowledged(local, peer) {
            Queue::Holds(0) | Queue::Unknown => return true,
            Queue::Gone => return false,
            Queue::Holds(_) if waited >= limit => return false,
            Queue::Holds(_) => {
                sleep(pause).await;
                waited += pause;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// What the kernel says of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Queue {
    /// So many bytes are not acknowledged.
    Holds(u64),
    /// There is no such connection any more.
    Gone,
    /// The kernel does not tell; then what it took counts as sent.
    Unknown,
}

fn unacknowledged(local: SocketAddr, peer: SocketAddr) -> Queue {
    let table = if local.is_ipv4() { "/proc/self/net/tcp" } else { "/proc/self/net/tcp6" };
    fs::read_to_string(table).map_or(Queue::Unknown, |text| find(&text, &place(local), &place(peer)))
}

/// A line is `sl local remote st tx_queue:rx_queue …`, all in hexadecimal.
fn find(table: &str, local: &str, peer: &str) -> Queue {
    let of = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let ours = fields.next() == Some(local) && fields.next() == Some(peer);
        let queues = fields.nth(1).filter(|_| ours)?;
        u64::from_str_radix(queues.split(':').next()?, 16).ok()
    };
    table.lines().find_map(of).map_or(Queue::Gone, Queue::Holds)
}

/// An address as the table writes it: each four bytes as one number of this machine, then the port.
fn place(address: SocketAddr) -> String {
    let bytes = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let mut place = String::new();
    for word in bytes.chunks_exact(4).filter_map(|four| four.first_chunk()).map(|four| u32::from_ne_bytes(*four)) {
        let _ = write!(place, "{word:08X}");
    }
    let _ = write!(place, ":{:04X}", address.port());
    place
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[test]
    fn a_line_of_the_table_is_found_by_both_ends() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n   \
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n   \
            1: 0100007F:1F90 0100007F:C350 01 00001BB0:00000007 01:00000014\n";
        assert_eq!(find(table, "0100007F:1F90", "0100007F:C350"), Queue::Holds(0x1bb0));
        assert_eq!(find(table, "0100007F:1F90", "0100007F:C351"), Queue::Gone);
    }

    #[tokio::test]
    async fn what_the_peer_does_not_take_is_not_acknowledged() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address).await else { continue };
            let to = listener.local_addr().unwrap();
            let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
            socket.set_recv_buffer_size(1024).unwrap();
            let mut sign = socket.connect(to).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            server.write_all(&vec![7; 48_062]).await.unwrap();
            assert!(!is_acknowledged(&server, Duration::ZERO).await, "{address}");
            let mut all = vec![0; 48_062];
            sign.read_exact(&mut all).await.unwrap();
            assert!(is_acknowledged(&server, Duration::from_secs(20)).await, "{address}");
        }
    }
}
