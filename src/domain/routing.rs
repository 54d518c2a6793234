//! Which session of a pool sends the next message.
