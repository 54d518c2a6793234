//! A store with what most tests need in it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{Connection as _, connection::SimpleConnection as _};
use tempfile::TempDir;
use whatsmassive::{
    domain::{
        audit::AuditEntry,
        campaign::{Audience, Campaign, Plan, Shares, Steps},
        debt::Debt,
        debtor::{Debtor, DebtorDetails, DebtorStatus},
        id::SessionId,
        message::{Message, Receipt, Settlement, WireId},
        pacing::DelayRange,
        phone::Phone,
        pool::{Grace, Pool, Strategy, TurnSize},
        session::{ChannelKind, DesiredState, Session},
        user::{Role, User},
    },
    store::{
        Candidate, Claim, Claimed, Entry, MessageFilter, NewCampaign, NewPool, NewSession, NewTemplate, NewUser, Order,
        Page, Store, Token, Verdict,
    },
};

use crate::support::postgres::Postgres;

pub struct Bench {
    pub store: Store,
    url: String,
    _folder: TempDir,
}

/// An instant of the tests, some seconds after their beginning.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap() + TimeDelta::seconds(seconds)
}

pub fn audit() -> AuditEntry {
    AuditEntry {
        actor: None,
        action: "test",
        subject: "test:1".to_owned(),
        detail: serde_json::json!({ "why": "test" }),
    }
}

pub fn phone(number: usize) -> Phone {
    Phone::from_e164(&format!("573001{number:06}")).unwrap()
}

pub fn details(number: usize) -> DebtorDetails {
    DebtorDetails {
        phone: phone(number),
        name: format!("José Núñez {number}"),
        debts: Debt { reference: Some(format!("CR-{number}")), ..Debt::default() }.into(),
        tags: ["all".to_owned()].into(),
        fields: [("city".to_owned(), "Bogotá".to_owned())].into(),
    }
}

/// Everybody gets a text; ids follow the message.
pub fn send_all(candidate: &Candidate) -> Verdict {
    Verdict::Send {
        body: format!("Hola {}", candidate.debtor.details.name),
        wire_id: WireId(format!("W{}", candidate.message_id)),
    }
}

/// The lease that every bench takes.
pub const TOKEN: Token = Token(1);

pub fn all() -> Page {
    Page { limit: 200, cursor: None }
}

/// The day of the tests.
pub fn today() -> chrono::NaiveDate {
    at(0).date_naive()
}

impl Bench {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::open(&url, folder).await
    }

    pub async fn postgres() -> Self {
        Self::open(&Postgres::shared(false).fresh_database(), tempfile::tempdir().unwrap()).await
    }

    async fn open(url: &str, folder: TempDir) -> Self {
        let store = Store::open(url).await.unwrap();
        assert!(!store.migrate().await.unwrap().is_empty());
        assert!(store.migrate().await.unwrap().is_empty(), "a second run has nothing to do");
        let token = store.take_lease("test", chrono::TimeDelta::days(1), at(0), |_| false).await.unwrap();
        assert_eq!(token, Ok(TOKEN));
        Self { store, url: url.to_owned(), _folder: folder }
    }

    /// Statements past the store, as somebody with a database client would run them.
    pub async fn run(&self, statements: &str) {
        match self.url.strip_prefix("sqlite:") {
            Some(path) => {
                let mut conn = diesel::SqliteConnection::establish(path).unwrap();
                conn.batch_execute(statements).unwrap();
            }
            None => {
                let mut conn = <diesel_async::AsyncPgConnection as diesel_async::AsyncConnection>::establish(&self.url)
                    .await
                    .unwrap();
                diesel_async::SimpleAsyncConnection::batch_execute(&mut conn, statements).await.unwrap();
            }
        }
    }

    pub fn user_named(name: &str) -> NewUser {
        NewUser {
            username: name.to_owned(),
            name: name.to_owned(),
            role: Role::Supervisor,
            password_hash: "$argon2id$".to_owned(),
        }
    }

    pub async fn user(&self) -> User {
        match self.store.user_by_username("tester").await.unwrap() {
            Some((user, _)) => user,
            None => self.store.create_user(Self::user_named("tester"), at(0), audit()).await.unwrap(),
        }
    }

    pub async fn session(&self, name: &str) -> Session {
        let new = NewSession {
            name: name.to_owned(),
            channel: ChannelKind::Web,
            desired: DesiredState::Running,
            delay: DelayRange::default(),
            caps: whatsmassive::domain::pacing::Caps::NONE,
        };
        self.store.create_session(new, at(0), audit()).await.unwrap()
    }

    pub async fn pool(&self, members: &[SessionId]) -> Pool {
        let new = NewPool {
            name: format!("Pool of {members:?}"),
            strategy: Strategy::Competitive,
            turn_size: TurnSize::ONE,
            grace: Grace::default(),
            sticky: false,
            members: members.iter().map(|&session| session.into()).collect(),
        };
        self.store.create_pool(new, at(0), audit()).await.unwrap()
    }

    pub async fn debtor(&self, number: usize) -> Debtor {
        self.store.create_debtor(details(number), DebtorStatus::Active, at(0), audit()).await.unwrap()
    }

    /// A draft to all debtors.
    pub async fn draft(&self, pool: &Pool) -> Campaign {
        let template = NewTemplate {
            name: format!("Template of {}", pool.name),
            body: "Hola {{ name }}".to_owned(),
            media_id: None,
        };
        let template = self.store.create_template(template, at(0), audit()).await.unwrap();
        let new = NewCampaign {
            name: format!("Campaign of {}", pool.name),
            pools: vec![pool.id],
            template_id: template.id,
            audience: Audience { tags: vec!["all".to_owned()], segment: None },
            plan: Plan::default(),
            steps: Steps::default(),
            created_by: self.user().await.id,
        };
        self.store.create_campaign(new, at(0), audit()).await.unwrap()
    }

    /// A launched campaign to `debtors` new debtors over one new session.
    pub async fn running(&self, debtors: usize) -> (Campaign, SessionId) {
        let session = self.session("Number 1").await.id;
        for number in 0..debtors {
            self.debtor(number).await;
        }
        let draft = self.draft(&self.pool(&[session]).await).await;
        let launched = self.store.launch_campaign(draft.id, at(0), audit()).await.unwrap();
        assert_eq!(launched.planned, debtors as u64);
        (launched.campaign, session)
    }

    /// Writes how an attempt ended; gives the message, if that has changed it. A retry is due half a minute after the beginning.
    pub async fn settle(&self, claimed: &Claimed, settlement: Settlement, seconds: i64) -> Option<Message> {
        let claimed = Arc::new(claimed.clone());
        let retry_at = at(30);
        self.record(Entry::Settled { claimed, settlement, retry_at, at: at(seconds) }, seconds).await
    }

    /// Writes a receipt; gives the message, if that has changed it.
    pub async fn receive(&self, wire_id: &WireId, receipt: Receipt, seconds: i64) -> Option<Message> {
        self.record(Entry::Receipt { wire_id: wire_id.clone(), receipt, at: at(seconds) }, seconds).await
    }

    async fn record(&self, entry: Entry, seconds: i64) -> Option<Message> {
        let moved = self.store.record(&[entry], at(seconds)).await.unwrap().moved.remove(0)?;
        let messages = self.store.messages(moved.campaign_id, MessageFilter::default(), all()).await.unwrap();
        let message = messages.items.into_iter().map(|row| row.message).find(|message| message.id == moved.message_id);
        assert_eq!(message.as_ref().map(|message| message.state), Some(moved.state));
        message
    }

    pub async fn claim(&self, campaign: &Campaign, picks: &[SessionId], seconds: i64) -> Claim {
        claim(&self.store, campaign, picks, at(seconds), send_all).await
    }
}

/// One claim through the campaign's pool.
pub async fn claim(
    store: &Store,
    campaign: &Campaign,
    picks: &[SessionId],
    now: DateTime<Utc>,
    judge: impl FnMut(&Candidate) -> Verdict + Send,
) -> Claim {
    let order = Order { token: TOKEN, pool: campaign.pools[0], now, picks, holders: None, routing_state: None };
    store.claim(order, &mut Shares::default(), judge).await.unwrap()
}
