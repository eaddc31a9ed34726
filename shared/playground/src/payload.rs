//! Response bodies, well sent or badly.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How the bytes go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Whole,
    /// One byte at a time, with this pause before each.
    Drip(Duration),
    /// The first half, then the end of the connection.
    Truncated,
}

/// A body of known length.
pub(crate) struct Payload {
    rest: Bytes,
    manner: Manner,
    pause: Option<Pin<Box<Sleep>>>,
    cut: Cut,
}

/// How far a truncated body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Before,
    /// The first half was handed over; hyper gets one turn to flush it.
    Half,
    Flushed,
}

/// The body ends here on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the body was cut off")]
pub(crate) struct CutOff;

impl Payload {
    pub(crate) fn new(bytes: impl Into<Bytes>, manner: Manner) -> Self {
        Self { rest: bytes.into(), manner, pause: None, cut: Cut::Before }
    }

    fn poll_drip(&mut self, pause: Duration, cx: &mut Context<'_>) -> Poll<Bytes> {
        let timer = self.pause.get_or_insert_with(|| Box::pin(sleep(pause)));
        std::task::ready!(timer.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(self.rest.split_to(1.min(self.rest.len())))
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, CutOff>> {
        match self.cut {
            Cut::Before => {
                self.cut = Cut::Half;
                Poll::Ready(Ok(self.rest.slice(..self.rest.len() / 2)))
            }
            Cut::Half => {
                self.cut = Cut::Flushed;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Cut::Flushed => Poll::Ready(Err(CutOff)),
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = match self.manner {
            Manner::Whole => Ok(std::mem::take(&mut self.rest)),
            Manner::Drip(pause) => Ok(std::task::ready!(self.poll_drip(pause, cx))),
            Manner::Truncated => std::task::ready!(self.poll_cut(cx)),
        };
        Poll::Ready(Some(piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}
