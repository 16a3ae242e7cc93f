//! Pictures of the past, of lanes and of replays; and what the keys of the past do.

use super::story::{Story, id};
use super::{check, check_80, family};
use crate::app::replay::State;
use crate::app::{Effect, Key, Pane};
use crate::journal::Speed;
use crate::model::ProcId;

/// The story of the lanes that SCREENS tells, to its end.
fn whole() -> Story {
    let mut story = family();
    story.wait("A").reap("A", "C", 7);
    story
}

fn with_lanes() -> Story {
    let mut story = whole();
    story.app.view.pane = Pane::Lanes;
    story.press_key(Key::Esc);
    story
}

/// The same told by a recording.
fn replayed(following: bool, playing: bool) -> Story {
    let mut story = whole();
    story.app.replay = Some(State {
        name: "orphan.jsonl".to_owned(),
        following,
        playing,
        speed: Speed::default(),
    });
    story
}

#[test]
fn the_past_is_plainly_past() {
    check_80("past", whole().press("3,"));
    check("past_60x18", &whole().press("3,").app, 60, 18);
    check("past_40x10", &whole().press("3,").app, 40, 10);
    check_80("past_refused", whole().press("3,f"));
    let mut story = whole();
    story.app.view.ascii = true;
    check_80("past_ascii", story.press("3,"));
}

#[test]
fn lanes() {
    check_80("lanes", &with_lanes());
    check("lanes_120x40", &with_lanes().app, 120, 40);
    check_80("lanes_closer", with_lanes().press("z"));
    check_80("lanes_wider", with_lanes().press("Z"));
    check_80("lanes_by_clock", with_lanes().press("ZZZ"));
    check_80("lanes_past", with_lanes().press("4,"));
    let mut story = with_lanes();
    story.app.view.ascii = true;
    check("lanes_ascii", &story.press("4,").app, 80, 40);
    let mut story = Story::new();
    story.app.view.pane = Pane::Lanes;
    check_80("lanes_fresh", &story);
}

#[test]
fn a_replay() {
    check_80("replay", replayed(false, false).press("3,"));
    check_80("replay_playing", replayed(false, true).press("3,"));
    check_80("replay_end", &replayed(false, false));
    check_80("replay_refused", replayed(false, false).press("3,x"));
    check_80("following", &replayed(true, false));
    check_80("following_past", replayed(true, false).press("3,"));
}

/// After these keys the screen shows so many events of the fourteen, and this process is selected.
fn check_keys(select: &str, keys: &[Key], told: u64, selected: &str) {
    let mut story = whole();
    story.select(select);
    for key in keys {
        story.press_key(*key);
    }
    let (app, last) = (&story.app, whole().app.world.told());
    let shown = (app.world.told(), app.live().told(), app.view.selected);
    assert_eq!(shown, (told, last, id(selected)), "after {keys:?} at {select}");
    assert_eq!(app.is_past(), told < last);
}

fn keys(text: &str) -> Vec<Key> {
    text.chars()
        .map(|c| if c == '\u{1b}' { Key::Esc } else { Key::Char(c) })
        .collect()
}

#[test]
fn keys_lead_through_time() {
    let last = whole().app.world.told();
    let check = |select, text: &str, told, selected| check_keys(select, &keys(text), told, selected);
    check("A", ",", last - 1, "A");
    check("A", "5,", last - 5, "A");
    check("A", "5,..", last - 3, "A");
    check("A", "5,9.", last, "A");
    check("A", "5,\u{1b}", last, "A");
    check("A", "999,", 1, "keeper");
    check("A", "999,,", 1, "keeper");
    check("A", ".", last, "A");
    // D was born sixth and exec'd eighth.
    check("D", "<", 8, "D");
    check("D", "<<", 6, "D");
    check("D", "9<>", 8, "D");
    check("D", "<>", 8, "D");
}

#[test]
fn the_selection_survives_a_look_back() {
    // Before E is born, its place is another's; where it is, it is selected again.
    check_keys("E", &keys("999,"), 1, "keeper");
    check_keys("E", &keys("999,9."), 10, "E");
    check_keys("E", &keys("999,\u{1b}"), whole().app.world.told(), "E");
}

#[test]
fn the_live_world_goes_on_underneath() {
    let mut story = whole();
    story.press("5,");
    let shown = story.app.world.clone();
    story.killed("D", crate::model::Signal::KILL);
    assert_eq!(story.app.world, shown);
    assert!(
        story
            .app
            .live()
            .get(id("D"))
            .is_some_and(crate::model::Process::is_zombie)
    );
    story.press_key(Key::Esc);
    assert!(
        story
            .app
            .world
            .get(id("D"))
            .is_some_and(crate::model::Process::is_zombie)
    );
}

#[test]
fn in_the_past_no_key_reaches_a_process() {
    let mut story = whole();
    story.select("D").press("5,");
    for key in "feWwk9kxiuU*f".chars() {
        let effects = story.app.press(Key::Char(key));
        assert_eq!(effects, [], "{key}");
    }
    assert!(
        story
            .app
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("PAST"))
    );
    // Whether processes live is asked of what is.
    story.press("99,q");
    assert!(story.app.layer.is_some());
}

#[test]
fn what_is_pressed_while_looking_back_is_no_part_of_the_session() {
    let is_fact = |effects: Vec<Effect>| effects.iter().any(|effect| matches!(effect, Effect::Fact(_)));
    let mut story = whole();
    assert!(!is_fact(story.app.press(Key::Char(','))));
    assert!(is_fact(story.app.press(Key::Char('t'))));
    story.press(",");
    assert!(!is_fact(story.app.press(Key::Char('t'))));
    assert_eq!(
        story.app.view.selected,
        story.app.view.selected.max(ProcId::Keeper)
    );
}
