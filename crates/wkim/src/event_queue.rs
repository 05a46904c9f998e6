//! The queue between the driver and the readers of events: it takes room for what waits, and drops the oldest when it is full.

use std::sync::Arc;

use async_broadcast::{InactiveReceiver, RecvError, Sender};
use wk_sync::Event;

use crate::EventsError;

/// Room before anything waits. It doubles from there: most clients never need more.
const FIRST_ROOM: usize = 16;

/// The driver's end. When it is dropped, readers come to an end.
pub(crate) struct EventSender {
    queue: Sender<Arc<Event>>,
    /// How many events may wait.
    limit: usize,
}

/// Where readers come from.
#[derive(Clone)]
pub(crate) struct EventSource(InactiveReceiver<Arc<Event>>);

/// One reader's place in the queue.
pub(crate) struct EventReader(async_broadcast::Receiver<Arc<Event>>);

/// A queue in which at most so many events wait.
pub(crate) fn event_queue(limit: usize) -> (EventSender, EventSource) {
    let limit = limit.max(1);
    let (mut queue, receiver) = async_broadcast::broadcast(FIRST_ROOM.min(limit));
    queue.set_overflow(true);
    (EventSender { queue, limit }, EventSource(receiver.deactivate()))
}

impl EventSender {
    /// Tells every reader; nobody may be there.
    pub(crate) fn send(&mut self, event: Event) {
        let room = self.queue.capacity();
        if room < self.limit && self.queue.is_full() {
            self.queue.set_capacity(room.saturating_mul(2).min(self.limit));
        }
        self.queue.try_broadcast(Arc::new(event)).ok();
    }

    /// A reader of everything from now on.
    pub(crate) fn subscribe(&self) -> EventReader {
        EventReader(self.queue.new_receiver())
    }
}

impl EventSource {
    /// A reader of everything from now on.
    pub(crate) fn subscribe(&self) -> EventReader {
        EventReader(self.0.activate_cloned())
    }
}

impl EventReader {
    /// Waits for the next event. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Event, EventsError> {
        match self.0.recv_direct().await {
            // The last reader takes the event without a copy.
            Ok(event) => Ok(Arc::unwrap_or_clone(event)),
            Err(RecvError::Overflowed(missed)) => Err(EventsError::Lagged { missed }),
            Err(RecvError::Closed) => Err(EventsError::Ended),
        }
    }

    /// Passes over everything that has happened so far.
    pub(crate) fn skip_waiting(&mut self) {
        self.0 = self.0.new_receiver();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn event(number: usize) -> Event {
        Event::Synced { conversations: number, messages: 0 }
    }

    /// What a reader is told without waiting: numbers of events, or how many it missed.
    fn read(reader: &mut EventReader) -> Option<Result<usize, EventsError>> {
        let next = reader.next().now_or_never()?;
        Some(next.map(|event| match event {
            Event::Synced { conversations, .. } => conversations,
            other => panic!("{other:?}"),
        }))
    }

    #[test]
    fn what_fits_is_read_in_order_by_all() {
        let (mut sender, source) = event_queue(100);
        let mut readers = [sender.subscribe(), source.subscribe()];
        (0..100).for_each(|number| sender.send(event(number)));
        for reader in &mut readers {
            (0..100).for_each(|number| assert_eq!(read(reader), Some(Ok(number))));
            assert_eq!(read(reader), None);
        }
    }

    #[test]
    fn a_slow_reader_is_told_how_many_it_missed_and_goes_on_with_the_oldest_that_waits() {
        for limit in [1, 16, 17, 40] {
            let (mut sender, source) = event_queue(limit);
            let (mut slow, mut quick) = (source.subscribe(), source.subscribe());
            for number in 0..limit + 5 {
                sender.send(event(number));
                assert_eq!(read(&mut quick), Some(Ok(number)));
            }
            assert_eq!(read(&mut slow), Some(Err(EventsError::Lagged { missed: 5 })), "{limit}");
            (5..limit + 5).for_each(|number| assert_eq!(read(&mut slow), Some(Ok(number))));
            assert_eq!(read(&mut slow), None);
        }
    }

    #[test]
    fn room_is_made_only_for_what_waits() {
        let (mut sender, source) = event_queue(4096);
        (0..10_000).for_each(|number| sender.send(event(number)));
        let mut reader = source.subscribe();
        for number in 0..10_000 {
            sender.send(event(number));
            assert_eq!(read(&mut reader), Some(Ok(number)));
        }
        assert_eq!(sender.queue.capacity(), FIRST_ROOM);
        (0..17).for_each(|number| sender.send(event(number)));
        assert_eq!(sender.queue.capacity(), 2 * FIRST_ROOM);
    }

    #[test]
    fn readers_end_with_the_sender_after_what_waits() {
        let (mut sender, source) = event_queue(4);
        let mut reader = source.subscribe();
        sender.send(event(1));
        drop(sender);
        assert_eq!(read(&mut reader), Some(Ok(1)));
        assert_eq!(read(&mut reader), Some(Err(EventsError::Ended)));
        assert_eq!(read(&mut source.subscribe()), Some(Err(EventsError::Ended)));
    }

    #[test]
    fn what_waits_can_be_passed_over() {
        let (mut sender, source) = event_queue(4);
        let mut reader = source.subscribe();
        sender.send(event(1));
        reader.skip_waiting();
        sender.send(event(2));
        assert_eq!(read(&mut reader), Some(Ok(2)));
    }
}
