//! Tokens that are no longer good although their time has not come (RFC 7009).

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use tokio::sync::{Mutex, Notify};

use super::store;
use crate::{
    db::{Db, DbError},
    values::{Id, Timestamp},
};

/// What was revoked: ids of tokens, and of clients all of whose tokens are.
///
/// Every server has all of it in memory, and reads it anew every [`INTERVAL`](super::refresh::INTERVAL):
/// so much later another server knows of a revocation. An entry lives as long as the tokens it is about.
#[derive(Default)]
pub struct Revocations {
    ids: RwLock<HashSet<Id>>,
    /// One reads at a time, so that an older reading cannot replace a newer one.
    reading: Mutex<()>,
    /// Wakes those whose streams end with their token.
    read: Notify,
}

impl Revocations {
    /// Whether this id was revoked, as far as this server knows.
    pub fn contain(&self, id: Id) -> bool {
        self.ids
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&id)
    }

    /// Returns when one of these ids was revoked, as far as this server knows.
    pub async fn revoked(&self, ids: [Id; 2]) {
        loop {
            // Made before they are looked at, so that no reading can slip between the two.
            let read = self.read.notified();
            if ids.iter().any(|id| self.contain(*id)) {
                return;
            }
            read.await;
        }
    }

    /// Revokes a token, or all tokens of a client. This server knows it at once.
    pub async fn revoke(&self, db: &Db, id: Id, until: Timestamp) -> Result<(), DbError> {
        let connection = db.shared().await?;
        db.query(store::insert_revocation(&connection, id, until))
            .await?;
        self.load(db).await
    }

    /// Reads what was revoked.
    pub async fn load(&self, db: &Db) -> Result<(), DbError> {
        let _one_at_a_time = self.reading.lock().await;
        let connection = db.shared().await?;
        let ids = db.query(store::revocations(&connection)).await?;
        *self.ids.write().unwrap_or_else(PoisonError::into_inner) = ids.into_iter().collect();
        self.read.notify_waiters();
        Ok(())
    }
}
