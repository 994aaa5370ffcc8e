//! The words of datasets: how far vectors are apart, in what language texts are, what state an index
//! is in.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use poem_openapi::Enum;
use serde::Serialize;

use crate::values::words_in_json;

/// Makes an enumeration whose values are words, the same in JSON and in the database.
macro_rules! words {
    ($(#[$attribute:meta])* $name:ident { $($(#[$variant_attribute:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(
            Clone,
            Copy,
            Debug,
            Default,
            PartialEq,
            Eq,
            Enum,
            Serialize,
            AsExpression,
            FromSqlRow,
        )]
        #[diesel(sql_type = sql_types::Text)]
        pub enum $name {
            $($(#[$variant_attribute])* #[oai(rename = $word)] #[serde(rename = $word)] $variant,)+
        }

        words_in_json!($name);

        impl $name {
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl ToSql<sql_types::Text, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<sql_types::Text, Pg>::to_sql(self.as_str(), out)
            }
        }

        impl FromSql<sql_types::Text, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                match std::str::from_utf8(value.as_bytes())? {
                    $($word => Ok(Self::$variant),)+
                    other => Err(format!("the column holds the unknown word {other}").into()),
                }
            }
        }
    };
}

words!(
    /// How far two embeddings of a dataset are apart.
    Distance {
        /// One minus the cosine of the angle between them: 0 for one direction, 2 for the opposite.
        #[default]
        Cosine = "cosine",
        /// The Euclidean distance.
        L2 = "l2",
        /// The inner product, negated so that the nearest has the least.
        InnerProduct = "inner_product",
        /// The sum of the absolute differences (taxicab distance).
        L1 = "l1",
    }
);

impl Distance {
    /// The operator of pgvector.
    pub fn operator(self) -> &'static str {
        match self {
            Self::Cosine => "<=>",
            Self::L2 => "<->",
            Self::InnerProduct => "<#>",
            Self::L1 => "<+>",
        }
    }
}

words!(
    /// How searches of a dataset are answered now. New states may be added.
    IndexState {
        /// By comparing with every embedding: always right.
        #[default]
        Exact = "exact",
        /// As before, while the server builds the index.
        Building = "building",
        /// By the index: faster, and nearly always right.
        Ready = "ready",
    }
);

words!(
    /// The language of texts, by which `PostgreSQL` takes words of one stem for the same and leaves out
    /// those that say nothing.
    Language {
        /// Any: every word as it is, in lower case.
        #[default]
        Simple = "simple",
        /// Arabic.
        Arabic = "arabic",
        /// Armenian.
        Armenian = "armenian",
        /// Basque.
        Basque = "basque",
        /// Catalan.
        Catalan = "catalan",
        /// Danish.
        Danish = "danish",
        /// Dutch.
        Dutch = "dutch",
        /// English.
        English = "english",
        /// Finnish.
        Finnish = "finnish",
        /// French.
        French = "french",
        /// German.
        German = "german",
        /// Greek.
        Greek = "greek",
        /// Hindi.
        Hindi = "hindi",
        /// Hungarian.
        Hungarian = "hungarian",
        /// Indonesian.
        Indonesian = "indonesian",
        /// Irish.
        Irish = "irish",
        /// Italian.
        Italian = "italian",
        /// Lithuanian.
        Lithuanian = "lithuanian",
        /// Nepali.
        Nepali = "nepali",
        /// Norwegian.
        Norwegian = "norwegian",
        /// Portuguese.
        Portuguese = "portuguese",
        /// Romanian.
        Romanian = "romanian",
        /// Russian.
        Russian = "russian",
        /// Serbian.
        Serbian = "serbian",
        /// Spanish.
        Spanish = "spanish",
        /// Swedish.
        Swedish = "swedish",
        /// Tamil.
        Tamil = "tamil",
        /// Turkish.
        Turkish = "turkish",
        /// Yiddish.
        Yiddish = "yiddish",
    }
);
