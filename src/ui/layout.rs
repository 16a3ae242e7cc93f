//! Where everything stands, worked out from the window and from what is open; drawing and the mouse both ask here.
//!
//! Heights follow from the window, not from what fills them: so nothing jumps while processes come and go.

use ratatui::layout::Rect;

use super::layers;
use crate::app::{App, Pane};

/// The least window that anything can be drawn in.
pub const LEAST: (u16, u16) = (40, 10);

/// In a window smaller than this the screen is the presenter's, whether asked for or not.
const FULL: (u16, u16) = (70, 20);

/// The widest that the listing becomes.
const LISTING: u16 = 84;

/// From this height on, variables and output stand below the tree.
const ROOM_FOR_THREE: u16 = 8;

/// The lesson, its rule included: a question of two lines, and four choices.
const LESSON: u16 = 7;

/// From this height on, a lesson leaves room for what explains the processes too.
const ROOM_FOR_ALL: u16 = 32;

/// The lines of the tree that stay in view whatever opens below it.
const TREE_KEPT: u16 = 5;

/// The parts of the screen. A part that is not shown has no height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Few things: no pane, no columns that can be missed.
    pub presenter: bool,
    /// Whether the tree's columns have heads.
    pub heads: bool,
    /// What this is, and the counts.
    pub header: Rect,
    /// The tree, with the heads of its columns.
    pub tree: Rect,
    /// What stands beside the tree while a program is stepped through.
    pub stepping: Option<Stepping>,
    /// The selected process, explained.
    pub about: Rect,
    /// The bottom pane.
    pub pane: Rect,
    /// The lesson.
    pub lesson: Rect,
    /// What lies on top, in the place of `about` and `pane`, or of all.
    pub layer: Rect,
    /// A sentence for the student.
    pub notice: Rect,
    /// The keys.
    pub hints: Rect,
}

/// The listing at the left, and below the tree at the right what the program has and what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepping {
    /// The program's text.
    pub listing: Rect,
    /// The variables, side by side.
    pub variables: Rect,
    /// What the program wrote.
    pub output: Rect,
}

impl Layout {
    /// The layout of that window; none where it is too small for any.
    pub fn new(app: &App, window: Rect) -> Option<Self> {
        if window.width < LEAST.0 || window.height < LEAST.1 {
            return None;
        }
        let presenter = app.view.presenter || window.width < FULL.0 || window.height < FULL.1;
        let mut heights = match (presenter, &app.source) {
            _ if is_about_quiz(app) => Heights::question(window.height),
            _ if app.attempt().is_some() || app.quiz.is_some() => {
                Heights::lesson(window.height, presenter, app)
            }
            (true, _) => Heights::presenter(window.height),
            (false, Some(_)) => Heights::stepping(window.height),
            (false, None) => Heights::full(window.height, app.view.pane),
        };
        if let Some(layer) = &app.layer {
            heights.open(layers::wanted(app, layer, window.width));
        }
        let mut layout = heights.place(presenter, window);
        if app.source.is_some() {
            layout.split(app);
        }
        Some(layout)
    }

    /// Gives the tree's place to the listing, and what is right of it to the tree and what belongs to it. In a lesson or a
    /// quiz the tree gets more of it, half if it needs that: there the programs are short, and have few variables. When
    /// all is over only the output is of interest.
    fn split(&mut self, app: &App) {
        let body = self.tree;
        let left = (body.width * 21 / 40).min(LISTING);
        let listing = Rect { width: left, ..body };
        // One column for the line between the two halves.
        let right = Rect {
            x: body.x + left + 1,
            width: body.width - left - 1,
            ..body
        };
        let part = |y, height| Rect {
            y: right.y + y,
            height,
            ..right
        };
        let is_lesson = app.attempt().is_some() || app.quiz.is_some();
        let is_over = app.world.reaped() > 0 && app.world.alive() + app.world.zombies() == 0;
        let rows = app
            .world
            .processes()
            .filter(|process| process.id.is_lab())
            .count();
        let (tree, variables) = match body.height {
            few if few < ROOM_FOR_THREE => (few, 0),
            many if is_lesson && is_over => (many * 5 / 12, 0),
            many if is_lesson => ((many / 2).min(rows as u16).max(many * 5 / 12), many / 3),
            many => (many / 4, (many - many / 4) * 2 / 3),
        };
        self.heads = false;
        self.tree = part(0, tree);
        self.stepping = Some(Stepping {
            listing,
            variables: part(tree, variables),
            output: part(tree + variables, body.height - tree - variables),
        });
    }
}

/// Whether a question or a result stands on the screen, for which there are no processes to see.
fn is_about_quiz(app: &App) -> bool {
    app.quiz
        .as_ref()
        .is_some_and(|sitting| sitting.answer().is_none())
}

/// The heights, from top to bottom.
#[derive(Clone, Copy, Default)]
struct Heights {
    header: u16,
    tree: u16,
    about: u16,
    pane: u16,
    lesson: u16,
    layer: u16,
    notice: u16,
    hints: u16,
}

impl Heights {
    fn full(height: u16, pane: Pane) -> Self {
        let mut heights = Self {
            header: 2,
            about: if height >= 24 { 5 } else { 4 },
            notice: 2,
            hints: 1,
            ..Self::default()
        };
        let left = height - heights.sum();
        // The tree has a line for its heads, the pane one for its rule.
        heights.pane = match pane {
            Pane::Events => left / 3,
            Pane::Lanes => left * 2 / 3,
            Pane::Output | Pane::Descriptors | Pane::Ps => left / 2,
        };
        heights.tree = left - heights.pane;
        heights
    }

    /// The listing needs most; what happened is in it, so a few events do.
    fn stepping(height: u16) -> Self {
        let mut heights = Self {
            header: 2,
            about: 4,
            notice: 2,
            hints: 1,
            ..Self::default()
        };
        let left = height - heights.sum();
        heights.pane = left / 4;
        heights.tree = left - heights.pane;
        heights
    }

    fn presenter(height: u16) -> Self {
        let roomy = height >= 16;
        let mut heights = Self {
            header: 1,
            about: if roomy { 4 } else { 3 },
            notice: if roomy { 2 } else { 1 },
            hints: 1,
            ..Self::default()
        };
        heights.tree = height - heights.sum();
        heights
    }

    /// The lesson explains; in a large window the selected process and what happened are explained too. In a small
    /// one the listing needs their room.
    fn lesson(height: u16, presenter: bool, app: &App) -> Self {
        let bar = if presenter { 1 } else { 2 };
        let mut heights = Self {
            header: bar,
            lesson: LESSON.min(height / 2 - 1),
            notice: if height < 16 { 1 } else { 2 },
            hints: 1,
            ..Self::default()
        };
        let left = height - heights.sum();
        let is_tall = height >= ROOM_FOR_ALL;
        (heights.about, heights.pane) = match app.view.pane {
            _ if presenter => (0, 0),
            _ if is_tall => (5, (left - 5) / 4),
            // A quiz shows its answer in the tree.
            Pane::Events if app.source.is_some() || app.quiz.is_some() => (0, 0),
            Pane::Events => (4, 0),
            _ => (0, 5),
        };
        heights.tree = left - heights.about - heights.pane;
        heights
    }

    /// A question of a quiz has all the room: its answers may be trees. Its own rule closes the header.
    fn question(height: u16) -> Self {
        let mut heights = Self {
            header: 1,
            notice: if height < 16 { 1 } else { 2 },
            hints: 1,
            ..Self::default()
        };
        heights.lesson = height - heights.sum();
        heights
    }

    /// A layer takes the place of what explains, and as much of the tree as it must.
    fn open(&mut self, wanted: u16) {
        let below = self.about + self.pane + self.lesson;
        let kept = TREE_KEPT.min(self.tree);
        let room = if wanted == u16::MAX {
            below + self.tree
        } else {
            wanted.clamp(below, below + self.tree - kept)
        };
        self.tree -= room - below;
        self.about = 0;
        self.pane = 0;
        self.lesson = 0;
        // Below the header's rule another would follow at once.
        let rule = if self.tree == 0 { self.header - 1 } else { 0 };
        self.header -= rule;
        self.layer = room + rule;
    }

    const fn sum(&self) -> u16 {
        self.header + self.tree + self.about + self.pane + self.lesson + self.layer + self.notice + self.hints
    }

    fn place(self, presenter: bool, window: Rect) -> Layout {
        let mut y = window.y;
        let mut next = |height| {
            let part = Rect { y, height, ..window };
            y += height;
            part
        };
        Layout {
            presenter,
            heads: !presenter,
            stepping: None,
            header: next(self.header),
            tree: next(self.tree),
            about: next(self.about),
            pane: next(self.pane),
            lesson: next(self.lesson),
            layer: next(self.layer),
            notice: next(self.notice),
            hints: next(self.hints),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Confirm, Layer};

    #[test]
    fn the_parts_fill_the_window() {
        let layers = [
            None,
            Some(Layer::Help { top: 0 }),
            Some(Layer::Confirm(Confirm::Quit)),
        ];
        for layer in layers {
            for presenter in [false, true] {
                for (width, height) in [
                    (40, 10),
                    (60, 18),
                    (69, 50),
                    (80, 19),
                    (80, 24),
                    (120, 40),
                    (300, 90),
                ] {
                    let mut app = App::new(40);
                    app.layer.clone_from(&layer);
                    app.view.presenter = presenter;
                    let window = Rect::new(0, 0, width, height);
                    let at = Layout::new(&app, window).expect("large enough");
                    let parts = [
                        at.header, at.tree, at.about, at.pane, at.layer, at.notice, at.hints,
                    ];
                    let sum: u16 = parts.iter().map(|part| part.height).sum();
                    assert_eq!(sum, height, "{width}x{height}");
                    assert!(parts.iter().all(|part| part.bottom() <= height));
                }
            }
        }
    }

    #[test]
    fn what_is_too_small_has_no_layout() {
        for (width, height) in [(39, 24), (80, 9), (0, 0)] {
            assert_eq!(Layout::new(&App::new(40), Rect::new(0, 0, width, height)), None);
        }
    }
}
