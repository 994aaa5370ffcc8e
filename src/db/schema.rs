// @generated automatically by Diesel CLI.

diesel::table! {
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
    idempotency_keys (tenant_id, key) {
        tenant_id -> Int8,
        key -> Text,
        request_hash -> Bytea,
        answer -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
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
    }
}

diesel::table! {
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
    oauth_clients (id) {
        id -> Uuid,
        name -> Text,
        secret_hash -> Bytea,
        scopes -> Array<Nullable<Text>>,
        tenant -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        public_key -> Bytea,
        sealed_private_key -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tenants (id) {
        id -> Int8,
        name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
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
    idempotency_keys,
    logs,
    metrics,
    oauth_clients,
    signing_keys,
    tenants,
    tool_usage,
);
