//! Hand-written facts, for pictures of every situation: a small language to tell a lab's story in.

use crate::app::{App, Effect, Key, Source, past};
use crate::journal::Journal;
use crate::model::event::{
    Action, Birth, Exec, Fd, Fork, Note, Phase, Reaped, Role, SignalSent, Text, Var, Wait, WaitEnd,
};
use crate::model::{Event, Link, Pid, ProcId, Ret, Signal, State, Time, WaitCall, WaitStatus, What};

/// The pid of the keeper; screen and the letters follow.
const FIRST_PID: i32 = 4099;

/// A lab whose story is told.
pub struct Story {
    /// The state so far.
    pub app: App,
    journal: Journal,
    now: u64,
    /// Whom the processes obey.
    role: Role,
}

impl Story {
    /// The keeper, and screen below it.
    pub fn new() -> Self {
        let mut story = Self {
            app: App::new(40),
            journal: Journal::new().expect("memory"),
            now: 0,
            role: Role::Lab,
        };
        let shell = Link::Outside(Pid(3900), "bash".to_owned());
        story
            .born("keeper", shell)
            .born("screen", Link::Proc(ProcId::Keeper));
        story.state("keeper", 'S');
        story
    }

    /// Screen's first child: A.
    pub fn with_a() -> Self {
        let mut story = Self::new();
        story.fork("screen", "A");
        story
    }

    /// A with children B and C, and D below B.
    pub fn three_generations() -> Self {
        let mut story = Self::with_a();
        story.fork("A", "B").fork("A", "C").fork("B", "D").key();
        story
    }

    /// The reader presses a key that changes nothing: marks go.
    pub fn key(&mut self) -> &mut Self {
        self.tell("screen", What::Key { key: "v".to_owned() })
    }

    /// Selects a process.
    pub fn select(&mut self, who: &str) -> &mut Self {
        self.app.select(id(who)).expect("a process of the story");
        self
    }

    /// Presses keys on the program itself; of what they ask for, only ways through time are gone.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            self.press_key(Key::Char(key));
        }
        self
    }

    pub fn press_key(&mut self, key: Key) -> &mut Self {
        for effect in self.app.press(key) {
            if let Effect::Travel(way) = effect {
                past::travel(&mut self.app, &self.journal, way).expect("memory");
            }
        }
        past::read_lanes(&mut self.app, &self.journal).expect("memory");
        self
    }

    pub fn fork(&mut self, parent: &str, child: &str) -> &mut Self {
        let fork = Fork {
            child: Some(id(child)),
            ret: Ret::Ok(i64::from(pid(child).0)),
            vfork: false,
        };
        self.tell(parent, What::Fork(fork));
        self.born(child, Link::Proc(id(parent)));
        self.state(child, 'S')
    }

    pub fn born(&mut self, who: &str, parent: Link) -> &mut Self {
        let birth = Birth {
            parent,
            start: 0,
            comm: "forkscope".to_owned(),
            pgid: pid(who),
            sid: pid(who),
            role: self.role,
        };
        self.tell(who, What::Born(birth))
    }

    pub fn state(&mut self, who: &str, letter: char) -> &mut Self {
        let note = Note {
            state: Some(State(letter)),
            ..Note::default()
        };
        self.tell(who, What::Note(note))
    }

    pub fn exit(&mut self, who: &str, code: u8) -> &mut Self {
        let status = WaitStatus::Exited(code);
        self.tell(who, What::Exit { status });
        self.tell(who, What::Zombie { status: Some(status) })
    }

    pub fn killed(&mut self, who: &str, signal: Signal) -> &mut Self {
        self.signal(who, signal);
        let status = WaitStatus::signaled(signal);
        self.tell(who, What::Killed { status });
        self.tell(who, What::Zombie { status: Some(status) })
    }

    pub fn signal(&mut self, who: &str, signal: Signal) -> &mut Self {
        let sent = SignalSent {
            signal,
            by: Some(ProcId::Screen),
            ret: Ret::Ok(0),
            group: false,
            caught: false,
        };
        self.tell(who, What::Signal(sent))
    }

    pub fn wait(&mut self, who: &str) -> &mut Self {
        self.wait_in(who, WaitCall::default())
    }

    pub fn wait_in(&mut self, who: &str, call: WaitCall) -> &mut Self {
        let wait = Wait { call, end: None };
        self.tell(who, What::Wait(wait)).state(who, 'S')
    }

    /// `by`'s wait returns with `child`.
    pub fn reap(&mut self, by: &str, child: &str, code: u8) -> &mut Self {
        let status = Some(WaitStatus::Exited(code));
        let end = WaitEnd {
            ret: Ret::Ok(i64::from(pid(child).0)),
            status,
            child: Some(id(child)),
        };
        let wait = Wait {
            call: WaitCall::default(),
            end: Some(end),
        };
        self.tell(by, What::Wait(wait));
        let reaped = Reaped {
            by: Link::Proc(id(by)),
            status,
            auto: false,
        };
        self.tell(child, What::Reaped(reaped))
    }

    pub fn adopt(&mut self, who: &str, from: &str, by: Link) -> &mut Self {
        let from = Link::Proc(id(from));
        self.tell(who, What::Adopted { from, by })
    }

    pub fn exec(&mut self, who: &str, argv: &[&str]) -> &mut Self {
        let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
        self.tell(who, What::Exec(Exec { argv, failed: None }))
            .state(who, 'S')
    }

    pub fn subreaper(&mut self, who: &str, on: bool) -> &mut Self {
        self.tell(who, What::Subreaper { on })
    }

    pub fn ignore_sigchld(&mut self, who: &str) -> &mut Self {
        let signal = Signal::CHLD;
        self.tell(
            who,
            What::Disposition {
                signal,
                action: Action::Ignore,
            },
        )
    }

    pub fn stop(&mut self, who: &str) -> &mut Self {
        let signal = Some(Signal::STOP);
        self.signal(who, Signal::STOP).tell(who, What::Stopped { signal })
    }

    pub fn write(&mut self, who: &str, text: &str) -> &mut Self {
        self.tell(who, What::Output(words(text)))
    }

    pub fn type_in(&mut self, who: &str, text: &str) -> &mut Self {
        self.tell(who, What::Stdin(words(text)))
    }

    pub fn hold(&mut self, who: &str, fd: i32, file: &str, mode: &str) -> &mut Self {
        let fd = Fd {
            fd,
            file: Some(file.to_owned()),
            mode: Some(mode.to_owned()),
            cloexec: fd > 2,
        };
        self.tell(who, What::Fd(fd))
    }

    /// A program: what it is called, and its text. Its first process is A.
    pub fn of_program(name: &str, text: &str) -> Self {
        let mut story = Self::new();
        story.run(name, text);
        story
    }

    /// The program's first process, A, is born.
    pub fn run(&mut self, name: &str, text: &str) -> &mut Self {
        self.app.source = Some(Source::new(name, text));
        self.role = Role::Program;
        self.fork("screen", "A")
    }

    pub fn at(&mut self, who: &str, line: u32, phase: Phase, call: Option<(&str, Option<i64>)>) -> &mut Self {
        let line = crate::model::event::Line {
            line,
            file: None,
            function: Some("main".to_owned()),
            phase,
            call: call.map(|(call, _)| call.to_owned()),
            kernel: None,
            ret: call.and_then(|(_, ret)| ret).map(Ret::Ok),
        };
        self.tell(who, What::Line(line))
    }

    /// Where it stands, in full.
    pub fn stand(&mut self, who: &str, line: crate::model::event::Line) -> &mut Self {
        self.tell(who, What::Line(line))
    }

    /// Screen traces: whoever lives, and is born from now on, is traced.
    pub fn trace(&mut self) -> &mut Self {
        self.role = Role::Tracer;
        self.born("screen", Link::Proc(ProcId::Keeper));
        self.role = Role::Traced;
        if self.app.world.get(ProcId::lab(0)).is_some() {
            self.born("A", Link::Proc(ProcId::Screen));
        }
        self
    }

    /// Variables: name, value, address; Python's have none.
    pub fn vars(&mut self, who: &str, vars: &[(&str, Option<&str>, &str)]) -> &mut Self {
        let var = |(name, value, at): &(&str, Option<&str>, &str)| Var {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
            at: (!at.is_empty()).then(|| (*at).to_owned()),
            of: Some("main".to_owned()),
        };
        let vars = vars.iter().map(var).collect();
        self.tell(who, What::Vars { vars })
    }

    fn tell(&mut self, who: &str, what: What) -> &mut Self {
        self.now += 1000;
        let event = Event {
            t: Time(self.now),
            proc: id(who),
            pid: pid(who),
            what,
        };
        self.journal.push(&event).expect("memory");
        self.app.learn(&event);
        self
    }
}

/// The process of that name.
pub fn id(name: &str) -> ProcId {
    name.parse().expect("a name of a process")
}

fn pid(name: &str) -> Pid {
    Pid(match id(name) {
        ProcId::Keeper => FIRST_PID,
        ProcId::Screen => FIRST_PID + 1,
        ProcId::Lab(letter) => FIRST_PID + 2 + letter.0 as i32,
    })
}

fn words(text: &str) -> Text {
    Text {
        text: text.to_owned(),
        b64: None,
    }
}
