//! The accept loop: bounded in connections, time and bytes, and the only place that knows when a picture has left.
//!
//! Every connection answers one request and is closed, as displays ask for anyway. That makes the end of the answer
//! visible: its last byte was taken by the kernel (`Fetched`), and then the sign either closes in peace or breaks off
//! (`FetchAborted`). Addresses of callers are used to share the connections fairly and are never logged.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{Id, JoinSet};
use tokio::time::{sleep, timeout};

use super::engine::EngineLine;
use super::image::Delivery;
use super::queue::is_acknowledged;
use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::SignEvent;

/// How much one listener gives. The values for the daemon are [`Limits::DAEMON`]; tests take shorter times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Connections at once; more wait in the kernel's queue. Ten signs and a queue of phones at the door need a tenth;
    /// the rest is for callers that keep theirs open, and each costs about 20 kB.
    connections: usize,
    /// Connections of one address at once; more are dropped, so that one caller cannot keep the others out.
    connections_per_peer: usize,
    /// Longest time for the request head. A slow caller holds one connection no longer than this.
    head: Duration,
    /// Longest time from the first byte to the last byte of the answer; above the time for the head and
    /// [`super::REQUEST_TIME`], so that those speak first.
    connection: Duration,
    /// How long a sign that took a picture is watched for breaking off; above [`UNACKNOWLEDGED_TIME`].
    watch: Duration,
    /// How long everyone else may take to read the answer and close.
    linger: Duration,
    /// How long running connections may go on after the stop.
    stop: Duration,
}

impl Limits {
    const DAEMON: Self = Self {
        connections: 192,
        connections_per_peer: 8,
        head: Duration::from_secs(5),
        connection: Duration::from_secs(40),
        watch: Duration::from_secs(30),
        linger: Duration::from_secs(2),
        stop: Duration::from_secs(2),
    };
}

/// Most request headers. TRMNL X sends about 25, browsers about 20.
const HEADERS_MAX: usize = 64;

/// Largest request head, in bytes: real ones stay below 2 kB.
const HEAD_MAX_BYTES: usize = 16 * 1024;

/// After this time without an acknowledgement the kernel takes the sign for gone (`TCP_USER_TIMEOUT`, RFC 5482). Without
/// it, a picture that waits in our kernel for a sign that lost its Wi-Fi would pass for delivered.
const UNACKNOWLEDGED_TIME: Duration = Duration::from_secs(20);

/// Most bytes that are read and thrown away after the answer, so that a caller that is still sending can read it.
const DRAIN_MAX_BYTES: usize = 256 * 1024;

/// Pause after a failed accept (no file handle left): long enough not to spin, short enough not to miss a poll.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves `router` on `listener` until `stop` resolves, and tells the engine which pictures left whole.
pub async fn serve(listener: TcpListener, router: Router, engine: EngineLine, stop: impl Future<Output = ()>) {
    serve_within(Limits::DAEMON, listener, router, engine, stop).await;
}

async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    engine: EngineLine,
    stop: impl Future<Output = ()>,
) {
    let mut tasks = JoinSet::new();
    let mut peers: HashMap<Id, IpAddr> = HashMap::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = tasks.join_next_with_id() => {
                peers.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
            accepted = listener.accept(), if peers.len() < limits.connections => {
                let Ok((stream, address)) = accepted else {
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                let peer = address.ip().to_canonical();
                if peers.values().filter(|other| **other == peer).count() < limits.connections_per_peer {
                    let task = tasks.spawn(connection(limits, stream, router.clone(), engine.clone()));
                    peers.insert(task.id(), peer);
                }
            }
        }
    }
    drop(listener);
    // Whoever is not done by then is cut off when the set is dropped.
    let _ = timeout(limits.stop, async { while tasks.join_next().await.is_some() {} }).await;
}

/// One connection, one request, one answer.
async fn connection(limits: Limits, stream: TcpStream, router: Router, engine: EngineLine) {
    // Both only make things better where they work; a socket that refuses them is served all the same.
    let _ = stream.set_nodelay(true);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, UNACKNOWLEDGED_TIME.as_millis() as u32);
    let delivery = Delivery::default();
    let (mut stream, answered) = answer(limits, stream, router, delivery.clone()).await;
    if let Some(sign) = delivery.answered() {
        if !answered || is_lost(stream, limits).await {
            engine.tell(SignEvent::Trouble { sign: sign.clone() });
        }
        return;
    }
    match delivery.carried().filter(|_| answered) {
        // What the peer has not acknowledged may lie in our kernel for good: a sign that loses its Wi-Fi says nothing more.
        Some(_) if !is_acknowledged(&stream, limits.watch).await => {}
        Some((sign, notice)) => {
            // Told before the sign sees the end of the answer, so before it can ask for anything else.
            engine.tell(SignEvent::Fetched { sign: sign.clone(), notice: *notice });
            if finish(&mut stream, limits.watch).await.is_err() {
                engine.tell(aborted(sign, *notice));
            }
        }
        None => {
            let _ = finish(&mut stream, limits.linger).await;
        }
    }
}

/// Whether an answer never arrived. Firmware that gets none keeps its picture three times and then draws an error (facts §1.5), while its
/// polls, which do arrive, would go on to vouch for the picture. That it breaks off what it has read is its own affair.
async fn is_lost(mut stream: TcpStream, limits: Limits) -> bool {
    match finish(&mut stream, limits.linger).await {
        Ok(Finish::Closed) => false,
        Ok(Finish::Silent) => !is_acknowledged(&stream, limits.watch).await,
        Err(why) => why.kind() == io::ErrorKind::TimedOut,
    }
}

fn aborted(sign: &SignId, notice: NoticeHash) -> SignEvent {
    SignEvent::FetchAborted { sign: sign.clone(), notice }
}

/// Reads the request and writes the answer; tells whether all of it was taken by the kernel.
async fn answer(limits: Limits, stream: TcpStream, router: Router, delivery: Delivery) -> (TcpStream, bool) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(delivery.clone());
        let handler = TowerToHyperService::new(router.clone());
        Box::pin(async move { handler.call(request.map(Body::new)).await })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(OpenEnded(stream)), service);
    let answered = matches!(timeout(limits.connection, &mut connection).await, Ok(Ok(())));
    (connection.into_parts().io.into_inner().0, answered)
}

/// Says that we are done and waits until the peer is: `Err` if it breaks off or stops acknowledging, `Ok` if it closes or stays silent
/// for `limit`.
async fn finish(stream: &mut TcpStream, limit: Duration) -> io::Result<Finish> {
    stream.shutdown().await?;
    let drained = async {
        let mut scrap = [0; 1024];
        let mut left = DRAIN_MAX_BYTES;
        while left > 0 {
            match stream.read(&mut scrap).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        Ok(Finish::Closed)
    };
    timeout(limit, drained).await.unwrap_or(Ok(Finish::Silent))
}

/// How a connection came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Finish {
    /// The peer closed it, or sent more than anybody reads.
    Closed,
    /// The peer said nothing more.
    Silent,
}

/// A stream that hyper cannot shut down, because we have something to tell before the peer learns of the end.
///
/// hyper's own `without_shutdown` does not serve: if the request announced a body that nobody read, it says "done" while
/// most of the answer still waits in its buffer, and drops it. The ordinary end flushes first and then calls the shutdown
/// below.
struct OpenEnded(TcpStream);

impl AsyncRead for OpenEnded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for OpenEnded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::net::TcpSocket;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::http::Request;
    use crate::http::test_shop::{MAC, NOW, Shop, door, token};

    /// More than the kernel buffers of both ends together take on loopback.
    const HUGE: usize = 48 * 1024 * 1024;

    struct Running {
        shop: Shop,
        address: SocketAddr,
        end: oneshot::Sender<()>,
        server: JoinHandle<()>,
    }

    impl Running {
        async fn with(limits: Limits, picture_bytes: usize) -> Self {
            let shop = Shop::with_pictures_of(picture_bytes);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (end, ended) = oneshot::channel();
            let ended = async {
                let _ = ended.await;
            };
            let server = tokio::spawn(serve_within(limits, listener, shop.router.clone(), shop.line.clone(), ended));
            Self { shop, address, end, server }
        }

        async fn with_pictures_of(bytes: usize) -> Self {
            Self::with(Limits::DAEMON, bytes).await
        }

        /// Connects from `from`, one of the many addresses of the loopback network.
        async fn connect_from(&self, from: &str) -> TcpStream {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
            socket.connect(self.address).await.unwrap()
        }

        async fn send(&self, request: &str) -> TcpStream {
            let mut stream = self.connect_from("127.0.0.1").await;
            stream.write_all(request.as_bytes()).await.unwrap();
            stream
        }

        async fn fetch(&self) -> TcpStream {
            self.send(&format!("GET /signs/door/image.png?token={} HTTP/1.1\r\nhost: a\r\n\r\n", token("door"))).await
        }

        async fn next_event(&mut self) -> SignEvent {
            let told = self.shop.engine.recv().await.unwrap();
            let Request::Event(event) = told else { panic!("{told:?}") };
            event
        }

        /// Stops the server, which waits for its connections, and tells every event that was not taken yet.
        async fn stopped(mut self) -> Vec<SignEvent> {
            self.end.send(()).unwrap();
            self.server.await.unwrap();
            self.shop.events()
        }
    }

    async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        all
    }

    fn fetched() -> SignEvent {
        SignEvent::Fetched { sign: door(), notice: NOW }
    }

    #[tokio::test]
    async fn a_picture_read_whole_is_fetched_and_nothing_else() {
        let mut running = Running::with_pictures_of(48_062).await;
        let mut stream = running.fetch().await;
        let answer = read_all(&mut stream).await;
        let head_end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(answer[..head_end].to_vec()).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-length: 48062\r\n"), "{head}");
        assert!(head.contains("connection: close\r\n"), "{head}");
        assert_eq!(answer.len() - head_end, 48_062);
        // The end of the stream was seen, so the event must be there already.
        assert_eq!(running.shop.events(), [fetched()]);
        drop(stream);
        assert_eq!(running.stopped().await, []);
    }

    #[tokio::test]
    async fn a_picture_larger_than_every_buffer_arrives_whole() {
        let running = Running::with_pictures_of(HUGE).await;
        let mut stream = running.fetch().await;
        assert!(read_all(&mut stream).await.len() > HUGE);
        drop(stream);
        assert_eq!(running.stopped().await, [fetched()]);
    }

    #[tokio::test]
    async fn a_request_that_announces_a_body_still_gets_the_whole_picture() {
        let running = Running::with_pictures_of(HUGE).await;
        let request = format!(
            "GET /signs/door/image.png?token={} HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n",
            token("door")
        );
        let mut stream = running.send(&request).await;
        assert!(read_all(&mut stream).await.len() > HUGE);
        drop(stream);
        assert_eq!(running.stopped().await, [fetched()]);
    }

    #[tokio::test]
    async fn a_sign_that_leaves_in_the_middle_has_fetched_nothing() {
        let running = Running::with_pictures_of(HUGE).await;
        let mut stream = running.fetch().await;
        let mut half = vec![0; HUGE / 2];
        stream.read_exact(&mut half).await.unwrap();
        drop(stream);
        assert_eq!(running.stopped().await, []);
    }

    #[tokio::test]
    async fn a_sign_that_breaks_off_what_the_kernel_had_taken_takes_its_fetch_back() {
        let mut running = Running::with_pictures_of(48_062).await;
        let mut stream = running.fetch().await;
        stream.read_exact(&mut [0; 1000]).await.unwrap();
        assert_eq!(running.next_event().await, fetched());
        // Closing with unread bytes resets the connection.
        drop(stream);
        assert_eq!(running.stopped().await, [SignEvent::FetchAborted { sign: door(), notice: NOW }]);
    }

    /// Both ends of a connection whose near end has written more than the far end's kernel takes unread.
    async fn written_to() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (near, _) = listener.accept().await.unwrap();
        near.writable().await.unwrap();
        while near.try_write(&[0; 4096]).is_ok() {}
        (near, far)
    }

    fn hasty() -> Limits {
        Limits { linger: Duration::from_millis(20), watch: Duration::from_millis(20), ..Limits::DAEMON }
    }

    #[tokio::test]
    async fn an_answer_that_the_display_never_acknowledged_is_lost() {
        let (near, _far) = written_to().await;
        assert!(is_lost(near, hasty()).await);
    }

    #[tokio::test]
    async fn an_answer_that_was_read_or_thrown_away_is_not_lost() {
        let (near, far) = written_to().await;
        drop(far);
        assert!(!is_lost(near, hasty()).await, "it broke off by itself");
        let mut running = Running::with_pictures_of(100).await;
        let poll =
            format!("GET /api/display HTTP/1.1\r\nhost: a\r\nid: {MAC}\r\naccess-token: {}\r\n\r\n", token("door"));
        let mut stream = running.send(&poll).await;
        assert!(read_all(&mut stream).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
        drop(stream);
        assert!(matches!(running.next_event().await, SignEvent::Polled { .. }));
        assert_eq!(running.stopped().await, [], "no trouble");
    }

    #[tokio::test]
    async fn pictures_without_credential_and_heads_are_no_evidence() {
        let running = Running::with_pictures_of(100).await;
        let head = format!("HEAD /signs/door/image.png?token={} HTTP/1.1\r\nhost: a\r\n\r\n", token("door"));
        for request in ["GET /signs/door/image.png HTTP/1.1\r\nhost: a\r\n\r\n", &head] {
            let answer = read_all(&mut running.send(request).await).await;
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
        assert_eq!(running.stopped().await, []);
    }

    #[tokio::test]
    async fn http_1_0_clients_are_served_too() {
        let running = Running::with_pictures_of(100).await;
        let request = format!("GET /signs/door/image.png?token={} HTTP/1.0\r\n\r\n", token("door"));
        let answer = read_all(&mut running.send(&request).await).await;
        assert!(answer.starts_with(b"HTTP/1.0 200 OK\r\n"));
        assert_eq!(running.stopped().await, [fetched()]);
    }

    #[tokio::test]
    async fn one_address_cannot_take_every_connection() {
        let running = Running::with_pictures_of(100).await;
        let mut silent = Vec::new();
        for _ in 0..Limits::DAEMON.connections_per_peer {
            silent.push(running.connect_from("127.0.0.2").await);
        }
        // Its next connection is dropped at once, a stranger is served.
        let mut one_more = running.connect_from("127.0.0.2").await;
        let dropped =
            timeout(Limits::DAEMON.head / 4, one_more.read(&mut [0; 1])).await.expect("long before its head is due");
        assert_eq!(dropped.unwrap_or(0), 0);
        let answer = read_all(&mut running.send("GET /notice HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }

    #[tokio::test]
    async fn beyond_the_limit_callers_wait_for_their_turn() {
        let running = Running::with(Limits { connections: 1, ..Limits::DAEMON }, 100).await;
        let mut first = running.connect_from("127.0.0.2").await;
        let mut second = running.fetch().await;
        // Plenty of turns for a server that would take the second at once.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        let poll =
            format!("GET /api/display HTTP/1.1\r\nhost: a\r\nid: {MAC}\r\naccess-token: {}\r\n\r\n", token("door"));
        first.write_all(poll.as_bytes()).await.unwrap();
        assert!(read_all(&mut first).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
        drop(first);
        assert!(read_all(&mut second).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
        drop(second);
        let events = running.stopped().await;
        assert!(matches!(events[0], SignEvent::Polled { .. }), "{events:?}");
        assert_eq!(events[1..], [fetched()]);
    }

    #[tokio::test]
    async fn slow_callers_are_cut_off_and_the_waiting_one_is_served() {
        let short = Duration::from_millis(50);
        let limits = Limits { connections: 2, head: short, linger: short, ..Limits::DAEMON };
        let running = Running::with(limits, 100).await;
        let mut slow = [running.connect_from("127.0.0.2").await, running.connect_from("127.0.0.3").await];
        for stream in &mut slow {
            stream.write_all(b"GET /notice HTTP/1.1\r\nx: ").await.unwrap();
        }
        let answer = read_all(&mut running.send("GET /notice HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }

    #[tokio::test]
    async fn a_body_that_never_comes_ends_with_the_connections_time() {
        let short = Duration::from_millis(50);
        let running = Running::with(Limits { connection: short, ..Limits::DAEMON }, 100).await;
        let request = "POST /api/log HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n";
        assert!(read_all(&mut running.send(request).await).await.is_empty());
    }

    #[tokio::test]
    async fn heads_that_are_too_large_are_refused_in_words() {
        let running = Running::with_pictures_of(100).await;
        let long = format!("GET /notice HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(HEAD_MAX_BYTES));
        let many = format!("GET /notice HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(HEADERS_MAX));
        for request in [long, many] {
            let answer = read_all(&mut running.send(&request).await).await;
            assert!(answer.starts_with(b"HTTP/1.1 431 "), "{}", String::from_utf8_lossy(&answer));
        }
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused_while_it_is_still_coming() {
        let running = Running::with_pictures_of(100).await;
        let head = "POST /api/log HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n";
        let mut stream = running.send(&format!("{head}{}", "x".repeat(100_000))).await;
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&answer));
    }

    #[tokio::test]
    async fn what_is_not_http_harms_nobody() {
        let running = Running::with_pictures_of(100).await;
        for garbage in ["\0\u{1}\u{2}\r\n\r\n", "\u{16}\u{3}\u{1}", "GET\r\n\r\n", "\r\n\r\n\r\n"] {
            let mut stream = running.send(garbage).await;
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        let answer = read_all(&mut running.send("GET /notice HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}
