//! What a terminal sends, as keys, clicks and pastes. Pure: bytes go in, inputs come out, however they were cut.
//!
//! It understands what every terminal sends for the keys that forkscope uses, with the modifiers left out, the mouse
//! in its three encodings, and bracketed paste; see console_codes(4) and xterm's ctlseqs. What it does not understand
//! is left out whole, and nothing that comes in can make it wait for ever, fail, or grow.

use crate::app::Key;

/// Something that the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key, or a turn of the wheel as the arrow that does the same.
    Key(Key),
    /// The left button at this column and row, from 0.
    Click(u16, u16),
    /// Text was pasted.
    Paste,
}

/// Puts together what comes in pieces.
#[derive(Debug, Default)]
pub struct Reader {
    /// The beginning of something whose end has not come yet.
    rest: Vec<u8>,
    pasting: bool,
}

/// The longest sequence that means anything.
const LONGEST: usize = 32;

const PASTE_END: &[u8] = b"\x1b[201~";

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq)]
enum Head {
    /// Something of that many bytes, which may mean nothing.
    Whole(usize, Option<Input>),
    /// A paste begins after that many.
    Paste(usize),
    /// The end is still to come.
    Part,
}

impl Reader {
    /// Takes what was read at one go. An escape character at its end is the key: what begins with one is sent whole.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.rest.extend_from_slice(bytes);
        let mut inputs = Vec::new();
        let mut at = 0;
        loop {
            let rest = &self.rest[at..];
            if self.pasting {
                let end = rest
                    .windows(PASTE_END.len())
                    .position(|window| window == PASTE_END);
                let Some(end) = end else {
                    at = self.rest.len() - rest.len().min(PASTE_END.len() - 1);
                    break;
                };
                self.pasting = false;
                inputs.push(Input::Paste);
                at += end + PASTE_END.len();
                continue;
            }
            match head(rest) {
                Head::Whole(length, input) => {
                    inputs.extend(input);
                    at += length;
                }
                Head::Paste(length) => {
                    self.pasting = true;
                    at += length;
                }
                Head::Part if rest == b"\x1b" => {
                    inputs.push(Input::Key(Key::Esc));
                    at += 1;
                }
                Head::Part if rest.len() > LONGEST => at += 1,
                Head::Part => break,
            }
        }
        self.rest.drain(..at);
        inputs
    }
}

fn head(bytes: &[u8]) -> Head {
    let key = |key| Head::Whole(1, Some(Input::Key(key)));
    match *bytes {
        [] => Head::Part,
        [0x1b, ref rest @ ..] => escape(rest),
        [b'\r' | b'\n', ..] => key(Key::Enter),
        [b'\t', ..] => key(Key::Tab),
        [0x7f, ..] => key(Key::Backspace),
        [control @ 0x01..=0x1a, ..] => key(Key::Ctrl(char::from(control - 1 + b'a'))),
        [0..0x20, ..] => Head::Whole(1, None),
        [..] => character(bytes),
    }
}

/// What stands behind an escape character.
fn escape(rest: &[u8]) -> Head {
    match *rest {
        [] | [b'O'] => Head::Part,
        [0x1b, ..] => Head::Whole(1, Some(Input::Key(Key::Esc))),
        [b'[', ref rest @ ..] => control_sequence(rest),
        [b'O', last, ..] => Head::Whole(3, arrow(last).map(Input::Key)),
        // With Alt, which is left out.
        [..] => Head::Whole(1, None),
    }
}

/// What stands behind `ESC [`: parameters, and a last byte that says what it is.
fn control_sequence(rest: &[u8]) -> Head {
    /// `ESC [`.
    const BEGIN: usize = 2;
    match *rest {
        // The console's function keys.
        [b'[', _, ..] => return Head::Whole(BEGIN + 2, None),
        // The first encoding of the mouse: three bytes, from 32.
        [b'M', button, column, row, ..] => {
            let number = |byte: u8| u32::from(byte.saturating_sub(b' '));
            let input = mouse(number(button), number(column), number(row));
            return Head::Whole(BEGIN + 4, input);
        }
        [b'['] | [b'M', ..] => return Head::Part,
        _ => {}
    }
    let Some(length) = rest.iter().position(|byte| !(b' '..=b'?').contains(byte)) else {
        return Head::Part;
    };
    let (parameters, last) = (&rest[..length], rest[length]);
    if !(b'@'..=b'~').contains(&last) {
        // It was cut off by something else, which stands for itself.
        return Head::Whole(BEGIN + length, None);
    }
    let whole = BEGIN + length + 1;
    let numbers = numbers(parameters);
    match (last, numbers.as_slice()) {
        (b'~', [200, ..]) => Head::Paste(whole),
        (b'~', [number, ..]) => Head::Whole(whole, numbered(*number).map(Input::Key)),
        // The mouse: a button that goes up ends with `m`.
        (b'M', [button, column, row]) if parameters.first() == Some(&b'<') => {
            Head::Whole(whole, mouse(*button, *column, *row))
        }
        (b'M', [button, column, row]) => Head::Whole(whole, mouse(button.saturating_sub(32), *column, *row)),
        _ => Head::Whole(whole, arrow(last).map(Input::Key)),
    }
}

/// The numbers between semicolons. What is none, or too big to be meant, is 0.
fn numbers(parameters: &[u8]) -> Vec<u32> {
    parameters
        .strip_prefix(b"<")
        .unwrap_or(parameters)
        .split(|byte| *byte == b';')
        .map(|digits| {
            std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(0)
        })
        .collect()
}

const fn arrow(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

const fn numbered(number: u32) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        _ => return None,
    })
}

/// A button or the wheel, with columns and rows from 1. That the mouse moved is nothing to us.
fn mouse(button: u32, column: u32, row: u32) -> Option<Input> {
    /// Shift, Alt, Ctrl.
    const MODIFIERS: u32 = 4 | 8 | 16;
    let cell = |number: u32| u16::try_from(number.checked_sub(1)?).ok();
    match button & !MODIFIERS {
        0 => Some(Input::Click(cell(column)?, cell(row)?)),
        64 => Some(Input::Key(Key::Up)),
        65 => Some(Input::Key(Key::Down)),
        _ => None,
    }
}

/// A character, in as many bytes as UTF-8 takes for it.
fn character(bytes: &[u8]) -> Head {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let Some(bytes) = bytes.get(..length) else {
        return Head::Part;
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Head::Whole(length, text.chars().next().map(|c| Input::Key(Key::Char(c)))),
        Err(_) => Head::Whole(1, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// These bytes are that, read at one go or one by one; a lone escape character is a matter of its own.
    #[track_caller]
    fn check(bytes: &[u8], inputs: &[Input]) {
        assert_eq!(Reader::default().take(bytes), inputs, "at one go");
        if !bytes.contains(&0x1b) {
            let mut reader = Reader::default();
            let read: Vec<Input> = bytes.iter().flat_map(|byte| reader.take(&[*byte])).collect();
            assert_eq!(read, inputs, "byte by byte");
        }
    }

    fn keys(keys: &[Key]) -> Vec<Input> {
        keys.iter().copied().map(Input::Key).collect()
    }

    #[test]
    fn characters() {
        let char = |c| Key::Char(c);
        check(b"f7 ", &keys(&[char('f'), char('7'), char(' ')]));
        check("é中😀".as_bytes(), &keys(&[char('é'), char('中'), char('😀')]));
        check(
            b"\x03\x0c\x1a",
            &keys(&[Key::Ctrl('c'), Key::Ctrl('l'), Key::Ctrl('z')]),
        );
        check(
            b"\r\n\t\x7f",
            &keys(&[Key::Enter, Key::Enter, Key::Tab, Key::Backspace]),
        );
    }

    #[test]
    fn keys_with_names() {
        check(b"\x1b[A\x1bOB", &keys(&[Key::Up, Key::Down]));
        check(b"\x1b[1;5C\x1b[D", &keys(&[Key::Right, Key::Left]));
        check(b"\x1b[H\x1b[1~\x1b[7~", &keys(&[Key::Home; 3]));
        check(b"\x1bOF\x1b[4~\x1b[8~", &keys(&[Key::End; 3]));
        check(b"\x1b[5~\x1b[6~", &keys(&[Key::PageUp, Key::PageDown]));
    }

    #[test]
    fn escape_is_a_key_and_alt_is_left_out() {
        check(b"\x1b", &keys(&[Key::Esc]));
        check(b"\x1b\x1b\x1b", &keys(&[Key::Esc; 3]));
        check(b"\x1b\x1b[A", &keys(&[Key::Esc, Key::Up]));
        check(b"\x1bf", &keys(&[Key::Char('f')]));
    }

    #[test]
    fn the_mouse_in_three_encodings() {
        for bytes in ["\x1b[<0;3;5M", "\x1b[32;3;5M", "\x1b[M #%"] {
            check(bytes.as_bytes(), &[Input::Click(2, 4)]);
        }
        check(b"\x1b[<65;1;1M\x1b[<64;1;1M", &keys(&[Key::Down, Key::Up]));
        // Released, moved, another button, and where no cell is.
        check(b"\x1b[<0;3;5m\x1b[<35;3;5M\x1b[<2;3;5M", &[]);
        check(b"\x1b[<0;0;5M\x1b[<0;3;99999M\x1b[M   ", &[]);
    }

    #[test]
    fn a_paste_is_one_thing_whatever_is_in_it() {
        check(
            b"\x1b[200~fx\x1b[A\x03\x1b[201~w",
            &[Input::Paste, Input::Key(Key::Char('w'))],
        );
        let mut reader = Reader::default();
        assert_eq!(reader.take(b"\x1b[200~"), []);
        for _ in 0..1000 {
            assert_eq!(reader.take(b"more of it\x1b[20"), []);
            assert!(reader.rest.len() < PASTE_END.len());
        }
        assert_eq!(reader.take(b"1~"), [Input::Paste]);
    }

    #[test]
    fn what_is_cut_is_put_together() {
        let mut reader = Reader::default();
        assert_eq!(reader.take(b"\x1b[1;"), []);
        assert_eq!(reader.take(b"5A"), keys(&[Key::Up]));
        assert_eq!(reader.take(b"\xe4\xb8"), []);
        assert_eq!(reader.take(b"\xad"), keys(&[Key::Char('中')]));
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        let f = keys(&[Key::Char('f')]);
        for nothing in [
            "\x1b[27u",
            "\x1b[24;80R",
            "\x1b[I",
            "\x1b[Z",
            "\x1bOP",
            "\x1b[[A",
            "\x1b[?1;2c",
            "\x1b[3~",
            "\x1b[999999999999~",
            "\0",
            "\x1c",
        ] {
            check(format!("{nothing}f").as_bytes(), &f);
        }
        check(b"\xff\xfe\x80f", &f);
        check(b"\x1b[12\x1b[A", &keys(&[Key::Up]));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_deaf(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let mut reader = Reader::default();
            for piece in pieces {
                reader.take(&piece);
                prop_assert!(reader.rest.len() <= LONGEST + 40);
            }
            reader.take(PASTE_END);
            reader.take(b"xxx");
            prop_assert_eq!(reader.take(b"f"), keys(&[Key::Char('f')]));
        }
    }
}
