//! Calls and returns in the words of the student's program.

use std::fmt;

use super::{
    ActionForm, Call, Disposition, Exec, ExecForm, Language, MaskHow, Prctl, Return, SleepForm, WaitForm,
};
use crate::model::{Errno, WaitStatus};

impl Call {
    /// The call as the program would write it: `waitpid(-1, &status, 0)` or `os.waitpid(-1, 0)`.
    pub fn source(&self, language: Language) -> String {
        match language {
            Language::C => self.c(),
            Language::Python => self.python(),
        }
    }

    /// The name alone: `waitpid`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Vfork => "vfork",
            Self::Exit { .. } => "_exit",
            Self::Die(_) => "fault",
            Self::Wait { form, .. } => match form {
                WaitForm::Wait => "wait",
                WaitForm::Waitpid => "waitpid",
            },
            Self::Getpid => "getpid",
            Self::Getppid => "getppid",
            Self::Getpgid(_) => "getpgid",
            Self::Getsid(_) => "getsid",
            Self::Getuid => "getuid",
            Self::Setpgid { .. } => "setpgid",
            Self::Setsid => "setsid",
            Self::Exec(exec) => exec.form.name(),
            Self::Kill { .. } => "kill",
            Self::Raise(_) => "raise",
            Self::Sigaction { form, .. } => match form {
                ActionForm::Signal | ActionForm::Startup => "signal",
                ActionForm::Sigaction => "sigaction",
            },
            Self::Sigprocmask { .. } => "sigprocmask",
            Self::Sigpending => "sigpending",
            Self::Sigsuspend(_) => "sigsuspend",
            Self::Sigwait(_) => "sigwait",
            Self::Pause => "pause",
            Self::Alarm(_) => "alarm",
            Self::Sleep { form, .. } => match form {
                SleepForm::Sleep => "sleep",
                SleepForm::Usleep => "usleep",
                SleepForm::Nanosleep => "nanosleep",
            },
            Self::Time => "time",
            Self::Pipe { .. } => "pipe",
            Self::Read { .. } => "read",
            Self::Write { .. } => "write",
            Self::Close(_) => "close",
            Self::Dup { .. } => "dup",
            Self::Dup2 { .. } => "dup2",
            Self::Open { .. } => "open",
            Self::Lseek { .. } => "lseek",
            Self::Unlink(_) => "unlink",
            Self::Chdir(_) => "chdir",
            Self::Umask(_) => "umask",
            Self::Prctl(_) => "prctl",
            Self::SetProcessLimit { .. } => "setrlimit",
            Self::ProcessLimit => "getrlimit",
        }
    }

    fn c(&self) -> String {
        let status = |wanted: bool| if wanted { "&status" } else { "NULL" };
        let arguments = match self {
            Self::Die(signal) => return format!("ends by {signal}"),
            Self::Wait {
                form: WaitForm::Wait,
                status: wanted,
                ..
            } => status(*wanted).to_owned(),
            Self::Wait {
                pid,
                options,
                status: wanted,
                ..
            } => {
                format!("{pid}, {}, {}", status(*wanted), wait_options(*options, ""))
            }
            Self::Sigaction { signal, action, form } => match form {
                ActionForm::Sigaction => format!("{signal}, &action, NULL"),
                _ => format!("{signal}, {}", action.disposition.name()),
            },
            Self::Sigprocmask { how, .. } => match how {
                Some(how) => format!("{}, &set, NULL", how.name()),
                None => "0, NULL, &set".to_owned(),
            },
            Self::Sigpending | Self::Sigsuspend(_) => "&set".to_owned(),
            Self::Sigwait(_) => "&set, &signal".to_owned(),
            Self::Sleep { form, nanos } => match form {
                SleepForm::Sleep => (nanos / 1_000_000_000).to_string(),
                SleepForm::Usleep => (nanos / 1000).to_string(),
                SleepForm::Nanosleep => format!("{nanos} ns"),
            },
            Self::Time => "NULL".to_owned(),
            Self::Pipe { .. } => "fds".to_owned(),
            Self::Read { fd, count, .. } => format!("{fd}, buffer, {count}"),
            Self::Write { fd, data, .. } => format!("{fd}, {}, {}", quoted(data), data.len()),
            Self::Exec(exec) => exec.c(),
            Self::Prctl(Prctl::Subreaper(on)) => format!("PR_SET_CHILD_SUBREAPER, {}", u8::from(*on)),
            Self::Prctl(Prctl::Pdeathsig(signal)) => format!("PR_SET_PDEATHSIG, {signal}"),
            Self::Prctl(Prctl::Name(name)) => format!("PR_SET_NAME, {}", quoted(name)),
            Self::SetProcessLimit { soft, .. } => format!("RLIMIT_NPROC, {soft}"),
            Self::ProcessLimit => "RLIMIT_NPROC".to_owned(),
            common => common.common_arguments(),
        };
        format!("{}({arguments})", self.name())
    }

    fn python(&self) -> String {
        let (name, arguments) = match self {
            Self::Die(signal) => return format!("ends by {signal}"),
            Self::Wait {
                form: WaitForm::Wait, ..
            } => ("os.wait", String::new()),
            Self::Wait { pid, options, .. } => {
                ("os.waitpid", format!("{pid}, {}", wait_options(*options, "os.")))
            }
            Self::Kill { pid, signal } => ("os.kill", format!("{pid}, signal.{signal}")),
            Self::Raise(signal) => ("signal.raise_signal", format!("signal.{signal}")),
            Self::Sigaction { signal, action, .. } => (
                "signal.signal",
                match action.disposition {
                    Disposition::Catch => format!("signal.{signal}, handler"),
                    other => format!("signal.{signal}, signal.{}", other.name()),
                },
            ),
            Self::Sigprocmask { how, set } => (
                "signal.pthread_sigmask",
                format!(
                    "signal.{}, {{{}}}",
                    how.unwrap_or(MaskHow::Block).name(),
                    set.iter()
                        .map(|signal| format!("signal.{signal}"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ),
            Self::Sigpending => ("signal.sigpending", String::new()),
            Self::Sigwait(_) => ("signal.sigwait", "signals".to_owned()),
            Self::Pause => ("signal.pause", String::new()),
            Self::Alarm(seconds) => ("signal.alarm", seconds.to_string()),
            Self::Sleep { nanos, .. } => ("time.sleep", seconds(*nanos)),
            Self::Time => ("time.time", String::new()),
            Self::Read { fd, count, .. } => ("os.read", format!("{fd}, {count}")),
            Self::Write { fd, data, .. } => ("os.write", format!("{fd}, b{}", quoted(data))),
            Self::Exec(exec) => return exec.python(),
            Self::SetProcessLimit { soft, hard } => (
                "resource.setrlimit",
                format!("resource.RLIMIT_NPROC, ({soft}, {hard})"),
            ),
            Self::ProcessLimit => ("resource.getrlimit", "resource.RLIMIT_NPROC".to_owned()),
            common => return format!("os.{}({})", self.name(), common.common_arguments()),
        };
        format!("{name}({arguments})")
    }

    /// The arguments of the calls that look the same in both languages.
    fn common_arguments(&self) -> String {
        match self {
            Self::Exit { code, .. } => code.to_string(),
            Self::Getpgid(pid) | Self::Getsid(pid) => pid.to_string(),
            Self::Setpgid { pid, group } => format!("{pid}, {group}"),
            Self::Kill { pid, signal } => format!("{pid}, {signal}"),
            Self::Raise(signal) => signal.to_string(),
            Self::Alarm(seconds) => seconds.to_string(),
            Self::Close(fd) | Self::Dup { fd, .. } => fd.to_string(),
            Self::Dup2 { from, to, .. } => format!("{from}, {to}"),
            Self::Open { path, .. } | Self::Unlink(path) | Self::Chdir(path) => quoted(path),
            Self::Lseek { fd, offset, whence } => format!("{fd}, {offset}, {}", whence_name(*whence)),
            Self::Umask(mask) => format!("0{mask:o}"),
            _ => String::new(),
        }
    }
}

impl Return {
    /// What the call gave, in a few words: `fork() gave 4102`, `wait(NULL) gave -1, ECHILD`.
    pub fn told(&self, call: &Call, language: Language) -> String {
        let call = call.source(language);
        match self {
            Self::Error(errno) => format!("{call} gave -1, {errno}"),
            Self::Waited {
                pid,
                status: Some(word),
            } => {
                format!("{call} gave {pid}, status {}", WaitStatus::from_raw(*word))
            }
            Self::Pipe(read, write) => format!("{call} gave {read} to read and {write} to write"),
            Self::Data(bytes) if bytes.is_empty() => format!("{call} gave 0, the end of file"),
            other => format!("{call} gave {}", other.value()),
        }
    }

    /// The error, if it failed.
    pub fn error(&self) -> Option<Errno> {
        match self {
            Self::Error(errno) => Some(*errno),
            _ => None,
        }
    }
}

impl fmt::Display for Call {
    /// As C writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.c())
    }
}

impl Disposition {
    fn name(self) -> &'static str {
        match self {
            Self::Default => "SIG_DFL",
            Self::Ignore => "SIG_IGN",
            Self::Catch => "handler",
        }
    }
}

impl MaskHow {
    fn name(self) -> &'static str {
        match self {
            Self::Block => "SIG_BLOCK",
            Self::Unblock => "SIG_UNBLOCK",
            Self::Set => "SIG_SETMASK",
        }
    }
}

impl ExecForm {
    fn name(self) -> &'static str {
        match self {
            Self::Execl => "execl",
            Self::Execlp => "execlp",
            Self::Execv => "execv",
            Self::Execvp => "execvp",
            Self::Execve => "execve",
        }
    }

    fn lists(self) -> bool {
        matches!(self, Self::Execl | Self::Execlp)
    }
}

impl Exec {
    fn c(&self) -> String {
        let path = quoted(&self.path);
        let args = quoted_list(&self.args);
        match self.form {
            form if form.lists() => format!("{path}, {args}, NULL"),
            ExecForm::Execve => format!("{path}, {{{args}}}, envp"),
            _ => format!("{path}, {{{args}}}"),
        }
    }

    fn python(&self) -> String {
        let (name, path, args) = (self.form.name(), quoted(&self.path), quoted_list(&self.args));
        match self.form {
            form if form.lists() => format!("os.{name}({path}, {args})"),
            ExecForm::Execve => format!("os.{name}({path}, [{args}], env)"),
            _ => format!("os.{name}({path}, [{args}])"),
        }
    }
}

fn quoted_list(items: &[Vec<u8>]) -> String {
    items
        .iter()
        .map(|item| quoted(item))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A literal for these bytes, cut after 40.
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if text.chars().count() > 40 {
        text = text.chars().take(39).chain(['…']).collect();
    }
    let inner = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\t', "\\t");
    format!("\"{inner}\"")
}

fn wait_options(options: i32, prefix: &str) -> String {
    let names: Vec<String> = [(1, "WNOHANG"), (2, "WUNTRACED"), (8, "WCONTINUED")]
        .into_iter()
        .filter(|(bit, _)| options & bit != 0)
        .map(|(_, name)| format!("{prefix}{name}"))
        .collect();
    if names.is_empty() {
        options.to_string()
    } else {
        names.join(" | ")
    }
}

fn whence_name(whence: i32) -> String {
    match whence {
        0 => "SEEK_SET".to_owned(),
        1 => "SEEK_CUR".to_owned(),
        2 => "SEEK_END".to_owned(),
        other => other.to_string(),
    }
}

fn seconds(nanos: u64) -> String {
    let (whole, part) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if part == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{}", format!("{part:09}").trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Signal;

    #[track_caller]
    fn check(call: &Call, c: &str, python: &str) {
        assert_eq!(call.source(Language::C), c);
        assert_eq!(call.source(Language::Python), python);
    }

    #[test]
    fn calls_read_as_the_student_wrote_them() {
        check(&Call::Fork, "fork()", "os.fork()");
        let wait = Call::Wait {
            form: WaitForm::Waitpid,
            pid: -1,
            options: 1,
            status: true,
        };
        check(
            &wait,
            "waitpid(-1, &status, WNOHANG)",
            "os.waitpid(-1, os.WNOHANG)",
        );
        let exec = Call::Exec(Exec {
            form: ExecForm::Execlp,
            path: b"ls".to_vec(),
            args: vec![b"ls".to_vec(), b"-l".to_vec()],
            env: None,
        });
        check(
            &exec,
            r#"execlp("ls", "ls", "-l", NULL)"#,
            r#"os.execlp("ls", "ls", "-l")"#,
        );
        let kill = Call::Kill {
            pid: 7,
            signal: Signal::TERM,
        };
        check(&kill, "kill(7, SIGTERM)", "os.kill(7, signal.SIGTERM)");
        let sleep = Call::Sleep {
            form: SleepForm::Sleep,
            nanos: 1_500_000_000,
        };
        assert_eq!(sleep.source(Language::Python), "time.sleep(1.5)");
    }

    #[test]
    fn what_came_back_is_told_in_words() {
        let told = |call: &Call, given: Return| given.told(call, Language::C);
        assert_eq!(told(&Call::Fork, Return::Value(4102)), "fork() gave 4102");
        let wait = Call::Wait {
            form: WaitForm::Wait,
            pid: -1,
            options: 0,
            status: true,
        };
        let waited = Return::Waited {
            pid: 7,
            status: Some(0x300),
        };
        assert_eq!(told(&wait, waited), "wait(&status) gave 7, status exit 3");
        assert_eq!(
            told(&wait, Return::Error(Errno(10))),
            "wait(&status) gave -1, ECHILD"
        );
    }
}
