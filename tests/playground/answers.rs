//! What system calls answer: keys, and the facts that they must bring, in this order.

use serde_json::Value;

use super::headless::{Run, play};

/// `keys` bring these facts, in this order; others may stand between them. A fact is given by some of its fields.
fn check(keys: &str, expected: &[&str]) {
    let run = play(keys);
    let mut rest = run.facts.iter().chain([&run.tree]);
    for text in expected {
        let fact: Value = serde_json::from_str(&format!("{{{text}}}")).expect("JSON");
        assert!(
            rest.any(|found| holds(found, &fact)),
            "{keys}\nnot found, or not in this order: {text}\nin\n{}",
            listing(&run)
        );
    }
}

/// None of the facts that `keys` bring is this.
fn check_not(keys: &str, forbidden: &str) {
    let run = play(keys);
    let fact: Value = serde_json::from_str(&format!("{{{forbidden}}}")).expect("JSON");
    let found = run.facts.iter().any(|found| holds(found, &fact));
    assert!(!found, "{keys}\nfound: {forbidden}\nin\n{}", listing(&run));
}

/// Whether `found` has every field of `wanted`.
fn holds(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, value)| found.get(name).is_some_and(|found| holds(found, value))),
        (Value::Array(found), Value::Array(wanted)) => wanted
            .iter()
            .all(|one| found.iter().any(|found| holds(found, one))),
        _ => found == wanted,
    }
}

fn listing(run: &Run) -> String {
    let lines: Vec<String> = run
        .facts
        .iter()
        .chain([&run.tree])
        .map(Value::to_string)
        .collect();
    lines.join("\n")
}

#[test]
fn wnohang_has_three_answers() {
    check(
        r#"f @A W "-1 WNOHANG" <Enter> f W "-1 WNOHANG" <Enter> @B 7x @A W "-1 WNOHANG" <Enter>"#,
        &[
            r#""proc":"A","event":"wait","ret":-1,"errno":"ECHILD","status":null"#,
            r#""proc":"A","event":"wait","ret":0,"status":null"#,
            r#""proc":"B","event":"zombie","status":{"exited":7}"#,
            r#""proc":"A","event":"wait","child":"B","status":{"exited":7}"#,
            r#""proc":"B","event":"reaped","by":"A","status":{"exited":7}"#,
        ],
    );
}

#[test]
fn a_leaf_has_nobody_to_wait_for() {
    check(
        "f @A w",
        &[r#""proc":"A","event":"wait","ret":-1,"errno":"ECHILD""#],
    );
}

#[test]
fn a_grandchild_is_no_child() {
    check(
        r#"f @A f @B f @A W "C" <Enter>"#,
        &[r#""proc":"A","event":"wait","ret":-1,"errno":"ECHILD""#],
    );
}

#[test]
fn what_was_reaped_cannot_be_waited_for_again() {
    check(
        r#"f @A f @B x @A w W "B" <Enter>"#,
        &[
            r#""proc":"B","event":"reaped","by":"A""#,
            r#""proc":"A","event":"wait","ret":-1,"errno":"ECHILD""#,
        ],
    );
}

#[test]
fn a_wait_blocks_until_a_child_ends() {
    check(
        "f @A f w @B 3x",
        &[
            r#""proc":"A","event":"wait","target":-1"#,
            r#""proc":"B","event":"exit","status":{"exited":3}"#,
            r#""proc":"A","event":"wait","child":"B","status":{"exited":3}"#,
            r#""event":"tree","processes":[{"proc":"A","state":"S"}],"gone":[{"proc":"B","by":"A"}]"#,
        ],
    );
}

#[test]
fn a_caught_signal_interrupts_a_wait() {
    check(
        r#"f @A f w k "USR1" <Enter>"#,
        &[
            r#""proc":"A","event":"signal","signal":"SIGUSR1","by":"screen","ret":0"#,
            r#""proc":"A","event":"signal","signal":"SIGUSR1","caught":true"#,
            r#""proc":"A","event":"wait","ret":-1,"errno":"EINTR""#,
        ],
    );
}

#[test]
fn a_stopped_child_is_reported_to_who_asks() {
    check(
        r#"f @A f W "B WUNTRACED" <Enter> @B k "STOP" <Enter>"#,
        &[
            r#""proc":"A","event":"wait","child":"B","status":{"stopped":"SIGSTOP"}"#,
            r#""event":"tree","processes":[{"proc":"B","state":"T"}]"#,
        ],
    );
}

#[test]
fn a_continued_child_is_reported_to_who_asks() {
    check(
        r#"f @A f @B k "STOP" <Enter> ?B=T @A W "B WCONTINUED" <Enter> @B 18k"#,
        &[
            r#""proc":"B","event":"stopped""#,
            r#""proc":"A","event":"wait","child":"B","status":{"continued":true}"#,
            r#""event":"tree","processes":[{"proc":"B","state":"S"}]"#,
        ],
    );
}

#[test]
fn a_stopped_child_does_not_end_a_plain_wait() {
    check_not(
        r#"f @A f w @B k "STOP" <Enter>"#,
        r#""proc":"A","event":"wait","child":"B""#,
    );
}

#[test]
fn exec_keeps_the_process_and_changes_the_program() {
    check(
        r#"f @A e "sleep 60" <Enter>"#,
        &[
            r#""proc":"A","event":"exec","argv":["sleep","60"]"#,
            r#""event":"tree","processes":[{"proc":"A","parent":"screen","comm":"sleep","state":"S"}]"#,
        ],
    );
}

#[test]
fn a_failed_exec_returns_and_the_process_lives_on() {
    check(
        r#"f @A e "/no/such/program" <Enter> f"#,
        &[
            r#""proc":"A","event":"exec","argv":["/no/such/program"],"ret":-1,"errno":"ENOENT""#,
            r#""proc":"A","event":"fork","child":"B""#,
        ],
    );
    check(
        r#"f @A e "/etc/passwd" <Enter>"#,
        &[r#""proc":"A","event":"exec","argv":["/etc/passwd"],"ret":-1,"errno":"EACCES""#],
    );
}

#[test]
fn exit_keeps_eight_bits() {
    check(
        "2f @A 259x @B 256x",
        &[
            r#""proc":"A","event":"zombie","status":{"exited":3}"#,
            r#""proc":"B","event":"zombie","status":{"exited":0}"#,
        ],
    );
}

#[test]
fn kill_9_on_a_zombie_succeeds_and_changes_nothing() {
    check(
        "f @A 7x 9k",
        &[
            r#""proc":"A","event":"zombie","status":{"exited":7}"#,
            r#""proc":"A","event":"signal","signal":"SIGKILL","ret":0"#,
            r#""event":"tree","processes":[{"proc":"A","state":"Z","status":{"exited":7}}]"#,
        ],
    );
}

#[test]
fn a_signal_pends_while_the_process_is_stopped() {
    let stopped = r#"f @A f @B k "STOP" <Enter> ?B=T k "TERM" <Enter>"#;
    check(
        stopped,
        &[
            r#""proc":"B","event":"signal","signal":"SIGTERM","ret":0"#,
            r#""event":"tree","processes":[{"proc":"B","state":"T"}]"#,
        ],
    );
    check(
        &format!("{stopped} 18k ?B=Z"),
        &[r#""event":"tree","processes":[{"proc":"B","state":"Z","status":{"signaled":"SIGTERM"}}]"#],
    );
}

#[test]
fn who_ignores_sigchld_has_no_zombies_and_no_status() {
    check(
        "f @A f i w @B 7x",
        &[
            r#""proc":"A","event":"disposition","signal":"SIGCHLD""#,
            r#""proc":"B","event":"exit","status":{"exited":7}"#,
            r#""event":"tree","gone":[{"proc":"B"}]"#,
        ],
    );
    check(
        "f @A f i w @B 7x",
        &[r#""proc":"A","event":"wait","ret":-1,"errno":"ECHILD""#],
    );
    check("f @A f i @B 7x", &[r#""proc":"B","event":"reaped","auto":true"#]);
    check_not("f @A f i @B 7x", r#""proc":"B","event":"zombie""#);
}

#[test]
fn ignoring_sigchld_is_not_retroactive() {
    check(
        "f @A f @B 7x @A i w",
        &[r#""proc":"A","event":"wait","child":"B","status":{"exited":7}"#],
    );
}

#[test]
fn the_keeper_adopts_and_reaps() {
    check(
        "f @A f @B f @B x",
        &[
            r#""proc":"B","event":"zombie","status":{"exited":0}"#,
            r#""proc":"C","event":"adopted","from":"B","by":"keeper""#,
            r#""event":"tree","processes":[{"proc":"B","parent":"A","state":"Z"},{"proc":"C","parent":"keeper"}]"#,
        ],
    );
    check(
        "f @A f @B f x @C 5x",
        &[r#""proc":"C","event":"reaped","by":"keeper","status":{"exited":5}"#],
    );
}

#[test]
fn only_direct_children_move() {
    check(
        "f @A f @B f @C f @B x",
        &[
            r#""proc":"C","event":"adopted","from":"B","by":"keeper""#,
            r#""event":"tree","processes":[{"proc":"C","parent":"keeper"},{"proc":"D","parent":"C"}]"#,
        ],
    );
}

#[test]
fn a_zombie_whose_parent_dies_is_reaped_by_who_adopts_it() {
    check(
        "f @A f @B f @C 7x @B x",
        &[
            r#""proc":"C","event":"zombie","status":{"exited":7}"#,
            r#""proc":"C","event":"reaped","by":"keeper","status":{"exited":7}"#,
        ],
    );
}

#[test]
fn the_nearest_subreaper_adopts_also_those_below_it_already() {
    check(
        "f @A f @B f @A u @B x",
        &[
            r#""proc":"A","event":"subreaper","on":true"#,
            r#""proc":"C","event":"adopted","from":"B","by":"A""#,
        ],
    );
    check(
        "f @A u f @B f @C f @C x",
        &[r#""proc":"D","event":"adopted","from":"C","by":"A""#],
    );
}

#[test]
fn without_the_keeper_an_adopter_outside_is_named() {
    let run = play("U f @A f @A x");
    let tree = run.tree["processes"].as_array().expect("a list");
    let b = tree
        .iter()
        .find(|process| process["proc"] == "B")
        .expect("B lives");
    let parent = b["parent"].as_str().expect("a name");
    let (pid, comm) = parent.split_once(':').expect("an adopter outside is PID:COMMAND");
    assert_eq!(b["ppid"].to_string(), pid);
    let really = super::kernel::stat(pid.parse().expect("a pid")).expect("it is alive");
    assert_eq!(really.comm, comm);
}

#[test]
fn output_is_told_by_who_wrote_it() {
    check(
        r#"2f @A e "echo hello" <Enter> @B e "sh -c 'echo oops >&2; exit 7'" <Enter> ?A=Z ?B=Z"#,
        &[
            r#""proc":"A","event":"output","text":"hello\n""#,
            r#""proc":"B","event":"output","text":"oops\n""#,
            r#""event":"tree","processes":[{"proc":"B","state":"Z","status":{"exited":7}}]"#,
        ],
    );
}

#[test]
fn children_of_programs_are_lettered_too() {
    check(
        r#"f @A e "sh -c 'sleep 60 & wait'" <Enter> ?B=S"#,
        &[
            r#""proc":"A","event":"exec""#,
            r#""proc":"B","event":"born","parent":"A""#,
            r#""event":"tree","processes":[{"proc":"A","comm":"sh"},{"proc":"B","parent":"A","comm":"sleep"}]"#,
        ],
    );
}

#[test]
fn screen_reaps_what_it_forked() {
    check(
        "f @A 7x @screen w",
        &[
            r#""proc":"screen","event":"wait","child":"A","status":{"exited":7}"#,
            r#""proc":"A","event":"reaped","by":"screen""#,
        ],
    );
    check(
        "w",
        &[r#""proc":"screen","event":"wait","ret":-1,"errno":"ECHILD""#],
    );
}

#[test]
fn a_signal_reaches_a_whole_group() {
    check(
        r#"f @A f @B f @A k "TERM group" <Enter> ?A=Z"#,
        &[r#""event":"tree","processes":[{"proc":"A","state":"Z","status":{"signaled":"SIGTERM"}}]"#],
    );
}
