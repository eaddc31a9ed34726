//! The listeners and the threads that they run on.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::bank::Bank;
use crate::fault::Kind;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::route::Host;
use crate::service::Shared;
use crate::settings::Settings;
use crate::tls::{self, Tls};
use crate::wire::Wire;

/// A client that takes longer for its handshake or its headers is cut off.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// After a failed accept (out of file descriptors, say) the listener rests this long.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// What cannot be HTTP, for a connection that is to speak something else.
const GARBAGE: &[u8] = b"\x00garbage\r\n\r\n";

/// Why a playground did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken, or the address is not this machine's.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address and port that were asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A fault rule names a region, and a playground is in none.
    #[error("fault rule {rule} is for region {region}: a playground takes rules without @REGION")]
    Region {
        /// The rule.
        rule: String,
        /// Its region.
        region: String,
    },
    /// The threads could not be started.
    #[error("cannot start the playground's threads")]
    Threads(#[source] io::Error),
    /// The test CA or its certificate could not be made.
    #[error("cannot make the test certificate")]
    Certificate(#[from] rcgen::Error),
    /// TLS refused the certificate.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

/// A server on threads of its own, so that it serves whoever waits for it, a test on a
/// single-threaded runtime too. Stops when dropped.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) async fn start(settings: Settings) -> Result<Self, StartError> {
        if let Some(rule) = settings.faults.iter().find(|rule| rule.region().is_some()) {
            let region = rule.region().unwrap_or_default().to_owned();
            return Err(StartError::Region { rule: rule.to_string(), region });
        }
        let tls = if settings.tls { Some(tls::prepare(settings.address)?) } else { None };
        let ca_pem = tls.as_ref().map(|tls| tls.ca_pem.clone());
        let runtime = runtime().map_err(StartError::Threads)?;
        let (ready, started) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("playground".to_owned())
            .spawn(move || run(&runtime, settings, tls, ready, stopped))
            .map_err(StartError::Threads)?;
        // The thread always answers, unless it has panicked.
        let shared = started.await.map_err(|_| StartError::Threads(io::ErrorKind::Other.into()))??;
        Ok(Self { shared, ca_pem, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    /// Waits until the ports are closed: a test may want them again.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed when it happened.
            thread.join().ok();
        }
    }
}

fn runtime() -> io::Result<Runtime> {
    let workers = thread::available_parallelism().map_or(2, usize::from).clamp(1, 4);
    Builder::new_multi_thread().worker_threads(workers).thread_name("playground").enable_all().build()
}

type Ready = oneshot::Sender<Result<Arc<Shared>, StartError>>;

/// Serves until `stop`; then the runtime is dropped with all its connections.
fn run(runtime: &Runtime, settings: Settings, tls: Option<Tls>, ready: Ready, stop: oneshot::Receiver<()>) {
    runtime.block_on(async {
        let acceptor = tls.map(|tls| tls.acceptor);
        match listen(settings, acceptor).await {
            Ok(shared) => {
                if ready.send(Ok(shared)).is_ok() {
                    stop.await.ok();
                }
            }
            Err(error) => {
                ready.send(Err(error)).ok();
            }
        }
    });
}

async fn listen(settings: Settings, acceptor: Option<TlsAcceptor>) -> Result<Arc<Shared>, StartError> {
    let (api, api_port) = bind(settings.address, settings.api_port).await?;
    let (auth, auth_port) = bind(settings.address, settings.auth_port).await?;
    let base = |port| base_url(settings.address, port, acceptor.is_some());
    let shared = Arc::new(Shared {
        bank: Bank::new(&settings, base(api_port), base(auth_port)),
        plan: Plan::new(settings.faults),
        journal: Journal::default(),
    });
    for (listener, host) in [(api, Host::Api), (auth, Host::Auth)] {
        tokio::spawn(accept(listener, host, Arc::clone(&shared), acceptor.clone()));
    }
    Ok(shared)
}

async fn bind(address: IpAddr, port: u16) -> Result<(TcpListener, u16), StartError> {
    let address = SocketAddr::new(address, port);
    let failed = |source| StartError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// A URL that reaches the listener from this machine.
fn base_url(address: IpAddr, port: u16, tls: bool) -> String {
    let reachable = match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(reachable, port))
}

async fn accept(listener: TcpListener, host: Host, shared: Arc<Shared>, acceptor: Option<TlsAcceptor>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, host, Arc::clone(&shared), acceptor.clone()));
            }
            Err(_) => sleep(ACCEPT_REST).await,
        }
    }
}

async fn connection(stream: TcpStream, host: Host, shared: Arc<Shared>, acceptor: Option<TlsAcceptor>) {
    let reset = Arc::new(AtomicBool::new(false));
    // Small answers go out at once.
    stream.set_nodelay(true).ok();
    let mut wire = Wire::new(stream, Arc::clone(&reset));
    match shared.plan.take_accept() {
        None => {}
        Some(Kind::Delay(time)) => sleep(time).await,
        Some(Kind::Reset) => return reset.store(true, Ordering::Relaxed),
        Some(Kind::NotJson) => {
            wire.write_all(GARBAGE).await.ok();
            return see_off(wire).await;
        }
        Some(_) => return see_off(wire).await,
    }
    match acceptor {
        None => http(wire, host, &shared, &reset).await,
        Some(acceptor) => {
            if let Ok(Ok(stream)) = timeout(HEAD_TIME, acceptor.accept(wire)).await {
                http(stream, host, &shared, &reset).await;
            }
        }
    }
}

/// Ends a connection in a FIN. Closing it with bytes unread would be a reset, so what the client
/// sends is read until it ends too.
async fn see_off(mut wire: Wire) {
    wire.shutdown().await.ok();
    timeout(HEAD_TIME, tokio::io::copy(&mut wire, &mut tokio::io::sink())).await.ok();
}

async fn http<S>(stream: S, host: Host, shared: &Shared, reset: &AtomicBool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| async move {
        let answer = shared.serve(host, request).await;
        if answer.is_err() {
            reset.store(true, Ordering::Relaxed);
        }
        answer
    });
    // Whatever a client does to its connection ends that connection, and nothing else.
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}
