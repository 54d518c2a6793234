//! The API as browsers meet it: a real server on a real port.

mod access;
mod auth;
mod pages;
mod realtime;
