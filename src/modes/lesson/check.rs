//! What an author wants to know: whether a lesson can be read, whether its programs and keys can be, and whether it
//! is what it says on real processes. Unsolved it must not be reached, with its solution it must.
//!
//! Each run is a process of its own, the same that a student starts.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use super::super::Failure;
use super::super::print::print;
use super::outputs;
use crate::app::script;
use crate::lesson::{EVERY_OUTPUT, Language, Lesson, parse};
use crate::program::{self, Reason, Rejected};

/// Checks each of the files, and says of each what is wrong.
pub(super) fn check(files: &[PathBuf], only: Option<Language>) -> Result<ExitCode, Failure> {
    let mut is_good = true;
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::Usage(format!(
                "{} cannot be read: {error}; name a lesson's file.",
                file.display()
            ))
        })?;
        let said = match check_one(file, &text, only) {
            Ok(how) => format!("{}: good, {how}\n", file.display()),
            Err(mistake) => {
                is_good = false;
                format!("{}:{mistake}\n", file.display())
            }
        };
        print(&said)?;
    }
    Ok(ExitCode::from(u8::from(!is_good)))
}

/// What is wrong, with its line and column as far as it has a place; else how it was checked.
fn check_one(file: &Path, text: &str, only: Option<Language>) -> Result<String, String> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let lesson = parse(&name, text).map_err(|mistake| mistake.to_string())?;
    let languages = languages(&lesson, only)?;
    for language in &languages {
        check_program(&lesson, *language)?;
        check_outputs(&lesson, *language, text)?;
        check_keys(&lesson, *language, text)?;
        check_runs(file, &lesson, *language)?;
    }
    let words: Vec<String> = languages
        .iter()
        .map(|language| {
            language.map_or("in the playground".to_owned(), |language| {
                format!("in {language}")
            })
        })
        .collect();
    Ok(words.join(" and "))
}

/// Those in which it is to be checked; none for a task in the playground.
fn languages(lesson: &Lesson, only: Option<Language>) -> Result<Vec<Option<Language>>, String> {
    if lesson.programs.is_empty() {
        return Ok(vec![None]);
    }
    let all: Vec<Option<Language>> = lesson
        .programs
        .iter()
        .map(|program| program.language)
        .filter(|language| only.is_none_or(|only| only == *language) && is_steppable(*language))
        .map(Some)
        .collect();
    match only {
        Some(only) if all.is_empty() => Err(format!(" it has no program in {only}")),
        _ => Ok(all),
    }
}

/// Whether programs in that language can be stepped at all.
fn is_steppable(language: Language) -> bool {
    let empty = program::compile(&format!("empty.{}", language.ending()), "");
    !matches!(
        empty,
        Err(Rejected {
            reason: Reason::Unsupported(_),
            ..
        })
    )
}

fn check_program(lesson: &Lesson, language: Option<Language>) -> Result<(), String> {
    let Some(program) = language.and_then(|language| lesson.program(language)) else {
        return Ok(());
    };
    let name = lesson.program_name(program.language);
    match program::compile(&name, &program.text) {
        Ok(_) => Ok(()),
        Err(Rejected {
            line, column, reason, ..
        }) => {
            let what = match reason {
                Reason::Syntax(what) | Reason::Meaning(what) => what,
                Reason::Unsupported(what) => format!("stepping does not know {what}"),
            };
            Err(format!("{}:{column}: {what}", program.line + line as usize - 1))
        }
    }
}

fn check_keys(lesson: &Lesson, language: Option<Language>, text: &str) -> Result<(), String> {
    let keys = lesson.solution.keys(language);
    script::parse(keys).map(drop).map_err(|bad| {
        let (line, column) = place_of(keys, text);
        format!("{line}:{}: {bad}", column + bad.at)
    })
}

/// Whether it can ever be known that every possible output was printed, if that is asked for.
fn check_outputs(lesson: &Lesson, language: Option<Language>, text: &str) -> Result<(), String> {
    if !lesson.asks_for_outputs() {
        return Ok(());
    }
    let (line, column) = place_of(EVERY_OUTPUT, text);
    let wrong = |what: &str| Err(format!("{line}:{}: {what}", column + 1));
    let found = language.map(|language| outputs::possible(lesson, language));
    match found
        .transpose()
        .map_err(|rejected| rejected.to_string())?
        .flatten()
    {
        None => wrong("only a program has possible outputs, and this lesson has none"),
        Some(outputs) => match outputs.incomplete() {
            Some(why) => wrong(&format!("which outputs are possible cannot be known: {why}")),
            None if outputs.possible() == 0 => wrong("no run of this program comes to an end"),
            None => Ok(()),
        },
    }
}

/// The line, counted from 1, and the column, counted from 0, of a part of the file that stands in one line.
fn place_of(part: &str, text: &str) -> (usize, usize) {
    let place = text
        .lines()
        .enumerate()
        .find_map(|(n, line)| line.find(part).map(|at| (n + 1, line[..at].chars().count())));
    place.unwrap_or((1, 0))
}

/// Runs it without keys, and with the solution's.
fn check_runs(file: &Path, lesson: &Lesson, language: Option<Language>) -> Result<(), String> {
    let (code, said) = run(file, language, "")?;
    if code == Some(0) {
        return Err(" its goals are reached before a key is pressed".to_owned());
    }
    if !said.contains("is not reached") {
        return Err(format!(" without keys: {said}"));
    }
    match run(file, language, lesson.solution.keys(language))? {
        (Some(0), _) => Ok(()),
        (_, said) => Err(format!(" with its solution: {said}")),
    }
}

/// The exit code, and the last line of what it complained of.
fn run(file: &Path, language: Option<Language>, keys: &str) -> Result<(Option<i32>, String), String> {
    let failed = |error: std::io::Error| format!(" forkscope itself cannot be run: {error}");
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.args(["lesson", "--headless", "--keys", keys]);
    if !keys.is_empty() {
        // Without keys nobody can have gone through it.
        command.arg("--thorough");
    }
    if let Some(language) = language {
        let name = match language {
            Language::C => "c",
            Language::Python => "python",
        };
        command.args(["--language", name]);
    }
    // A path that looks like an option is none, and one without a folder is a path all the same.
    command.arg(std::path::absolute(file).map_err(failed)?);
    let output = command.stdin(Stdio::null()).output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().last().unwrap_or_default();
    let said = said.strip_prefix("forkscope: ").unwrap_or(said);
    Ok((output.status.code(), said.to_owned()))
}
