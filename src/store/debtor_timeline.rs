//! All that happened between a debtor and us, newest first: six sources, each read from where the page before ended, as one.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Conn, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    imports::ImportStatus,
    media::{self, InboundFile},
    page::{Page, Paged},
    promises,
    schema::{
        audit_entries, campaigns, conversation_messages, conversations, debtor_notes, import_changes, imports,
        inbound_media, media as files, messages, promises as promised, sessions, users,
    },
    sql_types::{At, Json, coalesce},
};
use crate::domain::{
    audit::AuditEntry,
    debtor::DebtorStatus,
    id::{CampaignId, DebtorId, ImportId, MessageId, UserId},
    media::{Fetched, MediaKind},
    message::MessageState,
    promise::Promise,
    revision::{Change, Revision},
    text_enum,
};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtorEvent {
    pub at: DateTime<Utc>,
    /// The id of its row; unique among events of the same kind.
    pub id: i64,
    pub what: Happened,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A message to them that left, or that was held back or has failed.
    Message(Box<SentMessage>),
    /// They wrote to us, perhaps with a file; then the text may be empty.
    Inbound { session: Option<String>, body: String, file: Option<InboundFile> },
    /// Somebody noted something.
    Note { author: String, body: String },
    /// They promised to pay.
    Promise(Box<Promise>),
    /// Their status changed; without an author where they did it themselves.
    Status { status: DebtorStatus, author: Option<String>, reason: Option<String> },
    /// Their number was put on the suppression list, or taken off.
    Suppression { lifted: bool, author: Option<String>, reason: Option<String> },
    /// Somebody added, changed or took away a debt; `changed` names the values that became others.
    Debt { change: DebtChange, reference: Option<String>, changed: Vec<String>, author: Option<String> },
    /// Their second phone took the place of the first.
    SecondPhone { author: Option<String> },
    /// An import changed what was known of them.
    Import { import: (ImportId, String), changes: Vec<Change> },
}

text_enum! {
    /// What became of a debt.
    pub enum DebtChange {
        Added = "added",
        Changed = "changed",
        Removed = "removed",
    }
}

/// A message of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    pub id: MessageId,
    pub campaign: (CampaignId, String),
    pub step: usize,
    pub state: MessageState,
    pub reason: Option<String>,
    pub body: Option<String>,
    pub session: Option<String>,
}

impl Happened {
    /// The order of events of the same instant.
    const fn rank(&self) -> u8 {
        match self {
            Self::Message(_) => MESSAGE,
            Self::Inbound { .. } => INBOUND,
            Self::Note { .. } => NOTE,
            Self::Promise(_) => PROMISE,
            Self::Status { .. } | Self::Suppression { .. } | Self::Debt { .. } | Self::SecondPhone { .. } => CHANGE,
            Self::Import { .. } => IMPORT,
        }
    }
}

const MESSAGE: u8 = 0;
const INBOUND: u8 = 1;
const NOTE: u8 = 2;
const PROMISE: u8 = 3;
const CHANGE: u8 = 4;
const IMPORT: u8 = 5;

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    at: DateTime<Utc>,
    rank: u8,
    id: i64,
}

/// Reads a boxed query of one source, newest first, from where the page before ended.
macro_rules! newest {
    ($conn:expr, $page:expr, $rank:expr, $query:expr, $at:expr, $id:expr) => {{
        let place: Option<Place> = $page.place();
        on!($conn, c => {
            let mut query = $query.into_boxed();
            if let Some(place) = place {
                let at = At(place.at);
                query = match $rank.cmp(&place.rank) {
                    Ordering::Less => query.filter($at.lt(at)),
                    Ordering::Greater => query.filter($at.le(at)),
                    Ordering::Equal => query.filter($at.lt(at).or($at.eq(at).and($id.lt(place.id)))),
                };
            }
            query.order(($at.desc(), $id.desc())).limit($page.probe()).load(c).await
        })?
    }};
}

impl Store {
    /// What happened, newest first.
    pub async fn debtor_timeline(&self, debtor: DebtorId, page: Page) -> Result<Paged<DebtorEvent>, StoreError> {
        let mut conn = self.db.read().await?;
        let mut events = sent(&mut conn, debtor, &page).await?;
        events.extend(heard(&mut conn, debtor, &page).await?);
        events.extend(noted(&mut conn, debtor, &page).await?);
        events.extend(promised(&mut conn, debtor, &page).await?);
        events.extend(changed(&mut conn, debtor, &page).await?);
        events.extend(imported(&mut conn, debtor, &page).await?);
        let key = |event: &DebtorEvent| Place { at: event.at, rank: event.what.rank(), id: event.id };
        events.sort_by(|one, other| {
            let (one, other) = (key(one), key(other));
            other.at.cmp(&one.at).then(one.rank.cmp(&other.rank)).then(other.id.cmp(&one.id))
        });
        Ok(page.by_place(events, key))
    }

    /// Notes something of a debtor; [`StoreError::Foreign`] if there is no such debtor.
    pub async fn add_debtor_note(
        &self,
        debtor: DebtorId,
        body: &str,
        by: UserId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            debtor_notes::debtor_id.eq(debtor),
            debtor_notes::body.eq(body.to_owned()),
            debtor_notes::created_by.eq(by),
            debtor_notes::created_at.eq(At(now)),
        );
        let id: i64 = on!(tx, c => diesel::insert_into(debtor_notes::table).values(row).returning(debtor_notes::id)
            .get_result(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// Messages that were tried, and those that never will be; what is only planned has not happened.
async fn sent(conn: &mut Conn, debtor: DebtorId, page: &Page) -> Result<Vec<DebtorEvent>, StoreError> {
    type Row = (
        (MessageId, i64, MessageState, Option<String>, Option<String>, Option<At>, At),
        (CampaignId, String),
        Option<String>,
    );
    let over = [MessageState::Failed, MessageState::Suppressed];
    let rows: Vec<Row> = newest!(
        conn,
        page,
        MESSAGE,
        messages::table
            .inner_join(campaigns::table)
            .left_join(sessions::table)
            .filter(messages::debtor_id.eq(debtor))
            .filter(messages::claimed_at.is_not_null().or(messages::state.eq_any(over)))
            .select((
                (
                    messages::id,
                    messages::step,
                    messages::state,
                    messages::reason,
                    messages::body,
                    messages::claimed_at,
                    messages::updated_at,
                ),
                (campaigns::id, campaigns::name),
                sessions::name.nullable(),
            )),
        coalesce(messages::claimed_at, messages::updated_at.nullable()),
        messages::id
    );
    let event = |((id, step, state, reason, body, claimed, updated), campaign, session): Row| DebtorEvent {
        at: claimed.unwrap_or(updated).0,
        id: id.0,
        what: Happened::Message(Box::new(SentMessage {
            id,
            campaign,
            step: usize::try_from(step).unwrap_or_default(),
            state,
            reason,
            body,
            session,
        })),
    };
    Ok(rows.into_iter().map(event).collect())
}

async fn heard(conn: &mut Conn, debtor: DebtorId, page: &Page) -> Result<Vec<DebtorEvent>, StoreError> {
    type Row = (i64, At, String, Option<String>, Option<(MediaKind, Fetched)>, Option<media::Row>);
    let rows: Vec<Row> = newest!(
        conn,
        page,
        INBOUND,
        conversation_messages::table
            .inner_join(conversations::table.left_join(sessions::table))
            .left_join(inbound_media::table.left_join(files::table))
            .filter(conversations::debtor_id.eq(debtor))
            .select((
                conversation_messages::id,
                conversation_messages::received_at,
                conversation_messages::body,
                sessions::name.nullable(),
                (inbound_media::kind, inbound_media::state).nullable(),
                media::COLUMNS.nullable(),
            )),
        conversation_messages::received_at,
        conversation_messages::id
    );
    let event = |(id, at, body, session, expected, kept): Row| {
        let file = expected.map(|(kind, state)| InboundFile { kind, state, media: kept.map(media::described) });
        DebtorEvent { at: at.0, id, what: Happened::Inbound { session, body, file } }
    };
    Ok(rows.into_iter().map(event).collect())
}

async fn noted(conn: &mut Conn, debtor: DebtorId, page: &Page) -> Result<Vec<DebtorEvent>, StoreError> {
    let rows: Vec<(i64, At, String, String)> = newest!(
        conn,
        page,
        NOTE,
        debtor_notes::table.inner_join(users::table).filter(debtor_notes::debtor_id.eq(debtor)).select((
            debtor_notes::id,
            debtor_notes::created_at,
            debtor_notes::body,
            users::name,
        )),
        debtor_notes::created_at,
        debtor_notes::id
    );
    let event =
        |(id, at, body, author): (_, At, _, _)| DebtorEvent { at: at.0, id, what: Happened::Note { author, body } };
    Ok(rows.into_iter().map(event).collect())
}

async fn promised(conn: &mut Conn, debtor: DebtorId, page: &Page) -> Result<Vec<DebtorEvent>, StoreError> {
    let rows: Vec<promises::Row> = newest!(
        conn,
        page,
        PROMISE,
        promised::table.inner_join(users::table).filter(promised::debtor_id.eq(debtor)).select(promises::columns!()),
        promised::created_at,
        promised::id
    );
    let event = |row| {
        let promise = promises::promise(row);
        DebtorEvent { at: promise.created_at, id: promise.id.0, what: Happened::Promise(Box::new(promise)) }
    };
    Ok(rows.into_iter().map(event).collect())
}

/// Changes of the status, of the phone, of the suppression list and of debts by hand: the audit trail has them with what else was changed
/// of a debtor, which is left out. That a debtor's own word puts their number on the list is told by their status.
async fn changed(conn: &mut Conn, debtor: DebtorId, page: &Page) -> Result<Vec<DebtorEvent>, StoreError> {
    let rows: Vec<(i64, At, String, Json, Option<String>)> = newest!(
        conn,
        page,
        CHANGE,
        audit_entries::table
            .left_join(users::table)
            .filter(audit_entries::subject.eq(format!("debtor:{debtor}")))
            .filter(audit_entries::action.eq_any(CHANGES))
            .select((
                audit_entries::id,
                audit_entries::at,
                audit_entries::action,
                audit_entries::detail,
                users::name.nullable(),
            )),
        audit_entries::at,
        audit_entries::id
    );
    let event = |(id, at, action, Json(detail), author): (_, At, String, _, _)| {
        let what = happened(&action, &detail, author)?;
        Some(DebtorEvent { at: at.0, id, what })
    };
    Ok(rows.into_iter().filter_map(event).collect())
}

/// The actions of the audit trail that are told.
const CHANGES: [&str; 8] = [
    "debtor.status",
    "debtor.opt_out",
    "debtor.second_phone",
    "suppression.add",
    "suppression.lift",
    "debt.add",
    "debt.change",
    "debt.remove",
];

fn happened(action: &str, detail: &serde_json::Value, author: Option<String>) -> Option<Happened> {
    let text = |name: &str| detail[name].as_str().map(str::to_owned);
    let debt = |change| {
        let changed = detail["changed"].as_array().into_iter().flatten();
        let changed = changed.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        Happened::Debt { change, reference: text("reference"), changed, author: author.clone() }
    };
    Some(match action {
        "debtor.status" => Happened::Status { status: text("status")?.parse().ok()?, author, reason: text("reason") },
        "debtor.opt_out" => Happened::Status { status: DebtorStatus::OptedOut, author, reason: text("reason") },
        "debtor.second_phone" => Happened::SecondPhone { author },
        "suppression.add" => Happened::Suppression { lifted: false, author, reason: text("reason") },
        "suppression.lift" => Happened::Suppression { lifted: true, author, reason: text("reason") },
        "debt.add" => debt(DebtChange::Added),
        "debt.change" => debt(DebtChange::Changed),
        "debt.remove" => debt(DebtChange::Removed),
        _ => return None,
    })
}

/// What imports changed, debts among it; those that were taken back have changed nothing.
async fn imported(conn: &mut Conn, debtor: DebtorId, page: &Page) -> Result<Vec<DebtorEvent>, StoreError> {
    let rows: Vec<(i64, At, ImportId, String, Json)> = newest!(
        conn,
        page,
        IMPORT,
        import_changes::table
            .inner_join(imports::table.on(import_changes::import_id.eq(imports::id)))
            .filter(import_changes::debtor_id.eq(debtor))
            .filter(imports::status.eq(ImportStatus::Committed))
            .select((
                import_changes::id,
                imports::updated_at,
                imports::id,
                imports::file_name,
                import_changes::revision,
            )),
        imports::updated_at,
        import_changes::id
    );
    let event = |(id, at, import, file, Json(revision)): (_, At, _, _, _)| {
        let revision: Revision = serde_json::from_value(revision).unwrap_or_default();
        DebtorEvent { at: at.0, id, what: Happened::Import { import: (import, file), changes: revision.changes() } }
    };
    Ok(rows.into_iter().map(event).collect())
}
