//! A lesson beside the processes: what it holds back, what it is told, and which one comes next.
//!
//! What a lesson is and how far a student has come in it is in [`lesson`](crate::lesson). Here it meets keys: a
//! question stands before the step that answers it, so the keys that would answer it wait.

use serde::{Deserialize, Serialize};

use super::table::{Binding, Context};
use super::{App, Command, Effect, Layer, Prefix, refuse};
pub use crate::lesson::{
    Answer, Answers, Attempt, CHAPTERS, GoalState, Language, Outputs, Prediction, Question, Step, Verdict,
};
use crate::lesson::{Come, News, Progress};
use crate::model::{Event, World};

/// What is said when a program is over too early.
const MISSED: &str = "The program is over, and a goal is not reached. R starts again.";

/// What is said when a question has its answer from the student, and none yet from the kernel.
const NOTED: &str = "Noted. Now go on, and the kernel will answer.";

/// What there is beside the processes when lessons are gone through.
#[derive(Clone, Debug, Default)]
pub struct Lessons {
    /// All lessons, in the order of the course.
    pub shelf: Vec<Entry>,
    /// The one that is gone through; none at the menu.
    pub attempt: Option<Attempt>,
    /// The language that the student likes; none if that does not matter. Not every lesson has it.
    pub language: Option<Language>,
    /// Whether its program can be stepped in the other language too.
    pub has_twin: bool,
    /// What a new start is to open; none for the same lesson again.
    pub wanted: Option<Wanted>,
}

/// A lesson on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its chapter, counted from 1.
    pub chapter: u8,
    /// Whether it was solved.
    pub solved: bool,
}

/// How much of its solution a new start is to play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shown {
    /// None of it.
    #[default]
    None,
    /// All.
    All,
    /// What is left of it, if there is any: it starts the program again itself, or the student has in the midst of it.
    Rest,
}

/// The outputs that were found before, and of the program in which language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBefore {
    /// In which.
    pub language: Option<Language>,
    /// Each once.
    pub outputs: Vec<String>,
}

/// A lesson to be opened by a new start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its name, or the path of its file; none for the menu.
    pub lesson: Option<String>,
    /// In which language, if it has that; none if that does not matter.
    pub language: Option<Language>,
    /// Whether its solution is to be played.
    pub shown: Shown,
    /// What of it outlasts a run; none if there is nothing.
    #[serde(default)]
    pub found: Option<FoundBefore>,
    /// Its program as the student has changed it: it is stepped without the lesson, whose questions are about another.
    #[serde(default)]
    pub edited: Option<String>,
}

impl Lessons {
    /// The shelf, with what was solved.
    pub fn shelve(&mut self, lessons: impl Iterator<Item = crate::lesson::Lesson>, progress: &Progress) {
        self.shelf = lessons
            .map(|lesson| Entry {
                solved: progress.is_solved(&lesson.name),
                name: lesson.name,
                title: lesson.title,
                chapter: lesson.chapter,
            })
            .collect();
    }

    /// The first lesson that is not solved.
    pub fn first_open(&self) -> usize {
        self.shelf.iter().position(|entry| !entry.solved).unwrap_or(0)
    }

    /// The lesson after the one that is gone through.
    pub fn next(&self) -> Option<&Entry> {
        let name = &self.attempt.as_ref()?.lesson.name;
        let at = self.shelf.iter().position(|entry| entry.name == *name)?;
        self.shelf.get(at + 1)
    }
}

impl App {
    /// The way through a lesson, if there is one.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.lessons.as_ref()?.attempt.as_ref()
    }

    /// What a new start is to open: what was asked for, or the same lesson again.
    pub(super) fn wanted(&self) -> Option<Wanted> {
        let lessons = self.lessons.as_ref()?;
        let same = || {
            let attempt = lessons.attempt.as_ref();
            let is_shown = attempt.is_some_and(|attempt| attempt.shown);
            Wanted {
                lesson: attempt.map(|attempt| attempt.lesson.name.clone()),
                language: lessons.language,
                shown: if is_shown { Shown::Rest } else { Shown::None },
                found: attempt.and_then(found_so_far),
                edited: None,
            }
        };
        Some(lessons.wanted.clone().unwrap_or_else(same))
    }

    /// Tells the lesson of a fact.
    pub(super) fn teach(&mut self, event: &Event) {
        let news = self.with_attempt(|attempt, world| attempt.learn(event, world));
        let Some(News {
            holds,
            solved,
            missed,
            come,
        }) = news
        else {
            return;
        };
        let is_over = solved && self.attempt().is_some_and(|attempt| !attempt.has_open_question());
        if holds && self.notice.as_deref() == Some(NOTED) {
            self.notice = None;
        }
        if (holds || is_over) && std::mem::take(&mut self.stepping.running) {
            // It said that the program runs.
            self.notice = None;
        }
        if solved {
            self.notice = Some("Every goal is reached.".to_owned());
        } else if let Some(come) = come {
            self.notice = self
                .attempt()
                .and_then(Attempt::outputs)
                .map(|outputs| came(outputs, come));
        } else if missed {
            self.notice = Some(MISSED.to_owned());
        }
    }

    /// Something done with the attempt, beside the world that is.
    fn with_attempt<T>(&mut self, f: impl FnOnce(&mut Attempt, &World) -> T) -> Option<T> {
        let mut attempt = self.lessons.as_mut()?.attempt.take()?;
        let value = f(&mut attempt, self.live());
        if let Some(lessons) = &mut self.lessons {
            lessons.attempt = Some(attempt);
        }
        Some(value)
    }

    /// A digit that answers a question. Says whether it did.
    pub(super) fn answer_digit(&mut self, digit: char) -> bool {
        let is_answer = refuse::elsewhere(self).is_none()
            && self
                .with_attempt(|attempt, world| attempt.digit(digit, world))
                .unwrap_or(false);
        if is_answer {
            self.say_what_answers();
        }
        is_answer
    }

    /// Once a question has its answer from the student, says how it gets the kernel's.
    fn say_what_answers(&mut self) {
        let is_given = self
            .attempt()
            .and_then(Attempt::question)
            .is_some_and(|(_, question)| question.answer.is_some() && question.verdict.is_none());
        if is_given {
            self.notice = Some(NOTED.to_owned());
        }
    }

    /// Whether the lesson keeps a key from acting now; what there is to say about it is said.
    pub(super) fn is_held(&mut self, binding: &Binding, prefix: &Prefix) -> bool {
        let is_act = matches!(binding.context, Context::Process | Context::Stepping);
        let is_harmless = matches!(
            binding.command,
            Command::Faster
                | Command::Slower
                | Command::Breakpoint
                | Command::Edit
                | Command::Outlook
                | Command::Focus
        );
        if !is_act || is_harmless || refuse::elsewhere(self).is_some() || self.attempt().is_none() {
            return false;
        }
        if let Some(notice) = self.not_of_the_lesson(binding) {
            self.notice = Some(notice);
            return true;
        }
        if binding.command == Command::Step && self.read_on() {
            return true;
        }
        self.with_attempt(Attempt::read_all);
        let notice = self
            .attempt()
            .and_then(|attempt| hold(attempt, binding.command, prefix));
        let is_held = notice.is_some();
        if is_held {
            self.notice = notice;
        }
        is_held
    }

    fn not_of_the_lesson(&self, binding: &Binding) -> Option<String> {
        let keys = self.attempt()?.lesson.keys.as_ref()?;
        let is_of_it = binding.context != Context::Process
            || binding.keys.iter().any(|key| keys.contains(&key.to_string()));
        (!is_of_it).then(|| format!("This lesson needs no other keys than {}.", keys.join(", ")))
    }

    fn read_on(&mut self) -> bool {
        self.with_attempt(Attempt::read_on).unwrap_or(false)
    }

    pub(super) fn lesson_command(&mut self, command: Command) -> Vec<Effect> {
        if self.attempt().is_none() && command != Command::Lessons {
            self.notice = Some("No lesson has begun: m shows them all.".to_owned());
            return Vec::new();
        }
        match command {
            Command::ReadOn => return self.enter(),
            Command::Erase => {
                self.with_attempt(|attempt, _| attempt.erase());
            }
            Command::SkipQuestion => self.skip_question(),
            Command::Hint => self.hint(),
            Command::Lessons => self.open_lessons(),
            Command::Solution => {
                self.layer = Some(Layer::Confirm(super::Confirm::Solution));
            }
            Command::OtherLanguage => return self.other_language(),
            _ => {}
        }
        Vec::new()
    }

    /// Enter: a number is the answer, what was read is passed, after the end comes the next lesson.
    fn enter(&mut self) -> Vec<Effect> {
        let is_taken = self.with_attempt(|attempt, world| {
            attempt.accept(world) || attempt.read_on(world) || attempt.settle()
        });
        if is_taken == Some(true) {
            self.say_what_answers();
            return Vec::new();
        }
        let Some(attempt) = self.attempt() else {
            return Vec::new();
        };
        if let Some(notice) = hold(attempt, Command::Step, &Prefix::default()) {
            self.notice = Some(notice);
            return Vec::new();
        }
        if attempt.is_solved() && attempt.step().is_none() {
            return self.open_next();
        }
        let notice = if attempt.is_missed() {
            MISSED
        } else if attempt.step().is_none() {
            "All is read. What is still to be reached stands among the goals; h helps, R starts again."
        } else {
            "The lesson waits here until that has been done. h gives a hint."
        };
        self.notice = Some(notice.to_owned());
        Vec::new()
    }

    fn open_next(&mut self) -> Vec<Effect> {
        let next = self.lessons.as_ref().and_then(|lessons| lessons.next());
        let Some(name) = next.map(|entry| entry.name.clone()) else {
            self.notice = Some("This was the last lesson. m shows them all.".to_owned());
            return Vec::new();
        };
        self.open(name)
    }

    fn skip_question(&mut self) {
        if self.with_attempt(Attempt::skip) != Some(true) {
            self.notice = Some("There is no question to leave unanswered now.".to_owned());
        }
    }

    fn hint(&mut self) {
        self.with_attempt(|attempt, _| attempt.hint());
        let hint = self.attempt().and_then(|attempt| {
            let (n, hint) = attempt.last_hint()?;
            let text = hint.replace('`', "");
            Some(format!("Hint {n} of {}: {text}", attempt.lesson.hints.len()))
        });
        let none = || "This lesson has no hints. S shows the solution.".to_owned();
        self.notice = Some(hint.unwrap_or_else(none));
    }

    fn open_lessons(&mut self) {
        let name = self.wanted().and_then(|wanted| wanted.lesson);
        let shelf = self.lessons.as_ref().map(|lessons| lessons.shelf.as_slice());
        let shelf = shelf.unwrap_or_default();
        let here = shelf.iter().position(|entry| Some(&entry.name) == name.as_ref());
        let open = || self.lessons.as_ref().map(|lessons| lessons.first_open());
        let chosen = here.or_else(open).unwrap_or(0);
        self.layer = Some(Layer::Lessons { chosen });
    }

    /// Begins anew, with that lesson.
    pub(super) fn open(&mut self, name: String) -> Vec<Effect> {
        let language = self.wanted().and_then(|wanted| wanted.language);
        self.begin(Wanted {
            lesson: Some(name),
            language,
            ..Wanted::default()
        })
    }

    /// Begins this lesson anew, and plays its solution.
    pub(super) fn show_solution(&mut self) -> Vec<Effect> {
        let wanted = self.wanted().unwrap_or_default();
        self.begin(Wanted {
            shown: Shown::All,
            found: None,
            ..wanted
        })
    }

    fn other_language(&mut self) -> Vec<Effect> {
        let language = self.attempt().and_then(|attempt| attempt.language);
        let has_twin = self.lessons.as_ref().is_some_and(|lessons| lessons.has_twin);
        match language {
            Some(language) if has_twin => {
                let wanted = self.wanted().unwrap_or_default();
                self.begin(Wanted {
                    language: Some(language.other()),
                    shown: Shown::None,
                    ..wanted
                })
            }
            Some(language) => {
                self.notice = Some(format!("This lesson's program is there in {language} alone."));
                Vec::new()
            }
            None => {
                self.notice =
                    Some("This lesson has no program: it is the same in every language.".to_owned());
                Vec::new()
            }
        }
    }

    /// What a new start is to open once the student has changed the program: a file is read again, a lesson's program
    /// is there as this text alone.
    pub fn take_edited(&mut self, text: String) {
        let wanted = self.wanted();
        if let (Some(lessons), Some(wanted)) = (&mut self.lessons, wanted) {
            lessons.wanted = Some(Wanted {
                edited: Some(text),
                shown: Shown::None,
                found: None,
                ..wanted
            });
        }
    }

    fn begin(&mut self, wanted: Wanted) -> Vec<Effect> {
        if let Some(lessons) = &mut self.lessons {
            lessons.wanted = Some(wanted);
        }
        vec![Effect::Restart(String::new())]
    }
}

/// What was found and is still to be completed: who has found all begins from nothing.
fn found_so_far(attempt: &Attempt) -> Option<FoundBefore> {
    let outputs = attempt.outputs().filter(|outputs| !outputs.are_found())?;
    let found = FoundBefore {
        language: attempt.language,
        outputs: outputs.found().to_vec(),
    };
    (!found.outputs.is_empty()).then_some(found)
}

/// What is said when a run is over in a lesson that asks for every output.
fn came(outputs: &Outputs, come: Come) -> String {
    let told = outputs.told();
    match (come, outputs.incomplete()) {
        (Come::Unforeseen, _) => {
            "No order of steps alone prints this, so it does not count. R starts again.".to_owned()
        }
        (_, Some(why)) => format!("Outputs: {told}. Whether these are all cannot be known: {why}."),
        (Come::New, None) => format!("A new output: {told}. R starts again for the next."),
        (Come::Again, None) => format!("You had this output before: {told}. R starts again for another."),
    }
}

/// Why a key waits: a question stands, or would be passed by.
fn hold(attempt: &Attempt, command: Command, prefix: &Prefix) -> Option<String> {
    if let Some((prediction, _)) = attempt.question().filter(|_| attempt.is_asking()) {
        return Some(match &prediction.answers {
            Answers::Choices(choices) => format!(
                "First your answer: a key from 1 to {}. s leaves the question unanswered.",
                choices.len()
            ),
            Answers::Number(_) => {
                "First your answer: a number, and Enter. s leaves the question unanswered.".to_owned()
            }
        });
    }
    let goes_far = command == Command::Finish || (command == Command::Step && !prefix.digits.is_empty());
    (goes_far && attempt.has_question_ahead())
        .then(|| "There is a question ahead: n goes step by step, r runs up to it.".to_owned())
}
