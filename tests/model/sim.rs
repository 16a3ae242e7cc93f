//! The pure kernel: calls go in, and what they return, and the tree, come out.
//!
//! A run is written as `WHO call … = result`, apart by `;`: `A fork = B; B exit 7; A wait = B 7`. A call that sleeps
//! gives `blocked`, and `A woke = …` says how it came back. The tree is folded from the facts that the kernel tells,
//! so that these are tested too.

use forkscope::model::event::Action;
use forkscope::model::sim::{
    Answer, Call, Facts, Image, Kernel, MaskHow, OpenFlags, Return, Sigaction, Signals, Step, Whence,
};
use forkscope::model::{Errno, Pid, ProcId, Signal, WaitCall, WaitStatus, WaitTarget, World};

use super::script::{id, line, pid};

/// A kernel under test: after every call it settles.
struct Run {
    kernel: Kernel,
    facts: Facts,
    woken: Vec<(Pid, Return)>,
}

impl Run {
    fn of(script: &str) -> Self {
        let mut facts = Facts::kept();
        let (kernel, _) = Kernel::launch(b"", &mut facts);
        let mut run = Self {
            kernel,
            facts,
            woken: Vec::new(),
        };
        for act in script.split(';').map(str::trim).filter(|act| !act.is_empty()) {
            run.act(act);
        }
        run
    }

    fn act(&mut self, act: &str) {
        let (act, expected) = match act.split_once(" = ") {
            Some((act, expected)) => (act, Some(expected)),
            None => (act, None),
        };
        let words: Vec<&str> = act.split_whitespace().collect();
        let who = pid(id(words[0]));
        let got = match &words[1..] {
            ["woke"] => {
                let at = self.woken.iter().position(|(woken, _)| *woken == who);
                let at = at.unwrap_or_else(|| panic!("{act}: it still sleeps"));
                let (_, ret) = self.woken.remove(at);
                self.text(&Answer::Returned(ret))
            }
            ["timer"] => {
                self.kernel.step(Step::Alarm(who), &mut self.facts);
                "done".to_owned()
            }
            ["slept"] => {
                let back = self.kernel.step(Step::Complete(who), &mut self.facts);
                back.map_or_else(
                    || "nothing".to_owned(),
                    |(_, ret)| self.text(&Answer::Returned(ret)),
                )
            }
            ["caught"] => format!("{:?}", self.kernel.take_caught(who)),
            words => {
                let answer = self.kernel.call(who, &call(words), &mut self.facts);
                self.text(&answer)
            }
        };
        self.woken.extend(self.kernel.settle(&mut self.facts));
        if let Some(expected) = expected {
            assert_eq!(got, expected, "{act}");
        }
    }

    fn text(&self, answer: &Answer) -> String {
        match answer {
            Answer::Returned(Return::Value(value)) => value.to_string(),
            Answer::Returned(Return::Waited { status: None, .. }) => "0".to_owned(),
            Answer::Returned(Return::Waited {
                pid,
                status: Some(status),
            }) => format!("{} {}", self.name(*pid), word(*status)),
            Answer::Returned(Return::Data(data)) => format!("{:?}", String::from_utf8_lossy(data)),
            Answer::Returned(Return::Pipe(read, write)) => format!("{read},{write}"),
            Answer::Returned(Return::Signals(set)) => format!("{set:?}"),
            Answer::Returned(Return::Error(errno)) => errno.to_string(),
            Answer::Forked(pid) => self.name(*pid),
            Answer::Vforked(pid) => format!("{} blocked", self.name(*pid)),
            Answer::Blocked => "blocked".to_owned(),
            Answer::Replaced => "replaced".to_owned(),
            Answer::Ended => "ended".to_owned(),
        }
    }

    /// The name of a pid, which may be reaped already.
    fn name(&self, pid: Pid) -> String {
        match pid.0 - 4101 {
            n if n >= 0 => ProcId::lab(n as u32).to_string(),
            _ => self
                .kernel
                .get(pid)
                .map_or_else(|| pid.to_string(), |proc| proc.name.to_string()),
        }
    }

    fn world(&self) -> World {
        let mut world = World::default();
        for event in self.facts.events() {
            world.apply(event);
        }
        world
    }
}

fn word(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(code) => code.to_string(),
        WaitStatus::Signaled { signal, .. } => signal.to_string(),
        WaitStatus::Stopped(_) => "stopped".to_owned(),
        WaitStatus::Continued => "continued".to_owned(),
    }
}

fn call(words: &[&str]) -> Call {
    match words {
        ["fork"] => Call::Fork,
        ["vfork"] => Call::Vfork,
        ["exit", code] => Call::Exit(code.parse().expect("a code")),
        ["wait", rest @ ..] => Call::Wait(wait(rest)),
        ["exec", "missing"] => Call::Exec(Image {
            argv: vec!["missing".into()],
            missing: Some(Errno(2)),
        }),
        ["exec", argv @ ..] => Call::Exec(Image {
            argv: argv.iter().map(|&arg| arg.to_owned()).collect(),
            missing: None,
        }),
        ["kill", whom, name] => Call::Kill {
            pid: number(whom),
            signal: name.parse().expect("a signal"),
        },
        ["on", name, action] => {
            let action = match *action {
                "ign" => Action::Ignore,
                "dfl" => Action::Default,
                _ => Action::Handler,
            };
            Call::Sigaction(Sigaction::plain(name.parse().expect("a signal"), action))
        }
        ["on", "CHLD", "dfl", flag] => Call::Sigaction(Sigaction {
            nocldstop: *flag == "NOCLDSTOP",
            nocldwait: *flag == "NOCLDWAIT",
            ..Sigaction::plain(Signal::CHLD, Action::Default)
        }),
        ["block", names @ ..] => Call::Sigprocmask {
            how: MaskHow::Block,
            set: set(names),
        },
        ["unblock", names @ ..] => Call::Sigprocmask {
            how: MaskHow::Unblock,
            set: set(names),
        },
        ["pending"] => Call::Sigpending,
        ["suspend", names @ ..] => Call::Sigsuspend(set(names)),
        ["sigwait", names @ ..] => Call::Sigwait(set(names)),
        ["pause"] => Call::Pause,
        ["sleep"] => Call::Sleep,
        ["alarm", seconds] => Call::Alarm(seconds.parse().expect("seconds")),
        ["getppid"] => Call::Getppid,
        ["getpgid", whom] => Call::Getpgid(Pid(number(whom))),
        ["getsid", whom] => Call::Getsid(Pid(number(whom))),
        ["setpgid", whom, group] => Call::Setpgid {
            pid: Pid(number(whom)),
            group: Pid(number(group)),
        },
        ["setsid"] => Call::Setsid,
        ["subreaper", on] => Call::Subreaper(*on == "on"),
        ["pdeathsig", name] => Call::Pdeathsig(name.parse().expect("a signal")),
        ["limit", limit] => Call::Setlimit(limit.parse().expect("a limit")),
        words => file_call(words),
    }
}

fn file_call(words: &[&str]) -> Call {
    let fd = |word: &str| word.parse().expect("a descriptor");
    match words {
        ["pipe"] => Call::Pipe { cloexec: false },
        ["pipe", "cloexec"] => Call::Pipe { cloexec: true },
        ["read", from, count] => Call::Read {
            fd: fd(from),
            count: count.parse().expect("a count"),
        },
        ["write", to, text] => Call::Write {
            fd: fd(to),
            data: text.as_bytes().to_vec(),
        },
        ["fill", to, count] => Call::Write {
            fd: fd(to),
            data: vec![b'x'; count.parse().expect("a count")],
        },
        ["close", which] => Call::Close(fd(which)),
        ["dup", which] => Call::Dup {
            fd: fd(which),
            cloexec: false,
        },
        ["dup2", from, to] => Call::Dup2 {
            from: fd(from),
            to: fd(to),
            cloexec: false,
        },
        ["open", path, letters] => Call::Open {
            path: path.as_bytes().to_vec(),
            flags: OpenFlags {
                read: letters.contains('r'),
                write: letters.contains('w'),
                create: letters.contains('c'),
                exclusive: letters.contains('x'),
                truncate: letters.contains('t'),
                append: letters.contains('a'),
                cloexec: false,
            },
        },
        ["seek", which, offset] => Call::Lseek {
            fd: fd(which),
            offset: offset.parse().expect("an offset"),
            whence: Whence::Set,
        },
        ["unlink", path] => Call::Unlink(path.as_bytes().to_vec()),
        other => panic!("no call: {other:?}"),
    }
}

fn wait(words: &[&str]) -> WaitCall {
    let mut call = WaitCall::default();
    for word in words {
        match *word {
            "NOHANG" => call.options.nohang = true,
            "UNTRACED" => call.options.untraced = true,
            "CONTINUED" => call.options.continued = true,
            whom => call.target = WaitTarget::from(number(whom)),
        }
    }
    call
}

/// A pid: a letter, a letter with a minus for its group, or a number.
fn number(text: &str) -> i32 {
    match text.strip_prefix('-') {
        _ if text.parse::<i32>().is_ok() => text.parse().expect("a number"),
        Some(group) => -pid(id(group)).0,
        None => pid(id(text)).0,
    }
}

fn set(names: &[&str]) -> Signals {
    names
        .iter()
        .map(|name| name.parse::<Signal>().expect("a signal"))
        .collect()
}

/// The calls return what the script says, and leave this tree.
fn check(script: &str, tree: &str) {
    assert_eq!(line(&Run::of(script).world()), tree, "after {script}");
}

/// The calls return what the script says.
fn returns(script: &str) {
    Run::of(script);
}

#[test]
fn n_forks_in_a_row_make_two_to_the_n_processes() {
    let mut run = Run::of("");
    for n in 1..=4 {
        let all: Vec<_> = run.kernel.lab().map(|proc| proc.name.to_string()).collect();
        for name in all {
            run.act(&format!("{name} fork"));
        }
        assert_eq!(run.kernel.lab().count(), 1 << n);
    }
}

#[test]
fn a_zombie_stays_until_its_parent_waits() {
    check("A fork = B; B exit 7 = ended", "keeper(screen(A(B:Z)))");
    check("A fork; B exit 7; A wait = B 7", "keeper(screen(A(B~)))");
    check(
        "A fork; B exit 263; A wait = B 7; A wait = ECHILD",
        "keeper(screen(A(B~)))",
    );
    check("A fork; B exit 0; A kill B KILL = 0", "keeper(screen(A(B:Z)))");
    returns("A fork; B exit 0; A wait; A kill B 0 = ESRCH");
}

#[test]
fn a_wait_sleeps_until_a_child_ends() {
    check(
        "A fork; A wait = blocked; B exit 1; A woke = B 1",
        "keeper(screen(A(B~)))",
    );
    returns("A fork; A fork; A wait C = blocked; B exit 1; C exit 2; A woke = C 2; A wait = B 1");
    returns("A fork; B fork = C; A wait C = ECHILD");
}

#[test]
fn wnohang_has_three_answers() {
    returns("A fork; A wait NOHANG = 0; B exit 3; A wait NOHANG = B 3; A wait NOHANG = ECHILD");
}

#[test]
fn several_zombies_come_by_birth() {
    returns("A fork; A fork; C exit 2; B exit 1; A wait = B 1; A wait = C 2");
    // The adopted stand last, whenever they were born.
    returns(
        "A subreaper on; A fork = B; B fork = C; A fork = D; B exit 0; C exit 1; D exit 2; A wait = B 0; A wait = D 2; A wait = C 1",
    );
}

#[test]
fn waits_choose_by_group() {
    returns(
        "A fork = B; A fork = C; A setpgid C 0 = 0; C exit 2; B exit 1; A wait 0 = B 1; A wait 0 = ECHILD; A wait -C = C 2",
    );
}

#[test]
fn only_direct_children_move_and_the_nearest_subreaper_adopts() {
    check(
        "A fork = B; B fork = C; C fork = D; B exit 0",
        "keeper(screen(A(B:Z)) C(D))",
    );
    check(
        "A subreaper on; A fork; B fork; C fork; C exit 0",
        "keeper(screen(A(B(C:Z) D)))",
    );
    check(
        "A fork; B fork; A subreaper on; B exit 0",
        "keeper(screen(A(B:Z C)))",
    );
    check(
        "A fork; B fork; C fork; A subreaper on; B subreaper on; C exit 0",
        "keeper(screen(A(B(C:Z D))))",
    );
    check(
        "A fork; B fork; C fork; B subreaper on; B subreaper off; C exit 0",
        "keeper(screen(A(B(C:Z))) D)",
    );
}

#[test]
fn without_a_subreaper_init_adopts() {
    check(
        "keeper subreaper off; A fork; A exit 0",
        "keeper(screen(A~)) 1:init(B)",
    );
}

#[test]
fn a_zombie_whose_parent_ends_goes_to_a_parent_that_reaps() {
    check("A fork; B fork; C exit 3; B exit 0", "keeper(screen(A(B:Z)) C~)");
    check(
        "A subreaper on; A fork; B fork; C exit 3; B exit 0",
        "keeper(screen(A(B:Z C:Z)))",
    );
    check(
        "A subreaper on; A on CHLD ign; A fork; B fork; B on CHLD dfl; C exit 3; B exit 0",
        "keeper(screen(A(B~ C~)))",
    );
}

#[test]
fn ignored_sigchld_leaves_no_zombie_and_waits_to_the_last() {
    check("A on CHLD ign; A fork; B exit 1", "keeper(screen(A(B~)))");
    returns("A on CHLD ign; A fork; A fork; A wait = blocked; B exit 1; C exit 2; A woke = ECHILD");
    // Not retroactive.
    returns("A fork; B exit 1; A on CHLD ign; A wait = B 1");
    returns("A on CHLD dfl NOCLDWAIT; A fork; B exit 1; A wait = ECHILD");
}

#[test]
fn stops_and_continuations_are_changes_too() {
    returns("A fork; A kill B STOP; A wait UNTRACED = B stopped; A wait UNTRACED NOHANG = 0");
    returns(
        "A fork; A kill B STOP; A kill B CONT; A wait UNTRACED NOHANG = 0; A wait CONTINUED = B continued",
    );
    check(
        "A fork; A wait UNTRACED = blocked; B kill B STOP; A woke = B stopped",
        "keeper(screen(A(B:T)))",
    );
    returns("A fork; A kill B CONT; A wait CONTINUED NOHANG = 0");
}

#[test]
fn a_stopped_process_keeps_its_signals_until_it_goes_on() {
    check("A fork; A kill B STOP; A kill B TERM", "keeper(screen(A(B:T)))");
    check(
        "A fork; A kill B STOP; A kill B TERM; A kill B CONT; A wait = B SIGTERM",
        "keeper(screen(A(B~)))",
    );
    check(
        "A fork; A kill B STOP; A kill B KILL; A wait = B SIGKILL",
        "keeper(screen(A(B~)))",
    );
}

#[test]
fn a_stop_does_not_interrupt_a_wait_and_a_handler_does() {
    returns("A fork; B fork; B wait = blocked; A kill B STOP; C exit 1; A kill B CONT; B woke = C 1");
    returns(
        "A on USR1 handler; A fork; A wait = blocked; B kill A USR1 = 0; A woke = EINTR; A caught = {SIGUSR1}",
    );
}

#[test]
fn a_wait_that_can_return_does_before_its_handler_runs() {
    returns("A on CHLD handler; A fork; A wait = blocked; B exit 1; A woke = B 1; A caught = {SIGCHLD}");
}

#[test]
fn signals_that_are_blocked_merge() {
    returns(
        "A on CHLD handler; A block CHLD; A fork; A fork; B exit 0; C exit 0; A pending = {SIGCHLD}; A caught = {}; \
         A unblock CHLD; A caught = {SIGCHLD}; A wait NOHANG = B 0; A wait NOHANG = C 0; A wait NOHANG = ECHILD",
    );
}

#[test]
fn sigsuspend_waits_for_a_handler_and_restores_the_mask() {
    returns(
        "A on USR1 handler; A block USR1; A fork; B kill A USR1; A suspend = blocked; A woke = EINTR; A caught = {SIGUSR1}; A block = {SIGUSR1}",
    );
    returns("A on USR1 handler; A block USR1; A fork; A suspend = blocked; B kill A USR1; A woke = EINTR");
    returns("A block USR1; A fork; A sigwait USR1 = blocked; B kill A USR1; A woke = 10; A pending = {}");
}

#[test]
fn an_ignored_signal_that_is_pending_is_discarded() {
    returns("A block TERM; A kill A TERM; A pending = {SIGTERM}; A on TERM ign; A pending = {}");
}

#[test]
fn exec_resets_handlers_and_keeps_the_rest() {
    returns(
        "A on USR1 handler; A on TERM ign; A exec sleep = replaced; A kill A TERM = 0; A kill A USR1; A getppid = blocked",
    );
    returns("A on CHLD ign; A exec sleep; A fork; B exit 1; A wait = ECHILD");
    returns("A pipe cloexec = 3,4; A pipe = 5,6; A exec sleep; A close 3 = EBADF; A close 5 = 0");
    returns("A exec missing = ENOENT");
}

#[test]
fn a_vfork_parent_sleeps_until_its_child_execs_or_ends() {
    returns("A vfork = B blocked; B exec sleep; A woke = 4102");
    returns("A vfork = B blocked; B exit 1; A woke = 4102; A wait = B 1");
    check("A vfork", "keeper(screen(A:D(B)))");
    check("A vfork; B kill A TERM", "keeper(screen(A~) B)");
}

#[test]
fn groups_and_sessions_have_their_rules() {
    returns("A setpgid 0 0 = EPERM; A setsid = EPERM; A fork; B setsid = 4102; A setpgid B 0 = EPERM");
    returns(
        "A fork; A setpgid B B = 0; B setsid = EPERM; A setpgid B 9999 = EPERM; A setpgid 9999 0 = ESRCH",
    );
    returns("A fork; B exec sleep; A setpgid B 0 = EACCES; B setpgid 0 0 = 0; B setpgid 0 -5 = EINVAL");
    returns(
        "A fork; B fork; A setpgid C 0 = ESRCH; A getpgid C = 4101; A getsid C = 4101; A getpgid 9999 = ESRCH",
    );
    // The pid of a leader that has gone elsewhere still names a group.
    returns("A fork; B setpgid 0 0; B fork; B setpgid 0 A = 0; B setsid = EPERM");
}

#[test]
fn a_signal_to_a_group_reaches_all_of_it() {
    check(
        "A fork; A fork; A setpgid B 0; A setpgid C B; A kill -B KILL = 0",
        "keeper(screen(A(B:Z C:Z)))",
    );
    returns("A kill -9999 TERM = ESRCH");
}

#[test]
fn a_group_that_is_orphaned_with_a_stopped_member_goes_on() {
    // B links C's group to the session; when B ends, C gets SIGHUP and SIGCONT.
    check(
        "A fork; B fork; B setpgid C 0; C kill C STOP; B exit 0",
        "keeper(screen(A(B:Z)) C~)",
    );
    check(
        "A fork; B fork; B setpgid C 0; C on HUP ign; C kill C STOP; B exit 0",
        "keeper(screen(A(B:Z)) C)",
    );
    // In an orphaned group the terminal's stop does nothing, and SIGSTOP does.
    check("A fork; B kill B TSTP", "keeper(screen(A(B)))");
    check("A fork; B kill B STOP", "keeper(screen(A(B:T)))");
    check("A fork; A setpgid B 0; B kill B TSTP", "keeper(screen(A(B:T)))");
}

#[test]
fn pdeathsig_is_the_childs_own_and_not_inherited() {
    check(
        "A fork; B pdeathsig KILL; B fork; A exit 0",
        "keeper(screen(A~) B~ C)",
    );
}

#[test]
fn an_alarm_comes_any_time_after() {
    returns(
        "A on ALRM handler; A alarm 5 = 0; A pause = blocked; A timer; A woke = EINTR; A caught = {SIGALRM}",
    );
    returns("A alarm 5; A alarm 0 = 5");
    check("A fork; B alarm 1; B timer", "keeper(screen(A(B:Z)))");
    returns("A alarm 1; A fork; B alarm 0 = 0");
}

#[test]
fn a_sleep_ends_any_time_after() {
    returns("A sleep = blocked; A slept = 0");
    returns("A on USR1 handler; A fork; A sleep = blocked; B kill A USR1; A woke = EINTR");
}

#[test]
fn the_limit_counts_the_zombies() {
    // The keeper, the screen and A count too.
    returns("A limit 4; A fork = B; B exit 0; A fork = EAGAIN; A wait = B 0; A fork = C");
}

#[test]
fn a_pipe_ends_when_every_write_end_is_closed() {
    returns("A pipe = 3,4; A write 4 ab = 2; A read 3 9 = \"ab\"; A close 4; A read 3 9 = \"\"");
    returns(
        "A pipe; A fork; A close 4; A read 3 9 = blocked; B write 4 hi = 2; A woke = \"hi\"; A read 3 9 = blocked; B exit 0; A woke = \"\"",
    );
}

#[test]
fn a_write_that_nobody_reads_breaks() {
    returns("A pipe; A close 3; A write 4 x = EPIPE; A getppid = blocked");
    returns("A on PIPE ign; A pipe; A close 3; A write 4 x = EPIPE");
}

#[test]
fn a_full_pipe_makes_its_writer_sleep() {
    returns(
        "A pipe; A fill 4 65536 = 65536; A fork; A write 4 x = blocked; B read 3 10 = \"xxxxxxxxxx\"; A woke = 1",
    );
    returns("A pipe; A fork; A fill 4 70000 = blocked; B read 3 65536; A woke = 70000");
}

#[test]
fn fork_shares_the_offset() {
    returns(
        "A open f rwc = 3; A write 3 abcdef; A seek 3 0; A fork; B read 3 2 = \"ab\"; A read 3 2 = \"cd\"; \
         A open f r = 4; A read 4 2 = \"ab\"",
    );
    returns(
        "A open f r = ENOENT; A open f wc = 3; A open f wcx = EEXIST; A read 3 1 = EBADF; A unlink f = 0; A unlink f = ENOENT",
    );
    returns("A open f rwca = 3; A write 3 ab; A seek 3 0; A write 3 cd; A seek 3 0; A read 3 9 = \"abcd\"");
    returns("A pipe; A seek 3 0 = ESPIPE; A seek 9 0 = EBADF; A open f wc; A seek 5 -1 = EINVAL");
}

#[test]
fn dup2_redirects_and_keeps_the_number() {
    returns(
        "A pipe; A dup2 4 1 = 1; A write 1 hi = 2; A read 3 9 = \"hi\"; A dup 3 = 5; A dup2 9 1 = EBADF; A dup2 3 3 = 3",
    );
    assert_eq!(
        Run::of("A write 1 out; A open f wc; A dup2 3 1; A write 1 file")
            .kernel
            .output(),
        b"out"
    );
}

#[test]
fn the_facts_and_the_table_agree() {
    let run = Run::of(
        "A subreaper on; A fork; B fork; C fork; A kill C STOP; B exit 3; A fork; E on USR1 handler; E pause; A kill E USR1",
    );
    let world = run.world();
    for proc in run.kernel.lab() {
        let told = world
            .get(proc.id().expect("a lab process"))
            .expect("it was told of");
        assert_eq!(told.state, proc.state(), "{}", proc.name);
        assert_eq!(told.parent, run.kernel.get(proc.parent).expect("a parent").name);
        assert_eq!(
            (told.pgid, told.sid, told.subreaper),
            (proc.group, proc.session, proc.subreaper)
        );
        assert_eq!(told.is_zombie(), proc.is_zombie());
    }
    assert_eq!(world.alive() + world.zombies(), run.kernel.lab().count());
}

#[test]
fn what_linux_taught() {
    // Nobody is left to wait for, but nobody who was meant has changed.
    returns("A fork; A wait -A = blocked; B setpgid 0 0; A fork = blocked; B exit 0; A fork = blocked");
    // A signal that is not blocked ends whoever waits for it, or is ignored.
    check(
        "A fork; B sigwait TERM = blocked; A kill B TERM",
        "keeper(screen(A(B:Z)))",
    );
    returns("A fork; B sigwait CONT = blocked; A kill B CONT; B getppid = blocked");
    // exec drops the flags of sigaction.
    returns("A on CHLD dfl NOCLDWAIT; A exec sleep; A fork; B exit 1; A wait = B 1");
    // A signal that came first shields a vfork parent, even if it was taken back.
    check(
        "A fork; B vfork; A kill B STOP; A kill B TERM",
        "keeper(screen(A(B:D(C))))",
    );
    check(
        "A fork; B vfork; A kill B STOP; A kill B CONT; A kill B TERM",
        "keeper(screen(A(B:D(C))))",
    );
    // A zombie links its group to the session until its parent ends.
    check(
        "A fork; B fork; C setpgid 0 0; C fork; C exit 0; D kill D STOP; B exit 0",
        "keeper(screen(A(B:Z)) C~ D~)",
    );
    // A sigsuspend that starts over shows the old mask for a moment.
    returns("A fork; B suspend TERM = blocked; A kill B TERM; A kill B TSTP; A wait = B SIGTERM");
}
