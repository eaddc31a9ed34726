//! Servers that say exactly what a test tells them to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Waits until a request has been read.
    pub(crate) async fn asked(&self) {
        self.requests.notified().await;
    }
}

/// What happens after a request was read.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// Bytes, then the end of the connection.
    Say(&'static str),
    /// Bytes, then nothing more.
    SayAndWait(&'static str),
    /// A reset.
    Reset,
    /// The same answer to every request of the connection.
    KeepAlive(&'static str),
}

pub(crate) async fn plain(then: Then) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Notify::new());
    let asked = Arc::clone(&requests);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, then, Arc::clone(&asked)));
        }
    });
    Server { address, requests, task }
}

/// A TLS server whose handshake begins late, or that hangs up instead.
pub(crate) async fn tls(config: Arc<ServerConfig>, late: Duration, hang_up: bool) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(config);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // The lateness is what the server is for: it is the fault under test.
                tokio::time::sleep(late).await;
                if !hang_up && let Ok(stream) = acceptor.accept(stream).await {
                    serve_tls(stream).await;
                }
            });
        }
    });
    Server { address, requests: Arc::default(), task }
}

async fn serve_tls(mut stream: tokio_rustls::server::TlsStream<TcpStream>) {
    let mut request = [0; 4096];
    while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.is_err() {
            return;
        }
    }
}

async fn serve(mut stream: TcpStream, then: Then, asked: Arc<Notify>) {
    let mut request = [0; 4096];
    if !stream.read(&mut request).await.is_ok_and(|read| read > 0) {
        return;
    }
    asked.notify_one();
    match then {
        Then::Say(text) => drop(stream.write_all(text.as_bytes()).await),
        Then::SayAndWait(text) => {
            drop(stream.write_all(text.as_bytes()).await);
            std::future::pending::<()>().await;
        }
        Then::Reset => stream.set_zero_linger().unwrap(),
        Then::KeepAlive(text) => {
            while stream.write_all(text.as_bytes()).await.is_ok()
                && stream.read(&mut request).await.is_ok_and(|read| read > 0)
            {}
        }
    }
}
