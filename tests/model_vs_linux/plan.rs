//! What a random sequence is made of: acts with numbers in them that choose among what is there.

use forkscope::model::event::Action;
use forkscope::model::sim::{Call, Image, Kernel, MaskHow, Proc, Sigaction, Signals};
use forkscope::model::{Pid, Signal, WaitCall, WaitOptions, WaitTarget};
use proptest::prelude::*;

use super::linux::LETTERS;

/// A pid that Linux never gives (its largest is 2^22).
const NOBODY: Pid = Pid(99_999_999);

/// The signals that the sequences are about. Those that may dump core are left out: whether they do is not the
/// model's to say.
pub const SIGNALS: [Signal; 11] = [
    Signal::HUP,
    Signal::KILL,
    Signal::USR1,
    Signal::USR2,
    Signal::PIPE,
    Signal::TERM,
    Signal::CHLD,
    Signal::CONT,
    Signal::STOP,
    Signal::TSTP,
    Signal::INT,
];

/// One act: which of those that can act, and what.
pub type Act = (usize, Deed);

/// A call whose processes are still to be chosen.
#[derive(Clone, Debug)]
pub enum Deed {
    /// As it is.
    Plain(Call),
    /// waitpid.
    Wait(Whom, WaitOptions),
    /// kill, by the process or from outside.
    Kill {
        whom: Whom,
        signal: Signal,
        outside: bool,
    },
    /// setpgid.
    Setpgid(Whom, Whom),
    /// getpgid and getsid.
    Ask { session: bool, whom: Whom },
}

/// A process or a group of the sequence.
#[derive(Clone, Copy, Debug)]
pub enum Whom {
    /// 0.
    Own,
    /// -1, for a wait; for a kill it would mean the whole machine, and is 0.
    Any,
    /// One of those that are there.
    One(usize),
    /// The group of one of those that are there.
    GroupOf(usize),
    /// A pid that nobody has.
    Nobody,
}

/// A random act.
pub fn act() -> impl Strategy<Value = Act> {
    let deed = prop_oneof![
        7 => Just(Deed::Plain(Call::Fork)),
        1 => Just(Deed::Plain(Call::Vfork)),
        3 => (0..300).prop_map(|code| Deed::Plain(Call::Exit(code))),
        6 => (whom(), options()).prop_map(|(whom, options)| Deed::Wait(whom, options)),
        7 => (whom(), signal(), any::<bool>())
            .prop_map(|(whom, signal, outside)| Deed::Kill { whom, signal, outside }),
        3 => (whom(), whom()).prop_map(|(whom, group)| Deed::Setpgid(whom, group)),
        1 => Just(Deed::Plain(Call::Setsid)),
        1 => (any::<bool>(), whom()).prop_map(|(session, whom)| Deed::Ask { session, whom }),
        4 => sigaction().prop_map(|action| Deed::Plain(Call::Sigaction(action))),
        10 => plain().prop_map(Deed::Plain),
    ];
    (any::<usize>(), deed)
}

fn plain() -> impl Strategy<Value = Call> {
    let fd = prop_oneof![Just(0), 3..9];
    let image = Image {
        argv: vec!["puppet".into()],
        missing: None,
    };
    prop_oneof![
        1 => Just(Call::Getppid),
        1 => Just(Call::Exec(image)),
        2 => any::<bool>().prop_map(Call::Subreaper),
        1 => signal().prop_map(Call::Pdeathsig),
        2 => (how(), set()).prop_map(|(how, set)| Call::Sigprocmask { how, set }),
        1 => Just(Call::Sigpending),
        1 => set().prop_map(Call::Sigsuspend),
        1 => set().prop_map(Call::Sigwait),
        1 => Just(Call::Pause),
        2 => any::<bool>().prop_map(|cloexec| Call::Pipe { cloexec }),
        2 => (fd.clone(), 0..6_usize).prop_map(|(fd, count)| Call::Read { fd, count }),
        3 => (fd.clone(), prop::collection::vec(any::<u8>(), 0..5)).prop_map(|(fd, data)| Call::Write { fd, data }),
        3 => (3..9).prop_map(Call::Close),
        1 => fd.clone().prop_map(|fd| Call::Dup { fd, cloexec: false }),
        1 => (fd, 3..9).prop_map(|(from, to)| Call::Dup2 { from, to, cloexec: false }),
    ]
}

fn whom() -> impl Strategy<Value = Whom> {
    prop_oneof![
        1 => Just(Whom::Own),
        3 => Just(Whom::Any),
        4 => any::<usize>().prop_map(Whom::One),
        2 => any::<usize>().prop_map(Whom::GroupOf),
        1 => Just(Whom::Nobody),
    ]
}

fn options() -> impl Strategy<Value = WaitOptions> {
    any::<[bool; 3]>().prop_map(|[nohang, untraced, continued]| WaitOptions {
        nohang,
        untraced,
        continued,
    })
}

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![1 => Just(Signal(0)), 11 => prop::sample::select(&SIGNALS[..])]
}

fn set() -> impl Strategy<Value = Signals> {
    prop::sample::subsequence(&SIGNALS[..], 0..5).prop_map(|signals| signals.into_iter().collect())
}

fn how() -> impl Strategy<Value = MaskHow> {
    prop::sample::select(vec![MaskHow::Block, MaskHow::Unblock, MaskHow::Set])
}

fn sigaction() -> impl Strategy<Value = Sigaction> {
    let action = prop::sample::select(vec![Action::Default, Action::Ignore, Action::Handler]);
    // SIGCHLD is what most rules are about.
    let signal = prop_oneof![Just(Signal::CHLD), prop::sample::select(&SIGNALS[..])];
    (signal, action, any::<bool>(), any::<bool>()).prop_map(|(signal, action, nocldstop, nocldwait)| {
        let chld = signal == Signal::CHLD;
        Sigaction {
            nocldstop: nocldstop && chld,
            nocldwait: nocldwait && chld,
            ..Sigaction::plain(signal, action)
        }
    })
}

/// Who makes which call, given what there is; none if nobody can.
pub fn choose(kernel: &Kernel, (who, deed): &Act) -> Option<(Pid, Call)> {
    let running: Vec<_> = kernel
        .lab()
        .filter(|proc| proc.is_running())
        .map(|proc| proc.pid)
        .collect();
    let outside = matches!(deed, Deed::Kill { outside: true, .. });
    let who = match running.as_slice() {
        running if !outside && !running.is_empty() => running[who % running.len()],
        _ if matches!(deed, Deed::Kill { .. }) => kernel.screen(),
        _ => return None,
    };
    let call = match deed {
        Deed::Plain(call) => call.clone(),
        Deed::Wait(whom, options) => Call::Wait(WaitCall {
            target: WaitTarget::from(chosen(kernel, *whom, -1)),
            options: *options,
        }),
        Deed::Kill { whom, signal, .. } => {
            // The screen's own group holds processes that are no part of this.
            let own = if who == kernel.screen() { NOBODY.0 } else { 0 };
            let pid = match chosen(kernel, *whom, own) {
                0 => own,
                pid => pid,
            };
            Call::Kill { pid, signal: *signal }
        }
        Deed::Setpgid(whom, group) => Call::Setpgid {
            pid: Pid(chosen(kernel, *whom, 0).max(0)),
            group: Pid(chosen(kernel, *group, 0)),
        },
        Deed::Ask { session: true, whom } => Call::Getsid(Pid(chosen(kernel, *whom, 0).max(0))),
        Deed::Ask { session: false, whom } => Call::Getpgid(Pid(chosen(kernel, *whom, 0).max(0))),
    };
    let full = kernel.lab().count() + kernel.gone() as usize >= LETTERS;
    (!full || !matches!(call, Call::Fork | Call::Vfork)).then_some((who, call))
}

/// The number that a call gets for `whom`.
fn chosen(kernel: &Kernel, whom: Whom, any: i32) -> i32 {
    let lab: Vec<&Proc> = kernel.lab().collect();
    match whom {
        Whom::Own => 0,
        Whom::Any => any,
        Whom::One(at) => lab.get(at % lab.len().max(1)).map_or(NOBODY, |proc| proc.pid).0,
        Whom::GroupOf(at) => -lab.get(at % lab.len().max(1)).map_or(NOBODY, |proc| proc.group).0,
        Whom::Nobody => NOBODY.0,
    }
}
