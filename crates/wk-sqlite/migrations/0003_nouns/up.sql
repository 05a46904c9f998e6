-- What a client keeps besides messages. Versions are the servers' own numbers, 0 where a source has none; booleans
-- are 0 or 1; times are Unix milliseconds, 0 for never; texts that are JSON are kept as they came.

-- The gallery: all but texts, with the type, so that other types are skipped without reading their messages. Most
-- messages are texts and cost nothing here.
CREATE INDEX message_media ON message (channel, seq, local_index, content_type)
    WHERE hidden IS NULL AND content_type <> 1;

-- What is known of a channel besides its log: a person's or a group's name, settings and presence.
CREATE TABLE channel_info (
    channel INTEGER PRIMARY KEY REFERENCES channel,
    -- From the server, all of one version.
    version INTEGER NOT NULL CHECK (version >= 0),
    name TEXT NOT NULL,
    username TEXT NOT NULL,
    remark TEXT NOT NULL,
    avatar TEXT NOT NULL,
    category TEXT NOT NULL,
    status INTEGER NOT NULL,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    -- The user's settings, as the server has them.
    top INTEGER NOT NULL CHECK (top IN (0, 1)),
    mute INTEGER NOT NULL CHECK (mute IN (0, 1)),
    save INTEGER NOT NULL CHECK (save IN (0, 1)),
    show_nick INTEGER NOT NULL CHECK (show_nick IN (0, 1)),
    -- The channel's own rules.
    follow INTEGER NOT NULL CHECK (follow IN (0, 1)),
    forbidden INTEGER NOT NULL CHECK (forbidden IN (0, 1)),
    invite INTEGER NOT NULL CHECK (invite IN (0, 1)),
    receipt INTEGER NOT NULL CHECK (receipt IN (0, 1)),
    robot INTEGER NOT NULL CHECK (robot IN (0, 1)),
    flame INTEGER NOT NULL CHECK (flame IN (0, 1)),
    flame_secs INTEGER NOT NULL CHECK (flame_secs >= 0),
    -- The channel that this one belongs to, NULL for none.
    parent INTEGER REFERENCES channel,
    -- JSON from the server, empty for none.
    remote_extra TEXT NOT NULL,
    -- Presence: it has no version, the last word counts.
    online INTEGER NOT NULL CHECK (online IN (0, 1)),
    last_offline INTEGER NOT NULL,
    device_flag INTEGER NOT NULL,
    -- Only here, never written by what the server says: JSON of the application, the key of cached avatars, and
    -- settings that the user changed and the server has not confirmed, NULL where there is none.
    local_extra TEXT NOT NULL,
    avatar_cache_key TEXT NOT NULL,
    pending_top INTEGER CHECK (pending_top IN (0, 1)),
    pending_mute INTEGER CHECK (pending_mute IN (0, 1)),
    pending_save INTEGER CHECK (pending_save IN (0, 1)),
    pending_show_nick INTEGER CHECK (pending_show_nick IN (0, 1)),
    pending_remark TEXT
) STRICT;

-- Who is in a channel. The key is the order of pages.
CREATE TABLE member (
    channel INTEGER NOT NULL REFERENCES channel,
    uid TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    name TEXT NOT NULL,
    remark TEXT NOT NULL,
    avatar TEXT NOT NULL,
    -- 0 member, 1 creator, 2 manager.
    role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 255),
    -- 1 normal, 2 blacklisted; applications may have more.
    status INTEGER NOT NULL,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    robot INTEGER NOT NULL CHECK (robot IN (0, 1)),
    -- The uid of who invited them, NULL where nobody did.
    inviter TEXT,
    -- They may not speak before this time.
    forbidden_until INTEGER NOT NULL,
    -- JSON from the server, empty for none.
    extra TEXT NOT NULL,
    -- Only here: the key of cached avatars.
    avatar_cache_key TEXT NOT NULL,
    PRIMARY KEY (channel, uid)
) WITHOUT ROWID, STRICT;

-- Members of one role, in the order of pages.
CREATE INDEX member_role ON member (channel, role, uid) WHERE deleted = 0;

-- What a user leaves in a conversation: once as the server has it, once as it was changed here.
CREATE TABLE conversation_extra (
    channel INTEGER PRIMARY KEY REFERENCES channel,
    version INTEGER NOT NULL CHECK (version >= 0),
    -- The unsent text and when it was written.
    draft TEXT NOT NULL,
    draft_updated_at INTEGER NOT NULL,
    -- The message at which the list stood, and how many pixels it was shifted.
    keep_seq INTEGER NOT NULL CHECK (keep_seq >= 0),
    keep_offset INTEGER NOT NULL,
    -- How far the user has scrolled.
    browse_to INTEGER NOT NULL CHECK (browse_to >= 0),
    -- 1 while the columns below hold what the server has not been told.
    pending INTEGER NOT NULL CHECK (pending IN (0, 1)),
    pending_draft TEXT NOT NULL,
    pending_draft_updated_at INTEGER NOT NULL,
    pending_keep_seq INTEGER NOT NULL CHECK (pending_keep_seq >= 0),
    pending_keep_offset INTEGER NOT NULL,
    pending_browse_to INTEGER NOT NULL CHECK (pending_browse_to >= 0)
) STRICT;

CREATE INDEX conversation_extra_pending ON conversation_extra (channel) WHERE pending = 1;

-- What happened to a message after it was sent. A row may come before its message.
CREATE TABLE message_extra (
    message_id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channel,
    version INTEGER NOT NULL CHECK (version >= 0),
    -- Whether this user has read it, how many have, how many have not.
    read INTEGER NOT NULL CHECK (read IN (0, 1)),
    read_count INTEGER NOT NULL CHECK (read_count >= 0),
    unread_count INTEGER NOT NULL CHECK (unread_count >= 0),
    -- Taken back, and by whom, NULL where that is not known.
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    revoker TEXT,
    -- Deleted for all its readers.
    mutual_deleted INTEGER NOT NULL CHECK (mutual_deleted IN (0, 1)),
    -- The edited payload and when, NULL where it was not edited.
    edit BLOB,
    edited_at INTEGER NOT NULL,
    -- Whether it is pinned, NULL where no source has said; the version of that answer, because not all say it.
    pinned INTEGER CHECK (pinned IN (0, 1)),
    pinned_version INTEGER NOT NULL CHECK (pinned_version >= 0),
    -- This user's edit that the server has not got, NULL where there is none.
    pending_edit BLOB,
    pending_edited_at INTEGER NOT NULL
) STRICT;

CREATE INDEX message_extra_pending ON message_extra (message_id) WHERE pending_edit IS NOT NULL;

-- One reaction of each user to a message.
CREATE TABLE reaction (
    message_id INTEGER NOT NULL,
    uid TEXT NOT NULL,
    channel INTEGER NOT NULL REFERENCES channel,
    -- The user's name at that time.
    name TEXT NOT NULL,
    emoji TEXT NOT NULL,
    -- The server's number of the change in the channel.
    seq INTEGER NOT NULL CHECK (seq >= 0),
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, uid)
) WITHOUT ROWID, STRICT;

-- For clearing a channel.
CREATE INDEX reaction_channel ON reaction (channel);

CREATE TABLE pinned_message (
    message_id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channel,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    version INTEGER NOT NULL CHECK (version >= 0),
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1))
) STRICT;

-- The pinned messages of a channel in their order.
CREATE INDEX pinned_message_channel ON pinned_message (channel, seq) WHERE deleted = 0;

-- What asks for the user's attention in a conversation.
CREATE TABLE reminder (
    reminder_id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channel,
    -- The message it is about, 0 for none.
    message_id INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    -- 1 mention, 2 request to join; applications have more.
    kind INTEGER NOT NULL,
    -- Who is reminded, NULL for every member; who caused it, NULL where that is not known.
    uid TEXT,
    publisher TEXT,
    -- What to show, and JSON for the application.
    text TEXT NOT NULL,
    data TEXT NOT NULL,
    -- Whether to scroll to the message.
    locate INTEGER NOT NULL CHECK (locate IN (0, 1)),
    version INTEGER NOT NULL CHECK (version >= 0),
    -- Whether it is done as the server knows, and whether it is done here and the server has to be told.
    done INTEGER NOT NULL CHECK (done IN (0, 1)),
    done_unsent INTEGER NOT NULL CHECK (done_unsent IN (0, 1))
) STRICT;

CREATE INDEX reminder_channel ON reminder (channel, reminder_id);
CREATE INDEX reminder_unsent ON reminder (reminder_id) WHERE done_unsent = 1;

-- Messages that were read and whose senders have to be told.
CREATE TABLE receipt (
    message_id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channel,
    seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;

-- Names of commands that were handled, so that none is handled twice.
CREATE TABLE command_seen (
    -- The channel whose log `number` is a seq of; 0 where `number` is a message id.
    channel INTEGER NOT NULL,
    number INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (channel, number)
) WITHOUT ROWID, STRICT;

-- For forgetting the oldest.
CREATE INDEX command_seen_at ON command_seen (seen_at);

CREATE TABLE robot (
    robot_id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    -- Whether it answers while a message is typed, and the hint to show then.
    inline_on INTEGER NOT NULL CHECK (inline_on IN (0, 1)),
    placeholder TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- The commands that a robot offers, in its order.
CREATE TABLE robot_menu (
    robot_id TEXT NOT NULL REFERENCES robot,
    place INTEGER NOT NULL,
    command TEXT NOT NULL,
    remark TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (robot_id, place)
) WITHOUT ROWID, STRICT;

-- How far each kind of data was fetched. Apart from the data, so that removing rows moves no cursor.
CREATE TABLE cursor (
    kind INTEGER NOT NULL,
    -- 0 for the whole account.
    channel INTEGER NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (kind, channel)
) WITHOUT ROWID, STRICT;

-- The server that the data came from: one row.
CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- What the application calls it, mostly an address.
    endpoint TEXT NOT NULL,
    -- The node that answered last; all 64 bits, so large ones are negative.
    node_id INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 3;
