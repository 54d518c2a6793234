//! The API as browsers meet it: a real server on a real port.

mod access;
mod auth;
mod campaigns;
mod debtor_files;
mod debtor_page;
mod debtors;
mod debtors_at_once;
mod debts;
mod import_cancel;
mod import_duplicates;
mod import_list;
mod import_undo;
mod imports;
mod media;
mod pages;
mod pools;
mod realtime;
mod sessions;
mod settings;
mod templates;
