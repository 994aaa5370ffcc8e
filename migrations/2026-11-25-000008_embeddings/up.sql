-- Embeddings: texts and their vectors. The dataset says of how many numbers all of its vectors are, so the column does not.
-- There is no foreign key, because it would cost half of the rate of bulk inserts: every write also counts in the living dataset's row.
-- The type keeps long vectors apart from their rows and uncompressed (its storage is EXTERNAL): numbers do not compress.

CREATE TABLE embeddings (
    tenant_id bigint NOT NULL,
    dataset_id uuid NOT NULL,
    id uuid NOT NULL,
    content text NOT NULL CHECK (length(content) <= 65536),
    metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    embedding vector NOT NULL,
    -- Of content and metadata, so that a page knows its size before it reads them.
    content_bytes integer NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Also serves the list, the exact search and the purge.
    PRIMARY KEY (tenant_id, dataset_id, id)
) PARTITION BY HASH (dataset_id);

CREATE TABLE embeddings_00 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 0);
CREATE TABLE embeddings_01 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 1);
CREATE TABLE embeddings_02 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 2);
CREATE TABLE embeddings_03 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 3);
CREATE TABLE embeddings_04 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 4);
CREATE TABLE embeddings_05 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 5);
CREATE TABLE embeddings_06 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 6);
CREATE TABLE embeddings_07 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 7);
CREATE TABLE embeddings_08 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 8);
CREATE TABLE embeddings_09 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 9);
CREATE TABLE embeddings_10 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 10);
CREATE TABLE embeddings_11 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 11);
CREATE TABLE embeddings_12 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 12);
CREATE TABLE embeddings_13 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 13);
CREATE TABLE embeddings_14 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 14);
CREATE TABLE embeddings_15 PARTITION OF embeddings FOR VALUES WITH (MODULUS 16, REMAINDER 15);
