//! The selected process, explained: what it is, why it is in its state, and a command that shows the same elsewhere.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::model::event::Action;
use crate::model::explain;
use crate::model::{Process, Signal};
use crate::ui::layout::Layout;
use crate::ui::paint::{self, span};
use crate::ui::text::{clip, wrap_to};
use crate::ui::theme::Ink;

/// Draws the explanation. Where not all of it fits, the command to check it by gives way first.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) {
    let area = layout.about;
    let Some(process) = app.world.get(app.view.selected) else {
        paint::rule(app, buf, area, &[], "");
        return;
    };
    let mut title = vec![span(app, process.id.to_string(), Ink::Title)];
    if !layout.presenter {
        let room = usize::from(area.width).saturating_sub(12);
        title.push(Span::raw(clip(&facts(process), room)));
    }
    paint::rule(app, buf, area, &title, "");

    let columns = usize::from(area.width).saturating_sub(2);
    let height = usize::from(area.height).saturating_sub(1);
    let mut lines: Vec<Line<'_>> = wrap_to(&explain::about(&app.world, process), columns, height)
        .into_iter()
        .map(|line| Line::from(format!(" {line}")))
        .collect();
    if let Some(status) = process.status().filter(|_| !process.is_alive()) {
        let bits = explain::status_bits(status);
        lines.push(Line::from(vec![
            Span::raw(" status:  "),
            span(app, bits, Ink::Call),
        ]));
    }
    lines.push(check(app, process));
    paint::lines(buf, area, 1, lines);
}

fn check(app: &App, process: &Process) -> Line<'static> {
    let check = explain::check(&app.world, process);
    // In ASCII the arrow is a shell's redirection, and this line is there to be typed.
    let shows = if app.view.ascii { "   shows  " } else { "  →  " };
    Line::from(vec![
        Span::raw(" check it:  "),
        span(app, check.command, Ink::Call),
        Span::raw(shows),
        Span::raw(check.shows),
    ])
}

/// What else there is to know of it: its program, its group and session, and what it does about its children.
fn facts(process: &Process) -> String {
    let mut facts = vec![
        String::new(),
        format!("pid {}", process.pid),
        format!("group {}", process.pgid),
        format!("session {}", process.sid),
    ];
    // What is last is what a narrow window cuts.
    if process.threads > 1 && process.is_alive() {
        facts.insert(2, format!("{} threads", process.threads));
    }
    if !process.argv.is_empty() && !process.is_zombie() {
        facts.insert(1, process.program());
    }
    if process.subreaper {
        facts.push("subreaper".to_owned());
    }
    if process.action(Signal::CHLD) == Action::Ignore {
        facts.push("ignores SIGCHLD".to_owned());
    }
    facts.join(" · ")
}
