use super::*;

/// Facts as JSON without their time, which is a second for each; a line may name the time itself.
fn lanes(facts: &[&str]) -> Lanes {
    let mut lanes = Lanes::new(World::default());
    for (n, fact) in facts.iter().enumerate() {
        let line = format!(r#"{{"t":{n},"pid":{},{fact}}}"#, 100 + fact.as_bytes()[8]);
        lanes.push(&serde_json::from_str(&line).expect("a fact"));
    }
    lanes
}

/// The facts look like this.
fn check(facts: &[&str], scale: Scale, symbols: Symbols, picture: &str) {
    let lanes = lanes(facts);
    let view = View {
        scale,
        from: 0,
        width: 78,
        symbols,
    };
    let drawn = lanes.draw(&view).to_string();
    assert_eq!(drawn.trim_end(), picture.trim_matches('\n'), "\n{drawn}");
}

const KEEPER: &str = r#""proc":"keeper","event":"born","parent":"9:bash""#;
const SCREEN: &str = r#""proc":"screen","event":"born","parent":"keeper""#;

/// The session that the sketch of the lanes shows.
const SKETCH: [&str; 16] = [
    r#""proc":"A","event":"fork","child":"B","ret":166"#,
    r#""proc":"B","event":"born","parent":"A""#,
    r#""proc":"A","event":"fork","child":"C","ret":167"#,
    r#""proc":"B","event":"fork","child":"D","ret":168"#,
    r#""proc":"C","event":"fork","child":"E","ret":169"#,
    r#""proc":"D","event":"exec","argv":["sleep"]"#,
    r#""proc":"B","event":"wait","target":-1"#,
    r#""proc":"C","event":"exit","status":{"exited":7}"#,
    r#""proc":"C","event":"zombie","status":{"exited":7}"#,
    r#""proc":"E","event":"adopted","from":"C","by":"keeper""#,
    r#""proc":"A","event":"wait","target":-1"#,
    r#""proc":"A","event":"wait","target":-1,"ret":167,"child":"C","status":{"exited":7}"#,
    r#""proc":"C","event":"reaped","by":"A""#,
    r#""proc":"D","event":"killed","status":{"signaled":"SIGKILL","core":false}"#,
    r#""proc":"B","event":"wait","target":-1,"ret":168,"child":"D","status":{"signaled":"SIGKILL"}"#,
    r#""proc":"D","event":"reaped","by":"B""#,
];

/// The sketch, beginning when keeper, screen and A are there.
fn sketch() -> Lanes {
    let mut world = World::default();
    for fact in [KEEPER, SCREEN, r#""proc":"A","event":"born","parent":"screen""#] {
        let line = format!(r#"{{"t":0,"pid":1,{fact}}}"#);
        world.apply(&serde_json::from_str(&line).expect("a fact"));
    }
    let mut lanes = Lanes::new(world);
    for (n, fact) in SKETCH.iter().enumerate() {
        let line = format!(r#"{{"t":{n},"pid":{},{fact}}}"#, 100 + fact.as_bytes()[8]);
        lanes.push(&serde_json::from_str(&line).expect("a fact"));
    }
    lanes
}

fn check_sketch(scale: Scale, symbols: Symbols, picture: &str) {
    let view = View {
        scale,
        from: 0,
        width: 72,
        symbols,
    };
    let drawn = sketch().draw(&view).to_string();
    assert_eq!(drawn.trim_end(), picture.trim_matches('\n'), "\n{drawn}");
}

#[test]
fn the_sketch() {
    check_sketch(
        Scale::ByEvent(6),
        Symbols::Unicode,
        r"
keeper ─────────────────────────────────────────────┬─────────────────────
A      ──────┬─────┬────────────────────────────────┼──◆──────────────────
B            └─────┼─────┬─────────────────w········┆··│···········◆──────
C                  └─────┼─────┬─────────────────x▒▒╫▒▒┘           │
D                        └─────┼─────e━━━━━━━━━━━━━━┿━━━━━━━━k▒▒▒▒▒┘
E                              └────────────────────▲─────────────────────
                                                    │ E: parent C → keeper
",
    );
}

#[test]
fn the_sketch_in_ascii_and_narrow() {
    check_sketch(
        Scale::ByEvent(2),
        Symbols::Ascii,
        r"
keeper ---------------+-------
A      --+-+----------+@------
B        +-+-+-----w..:|...@--
C          +-+-+-----x++   |
D            +-+-e====+==k#+
E              +------^-------
                      | E: parent C -> keeper
",
    );
}

#[test]
fn the_sketch_by_the_clock() {
    check_sketch(
        Scale::ByClock(Time(250_000)),
        Symbols::Unicode,
        r"
keeper ────────────────────────────────────┬────────────────────────
A      ┬───────┬───────────────────────────┼───────────◆────────────
B      └───────┼───┬───────────w···········┆···········│···········◆
C              └───┼───┬───────────x▒▒▒▒▒▒▒╫▒▒▒▒▒▒▒▒▒▒▒┘           │
D                  └───┼───e━━━━━━━━━━━━━━━┿━━━━━━━━━━━━━━━k▒▒▒▒▒▒▒┘
E                      └───────────────────▲────────────────────────
                                           │ E: parent C → keeper
",
    );
}

#[test]
fn a_death_moves_all_children_and_their_notes_find_room() {
    check(
        &[
            KEEPER,
            r#""proc":"A","event":"born","parent":"keeper""#,
            r#""proc":"B","event":"born","parent":"A""#,
            r#""proc":"C","event":"born","parent":"A""#,
            r#""proc":"D","event":"born","parent":"A""#,
            r#""proc":"A","event":"exit","status":{"exited":0}"#,
            r#""proc":"B","event":"adopted","from":"A","by":"keeper""#,
            r#""proc":"C","event":"adopted","from":"A","by":"keeper""#,
            r#""proc":"D","event":"adopted","from":"A","by":"keeper""#,
            r#""proc":"A","event":"reaped","by":"keeper""#,
        ],
        Scale::ByEvent(4),
        Symbols::Unicode,
        r"
keeper     ╶───┬─────────────────┬─┬─┬─◆────
A              └───┬───┬───┬───x▒╫▒╫▒╫▒┘
B                  └───┼───┼─────▲─┼─┼──────
C                      └───┼───────▲─┼──────
D                          └─────────▲──────
                                 │ │ │ D: parent A → keeper
                                 │ │ C: parent A → keeper
                                 │ B: parent A → keeper
",
    );
}

#[test]
fn an_adopter_outside_adopts_from_above() {
    check(
        &[
            SCREEN,
            r#""proc":"A","event":"born","parent":"screen""#,
            r#""proc":"B","event":"born","parent":"A""#,
            r#""proc":"A","event":"killed","status":{"signaled":"SIGKILL"}"#,
            r#""proc":"B","event":"adopted","from":"A","by":"1:systemd""#,
        ],
        Scale::ByEvent(4),
        Symbols::Unicode,
        r"
screen     ╶───┬─────────┼────
A              └───┬───k▒╫▒▒▒▒
B                  └─────▲────
                         │ B: parent A → 1:systemd
",
    );
}

#[test]
fn waits_that_do_not_block_draw_no_wait() {
    check(
        &[
            SCREEN,
            r#""proc":"A","event":"born","parent":"screen""#,
            r#""proc":"A","event":"wait","target":-1"#,
            r#""proc":"A","event":"wait","target":-1,"ret":-1,"errno":"ECHILD""#,
            r#""proc":"A","event":"fork","child":"B","ret":166"#,
            r#""proc":"A","event":"wait","target":-1,"options":["WNOHANG"]"#,
            r#""proc":"A","event":"wait","target":-1,"options":["WNOHANG"],"ret":0"#,
            r#""proc":"A","event":"wait","target":166"#,
            r#""proc":"A","event":"wait","target":166,"ret":-1,"errno":"EINTR""#,
            r#""proc":"B","event":"exit","status":{"exited":0}"#,
            r#""proc":"B","event":"reaped","by":"A","auto":true"#,
        ],
        Scale::ByEvent(4),
        Symbols::Unicode,
        r"
screen     ╶───┬────────────────────
A              └───┬───w···─────────
B                  └───────────x
",
    );
}

#[test]
fn a_window_shows_its_part_and_a_position_its_column() {
    let lanes = sketch();
    let scale = Scale::ByEvent(6);
    let whole = lanes.draw(&View {
        scale,
        from: 0,
        width: 80,
        symbols: Symbols::Unicode,
    });
    let part = lanes.draw(&View {
        scale,
        from: 20,
        width: 30,
        symbols: Symbols::Unicode,
    });
    for (whole, part) in whole.lanes.iter().zip(&part.lanes) {
        assert_eq!(whole.glyphs[20..50], part.glyphs);
    }
    // Positions 1 to 3 are the beginning; 4 is the fork of B, and 5 its other half.
    for (position, column) in [(0, 0), (3, 0), (4, 6), (5, 6), (6, 12), (u64::MAX, 60)] {
        assert_eq!(lanes.column_of(position, scale), column, "{position}");
    }
    assert_eq!((lanes.strokes(), lanes.width(scale)), (11, 67));
}

#[test]
fn absurd_views_are_drawn_too() {
    let mut lanes = sketch();
    lanes.push(
        &serde_json::from_str(r#"{"t":1e9,"pid":1,"proc":"Q","event":"born","parent":"Z"}"#).expect("a fact"),
    );
    for scale in [
        Scale::ByEvent(0),
        Scale::ByClock(Time(0)),
        Scale::ByClock(Time(u64::MAX)),
    ] {
        for (from, width) in [(0, 0), (0, 1), (usize::MAX, 10)] {
            lanes.draw(&View {
                scale,
                from,
                width,
                symbols: Symbols::Ascii,
            });
        }
        lanes.width(scale);
    }
}
