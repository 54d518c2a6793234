//! The messages of a campaign: the ledger as clients see it.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::{Finding, MessageState},
    extract::{Json, Path, Query},
    media::MediaView,
    page::{Items, List, page},
    problem::{Kind, Problem},
    sessions::Named,
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        id::{CampaignId, MessageId},
        message::MessageState as S,
    },
    store::{HeldBack, MessageFilter, MessageRow, Span},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(by_session))
        .routes(routes!(waiting))
        .routes(routes!(timeline))
        .routes(routes!(decide))
}

/// What happened to a campaign's messages over time.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignTimeline {
    /// The length of a span.
    span_seconds: i64,
    /// Without gaps, oldest first.
    spans: Vec<TimelineSpan>,
}

/// How many messages left, arrived, were read and have failed in one span of time.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineSpan {
    /// Its beginning.
    at: DateTime<Utc>,
    sent: u64,
    delivered: u64,
    read: u64,
    failed: u64,
}

/// A message of a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
struct MessageView {
    id: i64,
    /// Which of the campaign's messages it is: 0 is the first, then come follow-ups and retries.
    step: usize,
    debtor: MessageDebtor,
    /// The number that sends or sent it.
    #[schema(required)]
    session: Option<Named>,
    state: MessageState,
    /// Why it failed, was suppressed or is uncertain: a stable code such as `not_on_whatsapp`, perhaps followed by `: detail`.
    #[schema(required)]
    reason: Option<String>,
    /// The text as sent; null before the first attempt.
    #[schema(required)]
    body: Option<String>,
    /// The file it left with.
    #[schema(required)]
    media: Option<MediaView>,
    /// Attempts begun so far.
    attempts: u32,
    /// Not to be sent before; says until when a message waits that is planned or queued.
    due_at: DateTime<Utc>,
    /// All that happened to it since it was planned, oldest first.
    history: Vec<HappeningView>,
    #[schema(required)]
    sent_at: Option<DateTime<Utc>>,
    #[schema(required)]
    delivered_at: Option<DateTime<Utc>>,
    #[schema(required)]
    read_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

/// One thing that happened to a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Happening)]
struct HappeningView {
    at: DateTime<Utc>,
    /// The state from then on.
    state: MessageState,
    /// The id of the number it has to do with.
    #[schema(required)]
    session_id: Option<i64>,
    /// Why, as a stable code, perhaps followed by `: detail`.
    #[schema(required)]
    reason: Option<String>,
}

/// What a person has found out about an uncertain message.
#[derive(Deserialize, ToSchema)]
struct FindingIn {
    finding: Finding,
}

/// Whom a message is for.
#[derive(Debug, Serialize, ToSchema)]
struct MessageDebtor {
    id: i64,
    name: String,
    phone: String,
}

/// What one number did for a campaign.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignSession {
    session: Named,
    /// All that left, whether or not it is known to have arrived.
    sent: u64,
    /// All that arrived, whether or not it is known to have been read.
    delivered: u64,
    read: u64,
    failed: u64,
}

/// Messages that are held back for the same reason.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignWaiting {
    /// A stable code such as `contact_hours`, perhaps followed by `: detail`; null where it is not their turn yet.
    #[schema(required)]
    reason: Option<String>,
    count: u64,
    /// When the first of them goes on; null where a person has to do something before.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    #[param(inline)]
    state: Option<MessageState>,
    /// Only those of which nobody knew, for a while at least, whether they had left; their history says how that ended.
    doubted: Option<bool>,
    /// Part of a debtor's name or phone number.
    search: Option<String>,
    /// How many items, 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// The messages of a campaign, page by page.
#[utoipa::path(get, path = "/campaigns/{id}/messages", tag = "messages", params(("id" = i64, Path), MessagesQuery),
    responses((status = OK, body = List<MessageView>)))]
async fn list(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(query): Query<MessagesQuery>,
) -> Result<axum::Json<List<MessageView>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    let filter = MessageFilter {
        state: query.state.map(Into::into),
        doubted: query.doubted.unwrap_or(false),
        search: query.search,
    };
    let messages = state.store.messages(campaign.id, filter, page).await?;
    Ok(axum::Json(List::of(messages, MessageView::from)))
}

/// Which number sent how many of a campaign's messages.
#[utoipa::path(get, path = "/campaigns/{id}/sessions", tag = "messages", params(("id" = i64, Path)),
    responses((status = OK, body = Items<CampaignSession>)))]
async fn by_session(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<Items<CampaignSession>>, Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    let shares = state.store.session_shares(campaign.id).await?;
    let view = shares.into_iter().map(|share| CampaignSession {
        session: Named { id: share.session_id.0, name: share.session_name },
        sent: share.counts.get(S::Sent) + share.counts.get(S::Delivered) + share.counts.get(S::Read),
        delivered: share.counts.get(S::Delivered) + share.counts.get(S::Read),
        read: share.counts.get(S::Read),
        failed: share.counts.get(S::Failed),
    });
    Ok(axum::Json(view.collect()))
}

/// What of a campaign waits, why, and until when: for a time that is still to come, or for a number that WhatsApp restricts.
#[utoipa::path(get, path = "/campaigns/{id}/waiting", tag = "messages", params(("id" = i64, Path)),
    responses((status = OK, body = Items<CampaignWaiting>)))]
async fn waiting(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<Items<CampaignWaiting>>, Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    let held_back = state.store.held_back(campaign.id, state.clock.now()).await?;
    let view = held_back.into_iter().map(|HeldBack { reason, count, until }| CampaignWaiting { reason, count, until });
    Ok(axum::Json(view.collect()))
}

/// What happened to a campaign's messages over time, in at most 61 equal spans; none as long as nothing has happened.
#[utoipa::path(get, path = "/campaigns/{id}/timeline", tag = "messages", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignTimeline)))]
async fn timeline(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignTimeline>, Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    let timeline = state.store.timeline(campaign.id).await?;
    let span = |Span { at, sent, delivered, read, failed }| TimelineSpan { at, sent, delivered, read, failed };
    let spans = timeline.spans.into_iter().map(span).collect();
    Ok(axum::Json(CampaignTimeline { span_seconds: timeline.width, spans }))
}

/// Settles an uncertain message by what a person has found out, for example on the debtor's or the number's phone. `send_again` sends
/// it as a new message: if it did arrive, the debtor gets it twice. Refused for a message that is not uncertain.
#[utoipa::path(post, path = "/messages/{id}/finding", tag = "messages", params(("id" = i64, Path)),
    request_body = FindingIn, responses((status = NO_CONTENT)))]
async fn decide(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<FindingIn>,
) -> Result<StatusCode, Problem> {
    let mut entry = audit(&user, "message.decide", format!("message:{id}"));
    entry.detail = serde_json::json!({ "finding": input.finding });
    match state.engine.decide(MessageId(id), input.finding.into(), entry).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Problem::new(Kind::NotUncertain)),
    }
}

impl From<MessageRow> for MessageView {
    fn from(row: MessageRow) -> Self {
        let message = row.message;
        let session = message.session_id.map(|id| Named { id: id.0, name: row.session_name.unwrap_or_default() });
        Self {
            id: message.id.0,
            step: message.step,
            debtor: MessageDebtor {
                id: message.debtor_id.0,
                name: row.debtor_name,
                phone: row.debtor_phone.as_str().to_owned(),
            },
            session,
            state: message.state.into(),
            reason: message.reason,
            body: message.body,
            media: row.media.map(MediaView::from),
            attempts: message.attempts,
            due_at: message.due_at,
            history: message
                .history
                .into_iter()
                .map(|happening| HappeningView {
                    at: happening.at,
                    state: happening.state.into(),
                    session_id: happening.session_id.map(|id| id.0),
                    reason: happening.reason,
                })
                .collect(),
            sent_at: message.sent_at,
            delivered_at: message.delivered_at,
            read_at: message.read_at,
            updated_at: message.updated_at,
        }
    }
}
