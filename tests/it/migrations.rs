//! The migrations: raced, repeated, refused, and seen from an older server.

use agentdata::db::{Connector, migrate};

use crate::support::{
    TestApp,
    cluster::{self, Session},
};

const RAN: &str = "SELECT version || ' ' || run_on FROM __diesel_schema_migrations ORDER BY 1";

fn connector(url: &str) -> Connector {
    Connector::new(url, &cluster::bounds()).unwrap()
}

/// The error of migrations that must fail.
async fn error(url: &str) -> String {
    let error = migrate::run(&connector(url)).await.unwrap_err();
    format!("{error:#}")
}

/// The same database for a new role that may log in and nothing else.
async fn as_stranger(url: &str) -> (String, String) {
    let (_, rest) = url.split_once('@').unwrap();
    let (_, database) = rest.rsplit_once('/').unwrap();
    let role = format!("stranger_{}", database.split('?').next().unwrap());
    let create = format!("CREATE ROLE {role} LOGIN PASSWORD 'word'");
    Session::open(url).await.run(&create).await;
    (format!("postgresql://{role}:word@{rest}"), role)
}

#[tokio::test]
async fn five_servers_that_start_at_once_migrate_an_empty_database_once() {
    let url = cluster::empty_database().await;
    let five = (0..5).map(|_| {
        let connector = connector(&url);
        tokio::spawn(async move { migrate::run(&connector).await })
    });
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let folders = folders
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .count();
    for status in futures_util::future::join_all(five).await {
        let status = status.unwrap().unwrap();
        assert_eq!(status.applied.len(), folders);
        assert_eq!(status.pending, Vec::<String>::new());
    }
    let session = Session::open(&url).await;
    assert_eq!(session.texts(RAN).await.len(), folders);
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(session.number(locks).await, 0);
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let url = cluster::database().await;
    let session = Session::open(&url).await;
    let before = session.texts(RAN).await;
    assert!(!before.is_empty());
    let status = migrate::run(&connector(&url)).await.unwrap();
    assert_eq!(status.applied.len(), before.len());
    assert_eq!(session.texts(RAN).await, before);
}

#[tokio::test]
async fn a_server_older_than_the_schema_starts() {
    let url = cluster::database().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000');
                 ALTER TABLE agents ADD COLUMN of_tomorrow text";
    cluster::execute(&url, newer).await;
    let status = migrate::run(&connector(&url)).await.unwrap();
    assert_eq!(status.pending, Vec::<String>::new());
    let app = TestApp::on_database(url, &[]).await;
    let created = app
        .post("/agents", &serde_json::json!({ "name": "today" }))
        .await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(app.get("/agents").await.json["items"][0]["name"], "today");
}

#[tokio::test]
async fn a_role_that_may_not_change_the_schema_is_told_what_to_do() {
    let (url, _) = as_stranger(&cluster::empty_database().await).await;
    let error = error(&url).await;
    assert!(error.contains("`agentdata migrate`"), "{error}");
    assert!(error.contains("DATABASE_DIRECT_URL"), "{error}");
    assert!(error.contains("permission denied"), "{error}");
    assert!(
        !error.contains("word@"),
        "the password is in the error: {error}"
    );
}

#[tokio::test]
async fn an_up_to_date_schema_needs_no_rights_to_change_it() {
    let owner = cluster::database().await;
    let (url, role) = as_stranger(&owner).await;
    let grant = format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    );
    Session::open(&owner).await.run(&grant).await;
    let status = migrate::run(&connector(&url)).await.unwrap();
    assert_eq!(status.pending, Vec::<String>::new());
    let app = TestApp::on_database(url, &[]).await;
    let created = app
        .post("/agents", &serde_json::json!({ "name": "guest" }))
        .await;
    assert_eq!(created.status, 201, "{}", created.text);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_and_can_be_run_again() {
    let url = cluster::empty_database().await;
    let session = Session::open(&url).await;
    session.run("CREATE TABLE agents (id int)").await;
    let error = error(&url).await;
    assert!(error.contains("\"agents\" already exists"), "{error}");
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let left = session.texts(tables).await;
    assert_eq!(left, ["__diesel_schema_migrations", "agents"]);
    session.run("DROP TABLE agents").await;
    migrate::run(&connector(&url)).await.unwrap();
}

#[tokio::test]
async fn a_server_without_a_good_pgvector_is_refused_in_plain_words() {
    for (version, words) in [
        (None, "has no pgvector"),
        (
            Some("0.7.4"),
            "has pgvector 0.7.4; agentdata needs 0.8 or newer",
        ),
        (Some("0.10.0"), ""),
    ] {
        let url = cluster::empty_database().await;
        // A view in front of the catalogue's tells what the server's files would.
        let row = version.map_or_else(
            || "'none', NULL, NULL".to_owned(),
            |version| format!("'vector', '{version}', NULL"),
        );
        let database = url
            .rsplit_once('/')
            .unwrap()
            .1
            .split('?')
            .next()
            .unwrap()
            .to_owned();
        let lie = format!(
            "CREATE VIEW public.pg_available_extensions (name, default_version, installed_version) \
               AS SELECT {row}::text;
             ALTER DATABASE {database} SET search_path = public, pg_catalog"
        );
        cluster::execute(&url, &lie).await;
        if words.is_empty() {
            migrate::run(&connector(&url)).await.unwrap();
        } else {
            let error = error(&url).await;
            assert!(error.contains(words), "{error}");
        }
    }
}
