//! Pictures of lessons: the menu, a question, its answer, goals reached and missed.

use std::sync::Arc;

use super::sizes;
use super::story::{Story, id};
use crate::app::Key;
use crate::app::lesson::Lessons;
use crate::lesson::{Attempt, Language, Outputs, Progress, Score, by_name, parse, shipped};
use crate::model::event::Phase;

/// Lessons, with that one begun in C, or the first of it that there is.
fn lessons(attempt: Option<Attempt>) -> Box<Lessons> {
    let mut progress = Progress::default();
    let score = Score {
        solved: true,
        ..Score::default()
    };
    progress.keep("first-fork", score);
    let mut lessons = Lessons::default();
    lessons.shelve(shipped(), &progress);
    lessons.has_twin = attempt.is_some();
    lessons.attempt = attempt;
    Box::new(lessons)
}

/// A lesson of ours, begun in C.
fn begun(name: &str) -> Story {
    let lesson = Arc::new(by_name(name).expect("a lesson of ours"));
    let mut story = Story::new();
    let attempt = Attempt::new(Arc::clone(&lesson), Some(Language::C));
    story.app.lessons = Some(lessons(Some(attempt)));
    let program = lesson.program(Language::C).expect("it is in C");
    story
        .run(&lesson.program_name(Language::C), &program.text)
        .select("A");
    story
}

/// The lesson of the first fork, right before the call.
fn before_the_fork() -> Story {
    let mut story = begun("first-fork");
    story
        .press_key(Key::Enter)
        .write("A", "one process\n")
        .vars("A", &[("pid", None, "7ffc00007d14")])
        .at("A", 7, Phase::Before, Some(("fork()", None)));
    story
}

/// It has been made.
fn after_the_fork() -> Story {
    let mut story = before_the_fork();
    story
        .press("1")
        .key()
        .fork("A", "B")
        .at("A", 7, Phase::After, Some(("fork()", Some(4102))))
        .at("B", 7, Phase::After, Some(("fork()", Some(0))));
    story
}

#[test]
fn a_program_and_a_piece_of_prose() {
    let story = begun("first-fork");
    sizes("lesson_prose", &story.app);
}

#[test]
fn a_question_stands_before_what_answers_it() {
    let mut story = before_the_fork();
    sizes("lesson_question", &story.app);
    // The key that would answer it waits.
    sizes("lesson_question_first", &story.press("n").app);
}

#[test]
fn the_kernels_answer_beside_the_students() {
    sizes("lesson_verdict", &after_the_fork().app);
}

#[test]
fn a_goal_reached() {
    let mut story = after_the_fork();
    story
        .press("nn")
        .press("n2")
        .write("A", "I am 4101, got 4102\n")
        .write("B", "I am 4102, got 0\n")
        .exit("A", 0)
        .adopt("B", "A", crate::model::Link::Proc(id("keeper")))
        .exit("B", 0)
        .press_key(Key::Enter)
        .press_key(Key::Enter);
    sizes("lesson_reached", &story.app);
}

#[test]
fn a_goal_missed() {
    let mut story = begun("five-children");
    story.press("ns");
    for (n, child) in ["B", "C", "D", "E", "F"].into_iter().enumerate() {
        story
            .fork("A", child)
            .write(child, &format!("child {n}\n"))
            .exit(child, 0)
            .reap("A", child, 0);
    }
    story
        .write("A", "parent closes\n")
        .exit("A", 0)
        .reap("screen", "A", 0);
    sizes("lesson_missed", &story.app);
}

/// The lesson of the scheduler, in which a run before this one has printed B first.
fn as_scheduler() -> Story {
    let mut story = begun("scheduler");
    let possible = ["B\nA1\nA2\n", "A1\nB\nA2\n", "A1\nA2\nB\n"].map(str::to_owned);
    let outputs = Outputs::new(possible, None).found_before(&["B\nA1\nA2\n".to_owned()]);
    if let Some(lessons) = &mut story.app.lessons {
        let attempt = lessons.attempt.take();
        lessons.attempt = attempt.map(|attempt| attempt.with_outputs(Some(outputs)));
    }
    story.fork("A", "B").press("1");
    story
}

/// It prints that, each letter by its process, and ends.
fn prints(story: &mut Story, lines: &[&str]) {
    for line in lines {
        story.write(&line[..1], &format!("{line}\n"));
    }
    story
        .exit("B", 0)
        .exit("A", 0)
        .adopt("B", "A", crate::model::Link::Proc(id("keeper")))
        .reap("screen", "A", 0)
        .reap("keeper", "B", 0);
}

#[test]
fn outputs_that_are_still_to_be_found() {
    let mut story = as_scheduler();
    sizes("lesson_outputs_one", &story.app);
    // What is possible is not shown before the student has found it.
    assert!(story.press("H").app.layer.is_none());
    prints(&mut story, &["A1", "B", "A2"]);
    sizes("lesson_outputs_two", &story.app);
}

#[test]
fn an_output_that_was_had_before_and_one_that_no_order_prints() {
    let check = |lines: &[&str], notice: &str| {
        let mut story = as_scheduler();
        prints(&mut story, lines);
        let said = story.app.notice.unwrap_or_default();
        assert!(said.contains(notice), "{lines:?}: {said}");
    };
    check(&["A1", "A2", "B"], "A new output: 2 of 3 found");
    check(&["B", "A1", "A2"], "had this output before: 1 of 3 found");
    check(&["A1", "A2"], "No order of steps alone prints this");
}

const TASK: &str = r#"+++
title = "The zombie"
chapter = 4
solution = "x"
+++

`x` lets a process end by `_exit(0)`. Fork B from A, and end it.

## Predict

How many lab processes will there be then, dead ones among them?

- a number `born`

> until `zombies = 1`

## Goals

- A zombie that nobody has waited for `some process is zombie`

## Hints

- `f` on A forks B. Then `↓`, and `x`.
"#;

#[test]
fn a_task_in_the_playground_with_a_number_to_foretell() {
    let lesson = parse("zombie", TASK).expect("a good lesson");
    let mut story = Story::new();
    story.app.lessons = Some(lessons(Some(Attempt::new(Arc::new(lesson), None))));
    story.fork("screen", "A").select("A");
    sizes("lesson_number", &story.press("f3").app);
    story
        .press_key(Key::Enter)
        .fork("A", "B")
        .select("B")
        .exit("B", 0);
    sizes("lesson_number_answered", &story.press("h").app);
}

#[test]
fn the_menu_of_lessons() {
    let mut story = Story::new();
    story.app.lessons = Some(lessons(None));
    sizes("lessons", &story.press("m").app);
}
