//! The program as people run it: a process with a terminal's worth of output, signals and crashes.

use std::{collections::BTreeMap, process::Command, time::Duration};

use nix::sys::signal::{Signal, kill};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    cluster, eventually,
    process::{Output, Served, TestHome, agentdata},
    raw::{PATIENCE, Raw},
};

/// A client that goes to no proxy.
fn http() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// The token command that the greeting shows, run by a shell.
fn printed_token(greeting: &[String]) -> String {
    let call = greeting.iter().find(|line| line.contains("curl ")).unwrap();
    let (_, rest) = call.split_once("$(").unwrap();
    let (command, _) = rest.rsplit_once(')').unwrap();
    let token = Output::of(Command::new("sh").args(["-c", command])).success();
    token.trim().to_owned()
}

/// The words behind a name in the greeting.
fn printed<'a>(greeting: &'a [String], name: &str) -> &'a str {
    let line = greeting.iter().find(|line| line.contains(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in {greeting:?}"));
    line.split_whitespace().last().unwrap()
}

async fn agents(url: &str, token: &str) -> Vec<String> {
    let response = http()
        .get(format!("{url}/agents"))
        .bearer_auth(token)
        .send();
    let response = response.await.unwrap();
    assert_eq!(response.status(), 200);
    let list: Value = response.json().await.unwrap();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn create(url: &str, token: &str, name: &str) -> StatusCode {
    let body = json!({ "name": name });
    let request = http()
        .post(format!("{url}/agents"))
        .bearer_auth(token)
        .json(&body);
    request.send().await.unwrap().status()
}

/// Most systems let a process begin with 1024 descriptors, and have more to give.
#[cfg(target_os = "linux")]
#[test]
fn serve_takes_the_descriptors_that_its_connections_need() {
    let home = TestHome::new();
    let flags = ["serve", "--listen", "127.0.0.1:0", "--max-connections"];
    for (connections, expected, warns) in [("500", 700, false), ("100000", 900, true)] {
        let served = home.command(&[&flags[..], &[connections]].concat());
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "ulimit -S -n 300; ulimit -H -n 900; exec \"$0\" \"$@\"",
        ]);
        command.arg(served.get_program()).args(served.get_args());
        for (name, _) in served.get_envs() {
            command.env_remove(name);
        }
        let mut served = Served::spawn(command);
        served.greeting();
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", served.pid())).unwrap();
        let limit = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let soft = limit.unwrap().split_whitespace().nth(3).unwrap();
        assert_eq!(soft.parse(), Ok(expected), "{limits}");
        let output = served.stop(Signal::SIGTERM);
        assert_eq!(
            output.stderr.contains("fewer file descriptors"),
            warns,
            "{output:?}"
        );
    }
}

#[tokio::test]
async fn the_first_start_shows_a_client_and_a_call_and_both_work() {
    let home = TestHome::new();
    let mut served = home.serve(&[]);
    let (greeting, url) = (served.greeting(), served.url());
    assert!(
        greeting
            .iter()
            .any(|line| line.ends_with(&format!("{url}/docs"))),
        "{greeting:?}"
    );
    let call = greeting.iter().find(|line| line.contains("curl ")).unwrap();
    assert!(call.ends_with(&format!("{url}/agents")), "{call}");
    let token = printed_token(&greeting);
    assert_eq!(create(&url, &token, "first").await, 201);

    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", printed(&greeting, "client_id")),
        ("client_secret", printed(&greeting, "client_secret")),
    ];
    let response = http()
        .post(format!("{url}/oauth/token"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let issued: Value = response.json().await.unwrap();
    let token = issued["access_token"].as_str().unwrap();
    assert_eq!(agents(&url, token).await, ["first"]);

    let output = served.stop(Signal::SIGTERM);
    output.success();
    assert_eq!(home.postmaster(), None, "PostgreSQL has stopped too");
}

#[tokio::test]
async fn what_was_written_outlasts_every_kind_of_end() {
    let home = TestHome::new();
    let mut written = Vec::new();
    for (start, signal) in [
        Signal::SIGTERM,
        Signal::SIGKILL,
        Signal::SIGINT,
        Signal::SIGTERM,
    ]
    .into_iter()
    .enumerate()
    {
        let mut served = home.serve(&[]);
        let (greeting, url) = (served.greeting(), served.url());
        let first = greeting.iter().any(|line| line.contains("client_secret"));
        assert_eq!(first, start == 0, "the secret is shown once: {greeting:?}");
        let token = printed_token(&greeting);
        assert_eq!(agents(&url, &token).await, written);
        let name = format!("agent {start}");
        assert_eq!(create(&url, &token, &name).await, 201);
        written.insert(0, name);
        let output = served.stop(signal);
        if signal == Signal::SIGKILL {
            assert!(
                home.postmaster().is_some(),
                "nobody was left to stop PostgreSQL"
            );
        } else {
            assert_eq!(output.status.code(), Some(0), "{signal}: {output:?}");
            assert_eq!(
                home.postmaster(),
                None,
                "{signal}: PostgreSQL has stopped too"
            );
        }
    }
}

#[tokio::test]
async fn a_stop_during_the_first_start_stops_everything() {
    let home = TestHome::new();
    let served = home.serve(&[]);
    eventually("PostgreSQL is being made", PATIENCE, || async {
        home.home().join("postgres.lock").exists()
    })
    .await;
    let output = served.stop(Signal::SIGTERM);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_requests() {
    let home = TestHome::new();
    let mut served = home.serve(&[]);
    let url = served.url();
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let mut slow = Raw::connect(address).await;
    slow.send(
        "POST /oauth/token HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n",
    )
    .await;
    assert_eq!(slow.answer().await.status, 100, "the request is under way");
    served.signal(Signal::SIGTERM);
    eventually("new connections are refused", PATIENCE, || async {
        tokio::net::TcpStream::connect(address).await.is_err()
    })
    .await;
    assert!(served.is_running(), "the request under way is waited for");
    let begin = std::time::Instant::now();
    let output = served.stop(Signal::SIGTERM);
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn a_postgresql_that_dies_is_started_again_while_the_server_serves() {
    let home = TestHome::new();
    let mut served = home.serve(&[]);
    let (greeting, url) = (served.greeting(), served.url());
    let token = printed_token(&greeting);
    assert_eq!(create(&url, &token, "before").await, 201);
    kill(home.postmaster().unwrap(), Signal::SIGKILL).unwrap();
    eventually("the server is ready again", PATIENCE, || async {
        let list = http()
            .get(format!("{url}/agents"))
            .bearer_auth(&token)
            .send();
        let status = list.await.unwrap().status();
        assert!(status == 200 || status == 503, "{status}");
        let ready = http()
            .get(format!("{url}/readyz"))
            .send()
            .await
            .unwrap()
            .status();
        home.postmaster().is_some() && status == 200 && ready == 200
    })
    .await;
    assert_eq!(agents(&url, &token).await, ["before"]);
    served.stop(Signal::SIGTERM).success();
}

#[tokio::test]
async fn the_commands_join_a_running_server_or_start_a_database_of_their_own() {
    let home = TestHome::new();
    // On an empty home: `migrate` makes the database and leaves nothing running.
    let migrated = home.run(&["migrate"]).success();
    assert!(
        migrated.starts_with("the schema is up to date: "),
        "{migrated}"
    );
    assert_eq!(home.postmaster(), None);
    let created = home
        .run(&[
            "client",
            "create",
            "--name",
            "reader",
            "--scopes",
            "agents:read",
        ])
        .success();
    assert!(
        created.contains("client_id=") && created.contains("client_secret="),
        "{created}"
    );
    let again = [
        "client",
        "create",
        "--name",
        "reader",
        "--scopes",
        "agents:read",
    ];
    let error = home.run(&again).failure();
    assert!(
        error.contains("there is a client named `reader` in the tenant `default` already"),
        "{error}"
    );
    let status = home.run(&["status"]).success();
    for words in [
        "does not run here",
        "started for this command",
        "18.",
        " 0 pending",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
    assert!(!status.contains("agentdata:"), "no password: {status}");
    assert_eq!(home.postmaster(), None);

    let mut served = home.serve(&[]);
    let (url, postgres) = (served.url(), home.postmaster());
    let listen = url.strip_prefix("http://").unwrap();
    let status = home.run(&["status", "--listen", listen]).success();
    for words in [
        &format!("{url}: ready"),
        "running",
        home.data().to_str().unwrap(),
        " MB",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
    home.run(&["migrate"]).success();
    let maintained = home.run(&["maintain", "--retention-logs", "30d"]).success();
    for line in [
        "partitions made     0",
        "partitions expired  0",
        "rows purged         0",
    ] {
        assert!(maintained.contains(line), "{line}: {maintained}");
    }
    let token = |words: &[&str]| {
        let fixed = ["token", "--listen", listen, "--client", "reader"];
        home.run(&[&fixed, words].concat())
    };
    let reader = token(&["--scope", "agents:read"]).success();
    assert_eq!(agents(&url, reader.trim()).await, Vec::<String>::new());
    assert_eq!(create(&url, reader.trim(), "x").await, 403);
    let error = token(&["--scope", "agents:read agents:write"]).failure();
    assert!(error.contains("may have: agents:read"), "{error}");
    assert_eq!(
        token(&["--scope", "agents:everything"]).status.code(),
        Some(2)
    );
    let error = home.run(&["token", "--client", "nobody"]).failure();
    assert!(error.contains("no client named `nobody`"), "{error}");
    // The commands have left the server's database alone.
    assert_eq!(home.postmaster(), postgres);
    served.stop(Signal::SIGTERM).success();
}

#[test]
fn the_specification_needs_no_database_and_no_home() {
    let emit = |words: &[&str]| {
        let mut command = agentdata();
        command.arg("openapi").args(words);
        command
            .env("HOME", "/nonexistent")
            .env("PATH", "/nonexistent");
        Output::of(command.env("DATABASE_URL", "postgresql://nowhere:1/none")).success()
    };
    let json: Value = serde_json::from_str(&emit(&[])).unwrap();
    let yaml: Value = serde_yaml_ng::from_str(&emit(&["--format", "yaml"])).unwrap();
    assert_eq!(json, yaml);
    assert!(json["paths"]["/agents"]["post"].is_object());
}

#[tokio::test]
async fn an_outside_database_is_used_and_left_running() {
    let home = TestHome::new();
    let database = cluster::empty_database().await;
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("DATABASE_URL", &database);
    let mut served = Served::spawn(command);
    let (greeting, url) = (served.greeting(), served.url());
    let call = greeting.iter().find(|line| line.contains("curl ")).unwrap();
    let password = database.split(['/', ':', '@']).nth(4).unwrap();
    assert!(!call.contains(password), "{call}");
    let (_, rest) = call.split_once("$(").unwrap();
    let (command, _) = rest.rsplit_once(')').unwrap();
    let mut shell = Command::new("sh");
    let token = Output::of(shell.args(["-c", command]).env("DATABASE_URL", &database)).success();
    assert_eq!(create(&url, token.trim(), "outside").await, 201);
    assert_eq!(home.postmaster(), None, "no private PostgreSQL was made");
    served.stop(Signal::SIGTERM).success();
    let session = cluster::Session::open(&database).await;
    assert_eq!(session.number("SELECT count(*) FROM agents").await, 1);
}

#[tokio::test]
async fn a_home_that_is_in_use_and_a_port_that_is_taken_are_named() {
    let home = TestHome::new();
    let mut served = home.serve(&[]);
    let url = served.url();
    let error = home.serve(&[]).end().failure();
    assert!(
        error.contains(&format!("process {}, a server", served.pid())),
        "{error}"
    );
    assert!(error.contains(home.home().to_str().unwrap()), "{error}");

    let other = TestHome::new();
    let address = url.strip_prefix("http://").unwrap();
    let error = other.run(&["serve", "--listen", address]).failure();
    assert!(
        error.contains(&format!("cannot listen on {address}")),
        "{error}"
    );
    assert!(!other.data().exists(), "nothing was begun");
    assert_eq!(
        agents(&url, &printed_token(&served.greeting())).await,
        Vec::<String>::new()
    );
    served.stop(Signal::SIGTERM).success();
}

#[tokio::test]
async fn the_log_is_json_and_holds_no_token_no_secret_and_no_body() {
    let home = TestHome::new();
    for level in ["info", "debug"] {
        let mut served = home.serve(&["--log", level]);
        let (greeting, url) = (served.greeting(), served.url());
        let token = printed_token(&greeting);
        let id = "3f2c9a70-98a5-4d0c-9d39-0b8a5e6f1c22";
        let body =
            json!({ "name": format!("hidden-name-{level}"), "metadata": { "k": "hidden-value" } });
        let post = |body: String| {
            let request = http().post(format!("{url}/agents?hidden-query=hidden-query"));
            let plain = http().post(format!("{url}/agents"));
            let with = |request: reqwest::RequestBuilder| {
                let request = request.bearer_auth(&token).header("x-request-id", id);
                request
                    .header("content-type", "application/json")
                    .body(body.clone())
                    .send()
            };
            (with(plain), with(request))
        };
        let (good, refused) = post(body.to_string());
        assert_eq!(good.await.unwrap().status(), 201);
        assert_eq!(refused.await.unwrap().status(), 422);
        // Nor of a config, secret or not, stored or refused.
        let agents = http().get(format!("{url}/agents")).bearer_auth(&token);
        let agents: Value = agents.send().await.unwrap().json().await.unwrap();
        let agent = agents["items"][0]["id"].as_str().unwrap().to_owned();
        for (secret, least, status) in [(true, 1, 201), (false, 1, 200), (true, 99, 422)] {
            let schema = json!({ "minLength": least, "description": "hidden-schema" });
            let body =
                json!({ "key": "k", "value": "hidden-config", "secret": secret, "schema": schema });
            let set = http().post(format!("{url}/agents/{agent}/configs"));
            let set = set.bearer_auth(&token).json(&body).send().await.unwrap();
            assert_eq!(set.status(), status);
        }
        // The same again breaks a rule of the database, whose message holds the name.
        assert_eq!(post(body.to_string()).0.await.unwrap().status(), 409);
        assert_eq!(
            post(r#"{"name":"hidden-broken"#.into())
                .0
                .await
                .unwrap()
                .status(),
            400
        );
        for secret in ["hidden-secret", token.as_str()] {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret),
            ];
            let answer = http().post(format!("{url}/oauth/token")).form(&form).send();
            assert_eq!(answer.await.unwrap().status(), 401);
        }
        let bad = http().get(format!("{url}/agents?access_token=hidden-token"));
        bad.bearer_auth("hidden.bearer.token").send().await.unwrap();

        let output = served.stop(Signal::SIGTERM);
        let log = output.stderr;
        let read = |name: &str| {
            std::fs::read_to_string(home.home().join(name))
                .unwrap()
                .trim()
                .to_owned()
        };
        let mut forbidden = vec![
            ("the token", token.clone()),
            (
                "the token's signature",
                token.rsplit('.').next().unwrap().to_owned(),
            ),
            ("the database's password", read("postgres-password")),
            ("the master key", read("master.key")),
            ("what requests held", "hidden".to_owned()),
        ];
        if greeting.iter().any(|line| line.contains("client_secret")) {
            forbidden.push((
                "the client's secret",
                printed(&greeting, "client_secret").to_owned(),
            ));
        }
        for (what, text) in forbidden {
            let line = log.lines().find(|line| line.contains(&text));
            assert_eq!(line, None, "{what} is in the log");
        }
        let lines: Vec<BTreeMap<String, Value>> = log
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        let answered: Vec<_> = lines
            .iter()
            .filter(|line| line.get("message") == Some(&json!("answered")))
            .filter(|line| line.get("request_id") == Some(&json!(id)))
            .map(|line| line["status"].as_u64().unwrap())
            .collect();
        // Successes are in the log at the level debug only.
        let successes = [201].iter().filter(|_| level == "debug");
        let expected: Vec<u64> = successes.chain(&[422, 409, 400]).copied().collect();
        assert_eq!(answered, expected);
        let with_client = |line: &&BTreeMap<String, Value>| {
            line.get("message") == Some(&json!("answered"))
                && line.get("request_id") == Some(&json!(id))
                && line.contains_key("client")
        };
        // The query is refused before anybody asks who calls.
        let known = lines.iter().filter(with_client).count();
        assert_eq!(known, expected.len() - 1);
        for field in ["timestamp", "level", "target"] {
            assert!(lines.iter().all(|line| line.contains_key(field)), "{field}");
        }
    }
}
