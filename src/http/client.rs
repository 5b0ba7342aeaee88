//! One question to a web server in the shop's own network, bounded in time and bytes. Nothing is kept between two questions.

use std::fmt;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT, CONNECTION, HOST};
use axum::http::uri::{Scheme, Uri};
use axum::http::{Request, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest time for everything, from the name's look-up to the last byte. An access point answers within a second; while it is
/// drawing for a label it may take three.
pub const ASK_TIME: Duration = Duration::from_secs(8);

/// Largest answer that is taken. An access point tells about 700 bytes of one label.
pub const ANSWER_MAX_BYTES: usize = 16 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub enum AskError {
    /// The address cannot be asked.
    Address(String),
    /// Nobody is there, or the line broke.
    Line(io::Error),
    /// What came is no HTTP, or more than [`ANSWER_MAX_BYTES`].
    Answer(String),
    /// It answered with another code than 200.
    Code(StatusCode),
    /// It took longer than [`ASK_TIME`].
    Late,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(why) => write!(f, "{why}; expected an address that begins with http://"),
            Self::Line(error) => write!(f, "no connection: {error}; is it switched on and in this network?"),
            Self::Answer(why) => write!(f, "the answer cannot be read: {why}"),
            Self::Code(code) => write!(f, "it answers {code}"),
            Self::Late => write!(f, "no answer within {} s", ASK_TIME.as_secs()),
        }
    }
}

impl std::error::Error for AskError {}

/// Asks `url` and gives the body of the answer.
pub async fn get(url: &str) -> Result<Bytes, AskError> {
    timeout(ASK_TIME, ask(url)).await.unwrap_or(Err(AskError::Late))
}

async fn ask(url: &str) -> Result<Bytes, AskError> {
    let uri: Uri = url.parse().map_err(|error| AskError::Address(format!("{error}")))?;
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err(AskError::Address("only plain HTTP is spoken".to_owned()));
    }
    let authority = uri.authority().ok_or_else(|| AskError::Address("no host is named".to_owned()))?;
    let host = authority.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await.map_err(AskError::Line)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreadable)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(HOST, authority.as_str())
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close")
        .body(Body::empty())
        .map_err(|error| AskError::Address(error.to_string()))?;
    let answered = async {
        let answer = sender.send_request(request).await.map_err(unreadable)?;
        if answer.status() != StatusCode::OK {
            return Err(AskError::Code(answer.status()));
        }
        let body = to_bytes(Body::new(answer.into_body()), ANSWER_MAX_BYTES).await;
        body.map_err(|error| AskError::Answer(error.to_string()))
    };
    // The connection carries the answer for as long as it is polled, and ends with it.
    let mut answered = std::pin::pin!(answered);
    tokio::select! {
        answer = &mut answered => answer,
        _ = connection => answered.await,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where a function of the error is wanted")]
fn unreadable(error: hyper::Error) -> AskError {
    AskError::Answer(error.to_string())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers one question with these bytes; gives its address and what it was asked.
    async fn server(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap();
            let _ = stream.write_all(&answer).await;
            asked.truncate(length);
            String::from_utf8(asked).unwrap()
        });
        (format!("http://{address}"), asked)
    }

    #[tokio::test]
    async fn a_question_is_asked_once_and_its_answer_given() {
        let (base, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()).await;
        assert_eq!(get(&format!("{base}/get_db?mac=1")).await.unwrap(), "{}");
        let asked = asked.await.unwrap();
        assert!(asked.starts_with("GET /get_db?mac=1 HTTP/1.1\r\nhost: 127.0.0.1:"), "{asked}");
    }

    #[tokio::test]
    async fn an_answer_without_a_length_ends_with_the_line() {
        let (base, _asked) = server(b"HTTP/1.1 200 OK\r\n\r\n{\"tags\":[]}".to_vec()).await;
        assert_eq!(get(&base).await.unwrap(), "{\"tags\":[]}");
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error_that_says_why() {
        let long = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; ANSWER_MAX_BYTES + 1]].concat();
        for (answer, said) in [
            (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(), "it answers 404 Not Found"),
            (b"SSH-2.0-OpenSSH\r\n".to_vec(), "the answer cannot be read"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}".to_vec(), "the answer cannot be read"),
            (long, "the answer cannot be read"),
        ] {
            let (base, _asked) = server(answer).await;
            let error = get(&base).await.unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[tokio::test]
    async fn only_plain_http_addresses_are_asked() {
        for url in ["https://127.0.0.1/", "127.0.0.1", "/get_db", "ftp://127.0.0.1", ""] {
            assert!(matches!(get(url).await, Err(AskError::Address(_))), "{url}");
        }
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(matches!(get(&format!("http://{closed}")).await, Err(AskError::Line(_))));
    }
}
