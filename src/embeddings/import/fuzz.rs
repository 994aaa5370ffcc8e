//! Lines that come in pieces: whole again, wherever they were cut.

use std::time::Duration;

use tokio::io::BufReader;

use super::{MAX_LINE, read_line};

/// The target: the first byte says how long the pieces are, the rest are lines.
pub fn check(input: &[u8]) {
    let Some((length, text)) = input.split_first() else {
        return;
    };
    let read = async {
        let mut reader = BufReader::with_capacity(usize::from(*length).max(1), text);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            match read_line(&mut reader, &mut line, Duration::MAX).await {
                Ok(0) => return lines,
                Ok(read) => assert_eq!(read, line.len()),
                Err(error) => panic!("{error:?}"),
            }
            lines.push(line);
        }
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        panic!("there is no runtime");
    };
    let lines = runtime.block_on(read);
    assert!(lines.iter().all(|line| line.len() <= MAX_LINE));
    let expected: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines, expected);
}
