//! Reads facts from their JSON form. Writing follows from the types in [`event`](super::event).
//!
//! A recording of a million facts is to be open within a second, and serde's derived reading of a flattened, tagged
//! enum copies every field into a tree of values first. All facts share one flat set of fields with one meaning and
//! one type each, so a line is read into that set in one pass, and the kind of fact then takes what belongs to it.
//!
//! A newer forkscope may know more kinds and more fields than this one. They are no errors: [`Heard`] tells of them.

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::call::{Ret, WaitCall, WaitOptions, WaitTarget};
use super::event::{
    Action, Birth, Event, Exec, Fd, Fork, Limit, Line, Note, Phase, Reaped, Role, SignalSent, Text, Var,
    Wait, WaitEnd, What,
};
use super::ident::{Link, Pid, ProcId, Time};
use super::state::State;
use super::status::{Errno, Signal, WaitStatus};

/// What a line of JSON was found to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A fact, and the first of its fields that is not known here.
    Fact(Event, Option<String>),
    /// A kind of fact that is not known here.
    Unknown(String),
}

impl Heard {
    /// Reads one line. The error says what is wrong with it, and where in the line.
    pub fn read(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }
}

impl<'de> Deserialize<'de> for Heard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = deserializer.deserialize_map(Reader)?;
        let unknown = fields.unknown.take();
        match fields.event.take() {
            Some(Kind::Other(name)) => Ok(Self::Unknown(name)),
            None => Err(de::Error::missing_field("event")),
            Some(kind) => Ok(Self::Fact(
                Event {
                    t: required(fields.t.take(), "t")?,
                    proc: required(fields.proc.take(), "proc")?,
                    pid: required(fields.pid.take(), "pid")?,
                    what: what(kind, fields)?,
                },
                unknown,
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Heard::deserialize(deserializer)? {
            Heard::Fact(event, _) => Ok(event),
            Heard::Unknown(name) => Err(unknown(&name)),
        }
    }
}

impl<'de> Deserialize<'de> for What {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = deserializer.deserialize_map(Reader)?;
        let kind = required(fields.event.take(), "event")?;
        what(kind, fields)
    }
}

/// Declares the fields: the set that a line is read into, their names, and the reading of each.
macro_rules! fields {
    ($($field:ident $name:ident: $type:ty,)*) => {
        /// Every field that a fact can have.
        #[derive(Default)]
        struct Fields {
            $($field: Option<$type>,)*
            unknown: Option<String>,
        }

        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "lowercase")]
        enum Name {
            $($name,)*
            Other(String),
        }

        impl<'de> Visitor<'de> for Reader {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a fact: an object with t, proc, pid and event")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut fields = Fields::default();
                while let Some(name) = map.next_key()? {
                    match name {
                        $(Name::$name => fields.$field = map.next_value()?,)*
                        Name::Other(name) => {
                            fields.unknown.get_or_insert(name);
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(fields)
            }
        }
    };
}

struct Reader;

fields! {
    t T: Time,
    proc Proc: ProcId,
    pid Pid: Pid,
    event Event: Kind,
    action Action: Action,
    argv Argv: Vec<String>,
    auto Auto: bool,
    b64 B64: String,
    by By: Link,
    call Call: String,
    caught Caught: bool,
    child Child: ProcId,
    cloexec Cloexec: bool,
    comm Comm: String,
    errno Errno: Errno,
    fd Fd: i32,
    file File: String,
    from From: Link,
    function Function: String,
    group Group: bool,
    held Held: bool,
    kernel Kernel: String,
    key Key: String,
    killed Killed: bool,
    limit Limit: u32,
    line Line: u32,
    mode Mode: String,
    on On: bool,
    options Options: WaitOptions,
    parent Parent: Link,
    pgid Pgid: Pid,
    phase Phase: Phase,
    ret Ret: i64,
    role Role: Role,
    sid Sid: Pid,
    signal Signal: Signal,
    start Start: u64,
    state State: State,
    status Status: WaitStatus,
    target Target: WaitTarget,
    text Text: String,
    threads Threads: u32,
    vars Vars: Vec<Var>,
    vfork Vfork: bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Kind {
    Fork,
    Born,
    Exec,
    Exit,
    Killed,
    Stopped,
    Continued,
    Zombie,
    Wait,
    Reaped,
    Adopted,
    Signal,
    Disposition,
    Subreaper,
    Group,
    Session,
    Output,
    Stdin,
    Fd,
    Line,
    Vars,
    Thread,
    Limit,
    Error,
    Key,
    Note,
    Other(String),
}

/// The fact of that kind, made of the fields that belong to it.
fn what<E: de::Error>(kind: Kind, f: Fields) -> Result<What, E> {
    Ok(match kind {
        Kind::Fork => What::Fork(Fork {
            ret: required(f.ret(), "ret")?,
            child: f.child,
            vfork: f.vfork.unwrap_or_default(),
        }),
        Kind::Born => What::Born(Birth {
            parent: required(f.parent, "parent")?,
            start: f.start.unwrap_or_default(),
            comm: f.comm.unwrap_or_default(),
            pgid: f.pgid.unwrap_or_default(),
            sid: f.sid.unwrap_or_default(),
            role: f.role.unwrap_or_default(),
        }),
        Kind::Exec => What::Exec(Exec {
            failed: f.ret(),
            argv: required(f.argv, "argv")?,
        }),
        Kind::Exit => What::Exit {
            status: required(f.status, "status")?,
        },
        Kind::Killed => What::Killed {
            status: required(f.status, "status")?,
        },
        Kind::Stopped => What::Stopped { signal: f.signal },
        Kind::Continued => What::Continued,
        Kind::Zombie => What::Zombie { status: f.status },
        Kind::Wait => What::Wait(wait(&f)?),
        Kind::Reaped => What::Reaped(Reaped {
            by: required(f.by, "by")?,
            status: f.status,
            auto: f.auto.unwrap_or_default(),
        }),
        Kind::Adopted => What::Adopted {
            from: required(f.from, "from")?,
            by: required(f.by, "by")?,
        },
        Kind::Signal => What::Signal(SignalSent {
            signal: required(f.signal, "signal")?,
            ret: required(f.ret(), "ret")?,
            by: f.by.and_then(|by| by.proc()),
            group: f.group.unwrap_or_default(),
            caught: f.caught.unwrap_or_default(),
        }),
        Kind::Disposition => What::Disposition {
            signal: required(f.signal, "signal")?,
            action: required(f.action, "action")?,
        },
        Kind::Subreaper => What::Subreaper {
            on: required(f.on, "on")?,
        },
        Kind::Group => What::Group {
            pgid: required(f.pgid, "pgid")?,
        },
        Kind::Session => What::Session {
            sid: required(f.sid, "sid")?,
        },
        Kind::Output => What::Output(text(f)?),
        Kind::Stdin => What::Stdin(text(f)?),
        Kind::Fd => What::Fd(Fd {
            fd: required(f.fd, "fd")?,
            file: f.file,
            mode: f.mode,
            cloexec: f.cloexec.unwrap_or_default(),
        }),
        Kind::Line => What::Line(Line {
            ret: f.ret(),
            line: required(f.line, "line")?,
            file: f.file,
            function: f.function,
            phase: required(f.phase, "phase")?,
            call: f.call,
            kernel: f.kernel,
        }),
        Kind::Vars => What::Vars {
            vars: required(f.vars, "vars")?,
        },
        Kind::Thread => What::Thread {
            threads: required(f.threads, "threads")?,
        },
        Kind::Limit => What::Limit(Limit {
            limit: required(f.limit, "limit")?,
            killed: f.killed.unwrap_or_default(),
            held: f.held.unwrap_or_default(),
        }),
        Kind::Error => What::Error {
            text: required(f.text, "text")?,
        },
        Kind::Key => What::Key {
            key: required(f.key, "key")?,
        },
        Kind::Note => What::Note(Note {
            state: f.state,
            text: f.text,
            errno: f.errno,
        }),
        Kind::Other(name) => return Err(unknown(&name)),
    })
}

impl Fields {
    fn ret(&self) -> Option<Ret> {
        self.ret.map(|ret| self.errno.map_or(Ret::Ok(ret), Ret::Err))
    }
}

fn wait<E: de::Error>(f: &Fields) -> Result<Wait, E> {
    Ok(Wait {
        call: WaitCall {
            target: required(f.target, "target")?,
            options: f.options.unwrap_or_default(),
        },
        end: f.ret().map(|ret| WaitEnd {
            ret,
            status: f.status,
            child: f.child,
        }),
    })
}

fn text<E: de::Error>(f: Fields) -> Result<Text, E> {
    Ok(Text {
        text: required(f.text, "text")?,
        b64: f.b64,
    })
}

fn required<T, E: de::Error>(field: Option<T>, name: &'static str) -> Result<T, E> {
    field.ok_or_else(|| E::missing_field(name))
}

fn unknown<E: de::Error>(name: &str) -> E {
    E::custom(format_args!("no event is called `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line is understood like this.
    fn check(line: &str, expected: &str) {
        let heard = match Heard::read(line.as_bytes()) {
            Ok(Heard::Fact(event, None)) => serde_json::to_string(&event).expect("json"),
            Ok(Heard::Fact(_, Some(field))) => format!("field {field}"),
            Ok(Heard::Unknown(name)) => format!("event {name}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(heard, expected, "{line}");
    }

    #[test]
    fn the_order_of_the_fields_does_not_matter() {
        check(
            r#"{"ret":4128,"event":"fork","child":"D","pid":4123,"t":1.5,"proc":"B"}"#,
            r#"{"t":1.5,"proc":"B","pid":4123,"event":"fork","child":"D","ret":4128}"#,
        );
    }

    #[test]
    fn what_is_newer_than_this_program_is_named() {
        check(
            r#"{"t":1,"proc":"B","pid":1,"event":"teleported","to":"C"}"#,
            "event teleported",
        );
        check(
            r#"{"t":1,"proc":"B","pid":1,"event":"continued","cpu":{"n":3}}"#,
            "field cpu",
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_said() {
        check(r#"{"t":1,"proc":"B","pid":1}"#, "missing field `event`");
        check(r#"{"t":1,"proc":"B","event":"continued"}"#, "missing field `pid`");
        check(
            r#"{"t":1,"proc":"B","pid":1,"event":"session"}"#,
            "missing field `sid`",
        );
    }

    #[test]
    fn absurd_lines_are_refused() {
        let deep = "[".repeat(100_000);
        for line in [
            "",
            "null",
            "[]",
            "{",
            r#"{"t":1e999,"proc":"B","pid":1,"event":"continued"}"#,
            r#"{"t":-1,"proc":"B","pid":1,"event":"continued"}"#,
            r#"{"t":1,"proc":"ZZZZZZZZZ","pid":1,"event":"continued"}"#,
            r#"{"t":1,"proc":"B","pid":99999999999,"event":"continued"}"#,
            r#"{"t":1,"proc":"B","pid":1,"event":"exit","status":{"exited":700}}"#,
            &format!(r#"{{"t":1,"proc":"B","pid":1,"event":"continued","x":{deep}"#),
        ] {
            assert!(Heard::read(line.as_bytes()).is_err(), "{line}");
        }
        assert!(Heard::read(b"{\"t\":1,\"proc\":\"\xff\"}").is_err());
    }
}
