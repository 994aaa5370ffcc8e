//! What a server does by itself so that all servers agree on keys and revocations.

use std::time::Duration;

use super::{Authenticator, store};
use crate::db::Db;

/// How long after another server a server knows of a revocation.
pub const INTERVAL: Duration = Duration::from_secs(2);
/// Every how many intervals the signing keys are read: each minute. A new key signs only later
/// ([`PUBLISH_AHEAD`](super::keys::PUBLISH_AHEAD)).
const KEYS_EVERY: u32 = 30;

/// Runs until it is dropped.
pub async fn run(db: Db, authenticator: Authenticator, key_days: u32) {
    let key_age = Duration::from_secs(u64::from(key_days) * 86_400);
    let mut ticks = tokio::time::interval(INTERVAL);
    let mut tick = 0_u32;
    loop {
        ticks.tick().await;
        let loaded = authenticator.revocations().load(&db).await;
        if let Err(error) = loaded {
            // The next try is soon, and requests that need the database say for themselves that it is away.
            tracing::debug!(%error, "revocations");
        }
        if tick == 0
            && let Err(error) = each_minute(&db, &authenticator, key_age).await
        {
            tracing::warn!(error = format!("{error:#}"), "signing keys and revocations");
        }
        authenticator.limits().forget_idle();
        tick = (tick + 1) % KEYS_EVERY;
    }
}

async fn each_minute(
    db: &Db,
    authenticator: &Authenticator,
    key_age: Duration,
) -> anyhow::Result<()> {
    let keys = authenticator.tokens().keys();
    keys.load(db).await?;
    keys.rotate_by_age(db, key_age).await?;
    let connection = db.shared().await?;
    db.query(store::purge_revocations(&connection)).await?;
    Ok(())
}
