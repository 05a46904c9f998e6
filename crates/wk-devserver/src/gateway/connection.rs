//! One connection from its accept to its end: the reading side.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::sleep_until;
use wkproto::{Flags, Packet, PacketType};

use super::handshake::{self, Accepted};
use super::idle::Idle;
use super::inbound::{Inbound, Next, Read};
use super::sends::Sends;
use super::stream::{ReadHalf, Stream, WriteHalf, split};
use super::writer::{self, Outbound};
use crate::config::Generation;
use crate::faults::Direction;
use crate::random::Random;
use crate::shared::{Shared, stopped};
use crate::world::session::{Orders, Outgoing, Session};

/// A connection that counts for as long as this lives.
pub(super) struct Counted(Arc<Shared>);

impl Counted {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        shared.counters.connections_accepted.add(1);
        shared.counters.connections.add(1);
        Self(shared)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.counters.connections.sub(1);
    }
}

/// Serves a client over a stream that the embedding program has.
pub(crate) async fn attach(shared: Arc<Shared>, stream: impl Stream) {
    if shared.faults.refuses_connections() {
        return;
    }
    let _counted = Counted::new(shared.clone());
    let (reader, writer) = split(stream);
    run(shared.clone(), reader, writer).await;
}

/// Serves a client from its CONNECT to its end. In a box, so that the task around it is small: tokio aligns tasks to cache
/// lines, and glibc (2.36 at least) fits no aligned block into the hole that one of the same size left.
pub(super) fn run(
    shared: Arc<Shared>,
    read_half: ReadHalf,
    write_half: WriteHalf,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(serve(shared, read_half, write_half))
}

async fn serve(shared: Arc<Shared>, read_half: ReadHalf, write_half: WriteHalf) {
    let cut = shared.faults.next_cut();
    let cut_after = |direction| cut.filter(|cut| cut.direction == direction).map(|cut| cut.bytes);
    let mut inbound = Inbound::new(read_half, cut_after(Direction::In));
    let mut outbound = Outbound::new(write_half, cut_after(Direction::Out));
    let orders = watch::Sender::new(Orders::default());
    let accepted = handshake::accept(&shared, &mut inbound, &mut outbound, &orders).await;
    if let Some(Accepted { session, queue }) = accepted {
        let writer =
            tokio::spawn(writer::run(shared.clone(), session.clone(), outbound, queue, orders.subscribe()));
        let reason = read_session(&shared, &session, &mut inbound, orders.subscribe()).await;
        shared.world().logout(&session);
        session.close();
        tracing::debug!(session = session.id, ?reason, "session ended");
        // The writer sees the order to close; its half of the socket must be gone before this task is.
        if let Err(error) = writer.await {
            tracing::error!(%error, "the writer of a connection failed");
        }
    }
}

/// Why a session ended.
#[derive(Debug)]
enum End {
    ByClient,
    Broken,
    Idle,
    Ordered,
}

async fn read_session(
    shared: &Shared,
    session: &Arc<Session>,
    inbound: &mut Inbound,
    mut orders: watch::Receiver<Orders>,
) -> End {
    let mut stop = shared.stop.subscribe();
    let mut idle = Idle::of_session(&shared.config, shared.clock.now());
    let random = Random::new(shared.config.random_seed ^ session.id);
    let is_v2 = shared.config.generation == Generation::V2;
    let mut sends = Sends::new(&shared.config, random);
    loop {
        let Orders { close, half_open, .. } = *orders.borrow_and_update();
        if close {
            return End::Ordered;
        }
        let held_until = sends.held_until();
        let read = tokio::select! {
            read = inbound.read(&shared.counters.tcp), if !half_open => read.unwrap_or(Read::End),
            () = sleep_until(held_until.unwrap_or_else(|| shared.clock.now())), if held_until.is_some() => {
                if sends.wake(shared, session).await {
                    continue;
                }
                return End::Broken;
            }
            () = idle.expired() => return End::Idle,
            // The sender is in the session, so there is always a change to come.
            _ = orders.changed() => continue,
            () = stopped(&mut stop) => return End::Ordered,
        };
        if read == Read::End {
            sends.finish(shared, session).await;
            return End::ByClient;
        }
        idle.read(shared.clock.now());
        let handled = async {
            let intact = take_packets(shared, session, inbound, &mut sends).await;
            // What a v3 server closes for, it closes for before it handles what came before.
            if !intact && !is_v2 {
                return false;
            }
            sends.handle(shared, session).await && intact
        };
        // Replies wait while the client does not read, but not for ever.
        tokio::select! {
            intact = handled => if !intact { return End::Broken },
            () = ordered_to_close(&mut orders) => return End::Ordered,
            () = stopped(&mut stop) => return End::Ordered,
        }
    }
}

/// Takes what is whole: PINGs are answered at once, before the SENDs that came with them. False if the client is
/// out of step.
async fn take_packets(
    shared: &Shared,
    session: &Arc<Session>,
    inbound: &mut Inbound,
    sends: &mut Sends,
) -> bool {
    let is_v3 = shared.config.generation == Generation::V3;
    loop {
        let frame = match inbound.next() {
            Next::Frame(frame) => frame,
            Next::More => return true,
            Next::Broken => return false,
        };
        match frame.packet_type() {
            PacketType::Send => sends.add(frame),
            PacketType::Ping => {
                session.note_ping(shared.clock.unix_ms());
                session.reply(Outgoing::Pong).await;
            }
            PacketType::Recvack => match frame.decode(session.version) {
                // Messages that were not stored are not waited for, and their RECVACKs are not looked at.
                Ok(Packet::Recvack(ack)) if !ack.flags.contains(Flags::NO_PERSIST) => {
                    session.unacked().acknowledge(ack.message_id);
                }
                Ok(_) => {}
                Err(_) => return false,
            },
            // Everything else is ignored by v2, a second CONNECT too, and ends the connection on v3 (docs/servers.md T29).
            _ if is_v3 => return false,
            _ => {}
        }
    }
}

pub(super) async fn ordered_to_close(orders: &mut watch::Receiver<Orders>) {
    // The sender is in the session, so the wait cannot fail.
    let _ = orders.wait_for(|orders| orders.close).await;
}
