//! The layers keep to themselves: handlers name no database, stores name no HTTP, and whatever
//! touches a tenant's rows knows the tenant.

use std::path::{Path, PathBuf};

/// The files of this name in the folders of `src`, and those in a folder of their name beside them,
/// with their text.
fn files(name: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = |folder: PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let paths: Vec<PathBuf> = entries(src.clone())
        .into_iter()
        .flat_map(|folder| {
            let parts = entries(folder.join(name.trim_end_matches(".rs")));
            std::iter::once(folder.join(name)).chain(parts)
        })
        .filter(|path| path.is_file())
        .collect();
    let read = |path: PathBuf| {
        let shown = path.strip_prefix(&src).unwrap().display().to_string();
        (shown, std::fs::read_to_string(&path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// The lines of code that hold one of these words.
fn lines_with(text: &str, words: &[&str]) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .filter(|line| words.iter().any(|word| line.contains(word)))
        .map(str::to_owned)
        .collect()
}

/// The public functions that take a connection but no tenant, and whose documentation does not
/// call them a maintenance statement.
fn tenantless(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut documentation = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("///") {
            documentation.push_str(text);
            continue;
        }
        if let Some(rest) = line.strip_prefix("pub async fn ") {
            let mut signature = rest.to_owned();
            while !signature.contains('{') {
                signature.push_str(lines.next().unwrap());
            }
            let named = signature.contains("TenantId");
            if !named && !documentation.contains("maintenance statement") {
                let end = rest.find(['(', '<']).unwrap();
                found.push(rest[..end].to_owned());
            }
        }
        documentation.clear();
    }
    found
}

#[test]
fn handlers_name_no_database_library() {
    let files = files("api.rs");
    assert!(files.iter().any(|(path, _)| path == "agents/api.rs"));
    for (path, text) in files {
        let lines = lines_with(&text, &["diesel", "tokio_postgres", "db::schema"]);
        assert!(lines.is_empty(), "{path}: {lines:?}");
    }
}

#[test]
fn stores_name_no_http_library() {
    let files = files("store.rs");
    for expected in ["agents/store.rs", "agents/store/list.rs"] {
        assert!(files.iter().any(|(path, _)| path == expected));
    }
    for (path, text) in files {
        let lines = lines_with(&text, &["poem", "hyper", "reqwest", "ApiError"]);
        assert!(lines.is_empty(), "{path}: {lines:?}");
    }
}

#[test]
fn every_statement_on_a_tenants_rows_knows_the_tenant() {
    // Clients and keys are read before a tenant is known; tenants are the map itself.
    let stores = files("store.rs")
        .into_iter()
        .filter(|(path, _)| path != "auth/store.rs");
    let mut stores: Vec<_> = stores.collect();
    assert!(!stores.is_empty());
    let idempotency = include_str!("../../src/idempotency.rs");
    stores.push(("idempotency.rs".into(), idempotency.into()));
    for (path, text) in stores {
        let found = tenantless(&text);
        assert!(found.is_empty(), "{path}: {found:?}");
    }
}

#[test]
fn a_statement_without_a_tenant_is_found() {
    let offending = "\
/// Reads.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
) -> QueryResult<()> {
}

/// Counts them all.
pub async fn count(
    connection: &AsyncPgConnection,
) -> QueryResult<()> {
}

/// Purges. A maintenance statement: it goes over all tenants.
pub async fn purge(connection: &AsyncPgConnection) {}
";
    assert_eq!(tenantless(offending), ["count"]);
    assert_eq!(
        lines_with("// poem\nuse poem::Route;\n", &["poem"]),
        ["use poem::Route;"]
    );
}
