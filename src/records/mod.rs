//! What the time-stamped records (logs, metrics, tool usage) have in common: their ids and instants,
//! the way in, the way lists are read.

/// Gives an enum its numbers in the database, in a column `smallint`.
macro_rules! numbered {
    ($type:ident { $($variant:ident = $number:literal),+ $(,)? }) => {
        impl $type {
            /// All of them, by number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its number in the database.
            pub fn number(self) -> i16 {
                match self {
                    $(Self::$variant => $number),+
                }
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::SmallInt, diesel::pg::Pg> for $type {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::SmallInt, diesel::pg::Pg>::to_sql(
                    &self.number(),
                    &mut out.reborrow(),
                )
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::SmallInt, diesel::pg::Pg> for $type {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let number = i16::from_sql(value)?;
                let found = Self::ALL.iter().find(|one| one.number() == number);
                Ok(*found.ok_or("the column holds an unknown number")?)
            }
        }
    };
}

pub(crate) use numbered;

pub mod batch;
pub mod bucket;
pub mod export;
pub mod hex;
pub mod ingest;
pub mod list;
pub mod purge;
pub mod read;
pub mod stamp;
pub mod words;
