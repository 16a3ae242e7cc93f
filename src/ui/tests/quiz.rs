//! Pictures of a quiz: questions, an answer on real processes, the result.

use super::story::{Story, id};
use super::{check, sizes};
use crate::app::quiz::{Quiz, Sitting};
use crate::model::Link;
use crate::model::quiz::Level;

/// The third quiz of the hardest level, after so many answers.
fn after(answers: usize) -> Story {
    let quiz = Quiz::new(3, Level::new(5).expect("a level"));
    let mut story = Story::new();
    story.app.quiz = Some(Box::new(Sitting::new(quiz, vec![0; answers])));
    story
}

#[test]
fn questions_of_every_kind() {
    sizes("quiz_number", &after(0).app);
    sizes("quiz_trees", &after(1).app);
    sizes("quiz_wait", &after(2).app);
    sizes("quiz_act", &after(3).app);
    sizes("quiz_output", &after(5).app);
}

#[test]
fn a_key_that_acts_waits_for_the_answer() {
    let mut story = after(1);
    check("quiz_first", &story.press("f").app, 80, 24);
}

#[test]
fn the_answer_and_real_processes() {
    let mut story = after(1);
    story.press("1");
    story
        .fork("screen", "A")
        .fork("A", "B")
        .fork("A", "C")
        .fork("B", "G")
        .select("B")
        .exit("B", 0)
        .adopt("G", "B", Link::Proc(id("keeper")));
    sizes("quiz_answered", &story.app);
}

#[test]
fn the_result() {
    sizes("quiz_result", &after(10).app);
}
