//! The state of the program and what keys do to it.
//!
//! [`App`] is plain state; [`App::press`] and its kin change it and return [`Effect`]s as values, which an engine
//! performs; what comes of them returns as facts. Nothing in here makes a system call, draws, or reads a clock.

pub mod archive;
pub mod ask;
pub mod command;
pub mod effect;
pub mod engine;
pub mod flood;
pub mod key;
pub mod lesson;
pub mod outlook;
pub mod past;
pub mod player;
pub mod prompt;
pub mod quiz;
pub mod refuse;
pub mod replay;
pub mod save;
pub mod scene;
pub mod script;
pub mod session;
pub mod source;
pub mod stage;
pub mod stepping;
pub mod table;
pub mod tracing;
mod update;

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

pub use command::Command;
pub use effect::{Effect, Look};
pub use key::Key;
pub use past::Travel;
pub use source::Source;

use crate::model::lanes::{Lanes, Scale};
use crate::model::{ProcId, Time, World};

/// The whole state of the program.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// What is shown: what is after all facts so far, or in the past what was after some of them.
    pub world: World,
    /// What goes on meanwhile.
    past: Option<Box<past::Past>>,
    /// The recording that is shown; none where there are real processes.
    pub replay: Option<replay::State>,
    /// The file that is recorded to.
    pub recording: Option<PathBuf>,
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
    /// The lesson that is gone through, and the others; none where there are none.
    pub lessons: Option<Box<lesson::Lessons>>,
    /// What it can do, as far as that is known; none where it cannot be found out.
    pub outlook: Option<Box<outlook::Outlook>>,
    /// The steps of a run that is gone on real processes: who is to take the next one.
    pub plan: VecDeque<ProcId>,
    /// The quiz that is gone through.
    pub quiz: Option<Box<quiz::Sitting>>,
    /// How the program is stepped.
    pub stepping: stepping::Stepping,
    /// What there is to a program that is traced; none where none is.
    pub tracing: Option<tracing::Tracing>,
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
    /// How much time the lanes show.
    pub zoom: Zoom,
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
            zoom: Zoom::default(),
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
    /// A lane for each process, time to the right.
    Lanes,
    /// Which process holds which descriptor.
    Descriptors,
    /// What ps(1) prints of the same processes.
    Ps,
}

impl Pane {
    /// All panes, in the order in which v shows them.
    pub const ALL: [Self; 5] = [
        Self::Events,
        Self::Output,
        Self::Lanes,
        Self::Descriptors,
        Self::Ps,
    ];

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
            Self::Lanes => "Lanes",
            Self::Descriptors => "Descriptors",
            Self::Ps => "ps",
        }
    }
}

/// How much time the lanes show: the closest is 0, and from some number on time goes by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Zoom(usize);

impl Default for Zoom {
    fn default() -> Self {
        Self(1)
    }
}

impl Zoom {
    const SCALES: [Scale; 8] = [
        Scale::ByEvent(12),
        Scale::ByEvent(6),
        Scale::ByEvent(3),
        Scale::ByEvent(1),
        Scale::ByClock(Time(10_000)),
        Scale::ByClock(Time(100_000)),
        Scale::ByClock(Time(1_000_000)),
        Scale::ByClock(Time(10_000_000)),
    ];

    /// What a column stands for.
    pub fn scale(self) -> Scale {
        Self::SCALES[self.0.min(Self::SCALES.len() - 1)]
    }

    /// Less time, closer.
    pub const fn closer(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// More time, wider.
    pub fn wider(self) -> Self {
        Self((self.0 + 1).min(Self::SCALES.len() - 1))
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
    /// The lessons, by chapter.
    Lessons {
        /// Which entry is marked.
        chosen: usize,
    },
    /// What the program can do, beside what it did in real runs.
    Outlook {
        /// Which outcome is marked.
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
    /// Starting again with the lesson of that number.
    Lesson(usize),
    /// Playing the lesson's solution.
    Solution,
    /// Starting again, to go the run to the outcome of that number.
    Outcome(usize),
}

/// What was read on demand.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// What /proc says of the selected process.
    pub evidence: Vec<String>,
    /// The ps(1) command and what it printed.
    pub ps: Vec<String>,
    /// The lanes around what is shown, after how many facts of how many.
    pub lanes: Option<((u64, u64), Box<Lanes>)>,
}

/// What of the view a new start keeps.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    pane: Pane,
    zoom: Zoom,
    presenter: bool,
    theme: Theme,
    mouse: bool,
    asking: bool,
    recording: Option<PathBuf>,
    #[serde(default)]
    lesson: Option<lesson::Wanted>,
    #[serde(default)]
    plan: Option<Vec<ProcId>>,
    #[serde(default)]
    answers: Vec<usize>,
}

impl App {
    /// Whether there is a program that is stepped: interpreted, or traced.
    pub const fn is_stepping(&self) -> bool {
        self.source.is_some() || self.tracing.is_some()
    }

    /// The file in which the selected process of a traced program stands.
    fn file_to_list(&self) -> Option<&str> {
        self.tracing.as_ref()?;
        let line = self.world.get(self.view.selected)?.line.as_ref();
        line.filter(|line| line.line > 0)?.file.as_deref()
    }

    /// What of the view is to be kept over a new start.
    pub fn keep(&self) -> serde_json::Value {
        let View {
            pane,
            zoom,
            presenter,
            theme,
            mouse,
            ..
        } = self.view;
        serde_json::to_value(Kept {
            pane,
            zoom,
            presenter,
            theme,
            mouse,
            asking: self.asking,
            recording: self.recording.clone(),
            lesson: self.wanted(),
            answers: self
                .quiz
                .as_ref()
                .map(|sitting| sitting.kept())
                .unwrap_or_default(),
            plan: self.outlook.as_ref().and_then(|outlook| outlook.chosen.clone()),
        })
        .unwrap_or_default()
    }

    /// The lesson that what was kept asks for.
    pub fn kept_lesson(kept: &serde_json::Value) -> Option<lesson::Wanted> {
        serde_json::from_value::<Kept>(kept.clone()).ok()?.lesson
    }

    /// Takes on what was kept.
    pub fn restore(&mut self, kept: &serde_json::Value) {
        if let Ok(Kept {
            pane,
            zoom,
            presenter,
            theme,
            mouse,
            asking,
            recording,
            lesson: _,
            plan,
            answers: _,
        }) = serde_json::from_value(kept.clone())
        {
            self.view = View {
                pane,
                zoom,
                presenter,
                theme,
                mouse,
                ..std::mem::take(&mut self.view)
            };
            self.asking = asking;
            self.recording = recording;
            if let Some(plan) = plan {
                self.plan = plan.into();
                self.notice = Some("n takes the next step of this run, r runs it, Esc leaves it.".to_owned());
            }
        }
    }
}
