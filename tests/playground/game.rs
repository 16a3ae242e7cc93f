//! A forkscope that somebody has started: in a terminal of its own, or from a shell.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::Termios;
use nix::unistd::Pid;
use tempfile::TempDir;

use super::kernel;
use super::lab::FORKSCOPE;
use super::modes::Mode;
use super::pty::Terminal;

/// In what forkscope runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A terminal of its own.
    Bare,
    /// As a job of an interactive shell.
    Bash,
    Dash,
}

pub const HOSTS: [Host; 3] = [Host::Bare, Host::Bash, Host::Dash];

const PROMPT: &str = "ready> ";

/// A forkscope that runs somewhere.
pub struct Game {
    pub terminal: Terminal,
    pub host: Host,
    pub keeper: i32,
    pub screen: i32,
    pub mode: Mode,
    before: Termios,
    /// Its files.
    _folder: Option<TempDir>,
}

impl Game {
    /// Starts forkscope with these arguments; none where that shell is not installed.
    pub fn start(host: Host, args: &[&str]) -> Option<Self> {
        let shell: &[&str] = match host {
            Host::Bare => {
                return Some(Self::started(Terminal::run(FORKSCOPE, args)));
            }
            Host::Bash => &["bash", "--norc", "--noprofile", "-i"],
            Host::Dash => &["dash", "-i"],
        };
        if !is_installed(shell[0]) {
            let _ = writeln!(std::io::stderr(), "{} is not installed: not tested", shell[0]);
            return None;
        }
        let args = shlex::try_join(args.iter().copied()).expect("no zero byte");
        let line = format!("{FORKSCOPE} {args}");
        let env = [("PS1", PROMPT), ("COMMAND", &line)];
        let mut terminal = Terminal::run_in((40, 120), &env, shell[0], &shell[1..]);
        terminal.until("a prompt", at_prompt);
        let before = terminal.modes();
        terminal.press("eval \"$COMMAND\"\r");
        Some(Self::begun(terminal, host, before))
    }

    /// Starts that mode with a lab that is hard to end; `first` are keys of the playground before all others.
    pub fn start_hard(mode: Mode, host: Host, first: &str, more: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let args = mode.hard_args(folder.path(), first);
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        // Before the command that is traced, which takes the rest.
        args.splice(1..1, more.iter().copied());
        let game = Self::start(host, &args)?;
        Some(Self {
            mode,
            _folder: Some(folder),
            ..game
        })
    }

    /// A forkscope that was just started in a terminal of its own.
    pub fn started(terminal: Terminal) -> Self {
        let before = terminal.initial.clone();
        Self::begun(terminal, Host::Bare, before)
    }

    fn begun(mut terminal: Terminal, host: Host, before: Termios) -> Self {
        terminal.until("a picture", |terminal| {
            let screen = terminal.screen();
            screen.alternate_screen() && screen.contents().contains("forkscope")
        });
        let family = kernel::family(terminal.leader());
        let ours = |pid: &i32| family.get(pid).is_some_and(|stat| stat.comm == "forkscope");
        let screen = family.values().find(|stat| ours(&stat.pid) && ours(&stat.ppid));
        let screen = screen.expect("screen is below keeper");
        Self {
            keeper: screen.ppid,
            screen: screen.pid,
            terminal,
            host,
            mode: Mode::Play,
            before,
            _folder: None,
        }
    }

    /// The files of screen may not grow any more, as when the disk is full.
    pub fn may_write_no_files(&self) {
        let screen = self.screen.to_string();
        let done = Command::new("prlimit")
            .args(["--pid", &screen, "--fsize=1:1"])
            .status();
        assert!(done.expect("prlimit(1) is installed").success());
    }

    /// Stops the keeper alone. Without a shell nobody else would continue it, so it is continued.
    pub fn stop_the_keeper(&mut self) {
        send(self.keeper, Signal::SIGSTOP);
        if self.host == Host::Bare {
            send(self.keeper, Signal::SIGCONT);
        } else {
            self.asks_for_a_prompt();
        }
    }

    /// It was stopped: a shell has its terminal back, and `fg` brings the picture back. Where there is no shell, all
    /// goes on.
    pub fn is_brought_back(&mut self) {
        if self.host != Host::Bare {
            self.terminal.until("the shell's prompt", at_prompt);
            self.terminal_is_as_before();
            self.terminal.press("fg\r");
        }
        self.terminal.settles();
        self.terminal.until("the picture again", |terminal| {
            let screen = terminal.screen();
            screen.alternate_screen() && screen.contents().contains("forkscope")
        });
    }

    /// Waits until it is over, and gives how it ended as a shell would say it.
    pub fn code(&mut self) -> i32 {
        if self.host == Host::Bare {
            let status = self.terminal.ended();
            return status
                .code()
                .or(status.signal().map(|signal| 128 + signal))
                .expect("it ended");
        }
        // When nothing of forkscope is left, the shell reads what is typed, wherever its prompt has been drawn.
        self.is_gone_soon();
        self.terminal.press("echo ended=$?.\r");
        self.terminal
            .until("the code", |terminal| code(terminal).is_some());
        self.terminal.until("the prompt again", at_prompt);
        code(&self.terminal).expect("it was just there")
    }

    /// Waits until the terminal is as it was before.
    pub fn terminal_is_as_before(&mut self) {
        let before = self.before.clone();
        self.terminal.until("the main screen", |terminal| {
            !terminal.screen().alternate_screen()
        });
        self.terminal
            .until("a cursor", |terminal| !terminal.screen().hide_cursor());
        self.terminal
            .until("modes as before", |terminal| terminal.modes() == before);
    }

    /// A shell that hears of the keeper before screen does has prompts on a picture that then goes away, and its
    /// prompt with it: Enter brings another.
    pub fn asks_for_a_prompt(&mut self) {
        self.terminal_is_as_before();
        self.terminal.press("\r");
    }

    /// Fails unless nothing of forkscope is left in a moment: a second where the machine has nothing else to do.
    pub fn is_gone_soon(&mut self) {
        let shell = (self.host != Host::Bare).then(|| self.terminal.leader());
        let rest =
            move |terminal: &Terminal| terminal.mark.living().into_iter().all(|pid| Some(pid) == shell);
        self.terminal
            .within(Duration::from_secs(5), "nothing is left", rest);
    }
}

pub fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Whether the shell waits for a command: the cursor stands behind a prompt.
pub fn at_prompt(terminal: &Terminal) -> bool {
    let screen = terminal.screen();
    let (row, column) = screen.cursor_position();
    let before = screen.contents_between(row, 0, row, column);
    !screen.alternate_screen() && before.ends_with(PROMPT)
}

fn code(terminal: &Terminal) -> Option<i32> {
    let text = terminal.screen().contents();
    let (_, rest) = text.rsplit_once("ended=")?;
    rest.split_once('.')?.0.parse().ok()
}

/// kill(2).
pub fn send(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).expect("it is alive");
}
