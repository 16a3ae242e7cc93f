//! The formats of scanf(3): integers, characters and words.

use super::format::Wanted;
use crate::program::machine::{Machine, Trouble};

/// What scanning came to.
pub(super) enum Scanned {
    /// The input ends in the middle: more must be read first.
    More,
    /// So many values were assigned; `EOF` is -1.
    Count(i64),
}

/// One part of a format.
enum Piece {
    /// Any white space.
    Blank,
    /// Exactly this byte.
    Byte(u8),
    /// `%d`, `%c` or `%s`, with the bytes of the variable and the greatest width.
    Value { kind: u8, bytes: u8, width: usize },
}

/// What a format wants for each argument, or what in it is not known here.
pub(super) fn check(format: &[u8]) -> Result<Vec<Wanted>, String> {
    let wanted = pieces(format)?.into_iter().filter_map(|piece| match piece {
        Piece::Value {
            kind: b'd', bytes, ..
        } => Some(Wanted::Place(bytes)),
        Piece::Value { .. } => Some(Wanted::Text),
        Piece::Blank | Piece::Byte(_) => None,
    });
    Ok(wanted.collect())
}

/// Reads standard input as far as it is there.
pub(super) fn scan(machine: &mut Machine, format: u64, places: &[i64]) -> Result<Scanned, Trouble> {
    let format = machine.memory.string(format)?;
    let pieces =
        pieces(&format).map_err(|what| Trouble::unsupported(format!("scanf does not know {what} here")))?;
    let mut at = 0;
    let mut stores: Vec<(u64, Vec<u8>)> = Vec::new();
    let input = machine.stdin.buffer.clone();
    let at_end = machine.stdin.at_end;
    let mut places = places.iter();
    let mut ended = false;
    for piece in pieces {
        let skips = !matches!(piece, Piece::Byte(_) | Piece::Value { kind: b'c', .. });
        while skips && input.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if matches!(piece, Piece::Blank) {
            // Whether more white space follows is not known before something else is seen.
            if at == input.len() && !at_end {
                return Ok(Scanned::More);
            }
            continue;
        }
        if at == input.len() {
            if !at_end {
                return Ok(Scanned::More);
            }
            ended = true;
            break;
        }
        match piece {
            Piece::Blank => {}
            Piece::Byte(byte) => {
                if input[at] != byte {
                    break;
                }
                at += 1;
            }
            Piece::Value { kind, bytes, width } => {
                let len = token(kind, &input[at..], width);
                // The token may go on in what was not read yet.
                if kind != b'c' && at + len == input.len() && len < width && !at_end {
                    return Ok(Scanned::More);
                }
                let place = *places
                    .next()
                    .ok_or_else(|| Trouble::unsupported("scanf is given too few places"))?;
                let text = &input[at..at + len];
                let Some(value) = stored(kind, bytes, text) else {
                    break;
                };
                stores.push((place as u64, value));
                at += len;
            }
        }
    }
    let count = stores.len() as i64;
    for (place, bytes) in stores {
        machine.memory.write(place, &bytes)?;
    }
    machine.stdin.buffer.drain(..at);
    Ok(Scanned::Count(if ended && count == 0 { -1 } else { count }))
}

/// How many bytes belong to the value at the front.
fn token(kind: u8, input: &[u8], width: usize) -> usize {
    let end = match kind {
        b'c' => 1,
        b's' => input
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(input.len()),
        _ => {
            let sign = usize::from(matches!(input.first(), Some(b'+' | b'-')));
            let digits = input[sign..]
                .iter()
                .position(|byte| !byte.is_ascii_digit())
                .unwrap_or(input.len() - sign);
            sign + digits
        }
    };
    end.min(width)
}

/// The bytes that a value is in memory.
fn stored(kind: u8, bytes: u8, text: &[u8]) -> Option<Vec<u8>> {
    match kind {
        b'c' => Some(text.to_vec()),
        b's' => Some([text, b"\0"].concat()),
        _ => {
            let text = std::str::from_utf8(text).ok()?;
            let number: i64 = text.trim_start_matches('+').parse().ok()?;
            Some(number.to_le_bytes()[..usize::from(bytes)].to_vec())
        }
    }
}

fn pieces(format: &[u8]) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = format.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte.is_ascii_whitespace() {
            pieces.push(Piece::Blank);
            continue;
        }
        if byte != b'%' {
            pieces.push(Piece::Byte(byte));
            continue;
        }
        let mut width = 0;
        while let Some(digit) = rest.next_if(u8::is_ascii_digit) {
            width = (width * 10 + usize::from(digit - b'0')).min(4096);
        }
        let mut bytes = 4;
        while let Some(letter) = rest.next_if(|byte| matches!(byte, b'l' | b'h' | b'z')) {
            bytes = match (letter, bytes) {
                (b'h', 2) => 1,
                (b'h', _) => 2,
                _ => 8,
            };
        }
        let kind = match rest.next() {
            Some(b'd' | b'u') => b'd',
            Some(kind @ (b'c' | b's')) => kind,
            Some(b'%') => {
                pieces.push(Piece::Byte(b'%'));
                continue;
            }
            Some(other) => return Err(format!("%{}", char::from(other))),
            None => return Err("a % at the end".to_owned()),
        };
        let width = match (width, kind) {
            (0, b'c') => 1,
            (0, _) => usize::MAX,
            (_, b'c') => return Err("%c with a width".to_owned()),
            (width, _) => width,
        };
        pieces.push(Piece::Value { kind, bytes, width });
    }
    Ok(pieces)
}
