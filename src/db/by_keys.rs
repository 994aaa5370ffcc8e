//! The statement that looks up the rows of many keys at once.

use std::marker::PhantomData;

use diesel::{
    expression::Expression,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::BigInt,
};

/// How the one row of a key is found.
pub trait ByKey: 'static {
    /// The row.
    type Row: Selectable<Pg>;
    /// Names of the key's columns.
    const COLUMNS: &'static str;
    /// What follows FROM in the statement for one key, whose columns are those of `key`.
    const FROM: &'static str;
}

type SelectionOf<L> = <<L as ByKey>::Row as Selectable<Pg>>::SelectExpression;

/// Finds the rows of many keys, each with the number of its key, from 1. LATERAL with LIMIT keeps the
/// planner at index lookups for each key, whatever it thinks of the number of keys.
pub struct ByKeys<L: ByKey, K> {
    columns: K,
    selection: SelectionOf<L>,
}

impl<L: ByKey, K> ByKeys<L, K> {
    /// Finds the rows of these keys: for each of their columns an array.
    pub fn new(columns: K) -> Self {
        Self {
            columns,
            selection: L::Row::construct_selection(),
        }
    }
}

impl<L: ByKey, K> Query for ByKeys<L, K>
where
    SelectionOf<L>: Expression,
{
    type SqlType = (BigInt, <SelectionOf<L> as Expression>::SqlType);
}

/// Prepared once for each way to find a row.
impl<L: ByKey, K> QueryId for ByKeys<L, K> {
    type QueryId = PhantomData<L>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<L: ByKey, K: QueryFragment<Pg>> QueryFragment<Pg> for ByKeys<L, K>
where
    SelectionOf<L>: QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT key.n, found.* FROM unnest(");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(") WITH ORDINALITY AS key(");
        out.push_sql(L::COLUMNS);
        out.push_sql(", n) CROSS JOIN LATERAL (SELECT ");
        self.selection.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        out.push_sql(L::FROM);
        out.push_sql(" LIMIT 1) AS found");
        Ok(())
    }
}

/// What was found for each of so many keys.
pub fn in_order<R, V: From<R>>(rows: Vec<(i64, R)>, keys: usize) -> Vec<Option<V>> {
    let mut found: Vec<Option<V>> = (0..keys).map(|_| None).collect();
    for (number, row) in rows {
        let place = usize::try_from(number - 1)
            .ok()
            .and_then(|n| found.get_mut(n));
        if let Some(place) = place {
            *place = Some(row.into());
        }
    }
    found
}
