//! What a key can ask for.

/// A command. What it does is in `update`; when it cannot work now, `refuse` says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "the key table has a line on each, and it is the one place for that"
)]
pub enum Command {
    Fork,
    Exec,
    Exit,
    Wait,
    WaitChoices,
    Signal,
    Sigchld,
    Subreaper,
    KeeperSubreaper,
    All,
    Step,
    Run,
    Faster,
    Slower,
    Finish,
    Breakpoint,
    Grain,
    Edit,
    Outlook,
    Focus,
    Interrupt,
    EndOfInput,
    Up,
    Down,
    Fold,
    Unfold,
    First,
    Last,
    PageUp,
    PageDown,
    Goto,
    Leave,
    NextPane,
    Back,
    Forth,
    BackOf,
    ForthOf,
    Closer,
    Wider,
    Save,
    PlayPause,
    FirstEvent,
    LastEvent,
    Evidence,
    Ask,
    Menu,
    Presenter,
    Theme,
    Mouse,
    Restart,
    ReadOn,
    NextQuestion,
    Erase,
    SkipQuestion,
    Hint,
    Solution,
    OtherLanguage,
    Lessons,
    Help,
    Redraw,
    Suspend,
    Quit,
    QuitNow,
    Accept,
    Cancel,
}

impl Command {
    /// Whether it moves the view alone, through time or over the lanes: it is no part of the session's story.
    pub const fn is_travel(self) -> bool {
        matches!(
            self,
            Self::Back | Self::Forth | Self::BackOf | Self::ForthOf | Self::Closer | Self::Wider
        )
    }
}
