//! The rules of the product, free of I/O: what a session, pool, campaign, message or debtor is, and what may happen to it.
//!
//! Nothing here reads a clock or a random source, awaits, or knows of a database, a browser or HTTP.

pub mod audit;
pub mod campaign;
pub mod clock;
pub mod clocks;
pub mod conversation;
pub mod debt;
pub mod debtor;
pub mod debtor_filter;
pub mod duplicates;
pub mod event;
pub mod failure;
#[cfg(test)]
mod fuzz;
pub mod health;
pub mod hours;
pub mod id;
pub mod locale;
pub mod media;
pub mod message;
pub mod money;
pub mod pacing;
pub mod phone;
pub mod phone_fault;
pub mod phone_slip;
pub mod policy;
pub mod pool;
pub mod promise;
pub mod retry;
pub mod revision;
pub mod routing;
pub mod segment;
pub mod session;
pub mod template;
pub mod text;
pub mod user;
pub mod wall_time;

/// Defines an enum whose variants have one stable text each, used in the database and in the API alike.
///
/// Gives `ALL`, `as_str`, `Display`, and a `FromStr` whose error names the text that was not understood.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text of this variant.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::UnknownText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::domain::UnknownText { kind: stringify!($name), text: other.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use text_enum;

/// A text that is none of an enum's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}")]
pub struct UnknownText {
    /// The enum's name.
    pub kind: &'static str,
    /// The text that was not understood.
    pub text: String,
}
