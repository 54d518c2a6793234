//! Templates.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    media,
    schema::{media as files, templates},
    sql_types::At,
};
use crate::domain::{
    audit::AuditEntry,
    id::{MediaId, TemplateId},
    template::Template,
};

/// A template to add; its body has been checked.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// Unique.
    pub name: String,
    /// Empty only beside a file.
    pub body: String,
    pub media_id: Option<MediaId>,
}

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct TemplatePatch {
    pub name: Option<String>,
    pub body: Option<String>,
    /// `Some(None)` takes the file away.
    pub media_id: Option<Option<MediaId>>,
}

type Row = (TemplateId, String, String, At, At, Option<media::Row>);

fn template((id, name, body, created_at, updated_at, file): Row) -> Template {
    let media = file.map(media::described);
    Template { id, name, body, media, created_at: created_at.0, updated_at: updated_at.0 }
}

/// Templates with their files, as a query.
macro_rules! with_files {
    () => {
        templates::table.left_join(files::table).select((
            templates::id,
            templates::name,
            templates::body,
            templates::created_at,
            templates::updated_at,
            media::COLUMNS.nullable(),
        ))
    };
}

async fn find(conn: &mut Conn, id: TemplateId) -> Result<Option<Template>, StoreError> {
    let query = with_files!().filter(templates::id.eq(id));
    let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
    Ok(row.map(template))
}

impl Store {
    /// All templates, by name.
    pub async fn templates(&self) -> Result<Vec<Template>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = with_files!().order((templates::name, templates::id));
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(template).collect())
    }

    /// The template with that id.
    pub async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        let mut conn = self.db.read().await?;
        find(&mut conn, id).await
    }

    /// Adds a template; [`StoreError::Foreign`] when its file does not exist.
    pub async fn create_template(
        &self,
        new: NewTemplate,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Template, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            templates::name.eq(new.name),
            templates::body.eq(new.body),
            templates::media_id.eq(new.media_id),
            templates::created_at.eq(At(now)),
            templates::updated_at.eq(At(now)),
        );
        let id: TemplateId = on!(tx, c => diesel::insert_into(templates::table).values(row).returning(templates::id).get_result(c).await)?;
        let made = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Changes a template. Campaigns that were launched keep the text they were launched with.
    pub async fn update_template(
        &self,
        id: TemplateId,
        patch: TemplatePatch,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Template>, StoreError> {
        #[derive(AsChangeset)]
        #[diesel(table_name = templates)]
        struct Changes {
            name: Option<String>,
            body: Option<String>,
            media_id: Option<Option<MediaId>>,
            updated_at: At,
        }
        let TemplatePatch { name, body, media_id } = patch;
        let changes = Changes { name, body, media_id, updated_at: At(now) };
        let mut tx = self.db.begin().await?;
        on!(tx, c => diesel::update(templates::table.find(id)).set(changes).execute(c).await)?;
        let Some(changed) = find(&mut tx, id).await? else { return Ok(None) };
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Some(changed))
    }

    /// Deletes a template, and says whether there was one; [`StoreError::Foreign`] when a campaign uses it.
    pub async fn delete_template(
        &self,
        id: TemplateId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let deleted = on!(tx, c => diesel::delete(templates::table.find(id)).execute(c).await)?;
        if deleted == 0 {
            return Ok(false);
        }
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
