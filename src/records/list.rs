//! Lists of records: one statement for every table, filter and order.

use std::{marker::PhantomData, time::Duration};

use diesel::{
    QueryResult, Selectable,
    expression::Expression,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Binary, SmallInt, Text, Timestamptz, Uuid},
};
use poem_openapi::Enum;
use serde::{Deserialize, Serialize};

use super::hex::TraceId;
use crate::{
    db::{TenantId, group_commit::Record},
    problem::ApiError,
    values::{Id, Timestamp},
};

/// The order of a list of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
pub enum RecordOrder {
    /// Oldest first.
    TimestampAsc,
    /// Newest first.
    #[default]
    TimestampDesc,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TimeRange {
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

impl TimeRange {
    /// A range from query parameters.
    ///
    /// # Errors
    /// 422 when it ends before it begins.
    pub fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self, ApiError> {
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(ApiError::invalid_parameter(
                "to",
                "must not lie before `from`",
            )),
            _ => Ok(Self { from, to }),
        }
    }
}

/// Where a page ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Position(pub Timestamp, pub Id);

/// A value that a column must equal.
#[derive(Clone, Copy, Debug)]
pub enum Equal<'a> {
    /// A text.
    Text(&'a str),
    /// A small number.
    Number(i16),
    /// The id of a trace.
    Trace(&'a TraceId),
    /// The id of a record.
    Id(Id),
}

/// What an attribute of a record must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttributeFilter {
    key: String,
    /// As text; `None` when it is enough that the attribute is there.
    value: Option<String>,
}

impl AttributeFilter {
    /// The filters of the query parameters `attr`: `key=value`, or a key alone.
    pub fn all(parameters: Vec<String>) -> Vec<Self> {
        let filter = |parameter: String| match parameter.split_once('=') {
            Some((key, value)) => Self {
                key: key.to_owned(),
                value: Some(value.to_owned()),
            },
            None => Self {
                key: parameter,
                value: None,
            },
        };
        parameters.into_iter().map(filter).collect()
    }
}

/// A pattern of LIKE for texts that contain this one; its wildcards are plain characters.
pub fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if ['\\', '%', '_'].contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// A page of an agent's records: a statement that answers one row more than the limit, and none when
/// there is no such agent.
///
/// `T` is the record and `R` the row that is read: `id`, `agent_id`, `timestamp`, and the record's
/// columns in their order. The statement's text is one of few, so that it is prepared once for each
/// combination of filters.
pub struct List<'a, T, R> {
    /// Whose they are.
    pub tenant: TenantId,
    /// Whose they are.
    pub agent: Id,
    /// When they happened.
    pub range: TimeRange,
    /// What columns must equal.
    pub equal: Vec<(&'static str, Equal<'a>)>,
    /// A column whose text must be like a pattern, in upper or lower case.
    pub like: Option<(&'static str, String)>,
    /// What attributes must be.
    pub attributes: &'a [AttributeFilter],
    /// A column that must have one of a few values.
    pub any: Option<(&'static str, Vec<i16>)>,
    /// Columns that are not read, and what stands in their place, in SQL.
    pub instead: Vec<(&'static str, &'static str)>,
    /// Their order.
    pub order: RecordOrder,
    /// Where the page before has ended.
    pub after: Option<Position>,
    limit: i64,
    rows: PhantomData<(T, R)>,
}

impl<T: Record, R> List<'_, T, R> {
    /// All records of an agent, newest first.
    pub fn new(tenant: TenantId, agent: Id, limit: usize) -> Self {
        Self {
            tenant,
            agent,
            range: TimeRange::default(),
            equal: Vec::new(),
            like: None,
            attributes: &[],
            any: None,
            order: RecordOrder::default(),
            after: None,
            instead: Vec::new(),
            limit: i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),
            rows: PhantomData,
        }
    }

    /// A record by its id, which tells where to look: in its millisecond, or only at this instant.
    /// `None` when no record has such an id.
    pub fn by_id(tenant: TenantId, agent: Id, id: Id, at: Option<Timestamp>) -> Option<Self> {
        let millisecond = id.instant()?;
        let (from, length) = match at {
            Some(at) => (at, Duration::from_micros(1)),
            None => (millisecond, Duration::from_millis(1)),
        };
        let mut list = Self::new(tenant, agent, 0);
        list.range = TimeRange {
            from: Some(from),
            to: Some(from.plus(length)),
        };
        list.order = RecordOrder::TimestampAsc;
        list.equal.push(("id", Equal::Id(id)));
        Some(list)
    }

    /// The columns of a row.
    pub fn columns(&self) -> String {
        let table = T::TABLE;
        let mut columns = format!("{table}.id, {table}.agent_id, {table}.timestamp");
        for column in T::COLUMNS.split(", ") {
            let instead = self.instead.iter().find(|(name, _)| *name == column);
            columns += &match instead {
                Some((_, instead)) => format!(", {instead}"),
                None => format!(", {table}.{column}"),
            };
        }
        columns
    }

    /// The conditions on a row, but for the position and [`Self::any`].
    pub fn conditions<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let table = T::TABLE;
        out.push_sql(&format!("{table}.tenant_id = "));
        out.push_bind_param::<BigInt, _>(&self.tenant.0)?;
        out.push_sql(&format!(" AND {table}.agent_id = "));
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        if let Some(from) = &self.range.from {
            out.push_sql(&format!(" AND {table}.timestamp >= "));
            out.push_bind_param::<Timestamptz, _>(from)?;
        }
        if let Some(to) = &self.range.to {
            out.push_sql(&format!(" AND {table}.timestamp < "));
            out.push_bind_param::<Timestamptz, _>(to)?;
        }
        for (column, value) in &self.equal {
            out.push_sql(&format!(" AND {table}.{column} = "));
            match value {
                Equal::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Equal::Number(number) => out.push_bind_param::<SmallInt, _>(number)?,
                Equal::Trace(id) => out.push_bind_param::<Binary, _>(*id)?,
                Equal::Id(id) => out.push_bind_param::<Uuid, _>(id)?,
            }
        }
        if let Some((column, pattern)) = &self.like {
            out.push_sql(&format!(" AND {table}.{column} ILIKE "));
            out.push_bind_param::<Text, _>(pattern)?;
        }
        if !self.attributes.is_empty() {
            // Callers could make as many statements as they like, and a connection forgets none.
            out.unsafe_to_cache_prepared();
        }
        for AttributeFilter { key, value } in self.attributes {
            match value {
                Some(value) => {
                    out.push_sql(&format!(" AND {table}.attributes ->> "));
                    out.push_bind_param::<Text, _>(key)?;
                    out.push_sql(" = ");
                    out.push_bind_param::<Text, _>(value)?;
                }
                None => {
                    out.push_sql(&format!(" AND jsonb_exists({table}.attributes, "));
                    out.push_bind_param::<Text, _>(key)?;
                    out.push_sql(")");
                }
            }
        }
        Ok(())
    }

    /// The condition of [`Self::any`].
    pub fn is_any<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if let Some((column, values)) = &self.any {
            out.push_sql(&format!(" AND {}.{column} = ANY (", T::TABLE));
            out.push_bind_param::<Array<SmallInt>, _>(values)?;
            out.push_sql(")");
        }
        Ok(())
    }

    /// The conditions on a row of the page.
    fn on_page<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let table = T::TABLE;
        self.conditions(out)?;
        if let Some(Position(timestamp, id)) = &self.after {
            let behind = self.behind();
            // It follows from the comparison of both, but only by this partitions are passed over.
            out.push_sql(&format!(" AND {table}.timestamp {behind}= "));
            out.push_bind_param::<Timestamptz, _>(timestamp)?;
            out.push_sql(&format!(" AND ({table}.timestamp, {table}.id) {behind} ("));
            out.push_bind_param::<Timestamptz, _>(timestamp)?;
            out.push_sql(", ");
            out.push_bind_param::<Uuid, _>(id)?;
            out.push_sql(")");
        }
        Ok(())
    }

    /// Rows that are asked for: one more than a page has.
    pub fn limit(&self) -> &i64 {
        &self.limit
    }

    fn behind(&self) -> &'static str {
        match self.order {
            RecordOrder::TimestampAsc => ">",
            RecordOrder::TimestampDesc => "<",
        }
    }

    /// The statement's order and limit.
    fn end<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (table, direction) = match self.order {
            RecordOrder::TimestampAsc => (T::TABLE, "ASC"),
            RecordOrder::TimestampDesc => (T::TABLE, "DESC"),
        };
        out.push_sql(&format!(
            " ORDER BY {table}.timestamp {direction}, {table}.id {direction} LIMIT "
        ));
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl<T: Record, R> QueryFragment<Pg> for List<'_, T, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let table = T::TABLE;
        out.push_sql(&format!("SELECT {} FROM ", self.columns()));
        match &self.any {
            // Each value has its own stretch of an index; as many pages as there are values are read
            // and merged, where a scan in order would pass over all rows of other values.
            Some((column, values)) if self.equal.is_empty() => {
                out.push_sql("unnest(");
                out.push_bind_param::<Array<SmallInt>, _>(values)?;
                out.push_sql(&format!(
                    ") AS wanted (value) CROSS JOIN LATERAL (SELECT * FROM {table} WHERE "
                ));
                self.on_page(&mut out)?;
                out.push_sql(&format!(" AND {table}.{column} = wanted.value"));
                self.end(&mut out)?;
                out.push_sql(&format!(") AS {table} WHERE "));
            }
            _ => {
                out.push_sql(&format!("{table} WHERE "));
                self.on_page(&mut out)?;
                self.is_any(&mut out)?;
                out.push_sql(" AND ");
            }
        }
        out.push_sql("EXISTS (SELECT FROM agents WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant.0)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        out.push_sql(" AND deleted_at IS NULL)");
        self.end(&mut out)
    }
}

/// The statement is known by its text, which depends on the filters.
impl<T, R> QueryId for List<'_, T, R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, R: Selectable<Pg>> Query for List<'_, T, R>
where
    R::SelectExpression: Expression,
{
    type SqlType = <R::SelectExpression as Expression>::SqlType;
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_plain_characters() {
        assert_eq!(containing(r"50% of_a\b"), r"%50\% of\_a\\b%");
    }

    #[test]
    fn an_attribute_is_told_by_key_and_value_or_by_key() {
        let filters = AttributeFilter::all(vec!["a=b=c".into(), "a".into(), "=".into()]);
        let told: Vec<_> = filters
            .iter()
            .map(|filter| (filter.key.as_str(), filter.value.as_deref()))
            .collect();
        assert_eq!(told, [("a", Some("b=c")), ("a", None), ("", Some(""))]);
    }
}
