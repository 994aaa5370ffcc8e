//! `agentdata client` and `agentdata keys`, beside a server that runs.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{eventually, process::TestHome};

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn clients_and_keys_are_managed_by_commands_while_the_server_runs() {
    let home = TestHome::new();
    let mut served = home.serve(&[]);
    served.greeting();
    let url = served.url();
    let secret_of = |output: String| {
        let value = |name: &str| {
            let line = output.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().to_owned()
        };
        (value("client_id="), value("client_secret="))
    };
    let grant = async |client: &(String, String)| {
        let request = http().post(format!("{url}/oauth/token"));
        let request = request.basic_auth(&client.0, Some(&client.1));
        let form = [("grant_type", "client_credentials")];
        let answer = request.form(&form).send().await.unwrap();
        let status = answer.status().as_u16();
        let token: Value = answer.json().await.unwrap();
        (status, token["access_token"].as_str().map(str::to_owned))
    };
    let list = async |token: &str| {
        let request = http().get(format!("{url}/agents")).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    let of_acme = ["--name", "a", "--tenant", "acme"];
    let command = |words: &[&str]| home.run(&[words, &of_acme].concat());
    let scopes = ["client", "create", "--scopes", "agents:read"];
    let first = secret_of(command(&scopes).success());
    let listed = home.run(&["client", "list", "--tenant", "acme"]).success();
    assert_eq!(listed, format!("{}\ta\tagents:read\n", first.0));

    let second = secret_of(command(&["client", "rotate"]).success());
    assert_eq!(second.0, first.0);
    for client in [&first, &second] {
        assert_eq!(grant(client).await.0, 200, "both are good for a day");
    }
    let third = secret_of(command(&["client", "rotate", "--overlap", "0"]).success());
    assert_eq!((grant(&second).await.0, grant(&third).await.0), (401, 200));

    let token = grant(&third).await.1.unwrap();
    assert_eq!(list(&token).await, 200);
    let rotated = home.run(&["keys", "rotate"]).success();
    assert!(rotated.starts_with("new signing key "), "{rotated}");
    assert_eq!(list(&grant(&third).await.1.unwrap()).await, 200);

    command(&["client", "delete"]).success();
    assert_eq!(grant(&third).await.0, 401);
    eventually("its token is refused", Duration::from_secs(5), async || {
        list(&token).await == 401
    })
    .await;
    let error = command(&["client", "delete"]).failure();
    assert!(
        error.contains("there is no client named `a` in the tenant `acme`"),
        "{error}"
    );
    served.stop(Signal::SIGTERM).success();
}
