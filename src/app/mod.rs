//! The state of the program and what keys do to it.
//!
//! [`App`] is plain state; [`App::press`] and its kin change it and return [`Effect`]s as values, which an engine
//! performs; what comes of them returns as facts. Nothing in here makes a system call, draws, or reads a clock.

pub mod ask;
pub mod command;
pub mod effect;
pub mod key;
pub mod prompt;
pub mod refuse;
pub mod scene;
pub mod script;
pub mod session;
pub mod source;
pub mod stepping;
pub mod table;
mod update;

use std::collections::BTreeSet;

pub use command::Command;
pub use effect::{Effect, Look};
pub use key::Key;
pub use source::Source;

use crate::model::{ProcId, World};

/// The whole state of the program.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// What is, after all facts so far.
    pub world: World,
    /// What is selected, folded, shown.
    pub view: View,
    /// What was pressed and waits for its key: digits, `*`, `'`.
    pub prefix: Prefix,
    /// What lies on top of the main screen.
    pub layer: Option<Layer>,
    /// Whether a key is asked about before it is done.
    pub asking: bool,
    /// A sentence for the student: why a key did nothing, or what just happened. Gone with the next key.
    pub notice: Option<String>,
    /// What was read from /proc on demand.
    pub looks: Looks,
    /// The most lab processes there may be, living and zombies.
    pub limit: u32,
    /// The program that is stepped through; none in the playground.
    pub source: Option<Source>,
    /// How the program is stepped.
    pub stepping: stepping::Stepping,
    /// The breakpoint that a run has gone on from.
    passed_breakpoint: Option<(ProcId, u32)>,
}

/// What is selected, folded and shown.
#[derive(Clone, Debug)]
pub struct View {
    /// The process that keys go to.
    pub selected: ProcId,
    /// To whom the selection passes, in this order, when its process is gone: the next siblings, the previous,
    /// the ancestors.
    heirs: Vec<ProcId>,
    /// Processes with what is below them folded away.
    pub folded: BTreeSet<ProcId>,
    /// The bottom pane.
    pub pane: Pane,
    /// Few and large things.
    pub presenter: bool,
    /// The colours.
    pub theme: Theme,
    /// ASCII instead of box drawing.
    pub ascii: bool,
    /// Whether the mouse is captured.
    pub mouse: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            selected: ProcId::Screen,
            heirs: Vec::new(),
            folded: BTreeSet::new(),
            pane: Pane::Events,
            presenter: false,
            theme: Theme::Dark,
            ascii: false,
            mouse: false,
        }
    }
}

/// What the bottom pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Pane {
    /// What happened.
    #[default]
    Events,
    /// What processes wrote.
    Output,
    /// Which process holds which descriptor.
    Descriptors,
    /// What ps(1) prints of the same processes.
    Ps,
}

impl Pane {
    /// All panes, in the order in which v shows them.
    pub const ALL: [Self; 4] = [Self::Events, Self::Output, Self::Descriptors, Self::Ps];

    /// The pane after this.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|pane| *pane == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// What stands in its frame.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Events => "What happened",
            Self::Output => "Output",
            Self::Descriptors => "Descriptors",
            Self::Ps => "ps",
        }
    }
}

/// A set of colours.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
pub enum Theme {
    /// For a dark terminal.
    #[default]
    Dark,
    /// For a light one.
    Light,
    /// For projectors: bold and reversed instead of tinted.
    Contrast,
    /// No colour at all.
    Plain,
}

impl Theme {
    /// The theme after this.
    pub const fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Contrast,
            Self::Contrast => Self::Plain,
            Self::Plain => Self::Dark,
        }
    }

    /// Its name, as `--theme` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "contrast",
            Self::Plain => "plain",
        }
    }
}

/// What was pressed and waits for its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix {
    /// A count or an argument, as typed.
    pub digits: String,
    /// Every lab process that can.
    pub all: bool,
    /// After `'`: the letters so far.
    pub goto: Option<String>,
}

impl Prefix {
    /// Whether nothing is pending.
    pub const fn is_empty(&self) -> bool {
        self.digits.is_empty() && !self.all && self.goto.is_none()
    }
}

/// What lies on top of the main screen.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The keys.
    Help {
        /// The first line shown.
        top: usize,
    },
    /// What there is, and scenes.
    Menu {
        /// Which entry is marked.
        chosen: usize,
    },
    /// A line being typed.
    Prompt(prompt::Prompt),
    /// What the key would do; Enter does it.
    Ask(ask::Question),
    /// Whether to go although processes live.
    Confirm(Confirm),
    /// The lines of /proc.
    Evidence {
        /// The first line shown.
        top: usize,
    },
}

/// What is asked about while lab processes live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// Quitting.
    Quit,
    /// Starting again.
    Restart,
    /// Starting again with the scene of that number.
    Scene(usize),
}

/// What was read on demand, as lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// What /proc says of the selected process.
    pub evidence: Vec<String>,
    /// The ps(1) command and what it printed.
    pub ps: Vec<String>,
}

/// What of the view a new start keeps.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    pane: Pane,
    presenter: bool,
    theme: Theme,
    mouse: bool,
    asking: bool,
}

impl App {
    /// What of the view is to be kept over a new start.
    pub fn keep(&self) -> serde_json::Value {
        let View {
            pane,
            presenter,
            theme,
            mouse,
            ..
        } = self.view;
        serde_json::to_value(Kept {
            pane,
            presenter,
            theme,
            mouse,
            asking: self.asking,
        })
        .unwrap_or_default()
    }

    /// Takes on what was kept.
    pub fn restore(&mut self, kept: &serde_json::Value) {
        if let Ok(Kept {
            pane,
            presenter,
            theme,
            mouse,
            asking,
        }) = serde_json::from_value(kept.clone())
        {
            self.view = View {
                pane,
                presenter,
                theme,
                mouse,
                ..std::mem::take(&mut self.view)
            };
            self.asking = asking;
        }
    }
}
