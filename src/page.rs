//! Lists: keyset pages with opaque cursors, bounded in items and in bytes.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::QueryResult;
use futures_util::{Stream, StreamExt};
use serde::{Serialize, de::DeserializeOwned};

use crate::{body, problem::ApiError};

/// A page ends here even when it has fewer items than asked for.
pub const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the checksum at the head of a cursor.
const CHECKSUM_LEN: usize = 12;

/// The most items of a page when the caller does not say.
pub fn default_limit() -> i32 {
    100
}

/// What a store answers to a list: items, and whether there are more behind them.
pub struct Page<T> {
    /// The items in order.
    pub items: Vec<T>,
    /// Whether the next page has any.
    pub more: bool,
}

/// Takes rows up to the limit and to [`MAX_PAGE_BYTES`]. The query must ask for one row more than
/// the limit; a page has at least one item when there is any.
pub async fn collect<T>(
    rows: impl Stream<Item = QueryResult<T>>,
    limit: usize,
    size: impl Fn(&T) -> usize,
) -> QueryResult<Page<T>> {
    collect_within(rows, limit, MAX_PAGE_BYTES, size).await
}

/// As [`collect`], up to so many bytes.
pub async fn collect_within<T>(
    rows: impl Stream<Item = QueryResult<T>>,
    limit: usize,
    max_bytes: usize,
    size: impl Fn(&T) -> usize,
) -> QueryResult<Page<T>> {
    let mut rows = std::pin::pin!(rows);
    let (mut items, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next().await {
        let row = row?;
        bytes += size(&row);
        if items.len() == limit || (bytes > max_bytes && !items.is_empty()) {
            return Ok(Page { items, more: true });
        }
        items.push(row);
    }
    Ok(Page { items, more: false })
}

/// Writes a cursor: a position in the list that `list` describes (tenant, filters and order).
///
/// The cursor carries a checksum over both, so that it is refused with another list and when it was
/// altered. It is no secret: whoever forges one only moves within a list they may read.
pub fn encode_cursor(list: &impl Serialize, position: &impl Serialize) -> String {
    // Neither can fail: both are plain values without maps of odd keys.
    let position = serde_json::to_vec(position).unwrap_or_default();
    let mut bytes = checksum(list, &position);
    bytes.extend_from_slice(&position);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Where a page begins, from the query parameter `cursor`; `None` for the first page.
///
/// # Errors
/// 422 when the cursor is not one, or belongs to a list with other filters or another order.
pub fn decode_cursor<T: DeserializeOwned>(
    cursor: Option<&str>,
    list: &impl Serialize,
) -> Result<Option<T>, ApiError> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let position = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (sum, position) = bytes.split_at_checked(CHECKSUM_LEN)?;
        // What is forged may have in it what no position of ours has.
        (sum == checksum(list, position)).then(|| body::parse(position).ok())?
    };
    position().map(Some).ok_or_else(|| {
        ApiError::invalid_parameter(
            "cursor",
            "is not a cursor of this list with these filters and this order",
        )
    })
}

fn checksum(list: &impl Serialize, position: &[u8]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&serde_json::to_vec(list).unwrap_or_default());
    context.update(position);
    context.finish().as_ref()[..CHECKSUM_LEN].to_vec()
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let cursor = encode_cursor(&("t", 1), &("Ada", 7));
        assert_eq!(
            decode_cursor::<(String, i32)>(Some(&cursor), &("t", 1)).unwrap(),
            Some(("Ada".to_owned(), 7))
        );
        assert!(decode_cursor::<(String, i32)>(Some(&cursor), &("t", 2)).is_err());
        let altered = cursor.replace(&cursor[20..22], "zz");
        for bad in ["", "%", "AAAA", altered.as_str()] {
            assert!(
                decode_cursor::<(String, i32)>(Some(bad), &("t", 1)).is_err(),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_cursor_or_refused(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let encoded = URL_SAFE_NO_PAD.encode(bytes);
            for cursor in [text, encoded] {
                prop_assert!(decode_cursor::<(String, i32)>(Some(&cursor), &("t", 1)).is_err());
            }
        }

        #[test]
        fn a_cursor_comes_back_as_its_position(name in any::<String>(), number in any::<i32>()) {
            let position = (name, number);
            let cursor = encode_cursor(&("t", 1), &position);
            let read = decode_cursor::<(String, i32)>(Some(&cursor), &("t", 1));
            prop_assert_eq!(read.unwrap(), Some(position));
        }
    }

    #[tokio::test]
    async fn a_page_ends_at_its_limit_of_items_and_of_bytes() {
        let page = async |rows: usize, limit, size| {
            let page = collect(stream::iter((0..rows).map(Ok)), limit, move |_| size)
                .await
                .unwrap();
            (page.items.len(), page.more)
        };
        assert_eq!(page(3, 3, 1).await, (3, false));
        assert_eq!(page(4, 3, 1).await, (3, true));
        assert_eq!(page(4, 4, MAX_PAGE_BYTES / 2).await, (2, true));
        assert_eq!(page(2, 4, MAX_PAGE_BYTES + 1).await, (1, true));
    }
}
