//! Reads a lesson's file, and says line and column of what is wrong with it.
//!
//! The format is a small part of Markdown, read line by line: it is for people to read on any forge, so there is
//! nothing in it that needs more than paragraphs, headings, lists, quotes and fences. docs/lesson-format.md tells it.

use super::front::Front;
use super::phrase::BadPhrase;
use super::predicate::Count;
use super::{Answers, Choice, Goal, Language, Lesson, Mistake, Predicate, Prediction, Program, Step};

/// The most lines of a piece of prose.
const LINES: usize = 2;

/// The most columns of a line of prose, without its backticks, which are not shown.
const COLUMNS: usize = 76;

/// The most columns of a choice: beside it stands who gave that answer.
const CHOICE: usize = 47;

/// The most choices: keys 1 to 4 answer.
const CHOICES: usize = 4;

/// Reads a lesson. Its name is its file's, without folder and ending.
pub fn parse(name: &str, text: &str) -> Result<Lesson, Mistake> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.first() != Some(&"+++") {
        return Err(Mistake::new(
            1,
            1,
            "a lesson begins with a line of `+++`, and TOML after it",
        ));
    }
    let end = (1..lines.len()).find(|n| lines[*n] == "+++");
    let end = end.ok_or_else(|| Mistake::new(1, 1, "the head has no end: a second line of `+++`"))?;
    let front = Front::read(&lines[1..end].join("\n"), 2)?;
    let mut body = Body::default();
    let mut at = end + 1;
    while at < lines.len() {
        at = body.block(&lines, at)?;
    }
    body.close()?;
    if body.goals.is_empty() {
        let what = "a lesson has at least one goal, under `## Goals`";
        return Err(Mistake::new(lines.len(), 1, what));
    }
    Ok(Lesson {
        name: name.to_owned(),
        chapter: front.chapter(),
        keys: front.keys(),
        limit: front.limit,
        title: front.title,
        concepts: front.concepts,
        after: front.after,
        solution: front.solution,
        programs: body.programs,
        steps: body.steps,
        goals: body.goals,
        hints: body.hints,
    })
}

/// What the lines read so far have told.
#[derive(Default)]
struct Body {
    section: Section,
    steps: Vec<Step>,
    programs: Vec<Program>,
    goals: Vec<Goal>,
    hints: Vec<String>,
}

/// What the lines that come belong to.
#[derive(Default)]
enum Section {
    #[default]
    Story,
    /// A prediction that is not complete.
    Predict(Draft),
    Goals,
    Hints,
}

/// A prediction as far as it is read.
struct Draft {
    line: usize,
    question: Option<String>,
    choices: Vec<Choice>,
    number: Option<Count>,
}

impl Body {
    /// Reads what begins at line `at`, counted from 0, and says where it ends.
    fn block(&mut self, lines: &[&str], at: usize) -> Result<usize, Mistake> {
        let line = lines[at];
        if line.trim().is_empty() {
            return Ok(at + 1);
        }
        if let Some(heading) = line.strip_prefix("## ") {
            self.heading(heading, at)?;
            return Ok(at + 1);
        }
        if let Some(kind) = line.strip_prefix("```") {
            return self.fence(kind, lines, at);
        }
        if let Some(rest) = line.strip_prefix("> until ") {
            self.until(rest, at, "> until ".len())?;
            return Ok(at + 1);
        }
        if let Some(item) = line.strip_prefix("- ") {
            self.item(item, at)?;
            return Ok(at + 1);
        }
        if let Some(what) = unknown(line) {
            return Err(Mistake::new(at + 1, 1, what));
        }
        self.paragraph(lines, at)
    }

    fn heading(&mut self, heading: &str, at: usize) -> Result<(), Mistake> {
        self.close()?;
        self.section = match heading.trim() {
            "Predict" => Section::Predict(Draft {
                line: at + 1,
                question: None,
                choices: Vec::new(),
                number: None,
            }),
            "Then" => Section::Story,
            "Goals" => Section::Goals,
            "Hints" => Section::Hints,
            other => {
                let what = format!("`{other}` is no part of a lesson: write Predict, Then, Goals or Hints");
                return Err(Mistake::new(at + 1, 4, what));
            }
        };
        Ok(())
    }

    fn fence(&mut self, kind: &str, lines: &[&str], at: usize) -> Result<usize, Mistake> {
        let language = match kind.trim() {
            "c" => Language::C,
            "python" => Language::Python,
            other => {
                let what = format!("a program is in `c` or in `python`, not in `{other}`");
                return Err(Mistake::new(at + 1, 4, what));
            }
        };
        if self.programs.iter().any(|program| program.language == language) {
            let what = format!("this is the second program in {language}: a lesson has one");
            return Err(Mistake::new(at + 1, 1, what));
        }
        let end = (at + 1..lines.len()).find(|n| lines[*n] == "```");
        let end = end.ok_or_else(|| Mistake::new(at + 1, 1, "this program has no end: a line of ```"))?;
        let mut text = lines[at + 1..end].join("\n");
        text.push('\n');
        self.programs.push(Program {
            language,
            text,
            line: at + 2,
        });
        Ok(end + 1)
    }

    fn until(&mut self, rest: &str, at: usize, column: usize) -> Result<(), Mistake> {
        let until = code(rest, at, column)?;
        let wrong = |what: &str| Err(Mistake::new(at + 1, 1, what));
        match std::mem::take(&mut self.section) {
            Section::Predict(draft) => self.predicted(draft, until, at),
            Section::Story => match self.steps.last_mut() {
                Some(Step::Prose {
                    until: place @ None, ..
                }) => {
                    *place = Some(until);
                    Ok(())
                }
                Some(_) => wrong("what stands before this has its `until` already"),
                None => wrong("`until` belongs to the prose before it, and there is none"),
            },
            Section::Goals | Section::Hints => wrong("goals and hints wait for nothing"),
        }
    }

    fn predicted(&mut self, draft: Draft, until: Predicate, at: usize) -> Result<(), Mistake> {
        let wrong = |what: &str| Mistake::new(at + 1, 1, what);
        let question = draft
            .question
            .ok_or_else(|| wrong("there is no question before this"))?;
        let answers = match (draft.number, draft.choices.len()) {
            (Some(count), 0) => Answers::Number(count),
            (None, 2..=CHOICES) => Answers::Choices(draft.choices),
            _ => return Err(wrong("a question has two to four choices, or one number")),
        };
        self.steps.push(Step::Predict(Prediction {
            question,
            answers,
            until,
        }));
        Ok(())
    }

    fn item(&mut self, item: &str, at: usize) -> Result<(), Mistake> {
        match &mut self.section {
            Section::Hints => {
                check_width(item, at)?;
                self.hints.push(item.to_owned());
            }
            Section::Goals => {
                let (text, is) = labelled(item, at)?;
                let is = predicate(is, at, column_of(item, is))?;
                self.goals.push(Goal { text, is });
            }
            Section::Predict(draft) => {
                let (text, is) = labelled(item, at)?;
                let column = column_of(item, is);
                if let Ok(count) = is.parse() {
                    draft.number = Some(count);
                } else if columns(&text) > CHOICE {
                    let what = format!("a choice has at most {CHOICE} columns");
                    return Err(Mistake::new(at + 1, CHOICE + 3, what));
                } else {
                    let is = predicate(is, at, column)?;
                    let place = draft.choices.len();
                    draft.choices.push(Choice { text, is, place });
                }
            }
            Section::Story => {
                let what = "a list belongs to a question, to the goals or to the hints";
                return Err(Mistake::new(at + 1, 1, what));
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, lines: &[&str], at: usize) -> Result<usize, Mistake> {
        let is_prose = |n: &usize| {
            let line = lines[*n];
            !line.trim().is_empty()
                && !["> ", "- ", "```", "#"]
                    .iter()
                    .any(|begin| line.starts_with(begin))
        };
        let end = (at..lines.len()).find(|n| !is_prose(n)).unwrap_or(lines.len());
        if end - at > LINES {
            let what = format!("a piece of prose has at most {LINES} lines");
            return Err(Mistake::new(at + LINES + 1, 1, what));
        }
        for (n, line) in lines[at..end].iter().enumerate() {
            check_width(line, at + n)?;
        }
        let text = lines[at..end].join(" ");
        match &mut self.section {
            Section::Story => self.steps.push(Step::Prose { text, until: None }),
            Section::Predict(draft) if draft.question.is_none() => draft.question = Some(text),
            _ => return Err(Mistake::new(at + 1, 1, "here stands a list, one item a line")),
        }
        Ok(end)
    }

    /// Before something else begins: whether what was begun is complete.
    fn close(&self) -> Result<(), Mistake> {
        let Section::Predict(draft) = &self.section else {
            return Ok(());
        };
        let what = "this question has no `> until`: when has the kernel answered it?";
        Err(Mistake::new(draft.line, 1, what))
    }
}

/// What is wrong with a line that is nothing we know.
fn unknown(line: &str) -> Option<&'static str> {
    if line.starts_with('#') {
        return Some("only headings of the form `## Predict` are known; the title stands in the head");
    }
    line.starts_with('>')
        .then_some("a quote is `> until`, a blank, and a predicate between backticks")
}

fn check_width(line: &str, at: usize) -> Result<(), Mistake> {
    if columns(line) > COLUMNS {
        let what = format!("a line of prose has at most {COLUMNS} columns");
        return Err(Mistake::new(at + 1, COLUMNS + 1, what));
    }
    Ok(())
}

/// The columns of a text that is shown without its backticks.
fn columns(text: &str) -> usize {
    text.chars().filter(|c| *c != '`').count()
}

/// The text of an item, and the predicate between backticks at its end.
fn labelled(item: &str, at: usize) -> Result<(String, &str), Mistake> {
    let parts = item
        .trim_end()
        .strip_suffix('`')
        .and_then(|rest| rest.rsplit_once('`'));
    let (text, is) = parts.ok_or_else(|| {
        let column = item.chars().count() + 3;
        Mistake::new(at + 1, column, "an item ends with a predicate between backticks")
    })?;
    check_width(text, at)?;
    Ok((text.trim_end().to_owned(), is))
}

/// The column, counted from 0, of a part of an item in its line.
fn column_of(item: &str, part: &str) -> usize {
    let bytes = part.as_ptr() as usize - item.as_ptr() as usize;
    item[..bytes].chars().count() + "- ".len()
}

/// The predicate between backticks that is all of `rest`, which begins in column `column`, counted from 0.
fn code(rest: &str, at: usize, column: usize) -> Result<Predicate, Mistake> {
    let inner = rest
        .trim_end()
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    let inner =
        inner.ok_or_else(|| Mistake::new(at + 1, column + 1, "a predicate stands between backticks"))?;
    predicate(inner, at, column + 1)
}

fn predicate(text: &str, at: usize, column: usize) -> Result<Predicate, Mistake> {
    text.parse()
        .map_err(|bad: BadPhrase| Mistake::new(at + 1, column + bad.at + 1, bad.what))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = r#"+++
title = "A zombie"
chapter = 4
concepts = [11]
solution = "f @A f @B 7x"
+++

A dead process keeps its pid until its parent
has *waited* for it.

> until `A called fork`

## Predict

B ends now. What is left of it?

- Nothing `B is gone`
- A zombie `B is zombie`

> until `B ended`

## Then

That is all.

```c
int main(void) { return 0; }
```

## Goals

- B is a zombie, and holds 7 `B is zombie with exit 7`

## Hints

- `x` is `_exit`.
"#;

    #[test]
    fn a_lesson_is_read() {
        let lesson = parse("zombie", LESSON).expect("a good lesson");
        assert_eq!((lesson.name.as_str(), lesson.chapter), ("zombie", 4));
        assert_eq!(lesson.solution.keys(None), "f @A f @B 7x");
        assert_eq!(lesson.steps.len(), 3);
        let Step::Prose { text, until: Some(_) } = &lesson.steps[0] else {
            panic!("{:?}", lesson.steps[0])
        };
        assert!(text.ends_with("parent has *waited* for it."), "{text}");
        let Step::Predict(prediction) = &lesson.steps[1] else {
            panic!("{:?}", lesson.steps[1])
        };
        let Answers::Choices(choices) = &prediction.answers else {
            panic!("{:?}", prediction.answers)
        };
        assert_eq!(choices[1].text, "A zombie");
        assert_eq!(lesson.programs[0].text, "int main(void) { return 0; }\n");
        assert_eq!(lesson.goals.len(), 1);
        assert_eq!(lesson.hints, ["`x` is `_exit`."]);
    }

    /// With `from` replaced by `to`, the lesson is wrong there.
    fn check(from: &str, to: &str, line: usize, column: usize, what: &str) {
        assert!(LESSON.contains(from), "{from} is not in the lesson");
        let mistake = parse("zombie", &LESSON.replacen(from, to, 1)).expect_err(to);
        let place = (mistake.line, mistake.column);
        assert_eq!(place, (line, column), "{to}: {}", mistake.what);
        assert!(mistake.what.contains(what), "{to}: {}", mistake.what);
    }

    #[test]
    fn what_is_wrong_with_the_head_and_where() {
        check("+++\ntitle", "title", 1, 1, "begins with a line");
        check("chapter = 4", "chapter = 9", 3, 11, "chapters 1 to 8");
        check("chapter = 4", "chapter = four", 3, 11, "");
        check("concepts", "concept", 4, 1, "unknown field");
        check("title = \"A zombie\"\n", "", 2, 1, "missing field `title`");
    }

    #[test]
    fn what_is_wrong_with_the_body_and_where() {
        check("## Predict", "## Ask", 13, 4, "`Ask` is no part");
        check("## Predict", "# Predict", 13, 1, "only headings");
        check("> until `B ended`", "> until B ended", 20, 9, "between backticks");
        check(
            "> until `B ended`",
            "> until `B died`",
            20,
            12,
            "is not known here",
        );
        check("> until `B ended`\n\n", "", 13, 1, "no `> until`");
        check("- A zombie `B is zombie`\n", "", 19, 1, "two to four");
        check(
            "- A zombie `B is zombie`",
            "- A zombie",
            18,
            11,
            "ends with a predicate",
        );
        check(
            "- A zombie `B is zombie`",
            "- A zombie `B is zombi`",
            18,
            18,
            "expected born",
        );
        check("has *waited* for it.", "has\nwaited", 10, 1, "at most 2 lines");
        check("That is all.", &"a".repeat(77), 24, 77, "at most 76");
        let long = format!("- {} `B is gone`", "a".repeat(48));
        check("- Nothing `B is gone`", &long, 17, 50, "at most 47");
        check("```c", "```rust", 26, 4, "not in `rust`");
        check("That is all.", "- That is all.", 24, 1, "a list belongs");
        check(
            "- B is a zombie, and holds 7 `B is zombie with exit 7`\n",
            "",
            35,
            1,
            "one goal",
        );
    }
}
