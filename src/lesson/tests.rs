//! Predicates and attempts, on facts as recordings write them.

use std::sync::Arc;

use super::{
    Answer, Answers, Attempt, Chronicle, Come, GoalState, News, Outputs, Predicate, Prediction, Step,
    Verdict, parse, shipped,
};
use crate::model::{Event, Time, World};

/// Facts, one a line, shortened: `A fork "child":"B","ret":2`.
fn facts(story: &str) -> Vec<Event> {
    story
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(n, line)| {
            let mut parts = line.splitn(3, ' ');
            let mut part = || parts.next().unwrap_or_default();
            let (who, event, rest) = (part(), part(), part());
            let pid = match who {
                "screen" => 100,
                "keeper" => 99,
                letter => 1 + i32::from(letter.as_bytes()[0] - b'A'),
            };
            let comma = if rest.is_empty() { "" } else { "," };
            let json = format!(r#"{{"t":{n}.0,"proc":"{who}","pid":{pid},"event":"{event}"{comma}{rest}}}"#);
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"))
        })
        .collect()
}

const BIRTH: &str = r#""start":1,"comm":"a","pgid":1,"sid":1,"role":"lab""#;

/// A has a child, B.
fn couple() -> String {
    format!(
        r#"keeper born "parent":"1:init",{BIRTH}
        screen born "parent":"keeper",{BIRTH}
        screen fork "child":"A","ret":1
        A born "parent":"screen",{BIRTH}
        A fork "child":"B","ret":2
        B born "parent":"A",{BIRTH}
        "#
    )
}

/// A has two children, B and C.
fn family() -> String {
    format!(
        r#"{}A fork "child":"C","ret":3
        C born "parent":"A",{BIRTH}
        "#,
        couple()
    )
}

/// After these facts the phrase is so, or not.
fn check(story: &str, phrase: &str, expected: bool) {
    let (mut world, mut chronicle) = (World::default(), Chronicle::default());
    for event in facts(&(family() + story)) {
        world.apply(&event);
        chronicle.learn(&event);
    }
    let predicate: Predicate = phrase.parse().unwrap_or_else(|bad| panic!("{phrase}: {bad:?}"));
    assert_eq!(
        predicate.holds(&world, &chronicle),
        expected,
        "{phrase} after {story}"
    );
}

#[test]
fn what_is_born_and_forked() {
    check("", "born = 3 and alive = 3 and zombies = 0", true);
    check("", "A called fork 2 times", true);
    check("", "A called fork 3 times", false);
    check("", "A got B from fork or A got 3 from fork", true);
    check("", "D is born or parent of B is screen", false);
    check("", "parent of B is A and not no process left", true);
    check(
        r#"A fork "ret":-1,"errno":"EAGAIN""#,
        "A got EAGAIN from fork and born = 3",
        true,
    );
}

#[test]
fn a_zombie_and_its_reaping() {
    let dies = r#"B exit "status":{"exited":7}
        B zombie "status":{"exited":7}"#;
    check(dies, "B is zombie with exit 7 and some process is zombie", true);
    check(
        dies,
        "B is zombie with exit 0 or B is zombie by SIGKILL or B is gone",
        false,
    );
    check(dies, "B ended before C and B ended with exit 7", true);
    check(dies, "C ended before B", false);
    let reaped = format!(
        "{dies}
        A wait \"target\":-1
        A wait \"target\":-1,\"ret\":2,\"status\":{{\"exited\":7}},\"child\":\"B\"
        B reaped \"by\":\"A\",\"status\":{{\"exited\":7}}
        A key \"key\":\"w\""
    );
    check(
        &reaped,
        "A reaped B and A reaped some process and B is gone",
        true,
    );
    check(&reaped, "A reaped C or B is zombie or A waits", false);
    check(&reaped, "A got B from waitpid and A called wait 1 time", true);
    check(&reaped, "A called wait 2 times or A got 0 from wait", false);
    check(&reaped, "reaped = 1 and B ended with exit 7", true);
}

#[test]
fn a_wait_sleeps_only_while_no_child_has_ended() {
    let waits = r#"A wait "target":-1"#;
    check(waits, "A waits", true);
    check(r#"A wait "target":2"#, "A waits", true);
    check(r#"A wait "target":-1,"options":["WNOHANG"]"#, "A waits", false);
    check(r#"B wait "target":-1"#, "B waits", false);
    let late = r#"C zombie "status":{"exited":0}
        A wait "target":-1"#;
    check(late, "A waits", false);
    let other = r#"C zombie "status":{"exited":0}
        A wait "target":2"#;
    check(other, "A waits", true);
}

#[test]
fn an_orphan_and_who_adopts_it() {
    let adopted = r#"A exit "status":{"exited":0}
        C adopted "from":"A","by":"keeper""#;
    check(adopted, "C is orphan and keeper adopted C and orphans = 1", true);
    check(
        adopted,
        "parent of C is keeper and parent of some process is keeper",
        true,
    );
    check(
        adopted,
        "B is orphan or parent of C is outside or screen adopted C",
        false,
    );
    let outside = r#"C adopted "from":"A","by":"1:systemd""#;
    check(outside, "parent of C is outside", true);
}

#[test]
fn what_is_written_and_called() {
    let written = r#"B output "text":"one\n"
        C output "text":"two\n"
        C line "line":3,"phase":"after","call":"os.read(3, 100)","ret":0
        B line "line":4,"phase":"before","call":"_exit(0)"
        B vars "vars":[{"name":"n","value":"11"}]"#;
    check(
        written,
        "output contains \"one\" before \"two\" and lines = 2",
        true,
    );
    check(written, "output contains \"two\" before \"one\"", false);
    check(written, "B wrote \"one\" and not B wrote \"two\"", true);
    check(written, "C got 0 from read and C called read", true);
    check(written, "B stands before exit and B has n = 11", true);
    check(written, "B stands after exit or B has n = 1", false);
}

#[test]
fn signals_groups_and_programs() {
    let story = r#"B signal "signal":"SIGTERM","by":"A","ret":0
        C signal "signal":"SIGCHLD","ret":0,"caught":true
        A disposition "signal":"SIGCHLD","action":"SIG_IGN"
        B session "sid":2
        B stopped "signal":"SIGSTOP"
        C exec "argv":["/bin/sleep","60"]
        A exec "argv":["nothing"],"ret":-1,"errno":"ENOENT"
        A subreaper "on":true"#;
    check(
        story,
        "B is sent SIGTERM and B sent SIGTERM and not B caught SIGTERM",
        true,
    );
    check(story, "C caught SIGCHLD and not C sent SIGCHLD", true);
    check(story, "A ignores SIGCHLD and not B ignores SIGCHLD", true);
    check(story, "B leads its session and not C leads its session", true);
    check(
        story,
        "B is stopped and C runs sleep and not A runs nothing",
        true,
    );
    check(story, "A got ENOENT from execvp and A is subreaper", true);
    let refused = r#"A limit "limit":3"#;
    check(refused, "A got EAGAIN from fork and A called fork 3 times", true);
    check(
        r#"A limit "limit":3,"killed":true"#,
        "A got EAGAIN from fork",
        false,
    );
}

const LESSON: &str = r#"+++
title = "A zombie"
chapter = 4
solution = "x"
+++

Read this.

Make B end.

## Predict

What is left of it?

- Nothing `B is gone`
- A zombie `B is zombie`

> until `B ended`

## Predict

How many processes live now?

- a number `alive`

> until `B ended`

## Goals

- B is a zombie `B is zombie`

## Hints

- One.
- Two.
"#;

struct Try {
    attempt: Attempt,
    world: World,
}

impl Try {
    fn new() -> Self {
        let lesson = parse("zombie", LESSON).expect("a good lesson");
        let mut it = Self {
            attempt: Attempt::new(Arc::new(lesson), None),
            world: World::default(),
        };
        it.learn(&family());
        it
    }

    fn learn(&mut self, story: &str) -> Vec<News> {
        let learn = |event: &Event| {
            self.world.apply(event);
            self.attempt.learn(event, &self.world)
        };
        facts(story).iter().map(learn).collect()
    }

    fn read_on(&mut self) -> bool {
        self.attempt.read_on(&self.world)
    }

    fn digit(&mut self, digit: char) -> bool {
        self.attempt.digit(digit, &self.world)
    }
}

const END: &str = r#"B exit "status":{"exited":0}
    B zombie "status":{"exited":0}"#;

#[test]
fn a_question_stands_until_it_is_answered_and_the_kernel_says_its_own() {
    let mut it = Try::new();
    assert!(it.attempt.is_reading() && it.read_on() && it.read_on());
    assert!(it.attempt.is_asking() && !it.read_on());
    assert!(it.digit('9') && it.attempt.is_asking());
    assert!(it.digit('1') && !it.attempt.is_asking() && !it.digit('1'));
    let news = it.learn(END);
    assert!(news.iter().any(|news| news.solved));
    let verdict = it.attempt.question().map(|(_, question)| question.clone());
    let verdict = verdict.expect("the question stands");
    assert_eq!(verdict.answer, Some(Answer::Choice(0)));
    assert_eq!(verdict.verdict, Some(Verdict::Choice(1)));
    assert_eq!(verdict.is_right(), Some(false));
    // The next question's answer is known already: it is given when the student has said his.
    assert!(it.read_on() && it.attempt.is_asking() && it.attempt.has_question_ahead());
    assert!(it.digit('2') && it.attempt.typed() == "2" && it.attempt.accept(&it.world));
    assert!(it.read_on() && it.attempt.step().is_none() && it.attempt.is_gone_through());
    let score = it.attempt.score();
    assert_eq!((score.solved, score.right, score.asked), (true, 1, 2));
}

const SCHEDULER: &str = r#"+++
title = "The scheduler"
chapter = 2
solution = "r"
+++

Find every output.

> until `every possible output printed`

## Goals

- Each has been printed `every possible output printed`
"#;

/// What a run has brought, of a program that can print two outputs, of which these were found before.
fn after_run(found: &[&str], run: &str) -> (Attempt, Vec<News>) {
    let lesson = parse("scheduler", SCHEDULER).expect("a good lesson");
    assert!(lesson.asks_for_outputs());
    let found: Vec<String> = found.iter().map(|&output| output.to_owned()).collect();
    let possible = ["b of <A>\na\n", "a\nb of <A>\nb\n"].map(str::to_owned);
    let outputs = Outputs::new(possible, None).found_before(&found);
    let attempt = Attempt::new(Arc::new(lesson), Some(super::Language::C)).with_outputs(Some(outputs));
    let world = World::default();
    let mut it = Try { attempt, world };
    let news = it.learn(&(couple() + run));
    (it.attempt, news)
}

#[test]
fn each_run_that_is_over_counts_for_its_output_and_none_is_missed() {
    const ENDS: &str = r#"
        B reaped "by":"A","status":{"exited":0}
        A reaped "by":"screen","status":{"exited":0}"#;
    let check = |found: &[&str], run: &str, come: &[Come], told: &str, is_solved: bool| {
        let (attempt, news) = after_run(found, run);
        let came: Vec<Come> = news.iter().filter_map(|news| news.come).collect();
        assert_eq!(came, come, "{run}");
        assert_eq!(
            attempt.outputs().map(Outputs::told).as_deref(),
            Some(told),
            "{run}"
        );
        assert_eq!(
            (attempt.is_solved(), attempt.is_missed()),
            (is_solved, false),
            "{run}"
        );
        assert_eq!(attempt.step().is_none(), is_solved, "{run}");
        assert_eq!(attempt.is_searching(), !is_solved, "{run}");
        assert!(attempt.receipt().contains(told), "{run}");
    };
    let b_first = r#"B output "text":"b of 1\n"
        A output "text":"a\n""#;
    check(&[], b_first, &[], "0 of 2 found", false);
    let over = b_first.to_owned() + ENDS;
    check(&[], &over, &[Come::New], "1 of 2 found", false);
    check(&["b of <A>\na\n"], &over, &[Come::Again], "1 of 2 found", false);
    check(&["a\nb of <A>\nb\n"], &over, &[Come::New], "2 of 2 found", true);
    // The last that it has written may be told after its end.
    let late = format!(
        r#"A output "text":"a\n"
        B output "text":"b of 1\n"{ENDS}
        B output "text":"b\n""#
    );
    check(
        &["b of <A>\na\n"],
        &late,
        &[Come::Unforeseen, Come::New],
        "2 of 2 found",
        true,
    );
}

#[test]
fn a_question_can_be_passed_over_and_is_kept_as_that() {
    let mut it = Try::new();
    it.attempt.read_all(&it.world);
    assert!(it.attempt.skip(&it.world) && it.attempt.is_reading());
    assert!(it.read_on() && it.attempt.is_asking() && !it.attempt.is_gone_through());
    it.learn(END);
    assert_eq!(it.attempt.score().right, 0);
    let receipt = it.attempt.receipt();
    assert!(receipt.contains("  the student: not answered\n"), "{receipt}");
    assert!(receipt.contains("goal: ✓ B is a zombie\n"), "{receipt}");
}

#[test]
fn what_is_reached_stays_reached_whatever_comes_before_and_after() {
    let mut it = Try::new();
    it.learn(&format!(
        r#"C exit "status":{{"exited":3}}
        C zombie "status":{{"exited":3}}
        A fork "child":"D","ret":4
        D born "parent":"A",{BIRTH}"#
    ));
    assert!(!it.attempt.is_solved());
    it.learn(END);
    it.learn(r#"B reaped "by":"A","status":{"exited":0}"#);
    assert!(it.attempt.is_solved());
    let reached = it.attempt.goals().next();
    assert_eq!(
        reached,
        Some(("B is a zombie", GoalState::Reached(Time(1_000_000))))
    );
}

#[test]
fn a_solution_that_is_shown_counts_for_nothing_and_hints_are_counted() {
    let mut it = Try::new();
    it.attempt.shown = true;
    assert_eq!(it.attempt.last_hint(), None);
    assert!(it.attempt.hint() && it.attempt.hint() && !it.attempt.hint());
    assert_eq!(it.attempt.last_hint(), Some((2, "Two.")));
    it.learn(END);
    let score = it.attempt.score();
    assert_eq!((score.solved, score.hints), (false, 2));
    assert!(it.attempt.receipt().contains("solution: was shown\n"));
}

#[test]
fn when_none_of_the_answers_came_the_student_is_told_on_asking() {
    let mut it = Try::new();
    it.attempt.read_all(&it.world);
    it.digit('1');
    assert!(!it.attempt.settle(), "its time has not come");
    it.learn(r#"B exit "status":{"exited":0}"#);
    assert!(!it.attempt.is_reading());
    assert!(it.attempt.settle());
    let (_, question) = it.attempt.question().expect("it stands");
    assert_eq!(question.verdict, Some(Verdict::Other));
    assert!(it.attempt.is_reading() && !it.attempt.settle());
}

#[test]
fn a_seed_repeats_the_order_of_the_answers_and_changes_nothing_else() {
    let orders: Vec<Vec<usize>> = [1, 1, 2, 3, 4, 5]
        .into_iter()
        .map(|seed| {
            let mut lesson = super::by_name("first-fork").expect("a lesson of ours");
            lesson.shuffle(seed);
            let choices = lesson.steps.iter().filter_map(|step| match step {
                Step::Predict(Prediction {
                    answers: Answers::Choices(choices),
                    ..
                }) => Some(choices.iter().map(|choice| choice.place)),
                _ => None,
            });
            choices.flatten().collect()
        })
        .collect();
    assert_eq!(orders[0], orders[1]);
    assert!(orders.iter().any(|order| *order != orders[0]), "{orders:?}");
    let mut it = Try::new();
    it.attempt.seed = Some(7);
    assert!(it.attempt.receipt().contains("seed: 7\n"));
}

#[test]
fn every_concept_of_the_course_is_in_a_lesson() {
    let taught: Vec<u8> = shipped().flat_map(|lesson| lesson.concepts).collect();
    let missing: Vec<u8> = (1..=47).filter(|concept| !taught.contains(concept)).collect();
    assert!(missing.is_empty(), "no lesson has {missing:?}");
}

#[test]
fn the_worked_example_for_authors_is_read() {
    let page = include_str!("../../docs/lesson-format.md");
    let example = page.split("````").nth(1).expect("the page has an example");
    let example = example.strip_prefix("markdown\n").expect("of Markdown");
    let lesson = parse("seven", example).unwrap_or_else(|mistake| panic!("{mistake}"));
    assert_eq!(
        (lesson.steps.len(), lesson.goals.len(), lesson.hints.len()),
        (4, 2, 2)
    );
}

#[test]
fn every_lesson_of_ours_is_read_and_asks_and_follows_lessons_that_there_are() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons");
    let names: Vec<String> = shipped().map(|lesson| lesson.name).collect();
    let mut files = 0;
    for entry in std::fs::read_dir(folder)
        .expect("the lessons are there")
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).expect("a lesson is text");
        let name = entry
            .path()
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if let Err(mistake) = parse(&name, &text) {
            panic!("{name}.md:{mistake}");
        }
        assert!(names.contains(&name), "{name} is not among the shipped ones");
        files += 1;
    }
    assert_eq!(files, names.len());
    let mut chapter = 1;
    for (n, lesson) in shipped().enumerate() {
        let name = &lesson.name;
        assert!(lesson.chapter >= chapter, "{name} stands after a later chapter");
        chapter = lesson.chapter;
        let attempt = Attempt::new(Arc::new(lesson.clone()), None);
        assert!(attempt.questions().next().is_some(), "{name} asks nothing");
        assert!(!lesson.hints.is_empty(), "{name} has no hint");
        for before in &lesson.after {
            assert!(
                names[..n].contains(before),
                "{name} comes after {before}, which does not come before"
            );
        }
    }
}

#[test]
fn the_classics_are_the_programs_that_a_teacher_opens() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/programs");
    for name in ["first-fork", "two-roles", "five-children", "five-awaited"] {
        let lesson = super::by_name(name).expect("a lesson of ours");
        let file = folder.join(lesson.program_name(super::Language::C));
        let text = std::fs::read_to_string(file).expect("the program is there");
        let program = lesson.program(super::Language::C).expect("it is in C");
        assert_eq!(program.text, text, "{name}");
    }
}
