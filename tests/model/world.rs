//! `World::apply`: what is known after the facts.

use forkscope::model::event::{Action, Fd, Role};
use forkscope::model::{Event, Letter, Life, Link, Mark, ProcId, Signal, Time, WaitStatus, What, World};

use super::script::{id, line, pid, play, world};

/// After `before` and then `facts`, the tree is `after`.
fn check(before: &str, facts: &str, after: &str) {
    let mut world = world(before);
    play(&mut world, facts);
    assert_eq!(line(&world), after, "after {before}; {facts}");
}

const THREE: &str = "A born screen; B born A; C born B";

#[test]
fn a_birth_is_a_row_below_its_parent() {
    check("", "", "keeper(screen)");
    check("", "A born screen", "keeper(screen(A))");
    check("A born screen", "B born A; C born A", "keeper(screen(A(B C)))");
    check(THREE, "D born screen", "keeper(screen(A(B(C)) D))");
}

#[test]
fn a_fork_is_a_birth_whoever_reports_first() {
    check("A born screen", "A fork B", "keeper(screen(A(B)))");
    check("A born screen", "A fork B; B born A", "keeper(screen(A(B)))");
    check("A born screen", "B born A; A fork B", "keeper(screen(A(B)))");
    check("A born screen", "A fork EAGAIN", "keeper(screen(A))");
}

#[test]
fn a_death_leaves_a_zombie_and_a_wait_takes_it() {
    check(THREE, "C exit 7", "keeper(screen(A(B(C))))");
    check(THREE, "C exit 7; C zombie 7", "keeper(screen(A(B(C:Z))))");
    check(
        THREE,
        "C exit 7; C zombie 7; C reaped B",
        "keeper(screen(A(B(C~))))",
    );
    check(
        THREE,
        "C exit 7; C zombie 7; C reaped B; A key f",
        "keeper(screen(A(B)))",
    );
}

#[test]
fn only_the_children_of_the_dead_move() {
    check(
        THREE,
        "A exit 0; B adopted A keeper; A zombie 0",
        "keeper(screen(A:Z) B(C))",
    );
    check(
        THREE,
        "B exit 0; C adopted B 1:systemd; B zombie 0",
        "keeper(screen(A(B:Z))) 1:systemd(C)",
    );
}

#[test]
fn a_letter_that_moved_to_a_younger_parent_is_still_one_row() {
    check(
        "A born screen; B born screen",
        "A adopted screen B",
        "keeper(screen(B(A)))",
    );
}

#[test]
fn a_damaged_recording_cannot_bend_the_tree_into_a_ring() {
    check(THREE, "A adopted screen C", "keeper(screen(A(B(C))))");
    check(THREE, "A adopted screen A", "keeper(screen(A(B(C))))");
    check("B born A", "A born B", "keeper(screen) 0:?(A(B))");
    check("", "A born A", "keeper(screen) 0:?(A)");
}

#[test]
fn the_state_letter_is_the_one_that_was_seen() {
    check("A born screen", "A stopped STOP", "keeper(screen(A:T))");
    check(
        "A born screen",
        "A stopped STOP; A continued",
        "keeper(screen(A))",
    );
    check("A born screen", "A state D", "keeper(screen(A:D))");
}

#[test]
fn news_that_comes_after_the_death_does_not_undo_it() {
    check(
        "A born screen",
        "A killed KILL; A zombie KILL; A stopped STOP",
        "keeper(screen(A:Z))",
    );
    check(
        "A born screen",
        "A fork B; B exit 1; B zombie 1; B born A",
        "keeper(screen(A(B:Z)))",
    );
    check(
        "A born screen; A fork B; B exit 1; B zombie 1; B reaped A; A key f",
        "A fork B",
        "keeper(screen(A))",
    );
    check(
        "A born screen; A fork B",
        "A exit 0; B adopted A keeper; B born A",
        "keeper(screen(A) B)",
    );
}

#[test]
fn facts_about_nobody_known_pass() {
    check(
        "",
        "Q exit 1; Q zombie 1; Q reaped A; Q adopted A keeper; Q writes x",
        "keeper(screen)",
    );
}

#[test]
fn a_row_that_was_reaped_stays_until_the_next_key_and_is_counted() {
    let mut world = world("A born screen; A exit 7; A zombie 7; A reaped screen");
    let a = world.get(id("A")).expect("its row stays");
    assert_eq!(a.mark, Some(Mark::Reaped));
    assert_eq!(a.status(), Some(WaitStatus::Exited(7)));
    play(&mut world, "screen key f");
    assert_eq!(world.get(id("A")), None);
    assert_eq!((world.alive(), world.zombies(), world.reaped()), (0, 0, 1));
    let gone = world.gone().next().expect("A is gone");
    assert_eq!(gone.by, Link::Proc(ProcId::Screen));
    assert_eq!(gone.status, Some(WaitStatus::Exited(7)));
    assert!(world.is_gone(id("A")) && !world.is_gone(id("B")));
}

#[test]
fn what_is_reaped_twice_is_counted_once() {
    let world = world("A born screen; A exit 7; A reaped screen; A reaped screen");
    assert_eq!((world.gone().count(), world.reaped()), (1, 1));
}

#[test]
fn only_so_many_struck_rows_are_kept() {
    let mut world = world("");
    for n in 0..200 {
        let name = Letter(n);
        play(
            &mut world,
            &format!("{name} born screen; {name} exit 0; {name} reaped screen"),
        );
    }
    assert_eq!(
        world.processes().filter(|process| process.is_reaped()).count(),
        24
    );
    assert_eq!(world.reaped(), 200);
}

#[test]
fn marks_last_until_the_next_key() {
    let mut world = world("A born screen; B born A; screen key f; A exit 0; B adopted A keeper; C born B");
    let mark = |world: &World, name| world.get(id(name)).and_then(|process| process.mark);
    assert_eq!(mark(&world, "B"), Some(Mark::Moved));
    assert_eq!(mark(&world, "C"), Some(Mark::Born));
    play(&mut world, "screen key f");
    assert_eq!((mark(&world, "B"), mark(&world, "C")), (None, None));
}

#[test]
fn a_wait_is_under_way_until_it_returns() {
    let waits = |facts: &str| world(facts).get(id("A")).expect("A").waiting.is_some();
    assert!(waits("A born screen; A wait"));
    assert!(!waits("A born screen; A wait; A wait = ECHILD"));
    assert!(!waits("A born screen; A wait; A killed KILL"));
    assert!(!waits("A born screen; A wait = B 7"));
}

#[test]
fn a_status_that_nobody_saw_stays_unknown() {
    let life = |facts: &str| world(facts).get(id("A")).expect("A").life.clone();
    assert_eq!(life("A born screen; A zombie"), Life::Zombie(None));
    assert_eq!(
        life("A born screen; A exit 7; A zombie"),
        Life::Zombie(Some(WaitStatus::Exited(7)))
    );
}

#[test]
fn fork_copies_dispositions_and_argv_but_no_subreaper() {
    for facts in ["A fork B", "B born A", "A fork B; B born A", "B born A; A fork B"] {
        let world = world(&format!(
            "A born screen; A exec sleep 60; A on CHLD SIG_IGN; A subreaper on; {facts}"
        ));
        let b = world.get(id("B")).expect("B");
        assert_eq!(b.action(Signal::CHLD), Action::Ignore, "{facts}");
        assert_eq!(b.program(), "sleep 60", "{facts}");
        assert!(!b.subreaper, "{facts}");
    }
}

#[test]
fn fork_copies_the_descriptor_table_as_it_was_then() {
    let pipe = |fd, file: Option<&str>| Event {
        t: Time(0),
        proc: id("A"),
        pid: pid(id("A")),
        what: What::Fd(Fd {
            fd,
            file: file.map(Into::into),
            mode: None,
            cloexec: false,
        }),
    };
    let mut world = world("A born screen");
    world.apply(&pipe(3, Some("pipe:[7]")));
    play(&mut world, "A fork B");
    world.apply(&pipe(3, None));
    play(&mut world, "B born A");
    assert!(world.get(id("A")).expect("A").fds.is_empty());
    assert!(world.get(id("B")).expect("B").fds.contains_key(&3));
}

#[test]
fn exec_resets_handlers_keeps_what_is_ignored_and_drops_close_on_exec() {
    let mut world = world("A born screen; A on CHLD SIG_IGN; A on USR1 handler");
    for (fd, cloexec) in [(3, true), (4, false)] {
        world.apply(&Event {
            t: Time(0),
            proc: id("A"),
            pid: pid(id("A")),
            what: What::Fd(Fd {
                fd,
                file: Some("pipe:[7]".into()),
                mode: None,
                cloexec,
            }),
        });
    }
    play(&mut world, "A exec /usr/bin/a-rather-long-name x");
    let a = world.get(id("A")).expect("A");
    assert_eq!(a.comm, "a-rather-long-n");
    assert_eq!(a.role, Role::Foreign);
    assert_eq!(a.action(Signal::CHLD), Action::Ignore);
    assert_eq!(a.action(Signal::USR1), Action::Default);
    assert_eq!(a.fds.keys().copied().collect::<Vec<_>>(), [4]);
}

#[test]
fn a_failed_exec_changes_nothing() {
    let before = world("A born screen; A on USR1 handler");
    let mut after = before.clone();
    play(&mut after, "A exec = ENOENT nothing");
    assert_eq!(before.get(id("A")), after.get(id("A")));
}

#[test]
fn a_pid_belongs_to_whoever_is_not_reaped() {
    let world = world("A born screen; A exit 0; A reaped screen");
    assert_eq!(world.by_pid(pid(id("A"))), None);
    assert_eq!(
        world.by_pid(pid(ProcId::Screen)).map(|process| process.id),
        Some(ProcId::Screen)
    );
}

#[test]
fn time_never_goes_back() {
    let mut world = world("A born screen; B born A; C born A");
    let now = world.now();
    play(&mut world, "A key f");
    assert_eq!(world.now(), now);
}
