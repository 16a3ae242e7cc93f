//! Quizzes: repeatable, with four different answers, and right.

use forkscope::model::quiz::{Level, QUESTIONS, Question, Quiz};

fn quiz(seed: u64, level: u8) -> Quiz {
    Quiz::new(seed, Level::new(level).expect("a level"))
}

#[test]
fn a_seed_repeats_a_quiz_and_another_gives_another() {
    assert_eq!(quiz(7, 3), quiz(7, 3));
    assert_ne!(quiz(7, 3).questions, quiz(8, 3).questions);
}

#[test]
fn every_quiz_is_full_and_every_question_has_four_answers() {
    for level in 1..=5 {
        for seed in 0..20 {
            let quiz = quiz(seed, level);
            assert_eq!(quiz.questions.len(), QUESTIONS, "seed {seed}, level {level}");
            for question in &quiz.questions {
                let mut choices = question.choices.to_vec();
                choices.sort();
                choices.dedup();
                assert_eq!(choices.len(), 4, "{question:?}");
                assert!(question.answer < 4);
            }
        }
    }
}

#[test]
fn the_right_answer_stands_in_every_place() {
    let mut places = [0; 4];
    for seed in 0..20 {
        for question in quiz(seed, 5).questions {
            places[question.answer] += 1;
        }
    }
    assert!(places.iter().all(|count| *count > 20), "{places:?}");
}

#[test]
fn higher_levels_ask_more_kinds() {
    let first_words = |level| {
        let words = |question: &Question| question.text.split(' ').next().map(str::to_owned);
        let mut kinds: Vec<_> = (0..10)
            .flat_map(|seed| quiz(seed, level).questions)
            .filter_map(|q| words(&q))
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds.len()
    };
    assert!(first_words(1) < first_words(5));
}

/// A question of `seed` with this text has this answer.
fn check(question: &Question, answer: &str) {
    assert_eq!(question.choices[question.answer], answer, "{question:?}");
}

/// The questions of twenty quizzes that begin so: enough to tell.
fn asked(beginning: &str) -> Vec<Question> {
    let asked: Vec<_> = (0..20)
        .flat_map(|seed| quiz(seed, 1).questions)
        .filter(|question| question.text.starts_with(beginning))
        .collect();
    assert!(asked.len() > 20);
    asked
}

#[test]
fn forks_in_a_row_are_counted() {
    for question in asked("How many new") {
        let forks = question.scene.lines().filter(|line| *line == "fork();").count();
        check(&question, &((1 << forks) - 1).to_string());
    }
}

#[test]
fn lines_are_printed_by_whoever_comes_by() {
    for question in asked("How many lines") {
        let (mut processes, mut printed) = (1, 0);
        for line in question.scene.lines() {
            match line {
                "fork();" => processes *= 2,
                _ => printed += processes,
            }
        }
        check(&question, &printed.to_string());
    }
}

#[test]
fn after_an_end_the_zombie_is_there_and_the_grandchildren_stay() {
    for question in (0..20).flat_map(|seed| quiz(seed, 2).questions) {
        if let Some((who, _)) = question.text.split_once(" calls _exit(0). Which") {
            let tree = &question.choices[question.answer];
            assert!(
                tree.lines().any(|line| line.trim() == format!("{who} zombie")),
                "{question:?}"
            );
            assert_eq!(
                tree.lines().count(),
                question.scene.lines().count(),
                "nobody vanishes"
            );
        }
    }
}

#[test]
fn the_printed_sheet_keeps_the_answers_apart() {
    let quiz = quiz(1, 2);
    let (sheet, answers) = (quiz.sheet(), quiz.answers());
    for question in &quiz.questions {
        assert!(sheet.contains(&question.text));
        assert!(!sheet.contains(&question.why) && answers.contains(&question.why));
    }
    assert!(
        sheet.starts_with("Quiz 1 of level 2\n") && answers.starts_with("Answers to quiz 1 of level 2\n")
    );
}

#[test]
fn there_are_five_levels() {
    let exist: Vec<_> = (0..8).map(|level| Level::new(level).is_some()).collect();
    assert_eq!(exist, [false, true, true, true, true, true, false, false]);
}

#[test]
fn a_printed_sheet_looks_like_this() {
    let quiz = quiz(3, 5);
    insta::assert_snapshot!("sheet", quiz.sheet());
    insta::assert_snapshot!("answers", quiz.answers());
}
