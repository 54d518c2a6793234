//! Who hears what: rooms, and how a client enters the room of a campaign.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use socketioxide::{
    ParserError,
    extract::{AckSender, SocketRef, State, TryData},
};
use utoipa::ToSchema;

use super::Context;
use crate::{
    domain::id::CampaignId,
    http::{
        language::Language,
        problem::{Kind, Problem, ProblemView},
        sign_in::TokenHash,
    },
};

/// Those who may link sessions and import debtors.
pub(super) const SUPERVISORS: &str = "supervisors";

/// Those who watch a campaign.
pub(super) fn campaign(id: CampaignId) -> String {
    format!("campaign:{id}")
}

/// The sockets of one sign-in.
pub(super) fn sign_in(token: &TokenHash) -> String {
    format!("sign_in:{}", BASE64_URL_SAFE_NO_PAD.encode(token.0))
}

/// Which campaign a client wants to watch.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WatchCampaign {
    campaign_id: i64,
}

/// What the client is told in return.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Done { ok: bool },
    Refused { error: ProblemView },
}

/// Lets the socket hear of a campaign's messages.
pub(super) async fn watch(
    socket: SocketRef,
    TryData(asked): TryData<WatchCampaign>,
    State(context): State<Context>,
    ack: AckSender,
) {
    let entered = match read(asked) {
        Ok(id) => match context.store.campaign(id).await {
            Ok(Some(_)) => {
                socket.join(campaign(id));
                Ok(())
            }
            Ok(None) => Err(Problem::not_found()),
            Err(error) => Err(error.into()),
        },
        Err(problem) => Err(problem),
    };
    answer(&socket, ack, entered);
}

/// Takes the socket out of a campaign's room.
pub(super) async fn unwatch(socket: SocketRef, TryData(asked): TryData<WatchCampaign>, ack: AckSender) {
    let left = read(asked).map(|id| socket.leave(campaign(id)));
    answer(&socket, ack, left);
}

fn read(asked: Result<WatchCampaign, ParserError>) -> Result<CampaignId, Problem> {
    asked
        .map(|asked| CampaignId(asked.campaign_id))
        .map_err(|error| Problem::new(Kind::Validation).at("/campaign_id", "malformed", error))
}

fn answer(socket: &SocketRef, ack: AckSender, outcome: Result<(), Problem>) {
    let language = Language::of(&socket.req_parts().headers);
    let answer = match outcome {
        Ok(()) => Answer::Done { ok: true },
        Err(problem) => Answer::Refused { error: problem.view(language) },
    };
    if let Err(error) = ack.send(&answer) {
        tracing::debug!(%error, "a socket left before its answer");
    }
}
