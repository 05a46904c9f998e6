//! The HTTP API of a v3 server: which handler answers which path.
//!
//! What is not here answers 404, as what only v2 has does on a real v3 server.

mod channel;
mod commands;
mod conversation_list;
mod conversation_ops;
mod cursor;
mod message_event;
mod message_json;
mod message_send;
mod messagesync;
mod route;
mod user;

use super::Call;
use super::body::{BodyError, Fields};
use super::reply::{Answer, Reply};
use super::routes::{Endpoint, get, post};
use super::{lists, system_uids};

pub(super) static ENDPOINTS: &[Endpoint] = &[
    get("/healthz", route::healthz),
    get("/readyz", route::readyz),
    get("/route", route::get),
    post("/route/batch", route::batch),
    post("/user/token", user::token),
    post("/user/device_quit", user::device_quit),
    post("/user/onlinestatus", user::online_status),
    get("/user/systemuids", system_uids::list),
    post("/user/systemuids_add", system_uids::add),
    post("/user/systemuids_remove", system_uids::remove),
    post("/user/systemuids_add_to_cache", system_uids::cached),
    post("/user/systemuids_remove_from_cache", system_uids::cached),
    post("/channel", channel::create),
    post("/channel/info", channel::update_info),
    post("/channel/delete", channel::delete),
    post("/channel/subscriber_add", channel::add_subscribers),
    post("/channel/subscriber_remove", channel::remove_subscribers),
    post("/channel/subscriber_remove_all", super::subscribers::remove_all),
    post("/tmpchannel/subscriber_set", super::subscribers::set_temporary),
    post("/channel/blacklist_add", lists::deny_add),
    post("/channel/blacklist_set", lists::deny_set),
    post("/channel/blacklist_remove", lists::deny_remove),
    post("/channel/blacklist_remove_all", lists::deny_clear),
    post("/channel/whitelist_add", lists::allow_add),
    post("/channel/whitelist_set", lists::allow_set),
    post("/channel/whitelist_remove", lists::allow_remove),
    post("/channel/whitelist_remove_all", lists::allow_clear),
    post("/message/send", message_send::send),
    post("/message/event", message_event::append),
    post("/message/sync", commands::sync),
    post("/message/syncack", commands::acknowledge),
    post("/message/cmd/bind", commands::bind),
    post("/message/cmd/unbind", commands::unbind),
    post("/channel/messagesync", messagesync::page),
    post("/channel/messagesyncbatch", messagesync::batch),
    post("/conversation/list", conversation_list::list),
    post("/conversation/retry", conversation_list::retry),
    post("/conversations/clearUnread", conversation_ops::clear_unread),
    post("/conversations/setUnread", conversation_ops::set_unread),
    post("/conversations/delete", conversation_ops::delete),
    post("/conversations/activate", conversation_ops::activate),
];

/// Reads a body. What is wrong with it is not told.
fn read<T>(call: &Call<'_>, read: impl FnOnce(&Fields) -> Result<T, BodyError>) -> Result<T, Reply> {
    Fields::parse(call.body, "").and_then(|fields| read(&fields)).map_err(|_| malformed())
}

fn malformed() -> Reply {
    Reply::refused("数据格式有误！")
}
