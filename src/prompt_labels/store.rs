//! All SQL of labels.

use diesel::{prelude::*, result::QueryResult, upsert::excluded};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Label;
use crate::{
    db::{
        TenantId,
        schema::{prompt_label_moves, prompt_labels},
    },
    values::{Id, Timestamp},
};

/// Where a label is, locked until the end of the transaction.
pub struct Locked {
    /// The version that it sits on; none when it is new or was deleted.
    pub version: Option<i32>,
    /// How often it has moved.
    moves: i32,
    /// When it moved last; of a new label nothing to go by.
    pub moved_at: Timestamp,
    /// The client that moved it last.
    pub moved_by: Id,
}

/// Locks a label of an agent, and makes it where there is none.
pub async fn lock(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    label: &Label,
    client: Id,
) -> QueryResult<Locked> {
    let (version, moves, moved_at, moved_by) = diesel::insert_into(prompt_labels::table)
        .values((
            prompt_labels::tenant_id.eq(tenant.0),
            prompt_labels::agent_id.eq(agent),
            prompt_labels::label.eq(label.as_str()),
            prompt_labels::moves.eq(0),
            prompt_labels::moved_at.eq(Timestamp::now()),
            prompt_labels::moved_by.eq(client),
        ))
        .on_conflict((
            prompt_labels::tenant_id,
            prompt_labels::agent_id,
            prompt_labels::label,
        ))
        .do_update()
        .set(prompt_labels::label.eq(excluded(prompt_labels::label)))
        .returning((
            prompt_labels::version,
            prompt_labels::moves,
            prompt_labels::moved_at,
            prompt_labels::moved_by,
        ))
        .get_result(connection)
        .await?;
    Ok(Locked {
        version,
        moves,
        moved_at,
        moved_by,
    })
}

/// Moves a locked label to a version, or with none deletes it; answers when. The move is kept.
pub async fn put(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    (agent, label): (Id, &Label),
    locked: &Locked,
    version: Option<i32>,
    client: Id,
) -> QueryResult<Timestamp> {
    let (number, now) = (locked.moves + 1, Timestamp::now());
    diesel::update(prompt_labels::table.find((tenant.0, agent, label.as_str())))
        .set((
            prompt_labels::version.eq(version),
            prompt_labels::moves.eq(number),
            prompt_labels::moved_at.eq(now),
            prompt_labels::moved_by.eq(client),
        ))
        .execute(connection)
        .await?;
    diesel::insert_into(prompt_label_moves::table)
        .values((
            prompt_label_moves::tenant_id.eq(tenant.0),
            prompt_label_moves::agent_id.eq(agent),
            prompt_label_moves::label.eq(label.as_str()),
            prompt_label_moves::number.eq(number),
            prompt_label_moves::version.eq(version),
            prompt_label_moves::moved_at.eq(now),
            prompt_label_moves::moved_by.eq(client),
        ))
        .execute(connection)
        .await?;
    Ok(now)
}

/// Removes labels and their moves of an agent that is marked deleted, up to a number. Answers how
/// many rows.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    let moves = prompt_label_moves::table
        .filter(prompt_label_moves::tenant_id.eq(tenant.0))
        .filter(prompt_label_moves::agent_id.eq(agent))
        .order((prompt_label_moves::label, prompt_label_moves::number))
        .limit(limit)
        .select((prompt_label_moves::label, prompt_label_moves::number))
        .load::<(String, i32)>(connection)
        .await?;
    let mut removed = 0;
    if let Some((label, number)) = moves.last() {
        let up_to = prompt_label_moves::label
            .lt(label)
            .or(prompt_label_moves::label
                .eq(label)
                .and(prompt_label_moves::number.le(number)));
        removed = diesel::delete(
            prompt_label_moves::table
                .filter(prompt_label_moves::tenant_id.eq(tenant.0))
                .filter(prompt_label_moves::agent_id.eq(agent))
                .filter(up_to),
        )
        .execute(connection)
        .await?;
    }
    // Only labels without moves are left when the moves did not fill the number.
    let room = limit - i64::try_from(removed).unwrap_or(limit);
    let labels = prompt_labels::table
        .filter(prompt_labels::tenant_id.eq(tenant.0))
        .filter(prompt_labels::agent_id.eq(agent))
        .order(prompt_labels::label)
        .limit(room)
        .select(prompt_labels::label)
        .load::<String>(connection)
        .await?;
    if let Some(last) = labels.last() {
        removed += diesel::delete(
            prompt_labels::table
                .filter(prompt_labels::tenant_id.eq(tenant.0))
                .filter(prompt_labels::agent_id.eq(agent))
                .filter(prompt_labels::label.le(last)),
        )
        .execute(connection)
        .await?;
    }
    Ok(removed)
}
