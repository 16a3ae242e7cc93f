//! The one key table. Dispatch, the hint line, the help screen and docs/keys.md all read it.
//!
//! A key means one thing in one context; a test holds that no key stands twice.

mod page;

pub use page::markdown;

use super::command::Command;
use super::key::Key::{self, Char, Ctrl};

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// On the main screen of a lesson, before the others.
    Lesson,
    /// On the main screen of a quiz, before the others.
    Quiz,
    /// On the main screen, acting on the selected process.
    Process,
    /// On the main screen, stepping a program.
    Stepping,
    /// On the main screen, acting on the view.
    View,
    /// On the main screen of a replay, before the others.
    Replay,
    /// A line is being typed.
    Prompt,
    /// A list is open, or the help: what is on top is moved through and closed.
    List,
    /// A question waits for Enter.
    Question,
    /// What is typed goes to the program.
    Output,
}

impl Context {
    /// All of them, in the order in which help tells them.
    pub const ALL: [Self; 10] = [
        Self::Process,
        Self::Stepping,
        Self::Lesson,
        Self::Quiz,
        Self::View,
        Self::Replay,
        Self::Prompt,
        Self::List,
        Self::Question,
        Self::Output,
    ];

    /// What its keys have in common.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Process => "What the selected process does",
            Self::Stepping => "What the program does",
            Self::Lesson => "In a lesson",
            Self::Quiz => "In a quiz",
            Self::View => "What you see",
            Self::Replay => "In a replay",
            Self::Prompt => "While a line is typed",
            Self::List => "In a list, and in this help",
            Self::Question => "When asked",
            Self::Output => "While you type to the program",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The context it holds in.
    pub context: Context,
    /// The keys; the first is the one that hints show.
    pub keys: &'static [Key],
    /// What they do.
    pub command: Command,
    /// One word for the hint line; empty where the hint line does not show it.
    pub hint: &'static str,
    /// What help and docs/keys.md say.
    pub doc: &'static str,
}

impl Binding {
    /// Its keys as help shows them.
    pub fn keys_text(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        keys.join(" ")
    }
}

const fn bind(
    context: Context,
    keys: &'static [Key],
    command: Command,
    hint: &'static str,
    doc: &'static str,
) -> Binding {
    Binding {
        context,
        keys,
        command,
        hint,
        doc,
    }
}

use Context::{Lesson, List, Output, Process, Prompt, Question, Quiz, Replay, Stepping, View};

/// Every key there is.
pub const TABLE: &[Binding] = &[
    bind(
        Process,
        &[Char('f')],
        Command::Fork,
        "fork",
        "fork() once; 3f three times (the selection stays)",
    ),
    bind(
        Process,
        &[Char('e')],
        Command::Exec,
        "exec",
        "exec: type a program, or choose one",
    ),
    bind(
        Process,
        &[Char('x')],
        Command::Exit,
        "exit",
        "_exit(0); 7x is _exit(7)",
    ),
    bind(
        Process,
        &[Char('w')],
        Command::Wait,
        "wait",
        "waitpid(-1, &status, 0): any child, blocking",
    ),
    bind(
        Process,
        &[Char('W')],
        Command::WaitChoices,
        "wait for",
        "waitpid with choices: which child, WNOHANG, WUNTRACED, WCONTINUED",
    ),
    bind(
        Process,
        &[Char('k')],
        Command::Signal,
        "kill",
        "send a signal: type or choose one; 9k by number; to a whole group too",
    ),
    bind(
        Process,
        &[Char('i')],
        Command::Sigchld,
        "SIGCHLD",
        "SIGCHLD: SIG_IGN, or SIG_DFL again",
    ),
    bind(
        Process,
        &[Char('u')],
        Command::Subreaper,
        "subreaper",
        "subreaper on or off",
    ),
    bind(
        Process,
        &[Char('U')],
        Command::KeeperSubreaper,
        "subreaper",
        "the same for the keeper",
    ),
    bind(
        Process,
        &[Char('*')],
        Command::All,
        "all",
        "the next key goes to every lab process that can: *f, *x, *9k",
    ),
    bind(
        Stepping,
        &[Char('n'), Char(' ')],
        Command::Step,
        "next",
        "the next step of the selected process; *n of every process that can",
    ),
    bind(Stepping, &[Char('r')], Command::Run, "run", "run, and pause"),
    bind(Stepping, &[Char('+')], Command::Faster, "", "run faster"),
    bind(Stepping, &[Char('-')], Command::Slower, "", "run slower"),
    bind(
        Stepping,
        &[Char('F')],
        Command::Finish,
        "to the end",
        "every process on to its end",
    ),
    bind(
        Stepping,
        &[Char('b')],
        Command::Breakpoint,
        "break",
        "a breakpoint on the line of the selected process, or none any more; tracing: before a kind of call, too",
    ),
    bind(
        Stepping,
        &[Char('g')],
        Command::Grain,
        "by line",
        "the grain of a step while tracing: to the next system call, or to the next source line",
    ),
    bind(
        Stepping,
        &[Char('E')],
        Command::Edit,
        "edit",
        "edit the program in $VISUAL or $EDITOR, else vi, and start again with it",
    ),
    bind(
        Stepping,
        &[Char('H')],
        Command::Outlook,
        "outcomes",
        "all outcomes that are possible, beside those seen in 50 real runs; Enter there: go a run to one of them",
    ),
    bind(
        Stepping,
        &[Key::Tab],
        Command::Focus,
        "type",
        "type to the program; again: back to the tree",
    ),
    bind(
        Lesson,
        &[Key::Enter],
        Command::ReadOn,
        "read on",
        "read on; after the last goal, the next lesson",
    ),
    bind(
        Lesson,
        &[Char('s')],
        Command::SkipQuestion,
        "skip the question",
        "leave the question unanswered (1 to 4, or a number and Enter, answer it)",
    ),
    bind(
        Lesson,
        &[Key::Backspace],
        Command::Erase,
        "",
        "take back a digit of the answer",
    ),
    bind(
        Lesson,
        &[Char('h')],
        Command::Hint,
        "hint",
        "a hint; again: another",
    ),
    bind(
        Lesson,
        &[Char('S')],
        Command::Solution,
        "solution",
        "show the solution, played from the beginning: that does not count as solving",
    ),
    bind(
        Lesson,
        &[Char('c')],
        Command::OtherLanguage,
        "C or Python",
        "start the lesson again in the other language",
    ),
    bind(
        Lesson,
        &[Char('m')],
        Command::Lessons,
        "lessons",
        "the lessons, by chapter",
    ),
    bind(
        Quiz,
        &[Key::Enter],
        Command::NextQuestion,
        "next question",
        "the next question, with a fresh lab (1 to 4 answer it); after the last, the result",
    ),
    bind(View, &[Key::Up], Command::Up, "", "select the process above"),
    bind(View, &[Key::Down], Command::Down, "", "select the process below"),
    bind(
        View,
        &[Key::Left],
        Command::Fold,
        "",
        "fold away what is below the process, or go to its parent",
    ),
    bind(
        View,
        &[Key::Right],
        Command::Unfold,
        "",
        "unfold, or go to its first child",
    ),
    bind(View, &[Key::Home], Command::First, "", "select the first row"),
    bind(View, &[Key::End], Command::Last, "", "select the last row"),
    bind(View, &[Key::PageUp], Command::PageUp, "", "ten rows up"),
    bind(View, &[Key::PageDown], Command::PageDown, "", "ten rows down"),
    bind(
        View,
        &[Char('\'')],
        Command::Goto,
        "",
        "and a letter: go to that process; '' goes to screen",
    ),
    bind(
        View,
        &[Key::Esc],
        Command::Leave,
        "",
        "close what is on top; the live world again; let screen's wait go",
    ),
    bind(
        View,
        &[Char('v')],
        Command::NextPane,
        "pane",
        "the next bottom pane: events, output, lanes, descriptors, ps",
    ),
    bind(
        View,
        &[Char(',')],
        Command::Back,
        "back",
        "one event back in time (5, five); Esc: the live world again",
    ),
    bind(
        View,
        &[Char('.')],
        Command::Forth,
        "forth",
        "one event forth in time",
    ),
    bind(
        View,
        &[Char('<')],
        Command::BackOf,
        "its previous",
        "back to the selected process's previous event",
    ),
    bind(
        View,
        &[Char('>')],
        Command::ForthOf,
        "its next",
        "forth to the selected process's next event",
    ),
    bind(View, &[Char('z')], Command::Closer, "closer", "lanes: closer"),
    bind(
        View,
        &[Char('Z')],
        Command::Wider,
        "wider",
        "lanes: wider, and from some point on by the clock",
    ),
    bind(
        View,
        &[Char('o')],
        Command::Save,
        "save",
        "save: a recording of all so far and from now on, a picture, the tree",
    ),
    bind(
        View,
        &[Char('d')],
        Command::Evidence,
        "evidence",
        "the evidence: the lines of /proc it comes from",
    ),
    bind(
        View,
        &[Char('a')],
        Command::Ask,
        "ask first",
        "ask mode: a key first says what would be done, Enter does it",
    ),
    bind(
        View,
        &[Char('m')],
        Command::Menu,
        "menu",
        "the menu: what there is, and scenes to start from",
    ),
    bind(
        View,
        &[Char('P')],
        Command::Presenter,
        "presenter",
        "presenter: few and large things",
    ),
    bind(
        View,
        &[Char('t')],
        Command::Theme,
        "theme",
        "the next theme: dark, light, contrast, plain",
    ),
    bind(
        View,
        &[Char('M')],
        Command::Mouse,
        "",
        "mouse on or off (on, it blocks selecting text)",
    ),
    bind(
        View,
        &[Char('R')],
        Command::Restart,
        "",
        "start again (asks while processes live)",
    ),
    bind(View, &[Char('?')], Command::Help, "help", "this help"),
    bind(View, &[Ctrl('l')], Command::Redraw, "", "draw the screen anew"),
    bind(
        View,
        &[Ctrl('z')],
        Command::Suspend,
        "",
        "suspend forkscope; fg brings it back",
    ),
    bind(
        View,
        &[Char('q')],
        Command::Quit,
        "quit",
        "close what is on top; on the bare screen quit (asks while lab processes live)",
    ),
    bind(
        View,
        &[Ctrl('c')],
        Command::QuitNow,
        "",
        "quit at once; nothing is left behind",
    ),
    bind(
        Replay,
        &[Char(' '), Char('n')],
        Command::Forth,
        "step",
        "the next event",
    ),
    bind(
        Replay,
        &[Char('r')],
        Command::PlayPause,
        "play, pause",
        "play or pause; pauses of the session are cut to three seconds",
    ),
    bind(
        Replay,
        &[Char('+'), Char('=')],
        Command::Faster,
        "faster",
        "twice as fast, up to 64 times",
    ),
    bind(
        Replay,
        &[Char('-')],
        Command::Slower,
        "slower",
        "half as fast, down to an eighth",
    ),
    bind(
        Replay,
        &[Key::Home],
        Command::FirstEvent,
        "",
        "to the first event",
    ),
    bind(
        Replay,
        &[Key::End, Char('F')],
        Command::LastEvent,
        "",
        "to the last event",
    ),
    bind(
        Prompt,
        &[Key::Enter],
        Command::Accept,
        "do it",
        "take the line, or what is chosen",
    ),
    bind(Prompt, &[Key::Up], Command::Up, "choose", "choose above"),
    bind(Prompt, &[Key::Down], Command::Down, "", "choose below"),
    bind(
        Prompt,
        &[Key::Esc, Ctrl('g')],
        Command::Cancel,
        "leave",
        "leave without doing anything",
    ),
    bind(
        Prompt,
        &[Ctrl('c')],
        Command::QuitNow,
        "",
        "quit at once; nothing is left behind",
    ),
    bind(List, &[Key::Up], Command::Up, "choose", "up"),
    bind(List, &[Key::Down], Command::Down, "", "down"),
    bind(List, &[Key::PageUp], Command::PageUp, "", "a page up"),
    bind(
        List,
        &[Key::PageDown, Char(' ')],
        Command::PageDown,
        "",
        "a page down",
    ),
    bind(List, &[Key::Home], Command::First, "", "to the beginning"),
    bind(List, &[Key::End], Command::Last, "", "to the end"),
    bind(
        List,
        &[Key::Enter],
        Command::Accept,
        "take it",
        "take what is chosen",
    ),
    bind(
        List,
        &[Char('q'), Key::Esc, Char('?'), Char('m'), Char('d'), Char('H')],
        Command::Cancel,
        "close",
        "close",
    ),
    bind(
        List,
        &[Ctrl('c')],
        Command::QuitNow,
        "",
        "quit at once; nothing is left behind",
    ),
    bind(Question, &[Key::Enter], Command::Accept, "do it", "do it"),
    bind(
        Question,
        &[Key::Esc],
        Command::Cancel,
        "leave",
        "any other key: leave it",
    ),
    bind(
        Question,
        &[Ctrl('c')],
        Command::QuitNow,
        "",
        "quit at once; nothing is left behind",
    ),
    bind(
        Output,
        &[Key::Enter],
        Command::Accept,
        "send the line",
        "send the line",
    ),
    bind(
        Output,
        &[Ctrl('c')],
        Command::Interrupt,
        "SIGINT",
        "SIGINT to the program's process group",
    ),
    bind(
        Output,
        &[Ctrl('d')],
        Command::EndOfInput,
        "end of input",
        "end of input",
    ),
    bind(
        Output,
        &[Key::Tab, Key::Esc],
        Command::Cancel,
        "back",
        "back to the tree",
    ),
];

/// The row for `key` in the first of the contexts that knows it.
pub fn lookup(contexts: &[Context], key: Key) -> Option<&'static Binding> {
    contexts.iter().find_map(|context| {
        TABLE
            .iter()
            .find(|binding| binding.context == *context && binding.keys.contains(&key))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = BTreeSet::new();
        for binding in TABLE {
            // The main screen is one place to the student, though three contexts serve it.
            let place = match binding.context {
                Process | Stepping | View => View,
                other => other,
            };
            for key in binding.keys {
                assert!(seen.insert((place, *key)), "{key} stands twice in {place:?}");
            }
        }
    }
}
