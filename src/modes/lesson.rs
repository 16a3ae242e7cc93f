//! Lessons from the command line: which one is opened, what is kept of it, and what is printed.

mod check;
mod outputs;
mod store;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::print::print;
use super::{Begun, Failure, Plan, Stepped, Subject, begin};
use crate::app::lesson::{FoundBefore, Lessons, Shown, Wanted};
use crate::app::script::{self, Token};
use crate::app::stepping::Speed;
use crate::app::{App, Layer};
use crate::cli::LessonArgs;
use crate::keeper::Again;
use crate::lesson::{Attempt, CHAPTERS, GoalState, Language, Lesson, Outputs, Progress, parse, shipped};

/// Runs a lesson, or the menu of all; or lists or checks them.
pub fn lesson(args: &LessonArgs) -> Result<ExitCode, Failure> {
    if args.list {
        return list();
    }
    if !args.check.is_empty() {
        return check::check(&args.check, args.language.map(Language::from));
    }
    if args.session.headless && args.name.is_none() {
        return Err(Failure::Usage(
            "--headless needs the name of a lesson; --list names them all.".to_owned(),
        ));
    }
    let course = Course::new(args)?;
    begin(&Plan {
        look: &args.look,
        args: &args.session,
        subject: Subject::Lessons(course),
        begun: Begun::now(),
    })
}

/// What is said when the language was changed after some outputs had been found.
const AFRESH: &str = "This is another program: its outputs are to be found afresh.";

/// What can be opened, and what is done with what comes of it.
pub(super) struct Course<'a> {
    args: &'a LessonArgs,
    /// A lesson of the user's own.
    own: Option<Box<Lesson>>,
    wanted: Wanted,
}

impl<'a> Course<'a> {
    fn new(args: &'a LessonArgs) -> Result<Self, Failure> {
        let own = match &args.name {
            Some(name) if is_path(name) => Some(Box::new(read(Path::new(name))?)),
            _ => None,
        };
        let name = own.as_ref().map(|lesson| lesson.name.clone());
        let course = Self {
            args,
            own,
            wanted: Wanted {
                lesson: name.or_else(|| args.name.clone()),
                language: args.language.map(Language::from),
                ..Wanted::default()
            },
        };
        // What is wrong with it is said before anything is started.
        if let Some(name) = &course.wanted.lesson {
            let lesson = course.find(name)?;
            let language = language_of(&lesson, course.wanted.language);
            if let (Some(asked), Some(has)) = (course.wanted.language, language)
                && asked != has
            {
                return Err(Failure::Usage(format!(
                    "the lesson {name} has no program in {asked}; leave --language out."
                )));
            }
            if let Some(language) = language {
                stepped(&lesson, language, None)?;
            }
        }
        Ok(course)
    }

    fn find(&self, name: &str) -> Result<Lesson, Failure> {
        let mut all = self.own.iter().map(|own| Lesson::clone(own)).chain(shipped());
        all.find(|lesson| lesson.name == name).ok_or_else(|| {
            Failure::Usage(format!(
                "there is no lesson {name}; forkscope lesson --list names them all."
            ))
        })
    }

    /// Opens what is wanted: at the beginning what the command line names, later what the screen before asked for.
    /// The program to be stepped is returned.
    pub(super) fn open(&self, app: &mut App, again: Option<&Again>) -> Result<Option<Stepped>, Failure> {
        let wanted = again.and_then(goes_on).unwrap_or_else(|| self.wanted.clone());
        let mut lessons = Lessons {
            language: wanted.language,
            ..Lessons::default()
        };
        if self.args.session.headless {
            // A script is about one lesson: there is none to go on to.
            app.stepping.speed = Speed::fastest();
        } else {
            lessons.shelve(shipped(), &store::load());
        }
        let Some(name) = &wanted.lesson else {
            app.layer = Some(Layer::Lessons {
                chosen: lessons.first_open(),
            });
            app.lessons = Some(Box::new(lessons));
            return Ok(None);
        };
        let mut lesson = self.find(name)?;
        if let Some(seed) = self.args.seed {
            lesson.shuffle(seed);
        }
        if let Some(limit) = lesson.limit {
            app.limit = app.limit.min(limit.get());
        }
        let language = language_of(&lesson, wanted.language);
        let edited = wanted.edited.as_deref();
        let program = language.map(|language| stepped(&lesson, language, edited));
        let mut program = program.transpose()?;
        if edited.is_some() {
            lessons.wanted = Some(wanted);
        } else {
            let twin = language.map(|language| stepped(&lesson, language.other(), None));
            lessons.has_twin = twin.is_some_and(|twin| twin.is_ok());
            let outputs = outputs_of(&lesson, language, wanted.found.as_ref())?;
            if let (Some(program), Some(before)) = (&mut program, wanted.found)
                && before.language != language
            {
                program.notice = Some(AFRESH.to_owned());
            }
            let mut attempt = Attempt::new(Arc::new(lesson), language).with_outputs(outputs);
            attempt.shown = wanted.shown != Shown::None;
            attempt.seed = self.args.seed;
            lessons.attempt = Some(attempt);
        }
        app.lessons = Some(Box::new(lessons));
        Ok(program)
    }

    /// Keeps what was reached, and writes the receipt.
    pub(super) fn close(&self, app: &App) -> Result<(), Failure> {
        let Some(attempt) = app.attempt() else {
            return Ok(());
        };
        let score = attempt.score();
        if score.solved
            && self
                .own
                .as_ref()
                .is_none_or(|own| own.name != attempt.lesson.name)
        {
            store::keep(&attempt.lesson.name, score)?;
        }
        self.report(attempt)
    }

    /// Writes the receipt, and says what is not reached. A script is no student: nothing is kept of it.
    pub(super) fn close_headless(&self, app: &App) -> Result<Option<String>, Failure> {
        let Some(attempt) = app.attempt() else {
            return Ok(None);
        };
        self.report(attempt)?;
        if !self.args.session.json {
            print(&format!("\n{}", attempt.receipt()))?;
        }
        let open = attempt
            .goals()
            .find(|(_, state)| !matches!(state, GoalState::Reached(_)));
        if let Some((goal, _)) = open {
            return Ok(Some(format!("the goal \"{goal}\" is not reached.")));
        }
        let is_enough = !self.args.thorough || attempt.is_gone_through();
        Ok((!is_enough).then(|| not_gone_through(attempt)))
    }

    fn report(&self, attempt: &Attempt) -> Result<(), Failure> {
        let Some(path) = &self.args.report else {
            return Ok(());
        };
        std::fs::write(path, attempt.receipt()).map_err(|error| Failure::Report {
            path: path.clone(),
            error,
        })
    }
}

/// What of a lesson its solution has left out.
fn not_gone_through(attempt: &Attempt) -> String {
    let (place, count) = attempt.place();
    let unknown = attempt.questions().find(|(_, question)| {
        question
            .verdict
            .is_none_or(|verdict| verdict == crate::lesson::Verdict::Other)
    });
    match unknown {
        Some((prediction, _)) => format!(
            "the kernel gave none of the answers to \"{}\".",
            prediction.question
        ),
        None => format!("it ends at piece {place} of {count}; its keys must read on to the end."),
    }
}

/// What a new start goes on with. Whoever starts again in the midst of a solution, and not the solution itself, has the
/// rest to himself, and nothing that it found.
fn goes_on(again: &Again) -> Option<Wanted> {
    let wanted = App::kept_lesson(&again.view)?;
    let is_left = wanted.shown == Shown::Rest && again.keys.trim().is_empty();
    Some(if is_left {
        Wanted {
            shown: Shown::None,
            found: None,
            ..wanted
        }
    } else {
        wanted
    })
}

/// What the lesson's program can print, if it asks for that, and what of it was found before in the same language.
fn outputs_of(
    lesson: &Lesson,
    language: Option<Language>,
    before: Option<&FoundBefore>,
) -> Result<Option<Outputs>, Failure> {
    let Some(asked) = language.filter(|_| lesson.asks_for_outputs()) else {
        return Ok(None);
    };
    let possible =
        outputs::possible(lesson, asked).map_err(|rejected| Failure::Usage(rejected.to_string()))?;
    let found = before.filter(|before| before.language == language);
    let found = found.map(|before| before.outputs.as_slice()).unwrap_or_default();
    Ok(possible.map(|outputs| outputs.found_before(found)))
}

/// The solution's keys, if this start is to show it from its beginning.
pub(super) fn solution(app: &App, again: Option<&Again>) -> Option<Vec<Token>> {
    let wanted = App::kept_lesson(&again?.view)?;
    let attempt = app.attempt().filter(|_| wanted.shown == Shown::All)?;
    let keys = attempt.lesson.solution.keys(attempt.language);
    // `--check` holds that they can be read.
    script::parse(keys).ok()
}

fn is_path(name: &str) -> bool {
    name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "md")
}

/// Reads a lesson of the user's own.
fn read(path: &Path) -> Result<Lesson, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("{shown} cannot be read: {error}; name a lesson's file.")))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&name, &text).map_err(|mistake| Failure::Usage(format!("{shown}:{mistake}.")))
}

/// In which language a lesson is opened: the one that the student likes if it has that, else the first that it has;
/// none for a task in the playground.
fn language_of(lesson: &Lesson, liked: Option<Language>) -> Option<Language> {
    let mut languages = liked.into_iter().chain([Language::C, Language::Python]);
    languages.find(|language| lesson.program(*language).is_some())
}

/// The lesson's program in that language, or what the student has made of it.
fn stepped(lesson: &Lesson, language: Language, edited: Option<&str>) -> Result<Stepped, Failure> {
    let name = lesson.program_name(language);
    let own = lesson.program(language).map(|program| program.text.as_str());
    let text = edited.or(own).unwrap_or_default();
    Ok(Stepped {
        notice: edited.map(|_| format!("Your own {name}, without the lesson. m leads back to it.")),
        ..Stepped::new(&name, text, false)?
    })
}

/// Prints the lessons by chapter.
fn list() -> Result<ExitCode, Failure> {
    let progress = store::load();
    let mut text = String::new();
    let mut chapter = 0;
    for lesson in shipped() {
        if lesson.chapter != chapter {
            chapter = lesson.chapter;
            let title = CHAPTERS[usize::from(chapter) - 1];
            text.extend([&chapter.to_string(), "  ", title, "\n"]);
        }
        text.push_str(&row(&lesson, &progress));
    }
    print(&text)
}

fn row(lesson: &Lesson, progress: &Progress) -> String {
    let mark = if progress.is_solved(&lesson.name) {
        "✓"
    } else {
        " "
    };
    format!("   {mark} {:<20} {}\n", lesson.name, lesson.title)
}
