//! What every table must keep to, read from the catalogues: the rules that let the schema be
//! distributed by tenant one day.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::support::cluster;
use agentdata::db::{Connection, Connector};

/// Tables without a tenant: the map of tenants itself, what is read before a tenant is known, and
/// the list of migrations.
const WITHOUT_TENANT: [&str; 5] = [
    "__diesel_schema_migrations",
    "oauth_clients",
    "revocations",
    "signing_keys",
    "tenants",
];

/// Each query answers `table: what is wrong with it`. `$tables` are the tenant tables, partitions
/// included.
const RULES: [&str; 9] = [
    // A tenant table has the column, and it is a bigint that is never null.
    "SELECT format('%s: tenant_id is not bigint NOT NULL', t.relname) AS value FROM $tables AS t
     WHERE NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.oid
        AND a.attname = 'tenant_id' AND a.atttypid = 'bigint'::regtype AND a.attnotnull)",
    "SELECT format('%s: no primary key', t.relname) AS value FROM $tables AS t
     WHERE NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indisprimary)",
    // Constraints are indexes too, so this covers primary keys and unique constraints.
    "SELECT format('%s: %s is unique without tenant_id first', t.relname, i.indexrelid::regclass) AS value
     FROM $tables AS t JOIN pg_index AS i ON i.indrelid = t.oid
     LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
     WHERE i.indisunique AND a.attname IS DISTINCT FROM 'tenant_id'",
    "SELECT format('%s: %s does not go from tenant_id to tenant_id', t.relname, c.conname) AS value
     FROM $tables AS t JOIN pg_constraint AS c ON c.conrelid = t.oid AND c.contype = 'f'
     LEFT JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     LEFT JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
     WHERE cardinality(c.conkey) < 2 OR a.attname <> 'tenant_id' OR b.attname <> 'tenant_id'",
    "SELECT format('%s: %s is not NO ACTION', c.conrelid::regclass, c.conname) AS value
     FROM pg_constraint AS c WHERE c.contype = 'f' AND (c.confdeltype <> 'a' OR c.confupdtype <> 'a')",
    "SELECT format('%s: refers to the tenant table %s', c.conrelid::regclass, t.relname) AS value
     FROM pg_constraint AS c JOIN $tables AS t ON t.oid = c.confrelid
     WHERE c.contype = 'f' AND c.conrelid NOT IN (SELECT oid FROM $tables AS s)",
    "SELECT format('%s: trigger %s', tgrelid::regclass, tgname) AS value FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL
     SELECT format('%s: rule %s', r.ev_class::regclass, r.rulename) FROM pg_rewrite AS r
     JOIN pg_class AS k ON k.oid = r.ev_class
     WHERE r.rulename <> '_RETURN' AND k.relnamespace = 'public'::regnamespace
     UNION ALL
     SELECT format('%s: exclusion constraint %s', conrelid::regclass, conname) FROM pg_constraint WHERE contype = 'x'",
    // Owned by a column, or only called by its default.
    "SELECT DISTINCT format('%s: sequence %s', t.relname, s.relname) AS value
     FROM pg_class AS s, pg_depend AS d, $tables AS t
     WHERE s.relkind = 'S' AND ((d.objid = s.oid AND d.refobjid = t.oid)
        OR (d.refobjid = s.oid AND d.objid IN (SELECT oid FROM pg_attrdef WHERE adrelid = t.oid)))",
    "SELECT format('%s: a partition that is partitioned', t.relname) AS value FROM $tables AS t
     WHERE t.relkind = 'p' AND t.relispartition",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

async fn lines(connection: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(query).load(connection).await.unwrap();
    lines.into_iter().map(|line| line.value).collect()
}

/// What breaks a rule.
async fn lint(connection: &mut AsyncPgConnection) -> Vec<String> {
    let tables = format!(
        "(SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace \
          AND relkind IN ('r', 'p') AND relname NOT IN ('{}'))",
        WITHOUT_TENANT.join("', '")
    );
    let mut found = Vec::new();
    for rule in RULES {
        found.extend(lines(connection, &rule.replace("$tables", &tables)).await);
    }
    found
}

async fn connect(url: &str) -> Connection {
    let connector = Connector::new(url, &cluster::bounds()).unwrap();
    connector.connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_keeps_to_the_rules() {
    let mut connection = connect(&cluster::database().await).await;
    assert_eq!(lint(&mut connection).await, Vec::<String>::new());
    let query = "SELECT c.relname::text AS value FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
        ORDER BY c.relname COLLATE \"C\"";
    assert_eq!(lines(&mut connection, query).await, WITHOUT_TENANT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_breaks_a_rule_is_named() {
    let url = cluster::database().await;
    for (statement, named) in [
        (
            "CREATE TABLE bad (id uuid PRIMARY KEY)",
            "bad: tenant_id is not bigint NOT NULL",
        ),
        (
            "CREATE TABLE bad (tenant_id int, id uuid, PRIMARY KEY (tenant_id, id))",
            "bad: tenant_id is not bigint NOT NULL",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint, id uuid)",
            "bad: tenant_id is not bigint NOT NULL",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint NOT NULL, id uuid)",
            "bad: no primary key",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint NOT NULL, id uuid, PRIMARY KEY (id, tenant_id))",
            "bad: bad_pkey is unique without tenant_id first",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint, id uuid, n text UNIQUE, PRIMARY KEY (tenant_id, id))",
            "bad: bad_n_key is unique without tenant_id first",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint PRIMARY KEY, n text);
             CREATE UNIQUE INDEX bad_lower ON bad (lower(n), tenant_id) WHERE n <> ''",
            "bad: bad_lower is unique without tenant_id first",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint REFERENCES tenants, id uuid, PRIMARY KEY (tenant_id, id))",
            "bad: bad_tenant_id_fkey does not go from tenant_id to tenant_id",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint, id uuid, agent_id uuid, PRIMARY KEY (tenant_id, id),
                CONSTRAINT bad_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES agents ON DELETE CASCADE)",
            "bad: bad_agent is not NO ACTION",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint, id uuid, agent_id uuid, PRIMARY KEY (tenant_id, id),
                CONSTRAINT bad_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES agents ON UPDATE RESTRICT)",
            "bad: bad_agent is not NO ACTION",
        ),
        (
            "ALTER TABLE oauth_clients ADD COLUMN t bigint;
             ALTER TABLE oauth_clients ADD CONSTRAINT bad FOREIGN KEY (t, id) REFERENCES agents",
            "oauth_clients: refers to the tenant table agents",
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
             CREATE TRIGGER bad BEFORE INSERT ON agents FOR EACH ROW EXECUTE FUNCTION f()",
            "agents: trigger bad",
        ),
        (
            "CREATE RULE bad AS ON DELETE TO agents DO INSTEAD NOTHING",
            "agents: rule bad",
        ),
        (
            "ALTER TABLE agents ADD CONSTRAINT bad EXCLUDE (name WITH =)",
            "agents: exclusion constraint bad",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint, id bigserial, PRIMARY KEY (tenant_id, id))",
            "bad: sequence bad_id_seq",
        ),
        (
            "CREATE TABLE bad (tenant_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (tenant_id, id))",
            "bad: sequence bad_id_seq",
        ),
        (
            "CREATE SEQUENCE free;
             CREATE TABLE bad (tenant_id bigint, id bigint DEFAULT nextval('free'), PRIMARY KEY (tenant_id, id))",
            "bad: sequence free",
        ),
        (
            "CREATE TABLE ok (tenant_id bigint, id uuid, PRIMARY KEY (tenant_id, id)) PARTITION BY HASH (tenant_id);
             CREATE TABLE bad PARTITION OF ok FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY HASH (id)",
            "bad: a partition that is partitioned",
        ),
    ] {
        let mut connection = connect(&url).await;
        // It is never committed, so the next one finds the schema as it was.
        connection
            .batch_execute(&format!("BEGIN; {statement}"))
            .await
            .unwrap();
        let found = lint(&mut connection).await;
        assert!(found.iter().any(|line| line == named), "{statement}: {found:?}");
        connection.batch_execute("ROLLBACK").await.unwrap();
    }
}

/// A column of the catalogue.
#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
    #[diesel(sql_type = Nullable<Text>)]
    element: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    nullable: bool,
}

impl Column {
    /// In the words of diesel.
    fn declaration(&self) -> String {
        // diesel names a type as the catalogue does, but for the first letter.
        let named = |name: &str| {
            let (first, rest) = name.split_at(1);
            format!("{}{rest}", first.to_uppercase())
        };
        let whole = match &self.element {
            // An array's elements may always be null.
            Some(element) => format!("Array<Nullable<{}>>", named(element)),
            None => named(&self.sql_type),
        };
        if self.nullable {
            format!("{} -> Nullable<{whole}>,", self.name)
        } else {
            format!("{} -> {whole},", self.name)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_in_the_code_is_the_migrated_one() {
    let mut connection = connect(&cluster::database().await).await;
    let columns: Vec<Column> = sql_query(
        "SELECT c.relname::text AS table, a.attname::text AS name, t.typname::text AS sql_type,
            e.typname::text AS element, NOT a.attnotnull AS nullable,
            (SELECT string_agg(k.attname, ', ' ORDER BY array_position(i.indkey::int2[], k.attnum))
             FROM pg_index AS i JOIN pg_attribute AS k
                ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary) AS key
         FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
         JOIN pg_type AS t ON t.oid = a.atttypid
         LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
            AND c.relname <> '__diesel_schema_migrations'
         ORDER BY c.relname COLLATE \"C\", a.attnum",
    )
    .load(&mut *connection)
    .await
    .unwrap();
    let mut printed = String::new();
    for table in columns.chunk_by(|a, b| a.table == b.table) {
        printed.push_str("diesel::table! {\n");
        printed.push_str(&format!("{} ({}) {{\n", table[0].table, table[0].key));
        for column in table {
            printed.push_str(&format!("{}\n", column.declaration()));
        }
        printed.push_str("}\n}\n");
    }
    let code = include_str!("../../src/db/schema.rs");
    let tables = code.split("diesel::allow_tables").next().unwrap();
    let written: Vec<_> = tables
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("use "))
        .collect();
    let printed: Vec<_> = printed.lines().collect();
    assert_eq!(
        written, printed,
        "`make schema` writes src/db/schema.rs anew"
    );
}

/// What a migration may begin a statement with. All of it only adds, so that a server of the version
/// before still runs on the new schema.
const ADDS: [&str; 9] = [
    "CREATE EXTENSION IF NOT EXISTS",
    "CREATE TABLE",
    "CREATE INDEX",
    "CREATE UNIQUE INDEX",
    "ADD COLUMN",
    "ADD CONSTRAINT",
    "VALIDATE CONSTRAINT",
    "ATTACH PARTITION",
    "SET DEFAULT",
];

/// Constraints that a migration may take away, because servers of before do without: they only learn of a
/// taken name later, when it is taken in their own tenant.
const LOOSENED: [&str; 1] = ["DROP CONSTRAINT oauth_clients_name_key"];

/// The statements of a migration that do not add, or do more than one thing.
fn not_additive(sql: &str) -> Vec<String> {
    let code: Vec<_> = sql
        .lines()
        .map(|line| line.split("--").next().unwrap().trim())
        .collect();
    let code = code.join(" ");
    let statements = code.split(';').map(str::trim).filter(|s| !s.is_empty());
    let refused = statements.filter(|statement| {
        let words: Vec<_> = statement.split_whitespace().collect();
        // `ALTER TABLE name` says nothing of what is done.
        let does = if words.starts_with(&["ALTER", "TABLE"]) {
            words[3..].join(" ")
        } else {
            words.join(" ")
        };
        let does = match words.as_slice() {
            // A default is for rows to come.
            [
                "ALTER",
                "TABLE",
                _,
                "ALTER",
                "COLUMN",
                _,
                "SET",
                "DEFAULT",
                ..,
            ] => "SET DEFAULT".into(),
            _ => does,
        };
        let adds =
            ADDS.iter().any(|verb| does.starts_with(verb)) || LOOSENED.contains(&does.as_str());
        let mut depth = 0;
        let several = does.chars().any(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && depth == 0
        });
        // What stands in a table already would not satisfy it.
        let wants_value = does.starts_with("ADD COLUMN")
            && does.contains("NOT NULL")
            && !does.contains("DEFAULT");
        !adds || several || wants_value
    });
    refused.map(str::to_owned).collect()
}

#[test]
fn migrations_only_add_and_do_one_thing_at_a_time() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path().join("up.sql");
        let refused = not_additive(&std::fs::read_to_string(&path).unwrap());
        assert!(refused.is_empty(), "{}: {refused:?}", path.display());
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn a_migration_that_takes_away_or_does_two_things_is_found() {
    for good in [
        "-- Serves; nothing.\nCREATE INDEX i ON t (a, b);\nCREATE TABLE t (a int, b int);",
        "ALTER TABLE t ADD COLUMN c text;",
        "ALTER TABLE t ADD COLUMN c numeric(3, 1) NOT NULL DEFAULT 0;",
        "ALTER TABLE t ALTER COLUMN c SET DEFAULT (f()::text);",
    ] {
        assert_eq!(not_additive(good), Vec::<String>::new());
    }
    for bad in [
        "DROP TABLE t",
        "ALTER TABLE t DROP COLUMN c",
        "ALTER TABLE t RENAME COLUMN c TO d",
        "ALTER TABLE t RENAME TO u",
        "ALTER TABLE t ALTER COLUMN c TYPE bigint",
        "ALTER TABLE t ALTER COLUMN c SET NOT NULL",
        "ALTER TYPE e RENAME VALUE 'a' TO 'b'",
        "ALTER TABLE t ADD COLUMN c text, ADD COLUMN d text",
        "ALTER TABLE t ADD COLUMN c text NOT NULL",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE t SET c = 1",
    ] {
        assert_eq!(not_additive(bad), [bad]);
    }
}
