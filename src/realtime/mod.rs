//! What happens, told live to the command center by Socket.IO.
//!
//! Sockets notify, queries fetch: an event carries ids, and the client reads the rest again. The HTTP layer lets only those through
//! who are signed in, and puts the user into the request.

mod bridge;
mod coalesce;
pub mod events;
mod rooms;

use socketioxide::{
    SocketIo,
    extract::{SocketRef, State},
    handler::ConnectHandler as _,
    layer::SocketIoLayer,
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{
        event::Event,
        user::{Role, User},
    },
    fleet::Fleet,
    http::sign_in::TokenHash,
    store::Store,
};

/// The largest message from a client, in bytes; clients send ids only.
const PAYLOAD_LIMIT: u64 = 16 * 1024;
/// Messages that may wait for a slow client.
const BUFFER: usize = 1024;

/// What the handlers of a socket work with.
#[derive(Clone)]
struct Context {
    store: Store,
    fleet: Fleet,
}

/// A handle to the sockets; cheap to clone.
#[derive(Clone)]
pub struct Realtime {
    io: SocketIo,
    layer: SocketIoLayer,
    fleet: Fleet,
}

/// Whoever connects is not signed in.
#[derive(Debug, thiserror::Error)]
#[error("unauthenticated")]
struct Unauthenticated;

impl Realtime {
    /// The sockets of a server. They tell nothing until [`Realtime::bridge`] runs.
    pub fn new(store: Store, fleet: Fleet) -> Self {
        let (layer, io) = SocketIo::builder()
            .max_payload(PAYLOAD_LIMIT)
            .max_buffer_size(BUFFER)
            .with_state(Context { store, fleet: fleet.clone() })
            .build_layer();
        io.ns("/", connected.with(signed_in));
        Self { io, layer, fleet }
    }

    /// The layer that answers at `/socket.io`.
    pub fn layer(&self) -> SocketIoLayer {
        self.layer.clone()
    }

    /// Passes what happens on to the sockets, until `stop`.
    pub async fn bridge(self, events: broadcast::Receiver<Event>, stop: CancellationToken) {
        bridge::Bridge::new(self.io, self.fleet).run(events, stop).await;
    }

    /// Closes the sockets of one sign-in.
    pub async fn sign_out(&self, token: &TokenHash) {
        if let Err(error) = self.io.to(rooms::sign_in(token)).disconnect().await {
            tracing::debug!(%error, "a socket was gone already");
        }
    }

    /// Closes every socket.
    pub async fn close(&self) {
        self.io.close().await;
    }
}

/// Refuses whoever the HTTP layer did not vouch for, and lets the others in before they are told so: a client may ask as soon as it is
/// connected, while [`connected`] runs in a task of its own.
async fn signed_in(socket: SocketRef) -> Result<(), Unauthenticated> {
    let extensions = &socket.req_parts().extensions;
    let user = extensions.get::<User>().ok_or(Unauthenticated)?;
    socket.on("campaign.watch", rooms::watch);
    socket.on("campaign.unwatch", rooms::unwatch);
    if let Some(token) = extensions.get::<TokenHash>() {
        socket.join(rooms::sign_in(token));
    }
    if user.role.includes(Role::Supervisor) {
        socket.join(rooms::SUPERVISORS);
    }
    Ok(())
}

/// Shows the codes that sessions show now to those who may link them.
async fn connected(socket: SocketRef, State(context): State<Context>) {
    if !socket.req_parts().extensions.get::<User>().is_some_and(|user| user.role.includes(Role::Supervisor)) {
        return;
    }
    context.fleet.somebody_looks();
    for (session, qr) in context.fleet.qrs() {
        if let Err(error) = socket.emit("session.qr", &events::SessionQrEvent::new(session, Some(qr))) {
            tracing::debug!(%error, "a socket left while it was greeted");
        }
    }
}
