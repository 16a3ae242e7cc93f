//! What a lesson's program can print, found out before the lesson begins: the lesson itself only compares.

use crate::lesson::{Language, Lesson, Outputs};
use crate::model::explore::{Bound, Outcome};
use crate::program::{self, Buffering, Explorer, Rejected};

/// How far is searched while a student waits for the first picture: well below a second.
const BOUND: Bound = Bound {
    states: 20_000,
    processes: 64,
    reduced: true,
};

/// All that runs of the lesson's program in that language can print which come to an end; none if it has none.
pub(super) fn possible(lesson: &Lesson, language: Language) -> Result<Option<Outputs>, Rejected> {
    let Some(text) = lesson.program(language).map(|program| &program.text) else {
        return Ok(None);
    };
    let name = lesson.program_name(language);
    let program = program::compile(&name, text)?;
    let explorer = Explorer::new(program.into(), text, &[name], Buffering::Line);
    let outcomes = explorer.outcomes(&[], BOUND);
    let ended = outcomes.found.iter().map(|(outcome, _)| outcome);
    let outputs = ended.filter(|outcome| outcome.stuck == 0).map(Outcome::text);
    Ok(Some(Outputs::new(outputs, outcomes.incomplete)))
}
