//! The stream of changes: complete, in order, across servers, and it ends when it should.

use std::time::Duration;

use agentdata::{auth::Scope, db::TenantId, stream::MAX_EVENT_STREAMS, values::Id};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    configs::configs,
    support::{Events, Raw, TestApp, cluster::Session},
};

fn changes(configs: &str) -> String {
    configs.replace("/configs", "/config-changes")
}

/// Watches an agent's configs from now on.
async fn watch(app: &TestApp, configs: &str) -> Events {
    Events::open(app.request(Method::GET, &changes(configs))).await
}

/// Watches from behind a change on.
async fn watch_after(app: &TestApp, configs: &str, id: impl ToString) -> Events {
    let request = app.request(Method::GET, &changes(configs));
    Events::open(request.header("Last-Event-ID", id.to_string())).await
}

async fn set(app: &TestApp, path: &str, key: &str, value: Value) {
    let body = json!({ "key": key, "value": value });
    let answer = app.post(path, &body).await;
    assert!(answer.status < 300, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_on_one_server_sees_what_another_changes() {
    let one = TestApp::start().await;
    let other = TestApp::on_database(one.database_url.clone(), &[]).await;
    let path = configs(&one).await;
    set(&one, &path, "before", json!(1)).await;
    let mut events = watch(&other, &path).await;
    set(&one, &path, "k", json!({ "a": [1.50, "line\nfeed"] })).await;
    let event = events.next().await.unwrap();
    let read = one.get(&format!("{path}/k")).await.json;
    assert_eq!(
        (event.id.as_str(), event.kind.as_str()),
        ("2", "config.set")
    );
    for member in [
        "key",
        "version",
        "value",
        "secret",
        "updated_at",
        "updated_by",
    ] {
        assert_eq!(event.data[member], read[member], "{member}");
    }
    assert_eq!(
        (&event.data["change"], &event.data["deleted"]),
        (&json!(2), &json!(false))
    );
    one.delete(&format!("{path}/k")).await;
    let event = events.next().await.unwrap();
    assert_eq!(
        (event.id.as_str(), event.kind.as_str()),
        ("3", "config.deleted")
    );
    assert_eq!(
        (&event.data["value"], &event.data["version"]),
        (&json!(null), &json!(2))
    );
    // Another agent's changes are no event here: the next is that of this agent.
    let elsewhere = configs(&one).await;
    set(&one, &elsewhere, "k", json!(1)).await;
    set(&one, &path, "before", json!(1)).await;
    set(&one, &path, "before", json!(2)).await;
    let event = events.next().await.unwrap();
    assert_eq!(
        (event.id.as_str(), &event.data["value"]),
        ("4", &json!(2)),
        "the same again is none"
    );
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(events.headers[name], value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_arrives_at_once_and_not_with_the_next_poll() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let mut events = watch(&app, &path).await;
    // The first change after the listener stands; before, only the poll would find it.
    let session = Session::open(&app.database_url).await;
    let listening = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    crate::support::eventually("the server listens", Duration::from_secs(5), || async {
        session.number(listening).await == 1
    })
    .await;
    let begin = std::time::Instant::now();
    for n in 0..20 {
        set(&app, &path, "k", json!(n)).await;
        assert_eq!(events.next().await.unwrap().data["value"], n);
    }
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_listener_comes_back_and_the_poll_covers_for_it() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let mut events = watch(&app, &path).await;
    let session = Session::open(&app.database_url).await;
    for n in 0..3 {
        session
            .run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND query LIKE 'LISTEN%'",
            )
            .await;
        set(&app, &path, "k", json!(n)).await;
        assert_eq!(events.next().await.unwrap().data["value"], n);
    }
}

/// Reads until every change up to this one has come, and reconnects on the way.
async fn follow(apps: [&TestApp; 2], path: &str, until: u64) {
    let (mut seen, mut id, mut turn) = (Vec::new(), "0".to_owned(), 0);
    while (seen.len() as u64) < until {
        let mut events = watch_after(apps[turn % 2], path, &id).await;
        // Cut off after a while, perhaps in the middle of what is coming.
        for _ in 0..7 + turn % 5 {
            let event = events.next().await.unwrap();
            seen.push(event.data["change"].as_u64().unwrap());
            id = event.id;
            if seen.len() as u64 == until {
                break;
            }
        }
        turn += 1;
    }
    assert!(
        seen.into_iter().eq(1..=until),
        "no gap, none twice, in order"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reconnects_misses_nothing_while_many_write() {
    let one = TestApp::start().await;
    let other = TestApp::on_database(one.database_url.clone(), &[]).await;
    let path = configs(&one).await;
    let (writers, rounds) = (8_u64, 12_u64);
    let write = async |writer: u64| {
        let app = if writer.is_multiple_of(2) {
            &one
        } else {
            &other
        };
        let key = format!("k{}", writer % 3);
        for round in 0..rounds {
            set(app, &path, &key, json!([writer, round])).await;
        }
    };
    let total = writers * rounds;
    tokio::join!(
        join_all((0..writers).map(write)),
        follow([&one, &other], &path, total),
        follow([&other, &one], &path, total),
    );
    follow([&one, &other], &path, total).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_begins_where_the_client_says() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let mut empty = watch(&app, &path).await;
    for n in 1..=3 {
        set(&app, &path, "k", json!(n)).await;
    }
    assert_eq!(empty.next().await.unwrap().id, "1");
    let at = format!("{}?after=1", changes(&path));
    let mut after = Events::open(app.request(Method::GET, &at)).await;
    assert_eq!(after.next().await.unwrap().id, "2");
    let both = app.request(Method::GET, &at).header("Last-Event-ID", "2");
    assert_eq!(Events::open(both).await.next().await.unwrap().id, "3");
    // Before any event the stream says where it is.
    let mut now = watch(&app, &path).await;
    let none = tokio::time::timeout(Duration::from_millis(300), now.arrive()).await;
    assert!(none.is_err());
    assert_eq!(now.id, "3");
    for (header, query, place) in [
        ("4", "", "Last-Event-ID"),
        ("x", "", "Last-Event-ID"),
        ("-1", "", "Last-Event-ID"),
        ("", "?after=4", "after"),
        ("", "?after=-1", "after"),
        ("", "?after=x", "after"),
    ] {
        let mut request = app.request(Method::GET, &format!("{}{query}", changes(&path)));
        if !header.is_empty() {
            request = request.header("Last-Event-ID", header);
        }
        let refused = app.send(request).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{header}{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_never_holds_a_secret() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let mut events = watch(&app, &path).await;
    let secret = "hunter2-correct-horse";
    let body = json!({ "key": "k", "value": { secret: secret }, "secret": true });
    app.post(&path, &body).await;
    app.delete(&format!("{path}/k")).await;
    let set = events.next().await.unwrap();
    assert_eq!(
        (&set.data["secret"], &set.data["value"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(events.next().await.unwrap().kind, "config.deleted");
    assert!(!events.text.contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_values_pass_in_order_and_are_not_held_back() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    for n in 0..8 {
        set(&app, &path, "k", json!([n, "x".repeat(200 * 1024)])).await;
    }
    let request = app.request(Method::GET, &format!("{}?after=0", changes(&path)));
    let mut events = Events::open(request.header("Accept-Encoding", "gzip, br")).await;
    assert!(!events.headers.contains_key("content-encoding"));
    for n in 0..8 {
        assert_eq!(events.next().await.unwrap().data["value"][0], n);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_ends_its_streams() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let mut events = watch(&app, &path).await;
    let begin = std::time::Instant::now();
    let (last, ()) = tokio::join!(events.next(), app.stop());
    let last = last.unwrap();
    assert_eq!(
        (last.kind.as_str(), &last.data["reason"]),
        ("end", &json!("stopping"))
    );
    assert!(events.next().await.is_none());
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_token_and_with_its_agent() {
    let app = TestApp::with_flags(&["--token-lifetime", "2"]).await;
    let path = configs(&app).await;
    let mut events = watch(&app, &path).await;
    let last = events.next().await.unwrap();
    assert_eq!(
        (last.kind.as_str(), &last.data["reason"]),
        ("end", &json!("token_expired"))
    );
    assert!(events.next().await.is_none());

    let app = TestApp::start().await;
    let path = configs(&app).await;
    set(&app, &path, "k", json!(1)).await;
    let mut events = watch(&app, &path).await;
    app.delete(path.trim_end_matches("/configs")).await;
    let last = events.next().await.unwrap();
    assert_eq!(
        (last.kind.as_str(), &last.data["reason"]),
        ("end", &json!("agent_deleted"))
    );
    assert!(events.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_are_bounded_and_give_their_places_back() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let events = watch(&app, &path).await;
    let feed = &app.app.config_feed;
    let take = || feed.enter(TenantId(0), Id::new()).ok();
    let mut places: Vec<_> = (1..MAX_EVENT_STREAMS).map_while(|_| take()).collect();
    assert_eq!(places.len(), MAX_EVENT_STREAMS - 1);
    let refused = app.get(&changes(&path)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    drop(events);
    crate::support::eventually("the place is free", Duration::from_secs(5), || async {
        take().is_some()
    })
    .await;
    places.extend(take());
    assert_eq!(app.get(&changes(&path)).await.status, 503);
    drop(places);
    assert_eq!(app.get(&changes(&path)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_loses_its_place() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    // More than the sockets' buffers take.
    for n in 0..80 {
        set(&app, &path, "k", json!([n, "x".repeat(250 * 1024)])).await;
    }
    let feed = &app.app.config_feed;
    let take = || feed.enter(TenantId(0), Id::new()).ok();
    let places: Vec<_> = (1..MAX_EVENT_STREAMS).map_while(|_| take()).collect();
    let mut idle = Raw::connect(app.address).await;
    let (at, token) = (changes(&path), app.all_scopes());
    let head = format!(
        "GET {at}?after=0 HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    idle.send(head).await;
    let within = Duration::from_secs(50);
    crate::support::eventually("it has its place", within, || async { take().is_none() }).await;
    crate::support::eventually("its place is free", within, || async { take().is_some() }).await;
    drop(places);
    // What was on its way still arrives, and then the end.
    let rest = idle.rest().await;
    assert!(rest.contains("event: end\ndata: {\"reason\":\"too_slow\"}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_stream_has_a_heartbeat_and_outlives_the_request_timeout() {
    let app = TestApp::with_flags(&["--request-timeout", "1"]).await;
    let path = configs(&app).await;
    let mut events = watch(&app, &path).await;
    let idle = tokio::time::timeout(Duration::from_secs(17), events.arrive()).await;
    assert!(idle.is_err());
    assert_eq!(events.comments, 1);
    set(&app, &path, "k", json!(1)).await;
    assert_eq!(events.next().await.unwrap().id, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_cannot_watch() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let stranger = app.token(&[Scope::ConfigsRead], "stranger");
    let request = app.anonymous(Method::GET, &changes(&path));
    assert_eq!(app.send(request.bearer_auth(stranger)).await.status, 404);
}
