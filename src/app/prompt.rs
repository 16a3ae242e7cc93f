//! The line that e, k, W and o open: typed into, or chosen from, and taken with Enter.

use tui_input::Input;

use super::tracing::KINDS;
use crate::model::event::Action;
use crate::model::{Pid, ProcId, Signal, WaitCall, WaitOptions, WaitTarget, World};
use crate::trace::Kind;

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A program to exec.
    Exec,
    /// A signal to send.
    Signal,
    /// Which children to wait for, and how.
    Wait,
    /// A line for the program to read.
    Input,
    /// What to save, and where.
    Save,
    /// Where a traced program is to stop.
    Breakpoint,
}

/// A line being typed, with choices below it.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What for.
    pub purpose: Purpose,
    /// For whom.
    pub to: Vec<ProcId>,
    /// What was typed.
    pub input: Input,
    /// What can be chosen instead.
    pub choices: Vec<Choice>,
    /// Which choice is marked; typing unmarks it.
    pub chosen: Option<usize>,
    /// What was wrong with the line when Enter was pressed.
    pub complaint: Option<String>,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it puts in the line.
    pub text: String,
    /// What that does.
    pub doc: String,
}

/// A signal, and whether a whole process group is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Which.
    pub signal: Signal,
    /// To the whole group.
    pub group: bool,
}

impl Prompt {
    /// Opens a line for `to`.
    pub fn new(purpose: Purpose, to: Vec<ProcId>, world: &World) -> Self {
        let choices = match purpose {
            Purpose::Exec => exec_choices(),
            Purpose::Signal => signal_choices(),
            Purpose::Wait => wait_choices(&to, world),
            Purpose::Input => Vec::new(),
            Purpose::Breakpoint => break_choices(&to, world),
            Purpose::Save => save_choices(),
        };
        Self {
            purpose,
            to,
            input: Input::default(),
            choices,
            chosen: Some(0),
            complaint: None,
        }
    }

    /// What Enter takes: what was typed, or what is marked.
    pub fn line(&self) -> &str {
        match self.chosen {
            Some(n) if self.input.value().is_empty() => self.choices.get(n).map_or("", |choice| &choice.text),
            _ => self.input.value(),
        }
    }

    /// Moves the mark.
    pub fn choose(&mut self, down: bool) {
        let last = self.choices.len().saturating_sub(1);
        let next = match (self.chosen, down) {
            (None, _) => 0,
            (Some(n), true) => (n + 1).min(last),
            (Some(n), false) => n.saturating_sub(1),
        };
        self.chosen = Some(next);
        self.input.reset();
    }
}

fn choice(text: &str, doc: &str) -> Choice {
    Choice {
        text: text.to_owned(),
        doc: doc.to_owned(),
    }
}

fn exec_choices() -> Vec<Choice> {
    vec![
        choice("sleep 60", "a program that lives for a minute"),
        choice("true", "ends at once, exit 0"),
        choice("false", "ends at once, exit 1"),
        choice("sh -c 'exit 7'", "a shell that ends with 7"),
        choice(
            "sh -c 'sleep 60 & wait'",
            "a shell that forks a child and waits for it",
        ),
        choice(
            "no-such-program",
            "does not exist: exec returns -1, and it lives on",
        ),
    ]
}

fn signal_choices() -> Vec<Choice> {
    vec![
        choice("TERM", "15: asks it to end"),
        choice("KILL", "9: ends it; it cannot be caught, blocked or ignored"),
        choice("STOP", "19: stops it until CONT; it cannot be caught"),
        choice("CONT", "18: continues it"),
        choice("INT", "2: what Ctrl-C sends"),
        choice("USR1", "10: lab processes catch it; their waitpid returns EINTR"),
        choice("CHLD", "17: ignored by default"),
        choice("0", "sends nothing: only asks whether the process exists"),
        choice("TERM group", "to every process in its process group"),
    ]
}

fn wait_choices(to: &[ProcId], world: &World) -> Vec<Choice> {
    let mut choices = vec![
        choice("-1", "any child, blocking"),
        choice("-1 WNOHANG", "any child, but only look: 0 if none has changed"),
        choice("-1 WUNTRACED", "a child that was stopped counts too"),
        choice("-1 WCONTINUED", "a child that was continued counts too"),
        choice("0", "any child in its own process group"),
    ];
    if let [parent] = to {
        choices.extend(world.children(*parent).map(|child| Choice {
            text: child.id.to_string(),
            doc: format!("{} alone, pid {}", child.id, child.pid),
        }));
    }
    choices
}

fn break_choices(to: &[ProcId], world: &World) -> Vec<Choice> {
    let mut choices = vec![
        choice("fork", "fork(), vfork(), clone(): before a process is made"),
        choice("exec", "execve(): before another program takes the place"),
        choice("exit", "_exit(), or a return from main: while all is still there"),
        choice(
            "wait",
            "waitpid() and its like: a dead child stays a zombie meanwhile",
        ),
        choice("kill", "kill(): before a signal is sent"),
    ];
    let lines = to.iter().filter_map(|id| world.get(*id)?.line.as_ref());
    choices.extend(lines.filter(|line| line.line > 0).map(|line| Choice {
        text: format!("line {}", line.line),
        doc: "where the selected process stands; any other can be typed".to_owned(),
    }));
    choices
}

/// Where a traced program is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Before each call of a kind.
    Call(Kind),
    /// At a source line.
    Line(u32),
}

/// Reads `fork`, `line 12`, `12`.
pub fn read_break(line: &str) -> Result<Break, String> {
    let help = "type fork, exec, exit, wait, kill, or a line such as: line 12";
    let text = line.trim();
    if let Some(kind) = KINDS.into_iter().find(|kind| kind.to_string() == text) {
        return Ok(Break::Call(kind));
    }
    let number = text.strip_prefix("line").unwrap_or(text).trim().parse();
    number
        .ok()
        .filter(|number| *number > 0)
        .map(Break::Line)
        .ok_or_else(|| help.to_owned())
}

fn save_choices() -> Vec<Choice> {
    vec![
        choice("forkscope.svg", "this screen, as a picture with real text in it"),
        choice("forkscope.jsonl", "a recording: all so far, and from now on"),
        choice("forkscope.txt", "the tree, as text"),
        choice("forkscope.txt graph", "the lanes, as text"),
        choice("forkscope.mmd", "the tree, for Mermaid"),
        choice("forkscope.mmd graph", "all that happened, for Mermaid"),
        choice("forkscope.dot", "the tree, for Graphviz"),
        choice("forkscope.dot graph", "all that happened, for Graphviz"),
        choice("forkscope.cast", "a film of all so far, for asciinema"),
        choice("forkscope.json", "all processes, as JSON"),
    ]
}

/// Splits a command line as a shell would.
pub fn read_exec(line: &str) -> Result<Vec<String>, String> {
    match shlex::split(line) {
        None => Err("a quote in the line is not closed".to_owned()),
        Some(argv) if argv.is_empty() => Err("type a program, such as sleep 60".to_owned()),
        Some(argv) if argv.iter().any(|arg| arg.contains('\0')) => {
            Err("an argument of a program cannot hold a NUL byte".to_owned())
        }
        Some(argv) => Ok(argv),
    }
}

/// Reads `TERM`, `9`, `TERM group`.
pub fn read_signal(line: &str) -> Result<Sending, String> {
    let mut words = line.split_whitespace();
    let name = words.next().ok_or("type a signal, such as TERM or 9")?;
    let signal = name.parse().map_err(|error| format!("{error}"))?;
    match (words.next(), words.next()) {
        (None, _) => Ok(Sending { signal, group: false }),
        (Some("group"), None) => Ok(Sending { signal, group: true }),
        _ => Err("after the signal only the word group may stand".to_owned()),
    }
}

/// Reads `C WNOHANG`, `-1`, `4103 WUNTRACED|WCONTINUED`.
pub fn read_wait(line: &str, world: &World) -> Result<WaitCall, String> {
    let mut words = line
        .split(|c: char| c.is_whitespace() || c == '|')
        .filter(|word| !word.is_empty());
    let whom = words
        .next()
        .ok_or("type a child: a letter, a pid, -1 (any) or 0 (any of its group)")?;
    let target = match whom.parse::<i32>() {
        Ok(pid) => WaitTarget::from(pid),
        Err(_) => WaitTarget::Child(pid_of(whom, world)?),
    };
    let mut options = WaitOptions::default();
    for word in words {
        match word.to_ascii_uppercase().as_str() {
            "WNOHANG" => options.nohang = true,
            "WUNTRACED" => options.untraced = true,
            "WCONTINUED" => options.continued = true,
            _ => return Err(format!("`{word}` is no option: WNOHANG, WUNTRACED, WCONTINUED")),
        }
    }
    Ok(WaitCall { target, options })
}

/// The pid of the process of that name, though it be reaped: waiting for it is then ECHILD, and worth seeing.
fn pid_of(name: &str, world: &World) -> Result<Pid, String> {
    let id: ProcId = name
        .to_ascii_uppercase()
        .parse()
        .map_err(|error| format!("{error}"))?;
    world
        .get(id)
        .map(|process| process.pid)
        .or_else(|| world.gone().find(|gone| gone.id == id).map(|gone| gone.pid))
        .ok_or_else(|| format!("there is no process {id}"))
}

/// What `i` makes of the present action of SIGCHLD.
pub fn other_action(now: Action) -> Action {
    match now {
        Action::Ignore => Action::Default,
        _ => Action::Ignore,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_split_as_a_shell_would() {
        assert_eq!(
            read_exec("sh -c 'sleep 60 & wait'"),
            Ok(vec!["sh".into(), "-c".into(), "sleep 60 & wait".into()])
        );
        assert!(read_exec("sh -c 'sleep").is_err());
        assert!(read_exec("  ").is_err());
    }

    #[test]
    fn signals_by_name_or_number_and_to_the_group() {
        let check = |line, signal, group| assert_eq!(read_signal(line), Ok(Sending { signal, group }));
        check("TERM", Signal::TERM, false);
        check("9", Signal::KILL, false);
        check("sigint group", Signal::INT, true);
        assert!(read_signal("").is_err());
        assert!(read_signal("TERM now").is_err());
    }

    #[test]
    fn breaks_at_calls_and_lines() {
        assert_eq!(read_break("wait"), Ok(Break::Call(Kind::Wait)));
        assert_eq!(read_break(" line 12"), Ok(Break::Line(12)));
        assert_eq!(read_break("7"), Ok(Break::Line(7)));
        for text in ["", "line", "line 0", "write", "-3"] {
            assert!(read_break(text).is_err(), "{text}");
        }
    }

    #[test]
    fn waits_by_number_with_options() {
        let world = World::default();
        let call = read_wait("-1 WNOHANG|wuntraced", &world).expect("a wait");
        assert_eq!(call.to_string(), "waitpid(-1, &status, WNOHANG|WUNTRACED)");
        assert_eq!(read_wait("C", &world), Err("there is no process C".to_owned()));
        assert!(read_wait("-1 WHAT", &world).is_err());
    }
}
