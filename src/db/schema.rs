// @generated automatically by Diesel CLI.

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    agents (tenant_id, id) {
        tenant_id -> Int8,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        status -> Text,
        model -> Nullable<Text>,
        tags -> Array<Nullable<Text>>,
        metadata -> Jsonb,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    config_heads (tenant_id, agent_id) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        change -> Int8,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    config_versions (tenant_id, agent_id, key, version) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        key -> Text,
        version -> Int8,
        change -> Int8,
        value -> Nullable<Json>,
        sealed_value -> Nullable<Bytea>,
        description -> Nullable<Text>,
        schema -> Nullable<Json>,
        secret -> Bool,
        deleted -> Bool,
        changed_at -> Timestamptz,
        changed_by -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    configs (tenant_id, agent_id, key) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        key -> Text,
        version -> Int8,
        deleted -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    datasets (tenant_id, id) {
        tenant_id -> Int8,
        id -> Uuid,
        agent_id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        metadata -> Jsonb,
        dimension -> Nullable<Int4>,
        distance -> Text,
        embedding_model -> Nullable<Text>,
        language -> Text,
        embedding_count -> Int8,
        index_state -> Text,
        index_built_at -> Nullable<Timestamptz>,
        index_wanted -> Bool,
        index_generation -> Int4,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    embeddings (tenant_id, dataset_id, id) {
        tenant_id -> Int8,
        dataset_id -> Uuid,
        id -> Uuid,
        content -> Text,
        metadata -> Jsonb,
        embedding -> Vector,
        content_bytes -> Int4,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    idempotency_keys (tenant_id, key) {
        tenant_id -> Int8,
        key -> Text,
        request_hash -> Bytea,
        answer -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    logs (tenant_id, agent_id, timestamp, id) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        timestamp -> Timestamptz,
        id -> Uuid,
        level -> Int2,
        message -> Text,
        attributes -> Jsonb,
        trace_id -> Nullable<Bytea>,
        span_id -> Nullable<Bytea>,
        session_id -> Nullable<Text>,
        transaction_id -> Nullable<Int8>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    metrics (tenant_id, agent_id, timestamp, id) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        timestamp -> Timestamptz,
        id -> Uuid,
        name -> Text,
        kind -> Int2,
        value -> Float8,
        unit -> Nullable<Text>,
        attributes -> Jsonb,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    oauth_clients (id) {
        id -> Uuid,
        name -> Text,
        secret_hash -> Bytea,
        scopes -> Array<Nullable<Text>>,
        tenant -> Text,
        created_at -> Timestamptz,
        old_secret_hash -> Nullable<Bytea>,
        old_secret_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    prompt_heads (tenant_id, agent_id) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        version -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    prompt_label_moves (tenant_id, agent_id, label, number) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        label -> Text,
        number -> Int4,
        version -> Nullable<Int4>,
        moved_at -> Timestamptz,
        moved_by -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    prompt_labels (tenant_id, agent_id, label) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        label -> Text,
        version -> Nullable<Int4>,
        moves -> Int4,
        moved_at -> Timestamptz,
        moved_by -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    prompts (tenant_id, agent_id, version) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        version -> Int4,
        kind -> Text,
        template -> Nullable<Text>,
        messages -> Nullable<Json>,
        config -> Json,
        variables -> Array<Nullable<Text>>,
        description -> Nullable<Text>,
        content_hash -> Bytea,
        identical_to_previous -> Bool,
        content_bytes -> Int4,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    revocations (id) {
        id -> Uuid,
        until -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    signing_keys (id) {
        id -> Text,
        public_key -> Bytea,
        sealed_private_key -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    tenants (id) {
        id -> Int8,
        name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use pgvector::sql_types::*;

    tool_usage (tenant_id, agent_id, timestamp, id) {
        tenant_id -> Int8,
        agent_id -> Uuid,
        timestamp -> Timestamptz,
        id -> Uuid,
        tool_name -> Text,
        tool_type -> Nullable<Text>,
        call_id -> Nullable<Text>,
        status -> Int2,
        input -> Nullable<Jsonb>,
        output -> Nullable<Jsonb>,
        error_type -> Nullable<Text>,
        error_message -> Nullable<Text>,
        duration_ms -> Nullable<Int8>,
        input_tokens -> Nullable<Int8>,
        output_tokens -> Nullable<Int8>,
        cost_usd -> Nullable<Numeric>,
        prompt_version -> Nullable<Int8>,
        trace_id -> Nullable<Bytea>,
        span_id -> Nullable<Bytea>,
        session_id -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    agents,
    config_heads,
    config_versions,
    configs,
    datasets,
    embeddings,
    idempotency_keys,
    logs,
    metrics,
    oauth_clients,
    prompt_heads,
    prompt_label_moves,
    prompt_labels,
    prompts,
    revocations,
    signing_keys,
    tenants,
    tool_usage,
);
