//! The lanes: what textbooks draw of a session. A lane for each process, time to the right, and in the past a cursor
//! across them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::{App, Pane};
use crate::model::ProcId;
use crate::model::lanes::{Class, Glyph, Lanes, Picture, Scale, Symbols, View};
use crate::ui::paint::{self, span};
use crate::ui::text::fit;
use crate::ui::theme::Ink;

/// The column of the names: as wide as `keeper` and `screen`.
const NAME: usize = 6;

/// What stands before the lanes: the mark of the selected, the name, a blank.
const BEFORE: u16 = NAME as u16 + 2;

/// The least lines in which there is room for what the signs mean.
const ROOM_FOR_LEGEND: u16 = 4;

/// Draws the pane: as much of the lanes as there is room for, with what is shown elsewhere on the screen in view.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let scale = app.view.zoom.scale();
    let end = format!("{} ─ {}", how(scale), crate::ui::past::place(app));
    paint::rule(
        app,
        buf,
        area,
        &[span(app, Pane::Lanes.title(), Ink::Title)],
        &end,
    );
    let mut body = paint::below(area, 1);
    let symbols = if app.view.ascii {
        Symbols::Ascii
    } else {
        Symbols::Unicode
    };
    let Some((_, lanes)) = app.looks.lanes.as_ref().filter(|(_, lanes)| lanes.strokes() > 0) else {
        paint::line(
            buf,
            body,
            0,
            &Line::from(" Nothing that makes a lane has happened yet."),
        );
        return;
    };
    if body.height >= ROOM_FOR_LEGEND {
        body.height -= 1;
        let legend = Line::from(format!(" {}", Lanes::legend(symbols)));
        let last = Rect {
            y: body.bottom(),
            height: 1,
            ..body
        };
        paint::line(buf, last, 0, &legend);
    }
    let width = body.width.saturating_sub(BEFORE).into();
    let cursor = lanes.column_of(app.world.applied(), scale);
    let total = lanes.width(scale);
    let from = if app.is_past() {
        paint::window(total, width, cursor)
    } else {
        total.saturating_sub(width)
    };
    let picture = lanes.draw(&View {
        scale,
        from,
        width,
        symbols,
    });
    draw_picture(app, &picture, body, buf);
    if app.is_past() {
        draw_cursor(body, cursor.saturating_sub(from), &picture, buf);
    }
}

/// How time becomes room, in words.
fn how(scale: Scale) -> String {
    match scale {
        Scale::ByEvent(_) => "by event".to_owned(),
        Scale::ByClock(each) => format!("by clock, {} s a column", each.seconds()),
    }
}

/// The lanes, the selected one in view, and below them the notes if there is room.
fn draw_picture(app: &App, picture: &Picture, body: Rect, buf: &mut Buffer) {
    let selected = |id: ProcId| id == app.view.selected;
    let at = picture
        .lanes
        .iter()
        .position(|lane| selected(lane.id))
        .unwrap_or(0);
    let start = paint::window(picture.lanes.len(), body.height.into(), at);
    let lanes = picture.lanes.iter().skip(start).map(|lane| {
        let (mark, of) = if selected(lane.id) {
            ("▶", Ink::Selected)
        } else {
            (" ", Ink::Name)
        };
        let name = format!("{} ", fit(&lane.id.to_string(), NAME));
        row(
            app,
            vec![span(app, mark, Ink::Pointer), span(app, name, of)],
            &lane.glyphs,
        )
    });
    let notes = picture
        .notes
        .iter()
        .map(|note| row(app, vec![Span::raw(" ".repeat(BEFORE.into()))], note));
    paint::lines(buf, body, 0, lanes.chain(notes));
}

/// A lane or a note, after what stands before it.
fn row(app: &App, before: Vec<Span<'static>>, glyphs: &[Glyph]) -> Line<'static> {
    let mut line = Line::from(before);
    line.extend(glyphs.iter().map(|glyph| drawn(app, *glyph)));
    line
}

fn drawn(app: &App, glyph: Glyph) -> Span<'static> {
    let of = match glyph.class {
        Class::Blank | Class::Alive | Class::Edge => Ink::Text,
        Class::Program => Ink::Call,
        Class::Waiting => Ink::Waiting,
        Class::Zombie => Ink::Stopped,
        Class::Ended => Ink::Complaint,
        Class::Reaped => Ink::Born,
        Class::Adopted => Ink::Moved,
    };
    span(app, glyph.symbol.to_string(), of)
}

/// A line across all lanes, at what is shown: what is there is reversed, and where nothing is it can be seen too.
fn draw_cursor(body: Rect, column: usize, picture: &Picture, buf: &mut Buffer) {
    let x = body.x + BEFORE + column as u16;
    let rows = (picture.lanes.len() as u16).min(body.height);
    if x >= body.right().min(buf.area.right()) {
        return;
    }
    for y in body.top()..body.top() + rows {
        let cell = &mut buf[(x, y)];
        if cell.symbol() == " " {
            cell.set_symbol("┊");
        }
        cell.modifier.insert(Modifier::REVERSED);
    }
}
