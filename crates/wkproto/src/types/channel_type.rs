//! The kind of a channel.

wire_code! {
    /// The kind of a channel. Together with the id it names the channel.
    ChannelType {
        /// Two users; the id on the wire is the other one's uid.
        1 PERSON = "person",
        /// A group with members.
        2 GROUP = "group",
        /// Customer service (the older form; `VISITORS` replaces it).
        3 CUSTOMER_SERVICE = "customer service",
        /// A community.
        4 COMMUNITY = "community",
        /// A topic of a community.
        5 COMMUNITY_TOPIC = "community topic",
        /// Announcements.
        6 INFO = "info",
        /// Data without conversations.
        7 DATA = "data",
        /// Members named only for one request.
        8 TEMP = "temp",
        /// A live room.
        9 LIVE = "live",
        /// A visitor and the staff.
        10 VISITORS = "visitors",
        /// A user and an agent.
        11 AGENT = "agent",
        /// A group with agents.
        12 AGENT_GROUP = "agent group",
    }
}
