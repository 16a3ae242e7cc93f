//! What screen does itself: it forks, and it waits without blocking.

use std::os::fd::AsFd;
use std::time::Instant;

use super::child::{self, Body, Stdio};
use super::{Lab, SOON};
use crate::model::event::{Fork as Forked, Role, Text, Wait, WaitEnd};
use crate::model::{Link, Pid, ProcId, Ret, WaitCall, WaitOptions, WaitTarget, What};
use crate::program::Machine;
use crate::sys::fork::{Fork, fork};
use crate::sys::{self, socket, wait};

impl Lab {
    /// Starts a program as a shell would: screen forks, the child interprets the program, and screen waits for it.
    pub fn launch(&mut self, program: Machine) {
        self.program = Some(program);
        self.own_fork();
        self.program = None;
        let first = self
            .tracked
            .values()
            .find(|tracked| tracked.id.is_lab())
            .map(|tracked| tracked.pid);
        if let Some(pid) = first {
            self.own_wait(WaitCall {
                target: WaitTarget::Child(pid),
                ..WaitCall::default()
            });
        }
    }

    /// What programs read: a pipe, into which [`Lab::type_in`] writes.
    pub fn open_input(&mut self) -> sys::Result<()> {
        let (read, write) = sys::pipe::pipe()?;
        socket::never_block(&write)?;
        self.stdin = read;
        self.typing = Some(write);
        Ok(())
    }

    /// What programs read: the standard input of forkscope itself.
    pub fn pass_input(&mut self) -> sys::Result<()> {
        self.stdin = sys::raw::dup_above(rustix::stdio::stdin(), 3)?;
        Ok(())
    }

    /// Gives typed text to whoever reads.
    pub fn type_in(&mut self, text: &str) {
        let Some(pipe) = &self.typing else { return };
        if socket::write_whole(pipe, text.as_bytes()).is_ok() {
            let reader = self
                .tracked
                .keys()
                .find(|id| id.is_lab())
                .copied()
                .unwrap_or(ProcId::Screen);
            self.tell(
                reader,
                What::Stdin(Text {
                    text: text.to_owned(),
                    b64: None,
                }),
            );
        }
    }

    /// Closes the pipe: whoever reads finds the end.
    pub fn end_input(&mut self) {
        self.typing = None;
    }

    /// fork(2), by the very process that draws the screen.
    pub(super) fn own_fork(&mut self) {
        let (child, theirs) = match self.grant() {
            Ok(Some(granted)) => granted,
            Ok(None) => return self.refuse(ProcId::Screen),
            Err(failed) => return self.remark(format!("no channel for a child: {failed}")),
        };
        match fork() {
            Ok(Fork::Child) => self.become_child(child, theirs),
            Ok(Fork::Parent(pid)) => {
                self.follow_own(child, pid);
            }
            Err(failed) => {
                self.take_back(child);
                let ret = Ret::Err(failed.errno);
                self.tell(
                    ProcId::Screen,
                    What::Fork(Forked {
                        child: None,
                        ret,
                        vfork: false,
                    }),
                );
            }
        }
    }

    fn become_child(&self, id: ProcId, control: std::os::fd::OwnedFd) -> ! {
        let Ok(report) = self.given.report.try_clone() else {
            crate::sys::fork::exit_now(1)
        };
        let screen = self
            .tracked
            .get(&ProcId::Screen)
            .map_or(Pid(0), |screen| screen.pid);
        let body = Body {
            id,
            parent: ProcId::Screen,
            control,
            report,
            marker: self.given.marker.clone(),
            screen,
            limit: self.limit,
            machine: self.program.clone(),
        };
        let stdio = Stdio {
            input: self.stdin.as_fd(),
            output: self.given.output.as_fd(),
        };
        child::born_of_screen(body, stdio)
    }

    fn follow_own(&mut self, child: ProcId, pid: Pid) {
        let ret = Ret::Ok(i64::from(pid.0));
        self.tell(
            ProcId::Screen,
            What::Fork(Forked {
                child: Some(child),
                ret,
                vfork: false,
            }),
        );
        let role = if self.program.is_some() {
            Role::Program
        } else {
            Role::Lab
        };
        self.expect(child, pid, role, Link::Proc(ProcId::Screen));
    }

    /// waitpid(2) as screen can make it: it must draw, so it looks with WNOHANG, again at every SIGCHLD, until
    /// something was reaped or the student gives up.
    pub(super) fn own_wait(&mut self, call: WaitCall) {
        self.tell(ProcId::Screen, What::Wait(Wait { call, end: None }));
        self.waiting = Some(call);
        self.try_own_wait();
    }

    /// The student gives the wait up.
    pub fn give_up_wait(&mut self) {
        if let Some(call) = self.waiting.take() {
            let end = Some(WaitEnd {
                ret: Ret::Ok(0),
                status: None,
                child: None,
            });
            self.tell(ProcId::Screen, What::Wait(Wait { call, end }));
        }
    }

    pub(super) fn try_own_wait(&mut self) {
        let Some(call) = self.waiting else { return };
        let look = WaitCall {
            options: WaitOptions {
                nohang: true,
                ..call.options
            },
            ..call
        };
        match wait::wait(look) {
            Ok(None) if !call.options.nohang => return,
            Ok(None) => self.wait_ended(ProcId::Screen, call, Ret::Ok(0), None),
            Ok(Some((pid, status))) => {
                // What the child said before it died must be told before its end.
                self.read_reports();
                self.wait_ended(ProcId::Screen, call, Ret::Ok(i64::from(pid.0)), Some(status));
            }
            Err(failed) => self.wait_ended(ProcId::Screen, call, Ret::Err(failed.errno), None),
        }
        self.waiting = None;
        self.next_look = self.next_look.min(Instant::now() + SOON);
    }
}
