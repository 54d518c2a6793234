//! Errors as clients see them: RFC 9457 `application/problem+json`, in the client's language.
//!
//! A handler returns a [`Problem`]; [`render`], the outermost layer that knows the request, writes it in the right language. It also
//! turns the bare errors of the router and its layers into problems, so that a client meets one kind of error only.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{catalogue, language::Language};
use crate::{
    engine::EngineError,
    fleet::FleetError,
    store::{CAMPAIGN_HAS_BEGUN, SEVERAL_DEBTS, StoreError},
};

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident = $slug:literal $status:ident,)+) => {
        /// What went wrong; each kind has a stable slug.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$meta])* $variant,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The last part of the problem's `type`.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// The status of the response.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }
        }
    };
}

kinds! {
    BodyMalformed = "body_malformed" BAD_REQUEST,
    Unauthenticated = "unauthenticated" UNAUTHORIZED,
    CredentialsWrong = "credentials_wrong" UNAUTHORIZED,
    Forbidden = "forbidden" FORBIDDEN,
    CrossSite = "cross_site" FORBIDDEN,
    SetupCodeWrong = "setup_code_wrong" FORBIDDEN,
    NotFound = "not_found" NOT_FOUND,
    MethodNotAllowed = "method_not_allowed" METHOD_NOT_ALLOWED,
    TimedOut = "timed_out" REQUEST_TIMEOUT,
    Conflict = "conflict" CONFLICT,
    NameTaken = "name_taken" CONFLICT,
    PhoneTaken = "phone_taken" CONFLICT,
    ReferenceTaken = "reference_taken" CONFLICT,
    SeveralDebts = "several_debts" CONFLICT,
    InUse = "in_use" CONFLICT,
    CampaignHasBegun = "campaign_has_begun" CONFLICT,
    NotOnline = "not_online" CONFLICT,
    NothingToSee = "nothing_to_see" CONFLICT,
    NotUnpaired = "not_unpaired" CONFLICT,
    NoLinkingCode = "no_linking_code" CONFLICT,
    LogOutUnconfirmed = "log_out_unconfirmed" CONFLICT,
    IllegalAction = "illegal_action" CONFLICT,
    SetupDone = "setup_done" CONFLICT,
    AlreadyCommitted = "already_committed" CONFLICT,
    ImportCancelled = "import_cancelled" CONFLICT,
    ImportNotRunning = "import_not_running" CONFLICT,
    ImportNotStored = "import_not_stored" CONFLICT,
    ImportUntracked = "import_untracked" CONFLICT,
    ImportWrittenTo = "import_written_to" CONFLICT,
    ImportBuiltOn = "import_built_on" CONFLICT,
    TooLarge = "too_large" PAYLOAD_TOO_LARGE,
    UnsupportedFile = "unsupported_file" UNSUPPORTED_MEDIA_TYPE,
    MediaUnsupported = "media_unsupported" UNSUPPORTED_MEDIA_TYPE,
    Validation = "validation" UNPROCESSABLE_ENTITY,
    EmptyFile = "empty_file" UNPROCESSABLE_ENTITY,
    ProtectedFile = "protected_file" UNPROCESSABLE_ENTITY,
    NoPhoneColumn = "no_phone_column" UNPROCESSABLE_ENTITY,
    ArchiveBomb = "archive_bomb" UNPROCESSABLE_ENTITY,
    QuotesUnbalanced = "quotes_unbalanced" UNPROCESSABLE_ENTITY,
    TooManyColumns = "too_many_columns" UNPROCESSABLE_ENTITY,
    CellTooLong = "cell_too_long" UNPROCESSABLE_ENTITY,
    TemplateBroken = "template_broken" UNPROCESSABLE_ENTITY,
    NotUncertain = "not_uncertain" CONFLICT,
    EmptyAudience = "empty_audience" UNPROCESSABLE_ENTITY,
    EmptyPool = "empty_pool" UNPROCESSABLE_ENTITY,
    RateLimited = "rate_limited" TOO_MANY_REQUESTS,
    Internal = "internal" INTERNAL_SERVER_ERROR,
    Unavailable = "unavailable" SERVICE_UNAVAILABLE,
}

/// One bad field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where it is in the body, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// A code of the catalogue's `fields`.
    pub code: &'static str,
    /// Replaces `{}` in the code's text, for example a limit.
    pub value: String,
}

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    value: String,
    errors: Vec<FieldError>,
}

impl Problem {
    /// An error that needs no more words than its kind.
    pub const fn new(kind: Kind) -> Self {
        Self { kind, value: String::new(), errors: Vec::new() }
    }

    /// Replaces `{}` in the detail's text.
    #[must_use]
    pub fn with(mut self, value: impl ToString) -> Self {
        self.value = value.to_string();
        self
    }

    /// Points at a field.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, code: &'static str, value: impl ToString) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), code, value: value.to_string() });
        self
    }

    /// Bad fields, one or more.
    pub const fn invalid(errors: Vec<FieldError>) -> Self {
        Self { kind: Kind::Validation, value: String::new(), errors }
    }

    /// There is nothing at this address.
    pub const fn not_found() -> Self {
        Self::new(Kind::NotFound)
    }

    /// Something of ours broke: logged here, opaque to the client.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(Kind::Internal)
    }

    /// What went wrong.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The problem in `language`.
    pub fn view(&self, language: Language) -> ProblemView {
        let texts = catalogue::problem(self.kind, language);
        let word = catalogue::word(&self.value, language);
        let errors = self.errors.iter().map(|error| FieldView {
            pointer: error.pointer.clone(),
            code: error.code,
            detail: catalogue::field(error.code, language).replace("{}", &error.value),
        });
        ProblemView {
            kind: format!("/problems/{}", self.kind.slug()),
            title: texts.title.clone(),
            status: self.kind.status().as_u16(),
            detail: texts.detail.replace("{}", word),
            errors: (!self.errors.is_empty()).then(|| errors.collect()),
        }
    }
}

/// An error (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// What kind of problem it is; stable.
    #[serde(rename = "type")]
    #[schema(example = "/problems/name_taken")]
    kind: String,
    /// The kind in the client's language.
    title: String,
    /// The HTTP status.
    status: u16,
    /// This case, in the client's language.
    detail: String,
    /// The bad fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldView>>,
}

/// A bad field.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FieldProblem)]
struct FieldView {
    /// Where it is in the body (RFC 6901).
    #[schema(example = "/name")]
    pointer: String,
    /// What is wrong with it; stable.
    #[schema(value_type = String, example = "required")]
    code: &'static str,
    /// The same in the client's language.
    detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes problems in the language of the request.
pub async fn render(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| bare(&response));
    let Some(problem) = problem else { return response };
    let mut rendered = (problem.kind.status(), Json(problem.view(language))).into_response();
    rendered.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(wait) = response.headers().get("retry-after") {
        rendered.headers_mut().insert("retry-after", wait.clone());
    }
    rendered
}

/// The problem behind an error that the router or one of its layers made.
fn bare(response: &Response) -> Option<Problem> {
    let kind = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Kind::TimedOut,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => Kind::RateLimited,
        _ => return None,
    };
    Some(Problem::new(kind))
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unique { constraint: "debtors_phone" } => Self::new(Kind::PhoneTaken).at("/phone", "taken", ""),
            StoreError::Unique { constraint: "debts_reference" } => {
                Self::new(Kind::ReferenceTaken).at("/reference", "taken", "")
            }
            StoreError::Unique { constraint: "users_username" } => {
                Self::new(Kind::NameTaken).at("/username", "taken", "")
            }
            StoreError::Unique { .. } => Self::new(Kind::NameTaken).at("/name", "taken", ""),
            StoreError::InUse(SEVERAL_DEBTS) => Self::new(Kind::SeveralDebts),
            StoreError::InUse(CAMPAIGN_HAS_BEGUN) => Self::new(Kind::CampaignHasBegun),
            StoreError::Foreign | StoreError::InUse(_) => Self::new(Kind::InUse),
            StoreError::NotFound => Self::not_found(),
            StoreError::EmptyAudience => Self::new(Kind::EmptyAudience),
            StoreError::EmptyPool => Self::new(Kind::EmptyPool),
            StoreError::IllegalAction(illegal) => Self::new(Kind::IllegalAction).with(illegal.status),
            StoreError::Pool(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the database cannot be reached");
                Self::new(Kind::Unavailable)
            }
            other => Self::internal(&other),
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound => Self::not_found(),
            EngineError::Illegal(illegal) => Self::new(Kind::IllegalAction).with(illegal.status),
            EngineError::EmptyAudience => Self::new(Kind::EmptyAudience),
            EngineError::EmptyPool => Self::new(Kind::EmptyPool),
            EngineError::Store(error) => error.into(),
        }
    }
}

impl From<FleetError> for Problem {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::NotOnline => Self::new(Kind::NotOnline),
            FleetError::LogOut(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a log-out was not confirmed");
                Self::new(Kind::LogOutUnconfirmed)
            }
            FleetError::NotUnpaired => Self::new(Kind::NotUnpaired),
            FleetError::LinkingCode(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no code for linking");
                Self::new(Kind::NoLinkingCode)
            }
            FleetError::Store(error) => error.into(),
        }
    }
}
