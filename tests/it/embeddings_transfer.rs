//! Embeddings in and out as lines: what goes out comes in again, and what was interrupted goes on.

use std::{convert::Infallible, time::Duration};

use async_compression::tokio::bufread::ZstdEncoder;
use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::{
    datasets::create,
    support::{
        Answer, TestApp,
        cluster::{Session, WAITING_FOR_LOCKS},
        eventually,
        provider::FakeProvider,
    },
};

/// How long what happens beside us may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn line(n: usize) -> Value {
    json!({ "content": format!("text {n}"), "embedding": [n + 1, 0.5], "metadata": { "n": n } })
}

fn lines(items: impl IntoIterator<Item = Value>) -> String {
    let lines = items.into_iter().map(|item| format!("{item}\n"));
    lines.collect()
}

async fn import(app: &TestApp, embeddings: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = app.request(Method::POST, &format!("{embeddings}/import"));
    let request = request.header("Content-Type", "application/x-ndjson");
    app.send(request.body(body)).await
}

async fn count(app: &TestApp, path: &str) -> Value {
    app.get(path).await.json["embedding_count"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_is_imported_as_it_was() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "from" })).await;
    let empty = app.get(&format!("{embeddings}/export")).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));
    // More than a chunk and more than a page.
    let all = lines((0..1_203).map(line));
    let imported = import(&app, &embeddings, all.replace('\n', "\r\n \n")).await;
    assert_eq!(
        imported.json,
        json!({ "count": 1_203, "stored": 1_203 }),
        "{}",
        imported.text
    );
    assert_eq!(count(&app, &path).await, 1_203);
    let exported = app.get(&format!("{embeddings}/export")).await;
    assert_eq!(exported.header("content-type"), "application/x-ndjson");
    let first: Value = serde_json::from_str(exported.text.lines().next().unwrap()).unwrap();
    let members: Vec<_> = first.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "content", "metadata", "embedding"]);

    let (other, elsewhere, _) = create(&app, json!({ "name": "to" })).await;
    let mut zstd = Vec::new();
    let mut encoder = ZstdEncoder::new(exported.text.as_bytes());
    encoder.read_to_end(&mut zstd).await.unwrap();
    let request = app.request(Method::POST, &format!("{elsewhere}/import"));
    let request = request
        .header("Content-Type", "application/x-ndjson; charset=utf-8")
        .header("Content-Encoding", "zstd");
    let imported = app.send(request.body(zstd)).await;
    assert_eq!(imported.json["stored"], 1_203, "{}", imported.text);
    let again = app.get(&format!("{elsewhere}/export")).await;
    assert_eq!(again.text, exported.text);
    assert_eq!(count(&app, &other).await, 1_203);
    let filter = [("filter", r#"{"path":"/n","lt":2}"#)];
    let some = app.request(Method::GET, &format!("{elsewhere}/export"));
    assert_eq!(app.send(some.query(&filter)).await.text.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_lines_again_store_nothing_twice_and_go_on() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    // Twice the same line is two embeddings.
    let all = lines([line(1), line(1), line(2)]);
    assert_eq!(
        import(&app, &embeddings, all.clone()).await.json,
        json!({ "count": 3, "stored": 3 })
    );
    let more = format!("{all}{}", line(3));
    assert_eq!(
        import(&app, &embeddings, more).await.json,
        json!({ "count": 4, "stored": 1 })
    );
    assert_eq!(count(&app, &path).await, 4);
    let id = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";
    let named = |n: usize| {
        let mut named = line(n);
        named["id"] = json!(id);
        lines([line(1), named])
    };
    assert_eq!(import(&app, &embeddings, named(7)).await.json["stored"], 1);
    let taken = import(&app, &embeddings, named(8)).await;
    assert_eq!((taken.status, taken.places()), (409, vec!["/1/id"]));
    let request = app.request(
        Method::POST,
        &format!("{embeddings}/import?on_conflict=update"),
    );
    let request = request.header("Content-Type", "application/x-ndjson");
    let replaced = app.send(request.body(named(8))).await;
    assert_eq!(replaced.json, json!({ "count": 2, "stored": 0 }));
    assert_eq!(
        app.get(&format!("{embeddings}/{id}")).await.json["content"],
        "text 8"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_names_its_line_and_all_before_it_are_stored() {
    let app = TestApp::start().await;
    for (at, bad, status, place) in [
        (0, "{".to_owned(), 400, None),
        (700, "nonsense".to_owned(), 400, None),
        (
            3,
            json!({ "content": "c", "embedding": [1, 2, 3] }).to_string(),
            422,
            Some("embedding"),
        ),
        (
            901,
            json!({ "content": "c", "embedding": [0, 0] }).to_string(),
            422,
            Some("embedding"),
        ),
        (
            501,
            json!({ "content": "c" }).to_string(),
            422,
            Some("embedding"),
        ),
        (
            499,
            json!({ "content": 1, "embedding": [1, 2] }).to_string(),
            422,
            Some("content"),
        ),
        (
            500,
            json!({ "content": "c", "embedding": [1, 2], "more": 1 }).to_string(),
            422,
            Some("more"),
        ),
        (
            1_000,
            format!("{{\"content\":\"{}\"}}", "x".repeat(2 * 1024 * 1024)),
            413,
            None,
        ),
    ] {
        let dataset = json!({ "name": "n", "dimension": 2 });
        let (path, embeddings, _) = create(&app, dataset).await;
        let before = lines((0..at).map(line));
        let body = format!("{before}\n{bad}\n{}", lines((at..at + 10).map(line)));
        let refused = import(&app, &embeddings, body).await;
        assert_eq!(refused.status, status, "{at}: {}", refused.text);
        let said = format!("The {at} embeddings on the lines before are stored.");
        assert!(refused.text.contains(&said), "{}", refused.text);
        if let Some(place) = place {
            assert_eq!(refused.places(), [format!("/{at}/{place}")]);
        }
        assert_eq!(count(&app, &path).await, at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_come_is_stored_although_the_client_falls_silent() {
    let app = TestApp::with_flags(&["--body-timeout", "3"]).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let (send, pieces) = tokio::sync::mpsc::channel::<Bytes>(1);
    let stream = futures_util::stream::unfold(pieces, async |mut pieces| {
        let piece = pieces.recv().await?;
        Some((Ok::<_, Infallible>(piece), pieces))
    });
    let silent = import(&app, &embeddings, reqwest::Body::wrap_stream(stream));
    let talk = async {
        send.send(lines((0..600).map(line)).into()).await.unwrap();
        // Not a whole line.
        send.send(Bytes::from_static(b"{\"content\":"))
            .await
            .unwrap();
        std::future::pending::<()>().await;
    };
    let silent = tokio::select! {
        silent = silent => silent,
        () = talk => unreachable!(),
    };
    assert_eq!(silent.status, 408, "{}", silent.text);
    assert!(
        silent.text.contains("The 600 embeddings"),
        "{}",
        silent.text
    );
    assert_eq!(count(&app, &path).await, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_chunks_stay_although_the_client_goes() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let (send, pieces) = tokio::sync::mpsc::channel::<Bytes>(1);
    let stream = futures_util::stream::unfold(pieces, async |mut pieces| {
        let piece = pieces.recv().await?;
        Some((Ok::<_, Infallible>(piece), pieces))
    });
    send.send(lines((0..600).map(line)).into()).await.unwrap();
    let left = async {
        eventually("a chunk is stored", PATIENCE, async || {
            count(&app, &path).await == 500
        })
        .await;
    };
    tokio::select! {
        answer = import(&app, &embeddings, reqwest::Body::wrap_stream(stream)) => panic!("{answer:?}"),
        () = left => {}
    }
    // The connection is gone. The same lines again are 600 in all.
    let again = import(&app, &embeddings, lines((0..600).map(line))).await;
    assert_eq!(again.json["count"], 600, "{}", again.text);
    assert_eq!(count(&app, &path).await, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_lines_with_one_id_the_last_decides() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let named = |id: &str, text: &str| json!({ "id": id, "content": text, "embedding": [1, 2] });
    let (first, twice) = (
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002",
    );
    let there = lines([named(first, "there"), named(twice, "there")]);
    assert_eq!(import(&app, &embeddings, there).await.status, 200);
    // The first transaction waits before it comes to the id that the second has too.
    let session = Session::open(&app.database_url).await;
    session
        .run(&format!(
            "BEGIN; SELECT FROM embeddings WHERE id = '{first}' FOR UPDATE"
        ))
        .await;
    let mut all = vec![named(first, "new"), named(twice, "earlier")];
    all.extend((0..498).map(line));
    all.push(named(twice, "later"));
    let path = format!("{embeddings}/import?on_conflict=update");
    let request = app
        .request(Method::POST, &path)
        .header("Content-Type", "application/x-ndjson");
    let update = app.send(request.body(lines(all)));
    let content = async || {
        let embedding = app.get(&format!("{embeddings}/{twice}")).await;
        embedding.json["content"].clone()
    };
    let watch = async {
        eventually("the first transaction waits", PATIENCE, async || {
            session.number(WAITING_FOR_LOCKS).await == 1
        })
        .await;
        for _ in 0..50 {
            assert_eq!(content().await, "there");
        }
        session.run("COMMIT").await;
    };
    let (updated, ()) = tokio::join!(update, watch);
    assert_eq!(updated.json["count"], 501, "{}", updated.text);
    assert_eq!(content().await, "later");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_may_take_longer_than_other_requests_and_hold_more() {
    let small = [
        "--request-timeout",
        "1",
        "--max-body-bytes",
        "10000",
        "--max-embeddings-bytes",
        "10000",
    ];
    let app = TestApp::with_flags(&small).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let pieces = futures_util::stream::unfold(0, async |n| {
        if n == 6 {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let piece = lines((n * 300..(n + 1) * 300).map(line));
        Some((Ok::<_, Infallible>(piece), n + 1))
    });
    let imported = import(&app, &embeddings, reqwest::Body::wrap_stream(pieces)).await;
    assert_eq!(imported.json["stored"], 1_800, "{}", imported.text);
    assert_eq!(count(&app, &path).await, 1_800);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_import_is_refused() {
    let app = TestApp::with_flags(&["--body-budget", "33554432"]).await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let path = format!("{embeddings}/import");
    let request = |kind: &'static str| {
        app.request(Method::POST, &path)
            .header("Content-Type", kind)
    };
    let json = app.send(request("application/json").body("{}")).await;
    assert_eq!(json.status, 415);
    let coded = request("application/x-ndjson").header("Content-Encoding", "br");
    assert_eq!(app.send(coded.body("{}")).await.status, 415);
    let broken = request("application/x-ndjson").header("Content-Encoding", "gzip");
    assert_eq!(app.send(broken.body("no gzip")).await.status, 400);
    let nothing = app.send(request("application/x-ndjson").body("")).await;
    assert_eq!(nothing.json, json!({ "count": 0, "stored": 0 }));
    // There is room for two at once. Each takes its place as soon as the third has left it.
    let hold = async || {
        loop {
            let pending = futures_util::stream::pending::<Result<Bytes, Infallible>>();
            let body = reqwest::Body::wrap_stream(pending);
            let ended = request("application/x-ndjson").body(body).send().await;
            assert_eq!(ended.unwrap().status(), 503);
        }
    };
    let third = async {
        loop {
            let third = app.send(request("application/x-ndjson").body("")).await;
            if third.status != 200 {
                return third;
            }
        }
    };
    tokio::select! {
        third = third => assert_eq!((third.status, third.header("Retry-After")), (503, "1")),
        never = async { tokio::join!(hold(), hold()) } => { let ((), ()) = never; }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_makes_the_vectors_that_lines_do_not_have() {
    let provider = FakeProvider::start(Vec::new()).await;
    let flags = ["--embeddings-url", &provider.url, "--embeddings-model", "m"];
    let app = TestApp::with_flags(&flags).await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let body = lines([
        json!({ "content": "eee" }),
        line(3),
        json!({ "content": "xe" }),
    ]);
    let imported = import(&app, &embeddings, body).await;
    assert_eq!(imported.json["stored"], 3, "{}", imported.text);
    let search = json!({ "vector": [3, 3], "k": 1, "include": "embedding" });
    let found = app.post(&format!("{embeddings}/search"), &search).await;
    assert_eq!(found.json["items"][0]["embedding"], json!([3.0, 3.0]));
}
