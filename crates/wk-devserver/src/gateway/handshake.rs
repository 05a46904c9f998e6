//! CONNECT and what becomes of it: a session, silence, or a closed connection (docs/servers.md §2.1).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use wk_model::{DeviceFlag, ReasonCode};
use wkproto::{
    Cipher, Connack, Connect, CryptoError, Encoder, Packet, Peek, ProtocolVersion, ServerSecret, WireStr,
};

use super::idle::Idle;
use super::inbound::{Inbound, Read};
use super::writer::Outbound;
use crate::config::Generation;
use crate::random::Random;
use crate::shared::{Shared, stopped};
use crate::world::ids::{NODE_ID, NODE_ID_V3, has_reserved};
use crate::world::session::{Login, Orders, Outgoing, Session};

/// A session whose CONNACK is queued, with what its writer needs.
pub(super) struct Accepted {
    pub(super) session: Arc<Session>,
    pub(super) queue: mpsc::Receiver<Outgoing>,
}

/// A CONNECT whose form is right.
struct Request {
    uid: String,
    device_id: String,
    device_flag: DeviceFlag,
    token: String,
    version: u8,
    client_timestamp: i64,
    client_key: Vec<u8>,
}

/// Waits for the CONNECT and answers it. Nothing if the connection shall be closed; a client that may not log in
/// is left waiting until then.
pub(super) async fn accept(
    shared: &Arc<Shared>,
    inbound: &mut Inbound,
    outbound: &mut Outbound,
    orders: &watch::Sender<Orders>,
) -> Option<Accepted> {
    let request = receive(shared, inbound).await?;
    let timings = &shared.config.timings;
    if shared.config.generation == Generation::V3 {
        return match authenticate_v3(&request) {
            Ok(keys) => Some(log_in(shared, orders, request, keys).await),
            Err(reason) => {
                outbound.write(&refusal_v3(reason), &shared.counters.tcp).await;
                None
            }
        };
    }
    if is_missed(shared) {
        tracing::debug!("a CONNECT is missed on purpose");
        wait_in_silence(shared, inbound, timings.before_connect).await;
        return None;
    }
    match authenticate(shared, &request) {
        Some(keys) => Some(log_in(shared, orders, request, keys).await),
        None => {
            tracing::debug!(uid = request.uid, "a CONNECT is not answered");
            wait_in_silence(shared, inbound, timings.before_auth).await;
            None
        }
    }
}

/// Whether this CONNECT is one of those that the server seems not to see.
fn is_missed(shared: &Shared) -> bool {
    let one_in = shared.config.quirks.silent_connect_one_in;
    one_in > 0 && Random::new(shared.config.random_seed ^ shared.world().next_session_id()).one_in(one_in)
}

async fn receive(shared: &Shared, inbound: &mut Inbound) -> Option<Request> {
    let is_v3 = shared.config.generation == Generation::V3;
    let mut idle = match shared.config.generation {
        Generation::V2 => Idle::new(shared.config.timings.before_connect, shared.clock.now()),
        Generation::V3 => Idle::of_session(&shared.config, shared.clock.now()),
    };
    loop {
        match read(shared, inbound, &mut idle).await {
            Read::Bytes => {}
            Read::End => return None,
        }
        let first_type = inbound.buffer().first().map(|byte| byte >> 4);
        if is_v3 && first_type == Some(0) {
            // It reads nothing more, and stays.
            idle.expired().await;
            return None;
        }
        if first_type != Some(wkproto::PacketType::Connect.value()) {
            return None;
        }
        match inbound.peek() {
            Ok(Peek::Need(_)) => {}
            // Nothing may follow before the CONNACK, not even a byte (docs/servers.md T2).
            Ok(Peek::Frame(len)) if inbound.buffer().len() > len => return None,
            Ok(Peek::Frame(_)) => {
                let packet = inbound.buffer().split();
                let Ok(Packet::Connect(connect)) = Packet::decode(&packet, ProtocolVersion::V5) else {
                    return None;
                };
                return request(&connect, is_v3);
            }
            Err(_) if is_v3 => return None,
            // Too long: the server would wait for all of it, and so the client for the idle limit.
            Err(_) => inbound.buffer().truncate(MAX_HEADER),
        }
    }
}

/// v3 looks at the uid later, and only whether there is one.
fn request(connect: &Connect<'_>, is_v3: bool) -> Option<Request> {
    let text = |field: WireStr<'_>| field.to_string_lossy().into_owned();
    let uid = text(connect.uid).trim().to_owned();
    if !is_v3 && (uid.is_empty() || has_reserved(&uid)) {
        return None;
    }
    Some(Request {
        uid,
        device_id: text(connect.device_id),
        device_flag: connect.device_flag,
        token: text(connect.token),
        version: connect.version,
        client_timestamp: connect.client_timestamp,
        client_key: connect.client_key.as_bytes().to_vec(),
    })
}

/// A session's keys and the rank of its device.
struct Keys {
    level: wkproto::DeviceLevel,
    cipher: Cipher,
    public_key: String,
    salt: [u8; 16],
}

fn authenticate(shared: &Shared, request: &Request) -> Option<Keys> {
    let mut entropy = [0; 64];
    getrandom::fill(&mut entropy).ok()?;
    let [secret, spare] = split_entropy(&entropy);
    let salt = salt(&spare);
    let level = shared.world().authenticate(
        &request.uid,
        request.device_flag,
        &request.token,
        shared.config.token_auth,
    )?;
    let secret = ServerSecret::from_bytes(secret);
    let public_key = secret.public_key_base64();
    let cipher = match secret.agree(&request.client_key, salt) {
        Ok(cipher) => cipher,
        // Taken by the server with a secret that everybody knows. Here the session cannot send: no key fits.
        Err(CryptoError::LowOrderKey) => {
            let other = ServerSecret::from_bytes(spare).public_key_base64();
            secret.agree(other.as_bytes(), salt).ok()?
        }
        Err(_) => return None,
    };
    Some(Keys { level, cipher, public_key, salt })
}

/// v3 checks no token, but says why it refuses.
fn authenticate_v3(request: &Request) -> Result<Keys, ReasonCode> {
    if request.uid.is_empty() {
        return Err(ReasonCode::SYSTEM_ERROR);
    }
    if request.client_key.is_empty() {
        return Err(ReasonCode::CLIENT_KEY_IS_EMPTY);
    }
    let mut entropy = [0; 64];
    getrandom::fill(&mut entropy).map_err(|_| ReasonCode::SYSTEM_ERROR)?;
    let [secret, spare] = split_entropy(&entropy);
    let (secret, salt) = (ServerSecret::from_bytes(secret), salt(&spare));
    let cipher = secret.agree(&request.client_key, salt).map_err(|_| ReasonCode::AUTH_FAIL)?;
    Ok(Keys { level: wkproto::DeviceLevel::SLAVE, cipher, public_key: secret.public_key_base64(), salt })
}

/// The answer of v3 to who may not log in: in the layout of version 5, without the bit that says that there is a version
/// (docs/servers.md T5).
fn refusal_v3(reason: ReasonCode) -> bytes::Bytes {
    let connack = Connack {
        server_version: None,
        time_diff: 0,
        reason,
        server_key: WireStr::EMPTY,
        salt: WireStr::EMPTY,
        node_id: Some(0),
    };
    Encoder::new(ProtocolVersion::V5).to_bytes(&connack.into()).unwrap_or_default()
}

async fn log_in(
    shared: &Arc<Shared>,
    orders: &watch::Sender<Orders>,
    request: Request,
    keys: Keys,
) -> Accepted {
    let version = match (shared.config.generation, request.version) {
        (Generation::V2, asked) => asked.min(ProtocolVersion::V5.value()),
        (Generation::V3, 0) => ProtocolVersion::V6.value(),
        (Generation::V3, asked) => asked.min(ProtocolVersion::V6.value()),
    };
    let node_id = match shared.config.generation {
        Generation::V2 => NODE_ID,
        Generation::V3 => NODE_ID_V3,
    };
    let (sender, queue) = mpsc::channel(shared.config.limits.outbound_queue.max(1));
    let connack = Connack {
        server_version: (request.version > ProtocolVersion::V3.value()).then_some(version),
        time_diff: shared.clock.unix_ms().wrapping_sub(request.client_timestamp),
        reason: ReasonCode::SUCCESS,
        server_key: WireStr::from(&keys.public_key),
        salt: WireStr::new(&keys.salt),
        node_id: (version >= ProtocolVersion::V4.value()).then_some(node_id),
    };
    // Version 0 has the layout of version 1.
    let wire_version = ProtocolVersion::new(version).unwrap_or(ProtocolVersion::V1);
    let encoded = Encoder::new(wire_version).to_bytes(&connack.into()).unwrap_or_default();
    let connack = Outgoing::Connack { encoded };
    let session = {
        let mut world = shared.world();
        let login = Login {
            id: world.next_session_id(),
            uid: request.uid.into(),
            device_id: request.device_id.into(),
            device_flag: request.device_flag,
            device_level: keys.level,
            version: wire_version,
            cipher: keys.cipher,
            at_ms: shared.clock.unix_ms(),
        };
        let session = Arc::new(Session::new(login, sender, orders.clone()));
        if !shared.config.quirks.recv_before_connack {
            session.push(connack.clone());
        }
        world.login(session.clone(), shared.displaced_silence());
        session
    };
    shared.counters.logins.add(1);
    tracing::debug!(session = session.id, uid = %session.uid, version, "logged in");
    if shared.config.quirks.recv_before_connack {
        // The session is known before its CONNACK is on the way, so that a push can come first.
        tokio::time::sleep(CONNACK_DELAY).await;
        session.push(connack);
    }
    Accepted { session, queue }
}

/// Who may not log in is not told. Whatever comes now is not a CONNECT, which ends the connection.
async fn wait_in_silence(shared: &Shared, inbound: &mut Inbound, limit: Duration) {
    let mut idle = Idle::new(limit, shared.clock.now());
    read(shared, inbound, &mut idle).await;
}

/// Reads until the idle limit or the server's end.
async fn read(shared: &Shared, inbound: &mut Inbound, idle: &mut Idle) -> Read {
    let mut stop = shared.stop.subscribe();
    tokio::select! {
        read = inbound.read(&shared.counters.tcp) => {
            idle.read(shared.clock.now());
            read.unwrap_or(Read::End)
        }
        () = idle.expired() => Read::End,
        () = stopped(&mut stop) => Read::End,
    }
}

fn split_entropy(entropy: &[u8; 64]) -> [[u8; 32]; 2] {
    let mut halves = [[0; 32]; 2];
    for (half, bytes) in halves.iter_mut().zip(entropy.chunks_exact(32)) {
        half.copy_from_slice(bytes);
    }
    halves
}

/// Sixteen letters and digits, as clients use the salt's characters themselves.
fn salt(random: &[u8; 32]) -> [u8; 16] {
    let mut salt = [0; 16];
    for (character, byte) in salt.iter_mut().zip(random) {
        *character = *ALPHANUMERIC.get(usize::from(*byte) % ALPHANUMERIC.len()).unwrap_or(&b'a');
    }
    salt
}

const ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// The longest header of a packet: a type and four bytes of length.
const MAX_HEADER: usize = 5;
/// How long the CONNACK is held back for a RECV to overtake it.
const CONNACK_DELAY: Duration = Duration::from_millis(3);
