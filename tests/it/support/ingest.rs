//! Logs for the tests of the way in, past HTTP.

use agentdata::{
    db::TenantId,
    logs::model::{Log, NewLog},
    records::{batch::NewRecord, stamp::Clock},
    values::{Id, Timestamp},
};
use serde_json::json;

use super::{TestApp, cluster::Session};

/// Creates an agent; answers its id.
pub async fn agent(app: &TestApp, name: &str) -> Id {
    let created = app.post("/agents", &json!({ "name": name })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json["id"].as_str().unwrap().parse().unwrap()
}

/// The tenant of the tests' own token. It must have an agent.
pub async fn tenant(session: &Session) -> TenantId {
    TenantId(
        session
            .number("SELECT id FROM tenants WHERE name = 'default'")
            .await,
    )
}

/// A log of this moment.
pub fn log(agent: Id, message: &str) -> Log {
    let new: NewLog =
        serde_json::from_value(json!({ "level": "info", "message": message })).unwrap();
    let clock = Clock {
        now: Timestamp::now(),
        retention: None,
    };
    new.stamp(agent, &clock, 0).unwrap()
}
