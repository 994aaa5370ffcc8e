"""Lines of the list that are no single request, or need an oracle, a second tenant, a clock or minutes: the tests that have them.

`file::function`. `test_input.py` looks whether they are there.
"""

COVERED: dict[str, list[str]] = {
    # Floats
    "vectors: HNSW > 2000 (halfvec > 4000) -> 54000": [
        "tests/it/datasets_indexes.rs::of_long_vectors_only_directions_have_an_index",
        "tests/it/datasets_indexes.rs::vectors_at_the_ends_of_what_is_accepted_can_be_indexed",
    ],
    "vectors: ties order stable by id": [
        "tests/it/embeddings_search.rs::those_at_one_distance_come_in_the_order_of_their_ids"
    ],
    "vectors: dim mismatch of the first request": [
        "tests/it/embeddings_input.rs::the_shape_of_the_first_request_is_one"
    ],
    # Text
    "text looked for": [
        "tests/it/agents_list.rs::wildcards_are_plain_characters",
        "tests/it/logs_list.rs::texts_and_attributes_are_looked_for_as_they_stand",
        "tests/it/filters.rs::every_filter_holds_for_what_it_says",
    ],
    "sort collation fixed": ["tests/it/agents_pages.rs::a_walk_in_pages_of_any_size_meets_everything_once"],
    "every bound of the specification, at it and past it": [
        "tests/it/bounds.rs::a_body_at_every_bound_passes_and_past_it_fails_there",
        "tests/it/bounds.rs::a_query_parameter_past_its_bound_is_refused_by_name",
        "tests/it/bounds.rs::what_a_body_may_not_leave_out_or_add_is_refused_by_name",
    ],
    "templates (ReDoS's cousins)": [
        "tests/it/prompts_render.rs::rendering_ends_whatever_the_template",
        "tests/it/prompts_render.rs::what_is_no_template_is_refused_with_line_and_column",
    ],
    "schemas that lead out (SSRF)": ["tests/it/configs_schema.rs::a_schema_that_is_none_or_leads_out_is_refused"],
    "batches and lines": [
        "tests/it/batch.rs::one_bad_record_is_named_and_nothing_is_stored",
        "tests/it/embeddings_transfer.rs::an_error_names_its_line_and_all_before_it_are_stored",
        "tests/it/embeddings_transfer.rs::what_is_no_import_is_refused",
    ],
    # Numbers/time
    "sums widen to numeric": [
        "tests/it/metrics_series.rs::series_are_what_an_oracle_reckons",
        "tests/it/tool_statistics.rs::statistics_are_what_an_oracle_reckons",
    ],
    "DST gaps in buckets": ["tests/it/metrics_series.rs::series_are_what_an_oracle_reckons"],
    "range too wide, too many points": ["tests/it/metrics_series.rs::there_are_not_too_many_points"],
    "ids and instants that do not agree": [
        "tests/it/logs.rs::ids_and_instants_that_do_not_agree_or_lie_out_of_bounds_are_refused_in_their_place"
    ],
    # HTTP
    "gzip bomb: memory; zstd": [
        "tests/faults/test_overload.py::test_compressed_bombs",
        "tests/it/http/bodies.rs::a_bomb_is_refused_at_the_limit_of_the_inflated_size",
        "tests/it/http/bodies.rs::compressed_bodies_are_read",
    ],
    "slow-loris headers (1 B/s) and body -> 408/close": [
        "tests/it/http/connections.rs::a_head_that_does_not_arrive_in_time_closes_the_connection",
        "tests/it/http/bodies.rs::a_body_that_does_not_arrive_in_time_is_a_408",
    ],
    "2000 idle conns don't block others": [
        "tests/faults/test_overload.py::test_two_thousand_idle_and_slow_connections",
        "tests/it/http/connections.rs::idle_connections_do_not_keep_others_out",
    ],
    "slow reader of large response": ["tests/faults/test_overload.py::test_readers_that_do_not_read"],
    "100-continue that is wanted": ["tests/it/http/bodies.rs::a_client_that_expects_100_continue_gets_it"],
    "a body that is longer than it comes": [
        "tests/it/http/bodies.rs::an_answer_that_leaves_a_body_unread_says_that_the_connection_closes",
        "tests/it/http/bodies.rs::an_abandoned_body_gives_its_budget_back",
    ],
    "HTTP/2 rapid reset, CONTINUATION flood, 10k streams": ["tests/faults/test_http2.py::test_flood"],
    "HEAD: headers as those of GET": ["tests/it/http/answers.rs::head_answers_as_get_without_a_body"],
    "OPTIONS and other methods: Allow": [
        "tests/it/http/answers.rs::a_method_that_a_path_has_not_is_a_405_that_lists_those_it_has"
    ],
    # Tenancy
    "each op x {other-tenant id, non-existing id}: the same answer": [
        "tests/it/tenants.rs::a_foreign_resource_looks_like_one_that_never_was"
    ],
    "other tenant's parent id": ["tests/it/tenants.rs::a_child_is_found_under_its_own_parent_only"],
    "cursor": [
        "tests/it/tenants.rs::a_cursor_is_no_good_in_another_tenant",
        "tests/it/tenants.rs::no_list_takes_a_foreign_cursor",
    ],
    "Idempotency-Key": ["tests/it/tenants.rs::no_operation_replays_a_foreign_idempotency_key"],
    "list/count/aggregate/kNN never leak": [
        "tests/it/tenants.rs::no_list_shows_what_another_tenant_has",
        "tests/it/tenants.rs::what_one_tenant_writes_changes_no_answer_of_another",
        "tests/it/tenants.rs::no_stream_tells_what_another_tenant_writes",
    ],
    "unique names independent per tenant": ["tests/it/tenants.rs::names_ids_and_idempotency_keys_are_each_tenants_own"],
    "ON CONFLICT can't touch foreign row": [
        "tests/it/datasets_indexes.rs::datasets_of_one_id_in_two_tenants_do_not_meet",
        "tests/it/layers.rs::every_statement_on_a_tenants_rows_knows_the_tenant",
    ],
    # OWASP map
    "API1 BOLA": ["tests/it/tenants.rs::a_foreign_resource_looks_like_one_that_never_was"],
    "API2 auth": [
        "tests/it/oauth_tokens.rs::unsigned_tokens_are_refused",
        "tests/it/oauth_server.rs::an_address_that_guesses_secrets_must_wait",
    ],
    "API3 property-level": ["tests/it/bounds.rs::what_a_body_may_not_leave_out_or_add_is_refused_by_name"],
    "API4 resources": [
        "tests/faults/test_overload.py::test_many_more_batches_than_can_be_stored",
        "tests/it/http/bodies.rs::beyond_the_budget_of_bodies_the_answer_is_503_until_there_is_room",
    ],
    "API5 function-level": [
        "tests/it/authz.rs::the_documented_scope_is_the_enforced_one",
        "tests/it/authz.rs::without_a_token_every_other_operation_answers_401",
    ],
    "API6 quotas": ["tests/it/oauth_server.rs::requests_of_a_client_can_be_limited"],
    "API7 SSRF": ["tests/it/oauth_tokens.rs::a_key_in_the_token_is_not_looked_at"],
    "API8 misconfig": [
        "tests/it/http/answers.rs::every_answer_carries_the_security_headers",
        "tests/it/http/answers.rs::a_browser_of_another_origin_gets_nothing_by_default",
    ],
    "API9 inventory": [
        "tests/it/openapi.rs::the_checked_in_specification_is_what_the_code_emits",
        "tests/it/openapi.rs::the_operations_keep_their_names",
    ],
    "API10 unsafe consumption": [
        "tests/it/oauth_outside.rs::answers_of_an_issuer_that_cannot_be_right_are_not_believed"
    ],
}
