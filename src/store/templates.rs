//! Templates.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Store, audit::write_audit, db::on, error::StoreError, schema::templates, sql_types::At};
use crate::domain::{audit::AuditEntry, id::TemplateId, template::Template};

/// A template to add; its body has been checked.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// Unique.
    pub name: String,
    pub body: String,
}

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct TemplatePatch {
    pub name: Option<String>,
    pub body: Option<String>,
}

type Row = (TemplateId, String, String, At, At);

fn template((id, name, body, created_at, updated_at): Row) -> Template {
    Template { id, name, body, created_at: created_at.0, updated_at: updated_at.0 }
}

impl Store {
    /// All templates, by name.
    pub async fn templates(&self) -> Result<Vec<Template>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<Row> = on!(conn, c => templates::table.order((templates::name, templates::id)).load(c).await)?;
        Ok(rows.into_iter().map(template).collect())
    }

    /// The template with that id.
    pub async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        let mut conn = self.db.read().await?;
        let row: Option<Row> = on!(conn, c => templates::table.find(id).first(c).await.optional())?;
        Ok(row.map(template))
    }

    /// Adds a template.
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
            templates::created_at.eq(At(now)),
            templates::updated_at.eq(At(now)),
        );
        let row: Row = on!(tx, c => diesel::insert_into(templates::table).values(row).returning(templates::all_columns).get_result(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(template(row))
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
            updated_at: At,
        }
        let changes = Changes { name: patch.name, body: patch.body, updated_at: At(now) };
        let mut tx = self.db.begin().await?;
        let row: Option<Row> = on!(tx, c => diesel::update(templates::table.find(id)).set(changes)
            .returning(templates::all_columns).get_result(c).await.optional())?;
        let Some(row) = row else { return Ok(None) };
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Some(template(row)))
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
