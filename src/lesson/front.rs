//! What stands at the head of a lesson's file: TOML between two lines of `+++`.

use std::num::NonZeroU32;

use serde::Deserialize;
use toml::Spanned;

use super::{CHAPTERS, Mistake, Solution};

/// The head, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Front {
    pub(super) title: String,
    chapter: Spanned<u8>,
    #[serde(default)]
    pub(super) concepts: Vec<u8>,
    #[serde(default)]
    pub(super) after: Vec<String>,
    keys: Option<String>,
    pub(super) limit: Option<NonZeroU32>,
    pub(super) solution: Solution,
}

impl Front {
    /// Reads the head, of which the first line is line `line` of the file.
    pub(super) fn read(text: &str, line: usize) -> Result<Self, Mistake> {
        let at = |offset: usize, what: String| {
            let before = text.get(..offset).unwrap_or(text);
            let column = before.chars().rev().take_while(|c| *c != '\n').count();
            Mistake::new(line + before.matches('\n').count(), column + 1, what)
        };
        let front: Self = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            at(offset, error.message().to_owned())
        })?;
        if front.chapter() == 0 || usize::from(front.chapter()) > CHAPTERS.len() {
            let what = format!("there are chapters 1 to {}", CHAPTERS.len());
            return Err(at(front.chapter.span().start, what));
        }
        Ok(front)
    }

    pub(super) fn chapter(&self) -> u8 {
        *self.chapter.get_ref()
    }

    pub(super) fn keys(&self) -> Option<Vec<String>> {
        let keys = self.keys.as_ref()?;
        Some(keys.split_whitespace().map(str::to_owned).collect())
    }
}
