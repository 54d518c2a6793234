//! The page of one debtor: how they stand, all that happened, and what people note.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::{DebtChange, DebtorStatus, Fetched, MediaKind, MessageState},
    extract::{Checks, Json, Path, Query},
    import_forecast::ValueChange,
    language::Language,
    media::MediaView,
    page::{List, page},
    problem::Problem,
    promises::PromiseView,
    sessions::Named,
    sign_in::SignedIn,
    state::{AppState, audit},
    suppressions::SuppressionView,
};
use crate::{
    domain::id::DebtorId,
    store::{DebtorEvent, Happened, InboundFile},
};

/// The longest note, in characters.
const NOTE_LIMIT: usize = 2000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(standing)).routes(routes!(timeline)).routes(routes!(add_note))
}

/// How a debtor stands with us.
#[derive(Debug, Serialize, ToSchema)]
struct DebtorStanding {
    /// Why their number is never written to; null if it may be.
    #[schema(required)]
    suppression: Option<SuppressionView>,
    /// When a message last went to them.
    #[schema(required)]
    last_contact_at: Option<DateTime<Utc>>,
    /// Open promises, the next one first.
    promises: Vec<PromiseView>,
    /// The import that brought them; its name is that of its file.
    #[schema(required)]
    import: Option<Named>,
}

/// Something that happened between a debtor and us.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DebtorEvent)]
struct DebtorEventView {
    at: DateTime<Utc>,
    /// Unique among events of the same kind.
    id: i64,
    what: HappenedView,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = DebtorEventKind)]
enum HappenedView {
    /// A message went to them, was held back, or has failed.
    Message {
        campaign: Named,
        /// Which of the campaign's messages it is: 0 is the first.
        step: usize,
        state: MessageState,
        /// Why it failed or was held back, as a stable code.
        #[schema(required)]
        reason: Option<String>,
        #[schema(required)]
        body: Option<String>,
        /// The number that sent it.
        #[schema(required)]
        session: Option<String>,
    },
    /// They wrote to one of our numbers.
    Inbound {
        #[schema(required)]
        session: Option<String>,
        /// The text, or the text under the file; empty where there is none.
        body: String,
        /// The file that came with it; null where none did.
        #[schema(required)]
        file: Option<InboundFileView>,
    },
    /// Somebody noted something.
    Note { author: String, body: String },
    /// They promised to pay.
    Promise { promise: PromiseView },
    /// Their status changed.
    Status {
        status: DebtorStatus,
        /// Null where they did it themselves.
        #[schema(required)]
        author: Option<String>,
        #[schema(required)]
        reason: Option<String>,
    },
    /// Their number was put on the suppression list, or taken off.
    Suppression {
        lifted: bool,
        #[schema(required)]
        author: Option<String>,
        #[schema(required)]
        reason: Option<String>,
    },
    /// Somebody added, changed or took away one of their debts.
    Debt {
        change: DebtChange,
        /// As it was before.
        #[schema(required)]
        reference: Option<String>,
        /// Which values became others: `reference`, `amount`, `due_date`.
        changed: Vec<String>,
        #[schema(required)]
        author: Option<String>,
    },
    /// Their second phone took the place of the first.
    SecondPhone {
        #[schema(required)]
        author: Option<String>,
    },
    /// An import changed what was known of them, debts among it.
    Import {
        /// Its name is that of its file.
        import: Named,
        changes: Vec<ValueChange>,
    },
}

/// A file that a debtor has sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InboundFile)]
struct InboundFileView {
    kind: MediaKind,
    state: Fetched,
    /// There once it is `kept`; `/media/{id}` gives its content.
    #[schema(required)]
    media: Option<MediaView>,
}

impl From<InboundFile> for InboundFileView {
    fn from(file: InboundFile) -> Self {
        Self { kind: file.kind.into(), state: file.state.into(), media: file.media.map(MediaView::from) }
    }
}

/// Which part of the timeline.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// How many items, 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// A note.
#[derive(Deserialize, ToSchema)]
struct NoteIn {
    /// Up to 2000 characters.
    body: String,
}

/// How a debtor stands: whether they may be written to, when they were, and what they have promised.
#[utoipa::path(get, path = "/debtors/{id}/standing", tag = "debtors", params(("id" = i64, Path)),
    responses((status = OK, body = DebtorStanding)))]
async fn standing(
    _: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Result<axum::Json<DebtorStanding>, Problem> {
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    let (today, language) = (state.clock.now().date_naive(), Language::of(&headers));
    let promises = state.store.open_promises(debtor.id).await?;
    let import = match debtor.import {
        Some(id) => state.store.import(id).await?,
        None => None,
    };
    Ok(axum::Json(DebtorStanding {
        suppression: state.store.suppression(&debtor.details.phone).await?.map(SuppressionView::from),
        last_contact_at: state.store.last_contact(debtor.id).await?,
        promises: promises.into_iter().map(|promise| PromiseView::new(promise, today, language)).collect(),
        import: import.map(|import| Named { id: import.id.0, name: import.file_name }),
    }))
}

/// All that happened between a debtor and us, the newest first.
#[utoipa::path(get, path = "/debtors/{id}/timeline", tag = "debtors", params(("id" = i64, Path), TimelineQuery),
    responses((status = OK, body = List<DebtorEventView>)))]
async fn timeline(
    _: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Query(query): Query<TimelineQuery>,
) -> Result<axum::Json<List<DebtorEventView>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    let (today, language) = (state.clock.now().date_naive(), Language::of(&headers));
    let events = state.store.debtor_timeline(debtor.id, page).await?;
    Ok(axum::Json(List::of(events, |event| DebtorEventView::new(event, today, language))))
}

/// Notes something of a debtor.
#[utoipa::path(post, path = "/debtors/{id}/notes", tag = "debtors", params(("id" = i64, Path)),
    request_body = NoteIn, responses((status = NO_CONTENT)))]
async fn add_note(
    SignedIn(user): SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<NoteIn>,
) -> Result<StatusCode, Problem> {
    let mut checks = Checks::default();
    let Some(body) = checks.text("/body", &input.body, NOTE_LIMIT) else { return Err(checks.into_problem()) };
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    let entry = audit(&user, "debtor.note", format!("debtor:{id}"));
    state.store.add_debtor_note(debtor.id, &body, user.id, state.clock.now(), entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl DebtorEventView {
    fn new(event: DebtorEvent, today: NaiveDate, language: Language) -> Self {
        let what = match event.what {
            Happened::Message(message) => HappenedView::Message {
                campaign: Named { id: message.campaign.0.0, name: message.campaign.1 },
                step: message.step,
                state: message.state.into(),
                reason: message.reason,
                body: message.body,
                session: message.session,
            },
            Happened::Inbound { session, body, file } => {
                HappenedView::Inbound { session, body, file: file.map(InboundFileView::from) }
            }
            Happened::Note { author, body } => HappenedView::Note { author, body },
            Happened::Promise(promise) => {
                HappenedView::Promise { promise: PromiseView::new(*promise, today, language) }
            }
            Happened::Status { status, author, reason } => {
                HappenedView::Status { status: status.into(), author, reason }
            }
            Happened::Suppression { lifted, author, reason } => HappenedView::Suppression { lifted, author, reason },
            Happened::Debt { change, reference, changed, author } => {
                HappenedView::Debt { change: change.into(), reference, changed, author }
            }
            Happened::SecondPhone { author } => HappenedView::SecondPhone { author },
            Happened::Import { import: (id, name), changes } => HappenedView::Import {
                import: Named { id: id.0, name },
                changes: changes.into_iter().map(|change| ValueChange::new(change, language)).collect(),
            },
        };
        Self { at: event.at, id: event.id, what }
    }
}
