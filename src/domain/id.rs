//! Row ids, one type per noun, so that a pool's id cannot be passed where a session's is wanted.

macro_rules! row_id {
    ($($(#[$meta:meta])* $name:ident;)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub i64);

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.0.fmt(f)
                }
            }
        )+
    };
}

row_id! {
    /// A person who signs in.
    UserId;
    /// A WhatsApp account (a "number") that we drive.
    SessionId;
    /// A group of sessions.
    PoolId;
    /// A person who owes.
    DebtorId;
    /// What a person owes on one account.
    DebtId;
    /// A message text with variables.
    TemplateId;
    /// A send to an audience through a pool.
    CampaignId;
    /// A row of the message ledger.
    MessageId;
    /// The exchange between one session and one person.
    ConversationId;
    /// An uploaded spreadsheet on its way in.
    ImportId;
    /// A file that messages carry.
    MediaId;
    /// What a debtor has promised to pay.
    PromiseId;
    /// A filter with a name.
    SegmentId;
}
