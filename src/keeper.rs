//! The guardian: started by the user, it starts the screen, adopts and reaps the orphans of the lab, and cleans up
//! whatever the screen dies of.
//!
//! It never draws and knows nothing of the lab's letters. It touches the terminal only to put it back, and only
//! while it is in the foreground. Follows wait(2), prctl(2) (`PR_SET_CHILD_SUBREAPER`) and termios(3).

use std::ffi::CString;
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::sys::signalfd::SignalFd;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};

use crate::lab::child::set_subreaper;
use crate::lab::sweep::{Trail, limit_below, sweep, take_mark};
use crate::lab::wire::{self, Line, Report};
use crate::model::{Pid, ProcId, Signal, WaitCall, WaitOptions, WaitStatus, What};
use crate::sys::fork::{Fork, exit_now, fork};
use crate::sys::socket::{self, Received};
use crate::sys::{self, proc, signal, wait};
use crate::tty::Saved;

/// How big the report pipe is made: who reports must seldom wait.
const REPORTS: usize = 1 << 20;

/// How long the editor may take to stop when all is stopped; one may not want to.
const EDITOR_STOPS: Duration = Duration::from_millis(500);

/// What the keeper makes for the screen.
#[derive(Debug)]
pub struct Endowment {
    /// The keeper's pid.
    pub keeper: Pid,
    /// The screen's end of the channel to the keeper.
    pub link: OwnedFd,
    /// The reading end of the report pipe.
    pub reports: OwnedFd,
    /// Its writing end.
    pub report: OwnedFd,
    /// The reading end of the output socket.
    pub outputs: OwnedFd,
    /// Its writing end.
    pub output: OwnedFd,
    /// What marks the environment of exec'd programs.
    pub marker: String,
    /// The limit that marks all processes of the session.
    pub limit: u64,
    /// What the screen before this one asked to be begun with.
    pub again: Option<Again>,
}

impl Endowment {
    /// Asks the keeper to run ps(1) on these processes: the command, and the end from which its output can be read.
    pub fn ps(&self, pids: Vec<Pid>) -> sys::Result<(String, OwnedFd)> {
        let (read, write) = sys::pipe::pipe()?;
        let command = ps_command(&pids);
        wire::send(&self.link, &ToKeeper::Ps(pids), Some(write.as_fd()))?;
        Ok((command, read))
    }

    /// Asks the keeper to have the student's editor open a file: the end from which can be read, as JSON, how it ended.
    pub fn editor(&self, file: &Path) -> sys::Result<OwnedFd> {
        let (read, write) = sys::pipe::pipe()?;
        wire::send(&self.link, &ToKeeper::Edit(file.to_owned()), Some(write.as_fd()))?;
        Ok(read)
    }

    /// Asks the keeper to run forkscope with these arguments and this text to read: the end from which its output can
    /// be read. It ends when that is closed.
    pub fn forkscope(&self, args: Vec<String>, text: String) -> sys::Result<OwnedFd> {
        let (read, write) = sys::pipe::pipe()?;
        wire::send(&self.link, &ToKeeper::Forkscope(args, text), Some(write.as_fd()))?;
        Ok(read)
    }

    /// Asks the keeper to be a subreaper, or none. If it is gone, that is learnt elsewhere.
    pub fn set_subreaper(&self, on: bool) {
        let _ = wire::send(&self.link, &ToKeeper::Subreaper(on), None);
    }

    /// Leaves a word with the keeper: when this process ends, begin again.
    pub fn begin_again(&self, again: Again) -> sys::Result<()> {
        wire::send(&self.link, &ToKeeper::Again(again), None)
    }
}

/// What a screen that starts again hands to the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Keys to begin with.
    pub keys: String,
    /// The state of the view, which the keeper passes on unread.
    pub view: serde_json::Value,
}

impl Again {
    /// The same, with more keys after its own.
    pub fn followed_by(mut self, rest: &str) -> Self {
        self.keys = [self.keys.as_str(), rest].join(" ");
        self
    }
}

/// To the keeper, from the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToKeeper {
    /// A process is known; its pidfd comes along.
    Known,
    /// Be a subreaper, or none.
    Subreaper(bool),
    /// Run ps(1) on these processes; the end of a pipe to write to comes along.
    Ps(Vec<Pid>),
    /// Let the student's editor open this file; the end of a pipe on which to tell how it ended comes along.
    Edit(PathBuf),
    /// Run forkscope with these arguments and this text to read; the end of a pipe to write to comes along.
    Forkscope(Vec<String>, String),
    /// When the screen ends, begin again.
    Again(Again),
}

/// How a screen ended.
enum End {
    Over(WaitStatus),
    Again(Again),
}

/// Runs screens until one ends for good; the exit code is its own.
///
/// `screen` is the whole life of the forked screen process and gives its exit code.
pub fn run(screen: impl Fn(Endowment) -> u8) -> sys::Result<ExitCode> {
    let saved = Saved::of_stdin();
    let watched = [
        Signal::CHLD,
        Signal::TERM,
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::CONT,
        Signal::TSTP,
    ];
    let signals = signal::descriptor(&watched)?;
    set_subreaper(true)?;
    let mut again = None;
    loop {
        let keeper = Keeper::begin(&screen, again.take(), saved.as_ref())?;
        match keeper.watch(&signals) {
            End::Again(next) => again = Some(next),
            End::Over(WaitStatus::Signaled { signal, .. }) => {
                signal::raise_default(signal);
                return Ok(ExitCode::from(WaitStatus::signaled(signal).shell_code()));
            }
            End::Over(status) => return Ok(ExitCode::from(status.shell_code())),
        }
    }
}

struct Keeper<'a> {
    screen: Pid,
    link: OwnedFd,
    report: OwnedFd,
    trail: Trail,
    saved: Option<&'a Saved>,
    again: Option<Again>,
    helpers: Vec<Helper>,
    /// The screen has stopped, and keeper will, by then at the latest.
    stopping: Option<Instant>,
}

/// A program that the keeper has started for the screen.
struct Helper {
    pid: Pid,
    /// Where to tell how the editor ended; none for a program that does not hold the terminal.
    editor: Option<OwnedFd>,
    is_stopped: bool,
}

impl<'a> Keeper<'a> {
    fn begin(
        screen: &impl Fn(Endowment) -> u8,
        again: Option<Again>,
        saved: Option<&'a Saved>,
    ) -> sys::Result<Self> {
        let (own_link, link) = socket::channel()?;
        let (reports, report) = sys::pipe::report_pipe(REPORTS)?;
        let (outputs, output) = socket::stream_with_writers()?;
        let keeper = Pid(std::process::id() as i32);
        let marker = format!("FORKSCOPE_LAB={keeper}.{}", proc::start_of(keeper));
        let limit = limit_below(keeper);
        let trail = Trail {
            marker: marker.clone(),
            output: proc::target(&output),
            limit,
            pidfds: Vec::new(),
            has_gaps: false,
        };
        match fork()? {
            Fork::Child => {
                drop(own_link);
                take_mark(limit);
                let endowment = Endowment {
                    keeper,
                    link,
                    reports,
                    report,
                    outputs,
                    output,
                    marker,
                    limit,
                    again,
                };
                let code = screen(endowment);
                exit_now(i32::from(code));
            }
            Fork::Parent(pid) => Ok(Self {
                screen: pid,
                link: own_link,
                report,
                trail,
                saved,
                again: None,
                helpers: Vec::new(),
                stopping: None,
            }),
        }
    }

    /// Watches until the screen has ended and nothing is left.
    fn watch(mut self, signals: &SignalFd) -> End {
        loop {
            let mut fds = [
                PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(self.link.as_fd(), PollFlags::IN),
            ];
            let patience = self
                .stopping
                .map(|until| until.saturating_duration_since(Instant::now()));
            let patience = patience.and_then(|time| Timespec::try_from(time).ok());
            let _ = poll(&mut fds, patience.as_ref());
            let closed = !(fds[1].revents() & (PollFlags::HUP | PollFlags::ERR)).is_empty();
            self.listen();
            while let Ok(Some(info)) = signals.read_signal() {
                self.on_signal(Signal(info.ssi_signo as i32));
            }
            if let Some(status) = self.reap() {
                return self.finish(status);
            }
            if self.stopping.is_some_and(|until| self.is_ready_to_stop(until)) {
                self.stop();
            }
            if closed {
                // The screen's end is closed and its death is on the way: only signals are left to wait for.
                let mut one = [PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
                let _ = poll(&mut one, None);
            }
        }
    }

    /// A signal to the keeper is meant for the whole: it is passed on, and the screen decides. To be stopped too: it
    /// ends its drawing first, and that it has stopped is seen as if it had been its own idea. What is typed at the
    /// editor is meant for the editor.
    fn on_signal(&mut self, signal: Signal) {
        if signal == Signal::CONT {
            self.stopping = None;
        }
        let is_typed = matches!(signal, Signal::INT | Signal::QUIT);
        if signal != Signal::CHLD && !(is_typed && self.is_editing()) {
            let _ = signal::send(self.screen, signal);
        }
    }

    /// Reaps whatever has ended. The screen's own end is returned.
    fn reap(&mut self) -> Option<WaitStatus> {
        let options = WaitOptions {
            nohang: true,
            untraced: true,
            continued: false,
        };
        let any = WaitCall {
            options,
            ..WaitCall::default()
        };
        while let Ok(Some((pid, status))) = wait::wait(any) {
            if pid == self.screen {
                if status.is_end() {
                    return Some(status);
                }
                self.stopping = Some(Instant::now() + EDITOR_STOPS);
            } else if let Some(at) = self.helpers.iter().position(|helper| helper.pid == pid) {
                self.on_helper(at, status);
            } else if status.is_end() {
                self.say(&Line::Reaped { pid, status });
            }
        }
        None
    }

    fn is_editing(&self) -> bool {
        self.helpers.iter().any(|helper| helper.editor.is_some())
    }

    /// An editor that has stopped has the whole stopped: the shell is to have the terminal. One that has ended is
    /// reported.
    fn on_helper(&mut self, at: usize, status: WaitStatus) {
        if !status.is_end() {
            self.helpers[at].is_stopped = true;
            let _ = signal::send(self.screen, Signal::TSTP);
            return;
        }
        if let Some(editor) = self.helpers.swap_remove(at).editor {
            // When the screen no longer reads there is nobody to tell.
            let _ = std::fs::File::from(editor).write_all(&serde_json::to_vec(&status).unwrap_or_default());
        }
    }

    /// Whether the shell can have the terminal: an editor that has not stopped yet would take what is typed for it.
    fn is_ready_to_stop(&self, until: Instant) -> bool {
        let mut helpers = self.helpers.iter();
        let edits = helpers.any(|helper| helper.editor.is_some() && !helper.is_stopped);
        !edits || Instant::now() >= until
    }

    /// The screen is stopped: the terminal is put back, and the keeper stops too, so that the shell notices. Where no
    /// shell would (the group is orphaned), the kernel does not stop it, and all goes on.
    fn stop(&mut self) {
        self.stopping = None;
        if let Some(saved) = self.saved {
            saved.put_back();
        }
        let _ = signal::unblock(Signal::TSTP);
        signal::stop_self();
        let _ = signal::block(Signal::TSTP);
        let _ = signal::send(self.screen, Signal::CONT);
        for helper in &mut self.helpers {
            helper.is_stopped = false;
        }
    }

    /// Orders of the screen.
    fn listen(&mut self) {
        while let Ok(Received::Message(bytes, fd)) = socket::receive(&self.link, true) {
            match (serde_json::from_slice(&bytes), fd) {
                (Ok(ToKeeper::Known), Some(pidfd)) => self.know(pidfd),
                (Ok(ToKeeper::Subreaper(on)), _) => self.subreaper(on),
                (Ok(ToKeeper::Ps(pids)), Some(to)) => self.help(None, || become_ps(&pids, &to)),
                (Ok(ToKeeper::Forkscope(args, text)), Some(to)) => {
                    self.help(None, || become_forkscope(&args, &text, &to));
                }
                (Ok(ToKeeper::Edit(file)), Some(to)) => self.help(Some(to), || become_editor(&file)),
                (Ok(ToKeeper::Again(again)), _) => self.again = Some(again),
                _ => {}
            }
        }
    }

    /// Keeps a pidfd for the end, and lets go of those whose process is gone.
    fn know(&mut self, pidfd: OwnedFd) {
        self.trail
            .pidfds
            .retain(|known| sys::pidfd::send_signal(known, Signal(0)).is_ok());
        self.trail.pidfds.push(pidfd);
    }

    fn subreaper(&mut self, on: bool) {
        self.trail.has_gaps |= !on;
        let what = match set_subreaper(on) {
            Ok(()) => What::Subreaper { on },
            Err(failed) => What::Error {
                text: failed.to_string(),
            },
        };
        let pid = Pid(std::process::id() as i32);
        self.say(&Line::Fact(Report {
            proc: ProcId::Keeper,
            pid,
            seq: 0,
            done: true,
            what,
        }));
    }

    /// Forks a process that does something else for the screen, and never returns. If it is the editor, its end is
    /// told to that pipe.
    fn help(&mut self, editor: Option<OwnedFd>, life: impl FnOnce()) {
        match fork() {
            Ok(Fork::Child) => life(),
            Ok(Fork::Parent(pid)) => self.helpers.push(Helper {
                pid,
                editor,
                is_stopped: false,
            }),
            // Whoever waits at the other end of the pipe finds that nothing comes.
            Err(_) => {}
        }
    }

    fn say(&self, line: &Line) {
        // When the screen no longer reads there is nobody to tell.
        let _ = wire::write(&self.report, line, Pid(std::process::id() as i32));
    }

    fn finish(mut self, status: WaitStatus) -> End {
        self.listen();
        let again = self.again.take().filter(|_| status == WaitStatus::Exited(0));
        if again.is_none()
            && status != WaitStatus::Exited(0)
            && let Some(saved) = self.saved
        {
            saved.put_back();
        }
        let was_editing = self.is_editing();
        sweep(&self.trail);
        if was_editing && let Some(saved) = self.saved {
            saved.put_back_from_others();
        }
        again.map_or(End::Over(status), End::Again)
    }
}

/// The ps(1) command that shows these processes.
pub fn ps_command(pids: &[Pid]) -> String {
    let list = pids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    format!("ps -o pid,ppid,pgid,sid,stat,comm --forest -p {list}")
}

fn become_ps(pids: &[Pid], to: &OwnedFd) -> ! {
    let null = std::fs::File::open("/dev/null").ok();
    let input = null.as_ref().map_or(to.as_fd(), AsFd::as_fd);
    if sys::fork::redirect(input, to).is_ok() {
        become_helper(ps_command(pids).split(' ').map(CString::new));
    }
    exit_now(127)
}

/// Becomes another forkscope, which reads that text.
fn become_forkscope(args: &[String], text: &str, to: &OwnedFd) -> ! {
    let is_ready = sys::pipe::text(text).and_then(|text| sys::fork::redirect(&text, to));
    if is_ready.is_ok() {
        let words = std::iter::once("/proc/self/exe").chain(args.iter().map(String::as_str));
        become_helper(words.map(CString::new));
    }
    exit_now(127)
}

/// What a shell makes of the editor's variables, which may hold options; `:` and quotes in them are the shell's too.
const EDITOR: &str = r#"eval "exec ${VISUAL:-${EDITOR:-vi}} \"\$1\"""#;

/// Becomes the editor. It has the terminal, as forkscope had; of the lab it holds nothing.
fn become_editor(file: &Path) -> ! {
    let words = [
        b"sh",
        b"-c",
        EDITOR.as_bytes(),
        b"sh",
        file.as_os_str().as_bytes(),
    ];
    become_helper(words.into_iter().map(CString::new))
}

/// Becomes another program, with nothing of the keeper's but the standard descriptors.
fn become_helper<E>(words: impl Iterator<Item = Result<CString, E>>) -> ! {
    let args: Vec<CString> = words.filter_map(Result::ok).collect();
    let ready = sys::fork::close_all_but(&[]).and_then(|()| signal::reset_all());
    if let (Ok(()), Some(name)) = (ready, args.first()) {
        let _ = nix::unistd::execvp(name, &args);
    }
    exit_now(127)
}
