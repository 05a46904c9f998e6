//! Which handler answers which path.

use axum::http::Method;

use super::reply::Answer;
use super::{
    Call, channel, commands, conversation_ops, conversation_reads, conversation_sync, lists, lookup,
    message_event, message_send, messagesync, route, subscribers, system_uids, user, v3,
};
use crate::config::Generation;

pub(super) struct Endpoint {
    method: Method,
    pub(super) path: &'static str,
    pub(super) handler: fn(&Call<'_>) -> Answer,
}

const fn endpoints(generation: Generation) -> &'static [Endpoint] {
    match generation {
        Generation::V2 => ENDPOINTS,
        Generation::V3 => v3::ENDPOINTS,
    }
}

/// The endpoint of a method and a path; paths are compared as they are.
pub(super) fn find(generation: Generation, method: &Method, path: &str) -> Option<&'static Endpoint> {
    endpoints(generation).iter().find(|endpoint| endpoint.path == path && endpoint.method == method)
}

/// Whether some method has this path.
pub(super) fn is_path(generation: Generation, path: &str) -> bool {
    endpoints(generation).iter().any(|endpoint| endpoint.path == path)
}

pub(super) const fn get(path: &'static str, handler: fn(&Call<'_>) -> Answer) -> Endpoint {
    Endpoint { method: Method::GET, path, handler }
}

pub(super) const fn post(path: &'static str, handler: fn(&Call<'_>) -> Answer) -> Endpoint {
    Endpoint { method: Method::POST, path, handler }
}

static ENDPOINTS: &[Endpoint] = &[
    get("/health", route::health),
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
    post("/channel/subscriber_add", subscribers::add),
    post("/channel/subscriber_remove", subscribers::remove),
    post("/channel/subscriber_remove_all", subscribers::remove_all),
    post("/tmpchannel/subscriber_set", subscribers::set_temporary),
    post("/channel/blacklist_add", lists::deny_add),
    post("/channel/blacklist_set", lists::deny_set),
    post("/channel/blacklist_remove", lists::deny_remove),
    post("/channel/blacklist_remove_all", lists::deny_clear),
    post("/channel/whitelist_add", lists::allow_add),
    post("/channel/whitelist_set", lists::allow_set),
    post("/channel/whitelist_remove", lists::allow_remove),
    post("/channel/whitelist_remove_all", lists::allow_clear),
    post("/message/send", message_send::send),
    post("/message/sendbatch", message_send::send_batch),
    post("/message/event", message_event::append),
    post("/message/eventsync", message_event::sync),
    post("/message/sync", commands::sync),
    post("/message/syncack", commands::acknowledge),
    post("/channel/messagesync", messagesync::page),
    post("/messages", lookup::messages),
    post("/message", lookup::message),
    get("/message/byclientmsgno", lookup::by_client_msg_no),
    get("/channel/max_message_seq", lookup::max_message_seq),
    get("/channel/last_message", lookup::last_message),
    post("/conversation/sync", conversation_sync::sync),
    post("/conversation/channels", conversation_reads::channels),
    post("/conversation/syncByChannels", conversation_reads::sync_by_channels),
    post("/conversation/syncMessages", conversation_reads::sync_messages),
    post("/conversations/clearUnread", conversation_ops::clear_unread),
    post("/conversations/setUnread", conversation_ops::set_unread),
    post("/conversations/delete", conversation_ops::delete),
];
