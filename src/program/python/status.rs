//! The word that wait(2) gives, taken apart as its macros and `os.waitstatus_to_exitcode` do.

use super::library::Part;
use crate::program::machine::Trouble;
use crate::program::value::Value;

/// A part of a wait status. Asked for a part that it does not have, it gives what the macro of C gives.
pub(super) fn part(part: Part, word: i32) -> Value {
    let signal = word & 0x7f;
    let code = (word >> 8) & 0xff;
    match part {
        Part::Exited => Value::Bool(signal == 0),
        Part::Signaled => Value::Bool(signal != 0 && signal != 0x7f),
        Part::Stopped => Value::Bool(word & 0xff == 0x7f),
        Part::Continued => Value::Bool(word == 0xffff),
        Part::Core => Value::Bool(word & 0x80 != 0),
        Part::Code | Part::StopSignal => Value::Int(i64::from(code)),
        Part::Signal => Value::Int(i64::from(signal)),
    }
}

/// `os.waitstatus_to_exitcode(status)`: the code, or the signal as a negative number.
pub(super) fn exit_code(word: i32) -> Result<Value, Trouble> {
    let holds = |which: Part| part(which, word) == Value::Bool(true);
    if holds(Part::Exited) {
        return Ok(part(Part::Code, word));
    }
    if holds(Part::Signaled) {
        return Ok(Value::Int(-i64::from(word & 0x7f)));
    }
    let sentence = if holds(Part::Stopped) {
        format!("process stopped by delivery of signal {}", (word >> 8) & 0xff)
    } else {
        format!("invalid wait status: {word}")
    };
    Err(Trouble::raise("ValueError", sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_word_is_taken_apart() {
        for (word, which, value) in [
            (0x0700, Part::Exited, Value::Bool(true)),
            (0x0700, Part::Code, Value::Int(7)),
            (0x0009, Part::Signaled, Value::Bool(true)),
            (0x0009, Part::Signal, Value::Int(9)),
            (0x008b, Part::Core, Value::Bool(true)),
            (0x137f, Part::Stopped, Value::Bool(true)),
            (0x137f, Part::Signaled, Value::Bool(false)),
            (0x137f, Part::StopSignal, Value::Int(19)),
            (0xffff, Part::Continued, Value::Bool(true)),
        ] {
            assert_eq!(part(which, word), value, "{word:#x} {which:?}");
        }
    }

    #[test]
    fn an_exit_code_is_negative_for_a_signal() {
        assert_eq!(exit_code(0x0300), Ok(Value::Int(3)));
        assert_eq!(exit_code(0x000f), Ok(Value::Int(-15)));
        assert!(exit_code(0x137f).is_err());
    }
}
