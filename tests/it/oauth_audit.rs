//! The audit trail: who did what, and who was refused, without what must not be in a log.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::process::{Served, TestHome};

struct Session {
    url: String,
    client: String,
    secret: String,
    http: reqwest::Client,
}

impl Session {
    async fn token(&self, scope: &str) -> String {
        let answer = self
            .http
            .post(format!("{}/oauth/token", self.url))
            .basic_auth(&self.client, Some(&self.secret))
            .form(&[("grant_type", "client_credentials"), ("scope", scope)])
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> reqwest::Response {
        let request = self.http.post(format!("{}{path}", self.url));
        request.bearer_auth(token).json(body).send().await.unwrap()
    }
}

/// A server in a fresh home, and a client of it.
fn start(home: &TestHome, flags: &[&str]) -> (Served, Session) {
    let mut served = home.serve(flags);
    let greeting = served.greeting();
    let printed = |name: &str| {
        let line = greeting.iter().find(|line| line.trim().starts_with(name));
        let value = line.unwrap().split_whitespace().last();
        value.unwrap().to_owned()
    };
    let session = Session {
        url: served.url(),
        client: printed("client_id"),
        secret: printed("client_secret"),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
    };
    (served, session)
}

/// The lines of audit: operation, outcome, and the line.
fn audited(log: &str) -> Vec<(String, u64, Value)> {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| line["target"] == "agentdata::audit")
        .map(|line| {
            let operation = line["operation"].as_str().unwrap().to_owned();
            (operation, line["outcome"].as_u64().unwrap(), line)
        })
        .collect()
}

#[tokio::test]
async fn writes_and_refusals_leave_a_line_and_reads_do_not() {
    let home = TestHome::new();
    let (served, session) = start(&home, &[]);
    let all = session
        .token("agents:read agents:write logs:write configs:write admin")
        .await;
    let weak = session.token("logs:read").await;
    let created = session
        .post("/agents", &all, &json!({ "name": "hidden-name" }))
        .await;
    assert_eq!(created.status(), 201);
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    let path = location.strip_prefix(&session.url).unwrap().to_owned();
    let read = session
        .http
        .get(&location)
        .bearer_auth(&all)
        .send()
        .await
        .unwrap();
    assert_eq!(read.status(), 200);
    let log = json!({ "level": "info", "message": "hidden-message" });
    assert_eq!(
        session
            .post(&format!("{path}/logs"), &all, &log)
            .await
            .status(),
        201
    );
    let config = json!({ "key": "k", "value": "hidden-value", "secret": true });
    assert_eq!(
        session
            .post(&format!("{path}/configs"), &all, &config)
            .await
            .status(),
        201
    );
    let admin = json!({ "name": "second", "scopes": ["admin"] });
    let second = session.post("/oauth/clients", &all, &admin).await;
    let second: Value = second.json().await.unwrap();
    // Refused: no scope, no token, a bad one, a wrong secret, a stale write.
    assert_eq!(
        session
            .post("/agents", &weak, &json!({ "name": "x" }))
            .await
            .status(),
        403
    );
    let anonymous = session
        .http
        .get(format!("{}/agents?q=hidden-query", session.url));
    assert_eq!(anonymous.send().await.unwrap().status(), 401);
    assert_eq!(
        session
            .post("/agents", "hidden.bad.token", &json!({}))
            .await
            .status(),
        401
    );
    let wrong = session.http.post(format!("{}/oauth/token", session.url));
    let wrong = wrong.basic_auth(&session.client, Some("hidden-secret"));
    let wrong = wrong
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 401);
    let stale = session
        .http
        .delete(&location)
        .bearer_auth(&all)
        .header("if-match", "\"9\"");
    assert_eq!(stale.send().await.unwrap().status(), 412);

    let output = served.stop(Signal::SIGTERM);
    let lines = audited(&output.stderr);
    let seen: Vec<_> = lines
        .iter()
        .map(|(operation, outcome, _)| (operation.as_str(), *outcome))
        .collect();
    let expected = [
        ("issue_token", 200),
        ("issue_token", 200),
        ("create_agent", 201),
        ("create_log", 201),
        ("set_config", 201),
        ("create_oauth_client", 201),
        ("create_agent", 403),
        ("list_agents", 401),
        ("create_agent", 401),
        ("issue_token", 401),
        ("delete_agent", 412),
    ];
    assert_eq!(seen, expected);
    for (operation, outcome, line) in &lines {
        // Whoever has shown no good token is not known.
        if *outcome == 401 {
            assert_eq!(line.get("subject"), None, "{line}");
            continue;
        }
        assert_eq!(line["client"], session.client.as_str(), "{operation}");
        assert_eq!(line["subject"], session.client.as_str());
        assert_eq!(line["tenant"], "default");
        assert_eq!(line["issuer"], session.url.as_str());
        assert_eq!(line["from"], "127.0.0.1");
        assert!(line["request_id"].is_string() && line["method"].is_string());
    }
    assert_eq!(
        (&lines[2].2["path"], &lines[2].2["created"]),
        (&json!("/agents"), &json!(location))
    );
    assert_eq!(lines[10].2["path"], path.as_str());
    let secret = second["client_secret"].as_str().unwrap();
    for hidden in [
        "hidden",
        secret,
        session.secret.as_str(),
        all.as_str(),
        weak.as_str(),
    ] {
        assert!(!output.stderr.contains(hidden), "{hidden} is in the log");
    }
}

#[tokio::test]
async fn records_can_be_left_out_of_the_audit() {
    for (audit, expected) in [
        ("changes", vec!["issue_token", "create_agent", "list_logs"]),
        ("refusals", vec!["list_logs"]),
    ] {
        let home = TestHome::new();
        let (served, session) = start(&home, &["--audit", audit]);
        let token = session.token("agents:write logs:write").await;
        let created = session
            .post("/agents", &token, &json!({ "name": "a" }))
            .await;
        let location = created.headers()["location"].to_str().unwrap().to_owned();
        let logs = format!("{}/logs", location.strip_prefix(&session.url).unwrap());
        assert_eq!(
            session
                .post(&logs, &token, &json!({ "level": "info", "message": "m" }))
                .await
                .status(),
            201
        );
        let list = session
            .http
            .get(format!("{}{logs}", session.url))
            .bearer_auth(&token);
        assert_eq!(list.send().await.unwrap().status(), 403);
        let output = served.stop(Signal::SIGTERM);
        let seen: Vec<_> = audited(&output.stderr)
            .into_iter()
            .map(|line| line.0)
            .collect();
        assert_eq!(seen, expected, "{audit}");
    }
}
