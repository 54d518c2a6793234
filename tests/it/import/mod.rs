//! Spreadsheets as people send them, and what becomes of them.

mod corpus;
mod extremes;
mod fuzz;
mod kills;
