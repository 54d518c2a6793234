//! Listens to what the sessions report: receipts, texts from debtors, and who came online.
//!
//! One report after the other: whoever is about to send something waits for those before ([`Fleet::all_heard`](crate::fleet::Fleet)).

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt as _;
use tokio::sync::mpsc;

use super::{Shared, attachments, hidden, recovery};
use crate::{
    domain::{audit::AuditEntry, conversation::Inbound, debtor::DebtorStatus, event::Event, id::SessionId, policy},
    fleet::Report,
    store::{Entry, StoreError},
};

/// The pause before what the database did not take is offered again.
const PAUSE: Duration = Duration::from_secs(1);

/// How often at the most, where the database is there: what it does not take then, it never will.
const TRIES: u32 = 10;

/// Works until the server shuts down.
pub(super) async fn listen(shared: Arc<Shared>, mut reports: mpsc::UnboundedReceiver<Report>) {
    loop {
        let report = tokio::select! {
            // Reports that are here already are taken before the end: a receipt in memory is lost otherwise.
            biased;
            report = reports.recv() => report,
            () = shared.stop.cancelled() => return,
        };
        let Some(report) = report else { return };
        // What somebody wrote may be of any kind: it stops nobody else's from being heard.
        if AssertUnwindSafe(hear(&shared, report)).catch_unwind().await.is_err() {
            tracing::error!("a report was not understood");
        }
    }
}

/// Deals with a report for as long as it takes: no page tells twice that somebody asks for no more messages.
async fn hear(shared: &Arc<Shared>, report: Report) {
    if let Report::Mark(mark) = report {
        // Whoever waited may have been given up meanwhile.
        let _ = mark.send(());
        return;
    }
    let mut tries = 0;
    while let Err(error) = on_report(shared, &report).await {
        tries += u32::from(!matches!(error, StoreError::Pool(_)));
        // What is left when the server stops, WhatsApp's page tells the next one, unless somebody has read it.
        if matches!(error, StoreError::Foreign) || tries >= TRIES || shared.stop.is_cancelled() {
            return tracing::error!(error = &error as &dyn std::error::Error, "report not stored");
        }
        tracing::warn!(error = &error as &dyn std::error::Error, "report not stored; trying again");
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn on_report(shared: &Arc<Shared>, report: &Report) -> Result<(), StoreError> {
    match *report {
        Report::Mark(_) => {}
        Report::Doubted(ref moved) => moved.iter().for_each(|moved| shared.progress.tell(*moved)),
        Report::Online(session) => {
            recovery::reconcile(shared, session);
            recovery::catch_up(shared, session);
            attachments::fetch(shared, session);
            shared.wake_all();
        }
        Report::Receipt { ref wire_id, receipt, .. } => {
            shared.journal.note(Entry::Receipt { wire_id: wire_id.clone(), receipt, at: shared.clock.now() });
        }
        Report::Inbound { session, ref inbound } => on_inbound(shared, session, inbound).await?,
        Report::Hidden { session, ref hidden } => hidden::on_hidden(shared, session, hidden).await?,
        Report::Lid { ref lid, ref phone } => hidden::on_lid(shared, lid, phone).await?,
    }
    Ok(())
}

pub(super) async fn on_inbound(shared: &Arc<Shared>, session: SessionId, inbound: &Inbound) -> Result<(), StoreError> {
    // It is told again by a page that starts, perhaps long after a person has lifted the opt-out.
    if shared.store.knows_inbound(session, inbound).await? {
        return Ok(());
    }
    // The opt-out comes first: should the server die in between, the text may be delivered again, but no message goes out.
    heed(shared, Some(session), inbound).await?;
    if let Some(conversation_id) = shared.store.record_inbound(session, inbound, shared.clock.now()).await? {
        metrics::counter!("whatsmassive_inbound_total").increment(1);
        shared.bus.publish(Event::Inbound { conversation_id });
        if inbound.media.is_some() {
            attachments::fetch(shared, session);
        }
    }
    Ok(())
}

/// Does at once what a text asks for: whoever does not want to be written to any more, is not. Whatever becomes of the debtor, the number
/// stays on the suppression list.
pub(super) async fn heed(
    shared: &Arc<Shared>,
    session: Option<SessionId>,
    inbound: &Inbound,
) -> Result<(), StoreError> {
    if !policy::is_opt_out(&inbound.body) {
        return Ok(());
    }
    let now = shared.clock.now();
    let entry = |action, subject| AuditEntry {
        actor: None,
        action,
        subject,
        detail: serde_json::json!({ "session": session.map(|session| session.0) }),
    };
    let suppress = entry("suppression.opt_out", format!("phone:{}", inbound.from.masked()));
    shared.store.suppress(&inbound.from, DebtorStatus::OptedOut.as_str(), None, now, suppress).await?;
    if let Some(debtor) = shared.store.debtor_by_phone(&inbound.from).await? {
        let opt_out = entry("debtor.opt_out", format!("debtor:{}", debtor.id));
        shared.store.set_debtor_status(debtor.id, DebtorStatus::OptedOut, now, opt_out).await?;
        tracing::info!(debtor = debtor.id.0, "debtor opted out");
    }
    Ok(())
}
