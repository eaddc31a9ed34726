//! Who works on reports now, and who next.

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// The most reports that are in the making at once. A page takes tens of
/// milliseconds of the little processor that a small function has, and all runs
/// share it: a fleet that fails together must not lose its run results to it.
const SLOTS: usize = 4;

/// What a turn is for, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// A page that a run result waits for.
    AwaitedPage,
    /// A page whose run result is out.
    LatePage,
    /// All else that is kept.
    Rest,
}

/// The turns of an invocation's runs. Of all that is less urgent only one at a
/// time stands in the queue of what is more urgent, however much there is.
pub(crate) struct Turns {
    slots: Semaphore,
    late: Semaphore,
    rest: Semaphore,
}

impl Turns {
    pub(crate) const fn new() -> Self {
        Self { slots: Semaphore::const_new(SLOTS), late: Semaphore::const_new(1), rest: Semaphore::const_new(1) }
    }

    /// A turn, which ends when it is dropped; none when it does not come before `last`.
    pub(crate) async fn take(&self, work: Work, last: Instant) -> Option<SemaphorePermit<'_>> {
        // Time is looked at first: what is late already is not begun.
        tokio::select! {
            biased;
            () = sleep_until(last) => None,
            turn = self.queue(work) => turn,
        }
    }

    async fn queue(&self, work: Work) -> Option<SemaphorePermit<'_>> {
        let _first_of_rest = if work >= Work::Rest { Some(self.rest.acquire().await.ok()?) } else { None };
        let _first_of_late = if work >= Work::LatePage { Some(self.late.acquire().await.ok()?) } else { None };
        self.slots.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use futures_util::future::{join, join_all};
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn what_is_urgent_overtakes_all_but_the_first_of_the_rest() {
        let (turns, last) = (Turns::new(), Instant::now() + Duration::from_mins(1));
        let taken = RefCell::new(Vec::new());
        let all_slots = turns.slots.acquire_many(4).await.unwrap();
        let work = |work: Work| {
            let (turns, taken) = (&turns, &taken);
            async move {
                let _turn = turns.take(work, last).await.expect("a turn");
                taken.borrow_mut().push(work);
                yield_now().await;
            }
        };
        // They ask in the order that is worst for the urgent.
        let asking = [Work::Rest, Work::LatePage, Work::AwaitedPage].map(|kind| join_all([(); 9].map(|()| work(kind))));
        join(join_all(asking), async { drop(all_slots) }).await;

        let taken = taken.into_inner();
        let before = |one: Work, other: Work| {
            let last = taken.iter().rposition(|work| *work == one).unwrap();
            taken[..last].iter().filter(|work| **work == other).count()
        };
        assert_eq!(taken.len(), 27);
        assert!(before(Work::AwaitedPage, Work::LatePage) <= 1, "{taken:?}");
        assert!(before(Work::AwaitedPage, Work::Rest) <= 1, "{taken:?}");
        assert!(before(Work::LatePage, Work::Rest) <= 1, "{taken:?}");
    }

    #[tokio::test]
    async fn a_turn_that_comes_too_late_is_not_taken() {
        let (turns, now, long) = (Turns::new(), Instant::now(), Duration::from_mins(1));
        for work in [Work::AwaitedPage, Work::LatePage, Work::Rest] {
            assert!(turns.take(work, now.checked_sub(long).unwrap()).await.is_none(), "{work:?} is late");
            assert!(turns.take(work, now + long).await.is_some(), "{work:?} is not");
        }
    }
}
