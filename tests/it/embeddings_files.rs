//! `agentdata import` and `agentdata export`: embeddings from a file and into one.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    datasets::create,
    support::{
        TestApp,
        process::{Output, agentdata},
    },
};

fn command(app: &TestApp, words: &[&str]) -> Command {
    let mut command = agentdata();
    command.args(words).env("DATABASE_URL", &app.database_url);
    command
}

fn run(app: &TestApp, words: &[&str]) -> Output {
    Output::of(&mut command(app, words))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn dataset(app: &TestApp, name: &str) -> (String, String) {
    let (path, _, dataset) = create(app, json!({ "name": name })).await;
    (path, dataset["id"].as_str().unwrap().to_owned())
}

async fn count(app: &TestApp, path: &str) -> Value {
    app.get(path).await.json["embedding_count"].clone()
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    for n in numbers {
        let line = json!({ "content": format!("text {n}"), "embedding": [n + 1, 1] });
        writeln!(text, "{line}").unwrap();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_in_and_comes_out_and_goes_in_elsewhere() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("in.ndjson");
    std::fs::write(&file, lines(0..1_100)).unwrap();
    let (from, id) = dataset(&app, "from").await;
    let said = run(&app, &["import", &id, path(&file)]).success();
    assert!(
        said.starts_with("embeddings  1100 (") && said.ends_with("new         1100\n"),
        "{said}"
    );
    assert_eq!(count(&app, &from).await, 1_100);
    // Again: everything is there.
    let said = run(&app, &["import", &id, path(&file)]).success();
    assert!(said.ends_with("new         0\n"), "{said}");

    let out = directory.path().join("out.ndjson");
    run(&app, &["export", &id, path(&out)]).success();
    let there = run(&app, &["export", &id, path(&out)]).failure();
    assert!(there.contains("is there already"), "{there}");
    let exported = std::fs::read_to_string(&out).unwrap();
    assert_eq!(exported.lines().count(), 1_100);
    let printed = run(&app, &["export", &id, "-"]).success();
    assert_eq!(printed, exported);
    // An export that was cut off in the middle of a line goes on.
    let cut = directory.path().join("cut.ndjson");
    std::fs::write(
        format!("{}.part", path(&cut)),
        &exported[..exported.len() / 3],
    )
    .unwrap();
    run(&app, &["export", &id, path(&cut)]).success();
    assert_eq!(std::fs::read_to_string(&cut).unwrap(), exported);

    let (to, id) = dataset(&app, "to").await;
    let mut import = command(&app, &["import", &id, "-"]);
    let mut import = import.stdin(Stdio::piped()).spawn().unwrap();
    import
        .stdin
        .take()
        .unwrap()
        .write_all(exported.as_bytes())
        .unwrap();
    assert!(import.wait().unwrap().success());
    assert_eq!(count(&app, &to).await, 1_100);
    assert_eq!(run(&app, &["export", &id, "-"]).success(), exported);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_stops_an_import_and_the_mended_file_goes_on() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("in.ndjson");
    let (dataset_path, id) = dataset(&app, "n").await;
    std::fs::write(
        &file,
        format!("{}{{\"content\":1}}\n{}", lines(0..700), lines(701..900)),
    )
    .unwrap();
    let stopped = run(&app, &["import", &id, path(&file)]);
    assert!(stopped.stdout.contains("new         700\n"), "{stopped:?}");
    let error = stopped.failure();
    assert!(
        error.contains("/700/content") && error.contains("Run it again"),
        "{error}"
    );
    assert_eq!(count(&app, &dataset_path).await, 700);
    std::fs::write(&file, lines(0..900)).unwrap();
    let said = run(&app, &["import", &id, path(&file)]).success();
    assert!(said.contains("new         200\n"), "{said}");
    assert_eq!(count(&app, &dataset_path).await, 900);
    // Of an id with another content the file decides only when it is told to.
    let named = |text: &str| {
        let id = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";
        std::fs::write(
            &file,
            json!({ "id": id, "content": text, "embedding": [1, 1] }).to_string(),
        )
        .unwrap();
    };
    named("one");
    run(&app, &["import", &id, path(&file)]).success();
    named("other");
    let taken = run(&app, &["import", &id, path(&file)]).failure();
    assert!(taken.contains("another text"), "{taken}");
    run(&app, &["import", &id, path(&file), "--update"]).success();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_named() {
    let app = TestApp::start().await;
    let (_, id) = dataset(&app, "n").await;
    let error = run(&app, &["import", &id, "/nowhere/file"]).failure();
    assert!(error.contains("/nowhere/file cannot be read"), "{error}");
    let error = run(&app, &["export", &id, "/nowhere/file"]).failure();
    assert!(error.contains("cannot be written"), "{error}");
    for words in [
        [
            "export",
            "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11",
            "-",
            "--tenant",
            "default",
        ],
        ["export", &id, "-", "--tenant", "other"],
    ] {
        let error = run(&app, &words).failure();
        assert!(error.contains("has no such dataset"), "{error}");
    }
}
