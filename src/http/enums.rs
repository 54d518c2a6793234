//! The domain's enums as clients see them. The variants mirror the domain's, which the compiler checks; a test checks the texts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    domain::{
        campaign, debtor, debtor_filter, health, media, message, phone_slip, pool, promise, revision, session, user,
    },
    import, store,
};

macro_rules! mirror {
    ($($(#[$meta:meta])* $name:ident mirrors $domain:ty { $($variant:ident),+ $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
            #[serde(rename_all = "snake_case")]
            pub enum $name { $($variant),+ }

            impl From<$domain> for $name {
                fn from(value: $domain) -> Self {
                    type Domain = $domain;
                    match value { $(Domain::$variant => Self::$variant),+ }
                }
            }

            impl From<$name> for $domain {
                fn from(value: $name) -> Self {
                    match value { $($name::$variant => Self::$variant),+ }
                }
            }
        )+

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn clients_see_the_texts_that_the_domain_defines() {
                $(
                    type $name = $domain;
                    for &value in $name::ALL {
                        let seen = serde_json::to_value(super::$name::from(value)).unwrap();
                        assert_eq!(seen, value.as_str());
                    }
                )+
            }
        }
    };
}

mirror! {
    /// Why nobody can say when a campaign will have sent all.
    WhyUnknown mirrors campaign::forecast::WhyUnknown { NotRunning, NothingLeft, Closed, Held, TooFew, TooFar }
    /// What became of a debt.
    DebtChange mirrors store::DebtChange { Added, Changed, Removed }
    /// What a value is of that became another.
    ChangedValue mirrors revision::Changed { Name, Reference, Amount, DueDate, Tags, Custom }
    /// What a person may do.
    Role mirrors user::Role { Admin, Supervisor, Agent }
    /// How a session reaches WhatsApp.
    ChannelKind mirrors session::ChannelKind { Web }
    /// What a person wants of a session.
    DesiredState mirrors session::DesiredState { Stopped, Running }
    /// What a session was last seen doing.
    SessionStatus mirrors session::SessionStatus {
        Stopped, Starting, Unpaired, Pairing, Syncing, Online, Reconnecting, Restricted, LoggedOut, ActionRequired, Failed,
    }
    /// Which member of a pool sends the next message.
    Strategy mirrors pool::Strategy { Competitive, FixedTurns, RandomTurns }
    /// What a check of a session asks for a sign of life.
    Part mirrors health::Part { Browser, Page, Bridge, Extras, Connection, Account }
    /// Whether a debtor may be written to; only `active` may.
    DebtorStatus mirrors debtor::DebtorStatus {
        Active, OptedOut, Disputed, AttorneyRepresented, CeaseAndDesist, Deceased, Paid, WrongNumber,
    }
    /// The order of a list of debtors.
    DebtorSort mirrors debtor_filter::DebtorSort { Created, Name, Amount, DueDate, LastContact }
    /// What became of a promise to pay.
    PromiseStatus mirrors promise::PromiseStatus { Open, Kept, Broken, Withdrawn }
    /// Where a campaign is in its life.
    CampaignStatus mirrors campaign::CampaignStatus { Draft, Scheduled, Running, Paused, Finished, Cancelled }
    /// What happens to a scheduled start that the server has missed: it begins late, or is reported and waits for a person.
    IfLate mirrors campaign::IfLate { Run, Report }
    /// Where a message is in its life.
    MessageState mirrors message::MessageState {
        Planned, Queued, Sending, Sent, Delivered, Read, Failed, Suppressed, Uncertain, Cancelled,
    }
    /// What a person has found out about an uncertain message.
    Finding mirrors message::Finding { Arrived, SendAgain }
    /// How WhatsApp shows a file.
    MediaKind mirrors media::MediaKind { Image, Video, Audio, Document }
    /// Whether we have a file that a debtor has sent: still to be fetched, kept, gone at WhatsApp, or larger than what is kept.
    Fetched mirrors media::Fetched { Waiting, Kept, Gone, TooLarge }
    /// Where an import is in its life.
    ImportStatus mirrors store::ImportStatus { Previewed, Committing, Committed, Undone, Cancelled, Interrupted, Failed }
    /// What a column of a spreadsheet holds.
    ImportField mirrors import::Field {
        Phone, SecondPhone, Name, Surname, Reference, Amount, Currency, DueDate, Tags, Company, Language, TimeZone, Country, Ignore,
        Custom,
    }
    /// What seems to have gone wrong with a phone number.
    PhoneSlip mirrors phone_slip::Slip {
        ArgentineNine, ArgentineFifteen, BrazilianNinthDigit, DoubledCountryCode, TrunkPrefix, UnmarkedCountryCode, OtherCountry,
    }
    /// The order of day, month and year.
    DateOrder mirrors import::DateOrder { Dmy, Mdy, Ymd }
}
