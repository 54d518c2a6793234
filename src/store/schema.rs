//! The tables, once for both databases; `migrations/` creates them.

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::Instant;

    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::store::sql_types::Instant;

    sign_ins (token_hash) {
        token_hash -> Binary,
        user_id -> BigInt,
        expires_at -> Instant,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    sessions (id) {
        id -> BigInt,
        name -> Text,
        channel -> Text,
        desired -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        phone -> Nullable<Text>,
        delay_min_ms -> BigInt,
        delay_max_ms -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        caps -> JsonText,
        restriction -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    pools (id) {
        id -> BigInt,
        name -> Text,
        strategy -> Text,
        turn_size -> BigInt,
        routing_state -> Nullable<JsonText>,
        created_at -> Instant,
        updated_at -> Instant,
        sticky -> Bool,
        grace -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt};

    pool_members (pool_id, session_id) {
        pool_id -> BigInt,
        session_id -> BigInt,
        position -> BigInt,
        weight -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    debtors (id) {
        id -> BigInt,
        phone -> Text,
        name -> Text,
        reference -> Nullable<Text>,
        amount_minor -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        due_date -> Nullable<Date>,
        status -> Text,
        fields -> JsonText,
        search -> Text,
        created_at -> Instant,
        updated_at -> Instant,
        import_id -> Nullable<BigInt>,
        last_heard_at -> Nullable<Instant>,
        debts -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::store::sql_types::Instant;

    debts (id) {
        id -> BigInt,
        debtor_id -> BigInt,
        reference -> Nullable<Text>,
        amount_minor -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        due_date -> Nullable<Date>,
        import_id -> Nullable<BigInt>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::Instant;

    debtor_notes (id) {
        id -> BigInt,
        debtor_id -> BigInt,
        body -> Text,
        created_by -> BigInt,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::store::sql_types::Instant;

    promises (id) {
        id -> BigInt,
        debtor_id -> BigInt,
        amount_minor -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        due_date -> Date,
        status -> Text,
        created_by -> BigInt,
        created_at -> Instant,
        closed_by -> Nullable<BigInt>,
        closed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::{Instant, JsonText};

    segments (id) {
        id -> BigInt,
        name -> Text,
        filter -> JsonText,
        created_by -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    debtor_tags (debtor_id, tag) {
        debtor_id -> BigInt,
        tag -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::store::sql_types::{Instant, JsonText};

    import_profiles (fingerprint) {
        fingerprint -> Text,
        name -> Text,
        mapping -> JsonText,
        settings -> JsonText,
        last_used_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    imports (id) {
        id -> BigInt,
        file_name -> Text,
        kind -> Text,
        status -> Text,
        summary -> JsonText,
        report -> Nullable<JsonText>,
        created_by -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        row_count -> BigInt,
        counts -> Nullable<JsonText>,
        tracked -> Bool,
        plan -> Nullable<JsonText>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::store::sql_types::JsonText;

    import_changes (id) {
        id -> BigInt,
        import_id -> BigInt,
        debtor_id -> BigInt,
        revision -> JsonText,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::Instant;

    templates (id) {
        id -> BigInt,
        name -> Text,
        body -> Text,
        created_at -> Instant,
        updated_at -> Instant,
        media_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    campaigns (id) {
        id -> BigInt,
        name -> Text,
        pool_id -> BigInt,
        template_id -> BigInt,
        body -> Text,
        audience -> JsonText,
        status -> Text,
        created_by -> BigInt,
        created_at -> Instant,
        started_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        plan -> JsonText,
        follow_ups -> JsonText,
        pause_reason -> Nullable<Text>,
        hidden -> Bool,
        media_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    campaign_pools (campaign_id, pool_id) {
        campaign_id -> BigInt,
        pool_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::sql_types::Instant;

    messages (id) {
        id -> BigInt,
        campaign_id -> BigInt,
        step -> BigInt,
        debtor_id -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        body -> Nullable<Text>,
        session_id -> Nullable<BigInt>,
        wire_id -> Nullable<Text>,
        wire_key -> Nullable<Text>,
        attempts -> BigInt,
        due_at -> Instant,
        sent_at -> Nullable<Instant>,
        delivered_at -> Nullable<Instant>,
        read_at -> Nullable<Instant>,
        updated_at -> Instant,
        history -> Text,
        claimed_at -> Nullable<Instant>,
        new_chat -> Bool,
        media_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::Instant;

    conversations (id) {
        id -> BigInt,
        session_id -> Nullable<BigInt>,
        phone -> Text,
        debtor_id -> Nullable<BigInt>,
        last_message_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::Instant;

    conversation_messages (id) {
        id -> BigInt,
        conversation_id -> BigInt,
        wire_id -> Text,
        body -> Text,
        sent_at -> Instant,
        received_at -> Instant,
    }
}

diesel::table! {
    lids (lid) {
        lid -> Text,
        phone -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::Instant;

    hidden_texts (id) {
        id -> BigInt,
        session_id -> Nullable<BigInt>,
        lid -> Text,
        wire_id -> Text,
        body -> Text,
        media_key -> Nullable<Text>,
        media_kind -> Nullable<Text>,
        media_name -> Nullable<Text>,
        sent_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    use crate::store::sql_types::Instant;

    media (id) {
        id -> BigInt,
        kind -> Text,
        mime_type -> Text,
        file_name -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        created_at -> Instant,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};

    inbound_media (message_id) {
        message_id -> BigInt,
        wire_key -> Text,
        kind -> Text,
        file_name -> Text,
        state -> Text,
        attempts -> BigInt,
        media_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    session_diagnoses (session_id) {
        session_id -> BigInt,
        at -> Instant,
        reason -> Text,
        console -> JsonText,
        picture -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::{Instant, JsonText};

    audit_entries (id) {
        id -> BigInt,
        actor -> Nullable<BigInt>,
        action -> Text,
        subject -> Text,
        detail -> JsonText,
        at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::sql_types::Instant;

    suppressions (phone) {
        phone -> Text,
        reason -> Text,
        created_by -> Nullable<BigInt>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::store::sql_types::{Instant, JsonText};

    settings (name) {
        name -> Text,
        value -> JsonText,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::sql_types::Instant;

    leases (name) {
        name -> Text,
        holder -> Text,
        token -> BigInt,
        expires_at -> Instant,
    }
}

diesel::joinable!(sign_ins -> users (user_id));
diesel::joinable!(suppressions -> users (created_by));
diesel::joinable!(pool_members -> pools (pool_id));
diesel::joinable!(pool_members -> sessions (session_id));
diesel::joinable!(audit_entries -> users (actor));
diesel::joinable!(debtor_notes -> users (created_by));
diesel::joinable!(debtor_tags -> debtors (debtor_id));
diesel::joinable!(imports -> users (created_by));
diesel::joinable!(conversations -> sessions (session_id));
diesel::joinable!(promises -> users (created_by));
diesel::joinable!(segments -> users (created_by));
diesel::joinable!(campaigns -> pools (pool_id));
diesel::joinable!(campaigns -> templates (template_id));
diesel::joinable!(messages -> campaigns (campaign_id));
diesel::joinable!(messages -> debtors (debtor_id));
diesel::joinable!(messages -> sessions (session_id));
diesel::joinable!(conversation_messages -> conversations (conversation_id));
diesel::joinable!(inbound_media -> conversation_messages (message_id));
diesel::joinable!(inbound_media -> media (media_id));
diesel::joinable!(messages -> media (media_id));
diesel::joinable!(templates -> media (media_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit_entries,
    campaign_pools,
    campaigns,
    conversation_messages,
    conversations,
    debtor_notes,
    debtor_tags,
    debtors,
    debts,
    import_changes,
    import_profiles,
    imports,
    hidden_texts,
    inbound_media,
    leases,
    lids,
    media,
    messages,
    pool_members,
    pools,
    promises,
    segments,
    sessions,
    settings,
    sign_ins,
    suppressions,
    templates,
    users,
);

diesel::allow_columns_to_appear_in_same_group_by_clause!(sessions::id, sessions::name, messages::state);
