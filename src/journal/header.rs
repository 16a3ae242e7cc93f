//! The first line of a recording: that it is one, of which version, from when, and of what.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The version of the format that this program writes, and the newest that it reads.
const VERSION: u32 = 1;

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format. Its name tells that the file is a recording.
    #[serde(rename = "forkscope")]
    version: u32,
    /// When the session started, as RFC 3339 writes it; the facts count their time from here.
    #[serde(default)]
    pub started: String,
    /// The command line that started it.
    #[serde(default)]
    pub command: String,
    /// The program that is stepped, so that a replay has its listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
}

/// A program's text, as the listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// What its file is called, without folders; the ending tells the language.
    pub name: String,
    /// Its lines.
    pub text: String,
}

/// Longer programs are left out, in bytes: with every byte escaped the first line still is one that readers take.
const LONGEST_PROGRAM: usize = 128 * 1024;

/// Why a file's first line is no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// It is something else.
    #[error("it is no recording: its first line does not begin with {{\"forkscope\":1")]
    NoHeader,
    /// It is a header, of a version that is not known here.
    #[error("a newer forkscope recorded it (format {0}); this one reads format {VERSION}")]
    Newer(u32),
}

impl Header {
    /// The header of a session that starts now.
    pub fn new(started: SystemTime, command: impl Into<String>) -> Self {
        Self {
            version: VERSION,
            started: rfc3339(started),
            command: command.into(),
            program: None,
        }
    }

    /// The same, of a session that steps a program; without it if it is too long for one line.
    #[must_use]
    pub fn stepping(self, program: Option<Program>) -> Self {
        let program = program.filter(|program| program.text.len() <= LONGEST_PROGRAM);
        Self { program, ..self }
    }

    /// Reads the first line of a file.
    pub fn read(line: &[u8]) -> Result<Self, NotOurs> {
        let header: Self = serde_json::from_slice(line).map_err(|_| NotOurs::NoHeader)?;
        match header.version {
            VERSION => Ok(header),
            0 => Err(NotOurs::NoHeader),
            newer => Err(NotOurs::Newer(newer)),
        }
    }
}

/// A time in UTC, to the second: `2026-03-21T09:05:00Z`. What is before 1970 counts as 1970.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The Gregorian date so many days after 1 January 1970. Years are counted from March, so that the day that only
/// leap years have is a year's last.
const fn date(days: u64) -> (u64, u64, u64) {
    const FOUR_CENTURIES: u64 = 146_097;
    let since = days + 719_468;
    let (era, day) = (since / FOUR_CENTURIES, since % FOUR_CENTURIES);
    let year = (day - day / 1460 + day / 36_524 - day / (FOUR_CENTURIES - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_does() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_774_083_900, "2026-03-21T09:05:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
        assert_eq!(
            rfc3339(UNIX_EPOCH - Duration::from_secs(9)),
            "1970-01-01T00:00:00Z"
        );
    }

    #[test]
    fn a_program_that_fits_into_no_line_is_left_out() {
        let check = |length, kept| {
            let (name, text) = ("a.c".to_owned(), "\0".repeat(length));
            let header = Header::new(UNIX_EPOCH, "").stepping(Some(Program { name, text }));
            assert_eq!(header.program.is_some(), kept, "{length}");
        };
        check(LONGEST_PROGRAM, true);
        check(LONGEST_PROGRAM + 1, false);
    }

    #[test]
    fn a_header_is_told_from_other_first_lines() {
        let header = Header::new(UNIX_EPOCH, "forkscope play");
        let line = serde_json::to_vec(&header).expect("json");
        assert_eq!(
            String::from_utf8_lossy(&line),
            r#"{"forkscope":1,"started":"1970-01-01T00:00:00Z","command":"forkscope play"}"#
        );
        assert_eq!(Header::read(&line), Ok(header));
        let program = Program {
            name: "a.c".into(),
            text: "int\nmain".into(),
        };
        let header = Header::new(UNIX_EPOCH, "").stepping(Some(program.clone()));
        let line = serde_json::to_string(&header).expect("json");
        assert!(
            line.ends_with(r#","program":{"name":"a.c","text":"int\nmain"}}"#),
            "{line}"
        );
        assert_eq!(Header::read(line.as_bytes()), Ok(header));
        assert_eq!(
            Header::read(br#"{"forkscope":7,"new":[]}"#),
            Err(NotOurs::Newer(7))
        );
        for other in [
            "",
            "{}",
            "int main(void) {",
            r#"{"forkscope":"1"}"#,
            r#"{"forkscope":0}"#,
        ] {
            assert_eq!(Header::read(other.as_bytes()), Err(NotOurs::NoHeader), "{other}");
        }
    }
}
