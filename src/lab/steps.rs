//! A process that interprets a program: it goes from stop to stop as ordered, and says where it stands and what its
//! variables hold.

use super::child::{Answer, Process};
use crate::model::event::{Line, Note, Phase, Var};
use crate::model::{Ret, What};
use crate::program::{Phase as At, Return, Stop, run_to_stop};

impl Process {
    /// To the next stop. A fork on the way makes two processes that both stand at it.
    pub(super) fn step(&mut self) {
        let Some(mut machine) = self.body.machine.take() else {
            return self.has_no_program();
        };
        let ordered = self.pid;
        let stop = run_to_stop(&mut machine, self);
        self.body.machine = Some(machine);
        // The child of a fork was not ordered: it says where it stands of its own accord.
        let answer = if self.pid == ordered {
            Answer::Done
        } else {
            Answer::Meanwhile
        };
        self.tell_stop(&stop, answer);
    }

    /// On to the end, and the children with it.
    pub(super) fn finish(&mut self) {
        let Some(mut machine) = self.body.machine.take() else {
            return self.has_no_program();
        };
        self.say(Answer::Done, What::Note(Note::default()));
        loop {
            let stop = run_to_stop(&mut machine, self);
            self.at = stop.line;
            if let At::Fault(fault) = &stop.phase {
                self.remark(&fault.sentence);
            }
        }
    }

    /// Says where the program begins.
    pub(super) fn tell_start(&mut self) {
        if self.body.machine.is_some() {
            self.tell_variables();
        }
    }

    fn has_no_program(&mut self) {
        self.remark("there is no program to step here");
        self.say(Answer::Done, What::Note(Note::default()));
    }

    fn remark(&mut self, text: &str) {
        self.say(
            Answer::Meanwhile,
            What::Note(Note {
                text: Some(text.to_owned()),
                ..Note::default()
            }),
        );
    }

    fn tell_stop(&mut self, stop: &Stop, answer: Answer) {
        self.at = stop.line;
        self.tell_variables();
        if let At::Fault(fault) = &stop.phase {
            self.remark(&fault.sentence);
        }
        let (phase, call, ret) = match &stop.phase {
            At::Line => (Phase::Line, None, None),
            At::Before(call) => (Phase::Before, Some(call), None),
            At::After(call, ret) => (Phase::After, Some(call), Some(ret_of(ret))),
            At::Fault(_) | At::Done(_) => (Phase::End, None, None),
        };
        let language = self.language;
        let line = Line {
            line: stop.line,
            file: None,
            function: None,
            phase,
            call: call.map(|call| call.source(language)),
            kernel: None,
            ret,
        };
        self.say(answer, What::Line(line));
    }

    /// Tells the variables, if they are others than before.
    fn tell_variables(&mut self) {
        let Some(machine) = &self.body.machine else { return };
        let vars: Vec<Var> = machine
            .variables()
            .into_iter()
            .enumerate()
            .flat_map(|(n, frame)| {
                let of = (n > 0).then(|| frame.function.clone());
                frame.variables.into_iter().map(move |variable| Var {
                    name: variable.name,
                    value: variable.value,
                    at: variable.address.map(|address| format!("0x{address:x}")),
                    of: of.clone(),
                })
            })
            .collect();
        if self.told != vars {
            self.told.clone_from(&vars);
            self.say(Answer::Meanwhile, What::Vars { vars });
        }
    }
}

/// What a call gave, as a number or an errno.
fn ret_of(ret: &Return) -> Ret {
    match ret {
        Return::Error(errno) => Ret::Err(*errno),
        other => Ret::Ok(other.value()),
    }
}
