//! Pictures of what is possible beside what was seen.

use super::story::Story;
use super::{check, sizes};
use crate::app::outlook::{End, Found, Outlook, Possible};
use crate::app::{Key, Layer};
use crate::model::ProcId;

const fn end(output: String, stuck: u32) -> End {
    End {
        output,
        exit: if stuck == 0 { Some(0) } else { None },
        zombies: 0,
        orphans: 0,
        stuck,
    }
}

/// A program with its list opened, of which that is known.
fn opened(found: &[Found]) -> Story {
    let text = "#include <unistd.h>\nint main(void) {\n    fork();\n    return 0;\n}\n";
    let mut story = Story::of_program("order.c", text);
    story.app.outlook = Some(Box::new(Outlook::new("order.c", text, false)));
    story.press("H");
    let outlook = story.app.outlook.as_mut().expect("it is there");
    for found in found {
        let line = serde_json::to_string(found).expect("json");
        outlook.survey.learn(&line);
    }
    story
}

fn order(letters: &str) -> String {
    let line = |letter: char| ["child ".to_owned(), letter.to_string(), "\n".to_owned()];
    letters.chars().flat_map(line).collect()
}

fn outcomes(why: Option<&str>) -> Found {
    let possible = |end| Possible {
        end,
        gone: 4,
        run: Some(vec![ProcId::lab(0); 14]),
    };
    let orders = ["abc", "acb", "bac", "bca", "cab", "cba"];
    let mut outcomes: Vec<Possible> = orders
        .iter()
        .map(|letters| possible(end(order(letters), 0)))
        .collect();
    outcomes.push(possible(end(order("ab"), 2)));
    outcomes.push(Possible {
        run: None,
        ..possible(end("parent <A> of <B>\n".to_owned(), 0))
    });
    Found::Outcomes {
        complete: why.is_none(),
        why: why.map(str::to_owned),
        outcomes,
    }
}

fn runs(letters: &str, count: usize) -> Vec<Found> {
    vec![Found::Run(end(order(letters), 0)); count]
}

#[test]
fn before_anything_is_known() {
    sizes("outlook_begun", &opened(&[]).app);
}

#[test]
fn possible_beside_seen() {
    let mut found = vec![outcomes(None)];
    found.extend(runs("abc", 46));
    found.extend(runs("bac", 3));
    found.extend([Found::Run(end("now it is 12:04\n".to_owned(), 0))]);
    let mut story = opened(&found);
    story.app.outlook.as_mut().expect("it is there").survey.close();
    sizes("outlook", &story.app);
    story.press_key(Key::Down).press_key(Key::Down);
    story.app.view.ascii = true;
    check("outlook_ascii", &story.app, 80, 24);
    story.app.view.ascii = false;
    // Where no order of steps leads, Enter says so.
    story.press_key(Key::End).press_key(Key::Enter);
    check("outlook_no_way", &story.app, 80, 24);
    story.press_key(Key::Home).press_key(Key::Enter);
    check("outlook_confirm", &story.app, 80, 24);
}

#[test]
fn more_may_be_possible() {
    let mut found = runs("abc", 12);
    found.push(outcomes(Some("the search ended at its bound of 200000 states")));
    check("outlook_incomplete", &opened(&found).app, 80, 24);
}

#[test]
fn runs_that_were_left() {
    let mut found = runs("abc", 47);
    found.extend([Found::Unfinished, Found::Unfinished, Found::Unfinished]);
    found.push(outcomes(None));
    let mut story = opened(&found);
    story.app.outlook.as_mut().expect("it is there").survey.close();
    check("outlook_left", &story.app, 80, 24);
}

#[test]
fn a_run_that_is_gone() {
    let mut story = opened(&[outcomes(None)]);
    story.press("q");
    story.app.plan = vec![ProcId::lab(0), ProcId::lab(0), ProcId::lab(1)].into();
    story.press("n");
    check("outlook_run", &story.app, 80, 24);
    assert_eq!(story.app.plan.len(), 2);
    // B is not there yet.
    story.press("nn");
    assert_eq!(story.app.plan.len(), 1);
    story.app.press(Key::Esc);
    assert!(story.app.plan.is_empty() && !matches!(story.app.layer, Some(Layer::Outlook { .. })));
}

#[test]
fn there_is_nothing_to_find_in_the_playground() {
    let mut story = Story::with_a();
    story.press("H");
    assert!(story.app.layer.is_none() && story.app.notice.is_some());
}
