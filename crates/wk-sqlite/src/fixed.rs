//! Statements of fixed text, which diesel prepares once per connection.
//!
//! Diesel's own UPDATE and ON CONFLICT statements are built and prepared anew for each call, which costs more than
//! running them.

use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::Sqlite;

/// The text of a statement; `?` stands for each value, in the order of the values.
pub(crate) trait Sql: 'static {
    const TEXT: &'static str;
}

/// A statement that returns rows.
pub(crate) trait Rows: Sql {
    /// The types of its columns.
    type Columns;
}

/// Names a statement, for [`Fixed`], or with the types of its columns for [`Fetch`].
macro_rules! sql {
    ($name:ident, $($text:expr),+) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl $crate::fixed::Sql for $name {
            const TEXT: &'static str = concat!($($text),+);
        }
    };
    ($name:ident -> $columns:ty, $($text:expr),+) => {
        $crate::fixed::sql!($name, $($text),+);

        impl $crate::fixed::Rows for $name {
            type Columns = $columns;
        }
    };
}
pub(crate) use sql;

/// A statement with its values. Run it with `execute`, or with `get_result` if it returns one number.
pub(crate) struct Fixed<'a, S, const N: usize> {
    values: [Value<'a>; N],
    sql: PhantomData<S>,
}

impl<'a, S: Sql, const N: usize> Fixed<'a, S, N> {
    pub(crate) const fn new(_: S, values: [Value<'a>; N]) -> Self
    where
        S: Copy,
    {
        Self { values, sql: PhantomData }
    }
}

/// A statement with its values that returns rows. Run it with `load`, `load_iter` or `get_result`.
pub(crate) struct Fetch<'a, S, const N: usize>(Fixed<'a, S, N>);

impl<'a, S: Rows, const N: usize> Fetch<'a, S, N> {
    pub(crate) const fn new(sql: S, values: [Value<'a>; N]) -> Self
    where
        S: Copy,
    {
        Self(Fixed::new(sql, values))
    }
}

impl<S: Rows, const N: usize> QueryFragment<Sqlite> for Fetch<'_, S, N> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<S: Rows, const N: usize> QueryId for Fetch<'_, S, N> {
    type QueryId = S;
}

impl<S: Rows, const N: usize> Query for Fetch<'_, S, N> {
    type SqlType = S::Columns;
}

impl<S: Rows, const N: usize> RunQueryDsl<SqliteConnection> for Fetch<'_, S, N> {}

/// A value of a statement.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Blob(&'a [u8]),
    Int(Option<i64>),
    Text(Option<&'a str>),
}

impl<S: Sql, const N: usize> QueryFragment<Sqlite> for Fixed<'_, S, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut texts = S::TEXT.split('?');
        out.push_sql(texts.next().unwrap_or_default());
        for (value, text) in self.values.iter().zip(texts) {
            match value {
                Value::Blob(value) => out.push_bind_param::<Binary, _>(*value)?,
                Value::Int(value) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Value::Text(value) => out.push_bind_param::<Nullable<Text>, _>(value)?,
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

impl<S: Sql, const N: usize> QueryId for Fixed<'_, S, N> {
    type QueryId = S;
}

impl<S: Sql, const N: usize> Query for Fixed<'_, S, N> {
    type SqlType = BigInt;
}

impl<S: Sql, const N: usize> RunQueryDsl<SqliteConnection> for Fixed<'_, S, N> {}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<Option<bool>> for Value<'_> {
    fn from(value: Option<bool>) -> Self {
        Self::Int(value.map(i64::from))
    }
}

impl From<i32> for Value<'_> {
    fn from(value: i32) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}
