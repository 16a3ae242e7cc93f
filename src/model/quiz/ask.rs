//! The kinds of questions. Each takes a random situation, asks the kernel what comes of it, and sets beside that what
//! students most often believe; it gives up where fewer than three wrong answers come together.

use std::collections::BTreeSet;

use super::scene::{Act, Mistake, Scene};
use super::{Level, Question, Shown};
use crate::model::Random;
use crate::model::explore::{Bound, Outcome, explore, run_once};
use crate::model::notation::puzzle;
use crate::model::sim::{Answer, Call, Facts, Return};
use crate::model::{Pid, WaitCall, WaitOptions, WaitTarget};

/// A kind of question.
pub(super) type Kind = fn(Level, &mut Random) -> Option<Question>;

/// The kinds, with the level from which they are asked.
pub(super) const KINDS: [(u8, Kind); 7] = [
    (1, how_many),
    (1, next_tree),
    (1, how_many_lines),
    (2, what_returns),
    (2, which_act),
    (3, who_adopts),
    (4, which_output),
];

/// How many processes a program may have been: so many can be looked at.
const MOST: u32 = 20;

/// A line of C, and the same as a fork puzzle.
type Line = (&'static str, &'static str);

/// Random lines that fork.
fn forking_lines(level: Level, random: &mut Random) -> Vec<Line> {
    const LINES: [(u8, Line); 5] = [
        (1, ("fork();", "F")),
        (2, ("if (fork() == 0) _exit(0);", "F(,X)")),
        (3, ("fork() && fork();", "F(F,)")),
        (3, ("fork() || fork();", "F(,F)")),
        (4, ("if (fork() == 0) fork();", "F(,F)")),
    ];
    let known: Vec<_> = LINES.iter().filter(|(from, _)| *from <= level.0).collect();
    let count = 1 + usize::from(level.0.min(2)) + random.below(3);
    (0..count)
        .filter_map(|_| random.pick(&known).map(|(_, line)| *line))
        .collect()
}

/// The whole program of these lines.
fn whole(lines: &[Line]) -> Shown {
    Shown::Program(format!(
        "#include <stdio.h>\n#include <unistd.h>\n\nint main(void) {{\n    {}\n    return 0;\n}}\n",
        in_c(lines).join("\n    ")
    ))
}

fn in_c(lines: &[Line]) -> Vec<&'static str> {
    lines.iter().map(|line| line.0).collect()
}

/// How many processes there have been in a run; none if they were too many.
fn processes(outcome: &Outcome) -> Option<u32> {
    let all = outcome.gone + outcome.zombies + outcome.orphans + outcome.stuck;
    (all <= MOST).then_some(all)
}

/// How many new processes does this make?
fn how_many(level: Level, random: &mut Random) -> Option<Question> {
    let lines = forking_lines(level, random);
    let text: String = lines.iter().map(|line| line.1).collect();
    let outcome = run_once(puzzle::parse(&text).ok()?, b"", Bound::default()).ok()?;
    let new = processes(&outcome)? - 1;
    let forks = text.matches('F').count() as u32;
    let wrongs = [
        forks,
        new + 1,
        1 << forks,
        (1 << forks) - 1,
        forks + 1,
        new + 2,
        new * 2,
    ];
    question(
        "How many new processes does this make?",
        in_c(&lines).join("\n"),
        new.to_string(),
        &wrongs.map(|wrong| wrong.to_string()),
        format!(
            "{} processes in all, the first one included: each goes on after its fork.",
            new + 1
        ),
        whole(&lines),
        random,
    )
}

/// How many lines does this print?
fn how_many_lines(level: Level, random: &mut Random) -> Option<Question> {
    const PRINT: Line = (r#"printf("x\n");"#, "x");
    let mut lines = forking_lines(level, random);
    // One is printed by whoever comes to the end, the other by those who are there so far.
    lines.insert(random.below(lines.len()), PRINT);
    lines.push(PRINT);
    let text: String = lines.iter().map(|line| line.1).collect();
    let outcome = run_once(puzzle::parse(&text).ok()?, b"", Bound::default()).ok()?;
    processes(&outcome)?;
    let printed = outcome.output.len();
    let forks = text.matches('F').count();
    let wrongs = [
        2,
        forks + 1,
        1 << forks,
        printed + 1,
        2 << forks,
        forks + 2,
        printed - 1,
    ];
    question(
        "How many lines does this print, on a terminal?",
        in_c(&lines).join("\n"),
        printed.to_string(),
        &wrongs.map(|wrong| wrong.to_string()),
        format!("{printed}: each process prints whenever it comes by, and a child goes on after its fork."),
        whole(&lines),
        random,
    )
}

/// Which of these is the tree afterwards?
fn next_tree(level: Level, random: &mut Random) -> Option<Question> {
    let size = 4 + usize::from(level.0 / 2) + random.below(3);
    let scene = Scene::random(size, usize::from(level.0 > 3), random);
    let with_children: Vec<Pid> = scene
        .living()
        .into_iter()
        .skip(1)
        .filter(|pid| {
            scene
                .kernel
                .get(*pid)
                .is_some_and(|proc| !proc.children.is_empty())
        })
        .collect();
    let &who = random.pick(&with_children)?;
    let act = Act::Exit(who);
    let after = scene.after(act);
    let tree = scene.tree();
    let name = scene.name(who);
    let wrongs = Mistake::ALL
        .map(|mistake| tree.mistaken(&name, mistake).draw())
        .to_vec();
    question(
        &format!("{}. Which is the tree then?", scene.words(act)),
        tree.draw(),
        after.tree().draw(),
        &wrongs,
        format!(
            "{name} is a zombie until its parent waits. Only its children move, to the nearest living subreaper."
        ),
        Shown::Keys(after.keys.clone()),
        random,
    )
}

/// What does this waitpid return?
fn what_returns(level: Level, random: &mut Random) -> Option<Question> {
    let scene = Scene::random(2 + usize::from(level.0), 1 + random.below(2), random);
    let &who = random.pick(&scene.living())?;
    let lab: Vec<Pid> = scene.kernel.lab().map(|proc| proc.pid).collect();
    let target = match random.pick(&lab) {
        Some(&child) if level.0 > 2 && child != who && random.below(2) == 0 => WaitTarget::Child(child),
        _ => WaitTarget::Any,
    };
    let options = WaitOptions {
        nohang: random.below(2) == 0,
        ..WaitOptions::default()
    };
    let call = WaitCall { target, options };
    let mut after = scene.clone();
    let answer = after.kernel.call(who, &Call::Wait(call), &mut Facts::unheard());
    let name = |pid: Pid| scene.name(pid);
    let right = match &answer {
        Answer::Blocked => "it blocks".to_owned(),
        Answer::Returned(Return::Error(errno)) => format!("-1, errno is {errno}"),
        Answer::Returned(Return::Waited { pid: Pid(0), .. }) => "0".to_owned(),
        Answer::Returned(Return::Waited { pid, .. }) => format!("the pid of {}", name(*pid)),
        _ => return None,
    };
    let mut wrongs = vec![
        "it blocks".to_owned(),
        "-1, errno is ECHILD".to_owned(),
        "0".to_owned(),
    ];
    wrongs.extend(
        lab.iter()
            .filter(|pid| **pid != who)
            .map(|pid| format!("the pid of {}", name(*pid))),
    );
    random.shuffle(&mut wrongs);
    let (asked, whom) = match target {
        WaitTarget::Child(child) => (format!("the pid of {}", name(child)), name(child)),
        _ => ("-1".to_owned(), "-1".to_owned()),
    };
    let flags = if options.nohang { "WNOHANG" } else { "" };
    let why = match &answer {
        Answer::Blocked => "It has a living child that is meant and no zombie among them: it sleeps.",
        Answer::Returned(Return::Error(_)) => "It has no child that is meant: a grandchild is none.",
        Answer::Returned(Return::Waited { pid: Pid(0), .. }) => {
            "Its child is alive, and WNOHANG does not wait: 0, neither a pid nor an error."
        }
        _ => "That child is a zombie: the wait takes its status and frees its entry.",
    };
    question(
        &format!(
            "{} calls waitpid({asked}, &status, {options}). What comes of it?",
            name(who)
        ),
        scene.tree().draw(),
        right,
        &wrongs,
        why.to_owned(),
        Shown::Keys(format!(
            "{} @{} W \"{whom} {flags}\" <Enter>",
            scene.keys,
            name(who)
        )),
        random,
    )
}

/// Which act led from the first tree to the second?
fn which_act(level: Level, random: &mut Random) -> Option<Question> {
    let scene = Scene::random(2 + usize::from(level.0), 1, random);
    let before = scene.tree().draw();
    let mut acts: Vec<Act> = scene
        .living()
        .into_iter()
        .flat_map(|who| [Act::Fork(who), Act::Exit(who), Act::Wait(who)])
        .collect();
    random.shuffle(&mut acts);
    let trees: Vec<(Act, String)> = acts
        .iter()
        .map(|act| (*act, scene.after(*act).tree().draw()))
        .collect();
    let seen_once = |tree: &String| trees.iter().filter(|(_, other)| other == tree).count() == 1;
    let (act, tree) = trees
        .iter()
        .find(|(_, tree)| *tree != before && seen_once(tree))?;
    let wrongs: Vec<String> = trees
        .iter()
        .filter(|(other, _)| other != act)
        .map(|(other, _)| scene.words(*other))
        .collect();
    question(
        "Which call led from the first tree to the second?",
        format!("{before}\n\n{tree}"),
        scene.words(*act),
        &wrongs,
        "Compare who is new, who is a zombie or gone, and whose parent is another.".to_owned(),
        Shown::Keys(scene.after(*act).keys),
        random,
    )
}

/// Who adopts the children?
fn who_adopts(level: Level, random: &mut Random) -> Option<Question> {
    let mut scene = Scene::random(4 + usize::from(level.0 / 2), 0, random);
    let living = scene.living();
    let &reaper = random.pick(&living)?;
    scene.perform(Act::Subreaper(reaper));
    let parents: Vec<Pid> = living
        .into_iter()
        .skip(1)
        .filter(|pid| {
            scene
                .kernel
                .get(*pid)
                .is_some_and(|proc| !proc.children.is_empty())
        })
        .collect();
    let &who = random.pick(&parents)?;
    let &child = scene.kernel.get(who)?.children.first()?;
    let act = Act::Exit(who);
    let after = scene.after(act);
    let adopter = after.kernel.get(child)?.parent;
    let (child, adopter, reaper) = (scene.name(child), scene.name(adopter), scene.name(reaper));
    let grandparent = scene.name(scene.kernel.get(who)?.parent);
    let mut wrongs = vec![
        "init".to_owned(),
        "keeper".to_owned(),
        "screen".to_owned(),
        grandparent,
        scene.name(who),
    ];
    wrongs.push(reaper.clone());
    wrongs.push("A".to_owned());
    question(
        &format!(
            "{reaper} is a subreaper, and so is keeper. {}. Whose child is {child} then?",
            scene.words(act)
        ),
        scene.tree().draw(),
        adopter,
        &wrongs,
        format!(
            "The nearest living subreaper above {} adopts its children.",
            scene.name(who)
        ),
        Shown::Keys(after.keys.clone()),
        random,
    )
}

/// Which of these can be printed?
fn which_output(level: Level, random: &mut Random) -> Option<Question> {
    const PUZZLES: [&str; 8] = [
        "F(aWb,cX)",
        "F(a,b)c",
        "aF(Wb,cX)d",
        "F(ab,cX)d",
        "F(Wa,bF(c,dX)X)e",
        "F(F(WWa,bX),cX)",
        "aF(b,c)Wd",
        "F(aW,bX)F(cW,dX)",
    ];
    let shown = if level.0 > 4 { PUZZLES.len() } else { 4 };
    let text = *random.pick(&PUZZLES[..shown])?;
    let found = explore(puzzle::parse(text).ok()?, b"", Bound::default());
    let possible: BTreeSet<String> = found
        .found
        .iter()
        .map(|(outcome, _)| String::from_utf8_lossy(&outcome.output).into_owned())
        .collect();
    let listed: Vec<_> = possible.iter().cloned().collect();
    let right = random.pick(&listed)?.clone();
    let mut letters: Vec<char> = right.chars().collect();
    let mut wrongs = Vec::new();
    for _ in 0..40 {
        random.shuffle(&mut letters);
        let wrong: String = letters.iter().collect();
        if !possible.contains(&wrong) {
            wrongs.push(wrong);
        }
    }
    question(
        "A letter is printed, F(p,c) forks (the parent does p, the child c), W waits, X exits. Which output is possible?",
        text,
        right,
        &wrongs,
        format!("Possible are: {}.", listed.join(", ")),
        Shown::Output(puzzle::in_c(text).ok()?),
        random,
    )
}

/// Puts the right answer among three wrong ones.
fn question(
    text: &str,
    scene: impl Into<String>,
    right: impl Into<String>,
    wrongs: &[String],
    why: String,
    shown: Shown,
    random: &mut Random,
) -> Option<Question> {
    let right = right.into();
    let mut choices = vec![right.clone()];
    for wrong in wrongs {
        if choices.len() < 4 && !choices.contains(wrong) {
            choices.push(wrong.clone());
        }
    }
    random.shuffle(&mut choices);
    let answer = choices.iter().position(|choice| *choice == right)?;
    Some(Question {
        text: text.to_owned(),
        scene: scene.into(),
        choices: choices.try_into().ok()?,
        answer,
        why,
        shown,
    })
}
