//! All SQL of labels.

use diesel::{prelude::*, result::QueryResult, upsert::excluded};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{
    Label,
    model::{PromptLabel, PromptLabelMove},
};
use crate::{
    db::{
        TenantId,
        schema::{agents, prompt_label_moves, prompt_labels, prompts},
    },
    page::Page,
    prompts::store::living,
    values::{Id, Timestamp},
};

/// A page of labels behind a label, by name.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    after: Option<&str>,
    limit: usize,
) -> QueryResult<Page<PromptLabel>> {
    let mut connection = connection;
    let rows: Vec<(String, Option<i32>, Timestamp, Id)> = prompt_labels::table
        .filter(prompt_labels::tenant_id.eq(tenant.0))
        .filter(prompt_labels::agent_id.eq(agent))
        .filter(prompt_labels::label.gt(after.unwrap_or_default()))
        .filter(prompt_labels::version.is_not_null())
        .filter(living(tenant.0, agent))
        .order(prompt_labels::label)
        .limit(one_more(limit))
        .select((
            prompt_labels::label,
            prompt_labels::version,
            prompt_labels::moved_at,
            prompt_labels::moved_by,
        ))
        .load(&mut connection)
        .await?;
    let more = rows.len() > limit;
    let items = rows
        .into_iter()
        .take(limit)
        .filter_map(|(label, version, moved_at, moved_by)| {
            Some(PromptLabel {
                label: label.parse().ok()?,
                version: version?,
                moved_at,
                moved_by,
            })
        });
    Ok(Page {
        items: items.collect(),
        more,
    })
}

/// A page of a label's moves below a number, newest first. A label that was deleted still has them.
pub async fn list_moves(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    label: &Label,
    below: Option<i32>,
    limit: usize,
) -> QueryResult<Page<PromptLabelMove>> {
    let mut connection = connection;
    let rows: Vec<(i32, Option<i32>, Timestamp, Id)> = prompt_label_moves::table
        .filter(prompt_label_moves::tenant_id.eq(tenant.0))
        .filter(prompt_label_moves::agent_id.eq(agent))
        .filter(prompt_label_moves::label.eq(label.as_str()))
        .filter(prompt_label_moves::number.lt(below.unwrap_or(i32::MAX)))
        .filter(living(tenant.0, agent))
        .order(prompt_label_moves::number.desc())
        .limit(one_more(limit))
        .select((
            prompt_label_moves::number,
            prompt_label_moves::version,
            prompt_label_moves::moved_at,
            prompt_label_moves::moved_by,
        ))
        .load(&mut connection)
        .await?;
    let more = rows.len() > limit;
    let items = rows
        .into_iter()
        .take(limit)
        .map(|(number, version, moved_at, moved_by)| PromptLabelMove {
            number,
            version,
            moved_at,
            moved_by,
        });
    Ok(Page {
        items: items.collect(),
        more,
    })
}

fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// What a label shall be moved to.
pub enum Target {
    /// A version that is there.
    Version,
    /// A version that is not.
    NoVersion,
    /// A version of an agent that is not.
    NoAgent,
}

/// Whether a label can be moved to a version.
pub async fn target(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    version: i32,
) -> QueryResult<Target> {
    let wanted = prompts::tenant_id
        .eq(agents::tenant_id)
        .and(prompts::agent_id.eq(agents::id))
        .and(prompts::version.eq(version));
    let found = agents::table
        .filter(agents::tenant_id.eq(tenant.0))
        .filter(agents::id.eq(agent))
        .filter(agents::deleted_at.is_null())
        .left_join(prompts::table.on(wanted))
        .select(prompts::version.nullable())
        .first::<Option<i32>>(connection)
        .await
        .optional()?;
    Ok(match found {
        Some(Some(_)) => Target::Version,
        Some(None) => Target::NoVersion,
        None => Target::NoAgent,
    })
}

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

/// Locks a label of a living agent if it sits on a version.
pub async fn lock_existing(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    label: &Label,
) -> QueryResult<Option<Locked>> {
    let found = prompt_labels::table
        .find((tenant.0, agent, label.as_str()))
        .filter(prompt_labels::version.is_not_null())
        .filter(living(tenant.0, agent))
        .select((
            prompt_labels::version,
            prompt_labels::moves,
            prompt_labels::moved_at,
            prompt_labels::moved_by,
        ))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(found.map(|(version, moves, moved_at, moved_by)| Locked {
        version,
        moves,
        moved_at,
        moved_by,
    }))
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
/// many rows it found: another server may be removing the same, and what one has removed oneself
/// would make the agent look empty before it is.
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
    if let Some((label, number)) = moves.last() {
        let up_to = prompt_label_moves::label
            .lt(label)
            .or(prompt_label_moves::label
                .eq(label)
                .and(prompt_label_moves::number.le(number)));
        diesel::delete(
            prompt_label_moves::table
                .filter(prompt_label_moves::tenant_id.eq(tenant.0))
                .filter(prompt_label_moves::agent_id.eq(agent))
                .filter(up_to),
        )
        .execute(connection)
        .await?;
    }
    // Only labels without moves are left when the moves did not fill the number.
    let room = limit - i64::try_from(moves.len()).unwrap_or(limit);
    let labels = prompt_labels::table
        .filter(prompt_labels::tenant_id.eq(tenant.0))
        .filter(prompt_labels::agent_id.eq(agent))
        .order(prompt_labels::label)
        .limit(room)
        .select(prompt_labels::label)
        .load::<String>(connection)
        .await?;
    if let Some(last) = labels.last() {
        diesel::delete(
            prompt_labels::table
                .filter(prompt_labels::tenant_id.eq(tenant.0))
                .filter(prompt_labels::agent_id.eq(agent))
                .filter(prompt_labels::label.le(last)),
        )
        .execute(connection)
        .await?;
    }
    Ok(moves.len() + labels.len())
}
