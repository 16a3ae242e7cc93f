//! Act lists: `a+b,b+c,c+d,b-`.
//!
//! The first name is that of a process that is there already. A name is letters, of either case. Every act is
//! checked as it is read: who acts must be alive, and who is forked must be new.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Mistake;
use crate::model::sim::{Answer, Call, Facts, Kernel};
use crate::model::{Letter, Pid};

/// One act of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who, by the list's own name.
    pub who: String,
    /// What.
    pub deed: Deed,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It forks a process that is called this from now on.
    Fork(String),
    /// It exits with 0.
    Exit,
}

/// Reads a list of acts.
pub fn parse(text: &str) -> Result<Vec<Act>, Mistake> {
    let mut acts = Vec::new();
    let mut alive = BTreeMap::new();
    let mut start = 0;
    for piece in text.split(',') {
        let act = parse_act(piece, start)?;
        check(&act, start, &mut alive)?;
        acts.push(act);
        start += piece.chars().count() + 1;
    }
    Ok(acts)
}

/// Does the acts in order, the first name being `root`; gives the pid that each name stands for.
pub fn run(acts: &[Act], kernel: &mut Kernel, root: Pid, facts: &mut Facts) -> BTreeMap<String, Pid> {
    let mut pids = BTreeMap::new();
    if let Some(first) = acts.first() {
        pids.insert(first.who.clone(), root);
    }
    for act in acts {
        let Some(&who) = pids.get(&act.who) else {
            continue;
        };
        match &act.deed {
            Deed::Exit => {
                kernel.call(who, &Call::Exit(0), facts);
            }
            Deed::Fork(name) => {
                if let Answer::Forked(child) = kernel.call(who, &Call::Fork, facts) {
                    pids.insert(name.clone(), child);
                }
            }
        }
        kernel.settle(facts);
    }
    pids
}

/// The keys that do the same in the playground, where letters are given in order of birth and the screen forks A.
pub fn keys(acts: &[Act]) -> String {
    let mut letters = BTreeMap::new();
    let mut keys = String::new();
    if let Some(first) = acts.first() {
        letters.insert(first.who.as_str(), Letter(0));
        keys.push('f');
    }
    for act in acts {
        let letter = letters.get(act.who.as_str()).copied().unwrap_or(Letter(0));
        let key = match &act.deed {
            Deed::Fork(name) => {
                let next = Letter(letters.len() as u32);
                letters.insert(name, next);
                'f'
            }
            Deed::Exit => 'x',
        };
        let _ = write!(keys, " @{letter} {key}");
    }
    keys
}

fn parse_act(piece: &str, start: usize) -> Result<Act, Mistake> {
    let blanks = piece.chars().take_while(|c| c.is_whitespace()).count();
    let word = piece.trim();
    let at = start + blanks;
    let Some(sign) = word.find(['+', '-']) else {
        let end = at + word.chars().count();
        return Err(Mistake::new(
            end,
            "`+` and a name, or `-`, is missing here: write a+b or a-",
        ));
    };
    let (who, rest) = word.split_at(sign);
    name(who, at)?;
    let after = at + who.chars().count() + 1;
    let deed = match rest.strip_prefix('+') {
        Some(child) => {
            name(child, after)?;
            Deed::Fork(child.to_owned())
        }
        None if rest == "-" => Deed::Exit,
        None => return Err(Mistake::new(after, "nothing may follow `-` but a comma")),
    };
    Ok(Act {
        who: who.to_owned(),
        deed,
    })
}

fn name(text: &str, at: usize) -> Result<(), Mistake> {
    match text.chars().position(|c| !c.is_ascii_alphabetic()) {
        Some(wrong) => Err(Mistake::new(
            at + wrong,
            "a name is made of letters, such as a or B",
        )),
        None if text.is_empty() => Err(Mistake::new(at, "a name is missing here")),
        None => Ok(()),
    }
}

/// Whether an act can be done after those before it.
fn check(act: &Act, at: usize, alive: &mut BTreeMap<String, bool>) -> Result<(), Mistake> {
    if alive.is_empty() {
        alive.insert(act.who.clone(), true);
    }
    match alive.get(&act.who) {
        None => return Err(Mistake::new(at, format!("nobody has forked {} yet", act.who))),
        Some(false) => return Err(Mistake::new(at, format!("{} has exited before", act.who))),
        Some(true) => {}
    }
    let (name, lives) = match &act.deed {
        Deed::Exit => (&act.who, false),
        Deed::Fork(child) if alive.contains_key(child) => {
            return Err(Mistake::new(
                at,
                format!("{child} was there before; a fork makes a new process"),
            ));
        }
        Deed::Fork(child) => (child, true),
    };
    alive.insert(name.clone(), lives);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree that a list makes, as `name(children)`, in the order of the kernel's lists.
    fn tree(text: &str) -> String {
        let (mut kernel, a) = Kernel::launch(b"", &mut Facts::unheard());
        let acts = parse(text).expect("a list of acts");
        let pids = run(&acts, &mut kernel, a, &mut Facts::unheard());
        let name = |pid| {
            pids.iter()
                .find(|(_, known)| **known == pid)
                .map(|(name, _)| name.as_str())
        };
        draw(&kernel, kernel.keeper(), &name)
    }

    fn draw<'a>(kernel: &Kernel, pid: Pid, name: &impl Fn(Pid) -> Option<&'a str>) -> String {
        let proc = kernel.get(pid).expect("a process of the tree");
        let children: Vec<_> = proc
            .children
            .iter()
            .map(|child| draw(kernel, *child, name))
            .collect();
        let own = match name(pid) {
            Some(name) if proc.is_zombie() => format!("{name}:Z"),
            Some(name) => name.to_owned(),
            None => proc.name.to_string(),
        };
        if children.is_empty() {
            own
        } else {
            format!("{own}({})", children.join(" "))
        }
    }

    #[test]
    fn a_list_makes_what_linux_makes_of_it() {
        for (text, made) in [
            ("a+b", "keeper(screen(a(b)))"),
            ("a+b,b+c,c+d,b-", "keeper(screen(a(b:Z)) c(d))"),
            ("a+b, a+c, c+d, b-, c-", "keeper(screen(a(b:Z c:Z)) d)"),
            ("a+b,b+c,b-,a-", "keeper(screen c)"),
        ] {
            assert_eq!(tree(text), made, "{text}");
        }
    }

    #[test]
    fn a_list_can_be_played_by_keys() {
        for (text, expected) in [
            ("a+b,b+c,c+d,b-", "f @A f @B f @C f @B x"),
            ("x+q,x+a,q-", "f @A f @A f @B x"),
        ] {
            assert_eq!(keys(&parse(text).expect("a list")), expected);
        }
    }

    #[test]
    fn a_mistake_is_shown_in_its_place() {
        for (text, at, what) in [
            ("", 1, "is missing here"),
            ("a+b,", 5, "is missing here"),
            ("a", 2, "`+` and a name"),
            ("a+", 3, "a name is missing"),
            ("a+b,+c", 5, "a name is missing"),
            ("a+b1", 4, "made of letters"),
            ("a-b", 3, "nothing may follow"),
            ("a+b,c+d", 5, "nobody has forked c"),
            ("a+b,b-,b+c", 8, "b has exited"),
            ("a+b,a+b", 5, "b was there before"),
        ] {
            let mistake = parse(text).expect_err(text);
            assert_eq!(mistake.at, at, "{text}: {mistake}");
            assert!(mistake.what.contains(what), "{text}: {mistake}");
        }
    }
}
