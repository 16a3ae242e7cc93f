//! A session for tests and benches, of any length: screen forks, its child forks and execs, they end and are reaped.

use super::model::event::{Birth, Exec, Fork, Note, Reaped, Role, Wait, WaitEnd};
use super::model::{Event, Link, Pid, ProcId, Ret, State, Time, WaitCall, WaitStatus, What};

/// The first `count` facts of it.
pub fn session(count: usize) -> Vec<Event> {
    let mut session = Session::default();
    session.born(ProcId::Keeper, Link::Outside(Pid(2), "bash".into()));
    session.born(ProcId::Screen, ProcId::Keeper.into());
    let mut next = 0;
    while session.events.len() < count {
        session.round(ProcId::lab(next), ProcId::lab(next + 1));
        next += 2;
    }
    session.events.truncate(count);
    session.events
}

#[derive(Default)]
struct Session {
    events: Vec<Event>,
}

impl Session {
    fn round(&mut self, parent: ProcId, child: ProcId) {
        self.key("f");
        self.fork(ProcId::Screen, parent);
        self.key("f");
        self.fork(parent, child);
        self.key("e");
        let argv = vec!["sleep".into(), "60".into()];
        self.push(child, What::Exec(Exec { argv, failed: None }));
        let state = Some(State::SLEEPING);
        self.push(
            child,
            What::Note(Note {
                state,
                ..Note::default()
            }),
        );
        self.key("w");
        self.wait(parent, None);
        self.key("k");
        self.end(child, parent);
        self.key("x");
        self.wait(ProcId::Screen, None);
        self.end(parent, ProcId::Screen);
    }

    fn end(&mut self, proc: ProcId, by: ProcId) {
        let status = WaitStatus::Exited(7);
        self.push(proc, What::Exit { status });
        self.push(proc, What::Zombie { status: Some(status) });
        let end = WaitEnd {
            ret: Ret::Ok(i64::from(pid(proc).0)),
            status: Some(status),
            child: Some(proc),
        };
        self.wait(by, Some(end));
        let reaped = Reaped {
            by: by.into(),
            status: Some(status),
            auto: false,
        };
        self.push(proc, What::Reaped(reaped));
    }

    fn wait(&mut self, proc: ProcId, end: Option<WaitEnd>) {
        let call = WaitCall::default();
        self.push(proc, What::Wait(Wait { call, end }));
    }

    fn fork(&mut self, parent: ProcId, child: ProcId) {
        let fork = Fork {
            child: Some(child),
            ret: Ret::Ok(i64::from(pid(child).0)),
            vfork: false,
        };
        self.push(parent, What::Fork(fork));
        self.born(child, parent.into());
    }

    fn born(&mut self, proc: ProcId, parent: Link) {
        let birth = Birth {
            parent,
            start: 1,
            comm: "forkscope".into(),
            pgid: pid(proc),
            sid: pid(proc),
            role: Role::Lab,
        };
        self.push(proc, What::Born(birth));
    }

    fn key(&mut self, key: &str) {
        self.push(ProcId::Screen, What::Key { key: key.into() });
    }

    fn push(&mut self, proc: ProcId, what: What) {
        let t = Time(self.events.len() as u64 * 1500);
        let pid = pid(proc);
        self.events.push(Event { t, proc, pid, what });
    }
}

fn pid(proc: ProcId) -> Pid {
    match proc {
        ProcId::Keeper => Pid(3),
        ProcId::Screen => Pid(4),
        ProcId::Lab(letter) => Pid(5 + letter.0 as i32),
    }
}
