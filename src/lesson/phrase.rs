//! Reads a predicate as a lesson's author writes it, near to plain English:
//!
//! ```text
//! zombies = 1 and B is zombie with exit 7
//! parent of C is keeper
//! A got ECHILD from waitpid
//! output contains "A: 10" before "B: 11"
//! ```
//!
//! `and` binds closer than `or`, `not` closer than both. docs/lesson-format.md lists every form.

use std::str::FromStr;

use super::predicate::{Answer, Call, Compare, Count, End, Fact, Is, Parent, Predicate, Who};
use crate::model::event::Phase;
use crate::model::{ProcId, Signal};

/// The words that ask for every output that is possible.
pub const EVERY_OUTPUT: &str = "every possible output printed";

/// What is wrong with a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPhrase {
    /// The character of the phrase, counted from 0.
    pub at: usize,
    /// What.
    pub what: String,
}

impl FromStr for Predicate {
    type Err = BadPhrase;

    fn from_str(text: &str) -> Result<Self, BadPhrase> {
        let mut reader = Reader::new(text)?;
        let predicate = reader.any_of()?;
        match reader.words.get(reader.next) {
            None => Ok(predicate),
            Some(_) => Err(reader.expected("`and`, `or`, or the end")),
        }
    }
}

impl FromStr for Count {
    type Err = BadPhrase;

    fn from_str(word: &str) -> Result<Self, BadPhrase> {
        count(word).ok_or_else(|| BadPhrase {
            at: 0,
            what: format!("`{word}` is no count: write alive, zombies, reaped, born, orphans or lines"),
        })
    }
}

fn count(word: &str) -> Option<Count> {
    Some(match word {
        "alive" => Count::Alive,
        "zombies" => Count::Zombies,
        "reaped" => Count::Reaped,
        "born" => Count::Born,
        "orphans" => Count::Orphans,
        "lines" => Count::Lines,
        _ => return None,
    })
}

/// A word, or a text between quotes.
struct Word {
    at: usize,
    text: String,
    quoted: bool,
}

struct Reader {
    words: Vec<Word>,
    next: usize,
    end: usize,
}

type Read<T> = Result<T, BadPhrase>;

impl Reader {
    fn new(text: &str) -> Read<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut words = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            if chars[at].is_whitespace() {
                at += 1;
                continue;
            }
            let quoted = chars[at] == '"';
            let from = at + usize::from(quoted);
            let ends = |c: char| if quoted { c == '"' } else { c.is_whitespace() };
            let to = (from..chars.len()).find(|n| ends(chars[*n]));
            if quoted && to.is_none() {
                let what = "this quote is never closed".to_owned();
                return Err(BadPhrase { at, what });
            }
            let to = to.unwrap_or(chars.len());
            let text = chars[from..to].iter().collect();
            words.push(Word { at, text, quoted });
            at = to + usize::from(quoted);
        }
        let end = chars.len();
        Ok(Self { words, next: 0, end })
    }

    /// The word that comes, if it is no text between quotes.
    fn peek(&self) -> Option<&str> {
        let word = self.words.get(self.next).filter(|word| !word.quoted);
        word.map(|word| word.text.as_str())
    }

    /// Goes past the word, if it comes.
    fn take(&mut self, word: &str) -> bool {
        let comes = self.peek() == Some(word);
        self.next += usize::from(comes);
        comes
    }

    fn must(&mut self, word: &str) -> Read<()> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{word}`")))
        }
    }

    /// The word that comes, as far as `read` knows it.
    fn word<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        let value = self.peek().and_then(read);
        let value = value.ok_or_else(|| self.expected(what))?;
        self.next += 1;
        Ok(value)
    }

    fn text(&mut self) -> Read<String> {
        let word = self.words.get(self.next).filter(|word| word.quoted);
        let text = word.map(|word| word.text.clone());
        let text = text.ok_or_else(|| self.expected("a text between quotes"))?;
        self.next += 1;
        Ok(text)
    }

    fn expected(&self, what: &str) -> BadPhrase {
        match self.words.get(self.next) {
            Some(word) => BadPhrase {
                at: word.at,
                what: format!("`{}` is not known here; expected {what}", word.text),
            },
            None => BadPhrase {
                at: self.end,
                what: format!("the phrase ends too early; expected {what}"),
            },
        }
    }

    fn any_of(&mut self) -> Read<Predicate> {
        let mut any = vec![self.all_of()?];
        while self.take("or") {
            any.push(self.all_of()?);
        }
        Ok(single(any, Predicate::Or))
    }

    fn all_of(&mut self) -> Read<Predicate> {
        let mut all = vec![self.one()?];
        while self.take("and") {
            all.push(self.one()?);
        }
        Ok(single(all, Predicate::And))
    }

    fn one(&mut self) -> Read<Predicate> {
        if self.take("not") {
            return Ok(Predicate::Not(Box::new(self.one()?)));
        }
        self.fact().map(Predicate::Fact)
    }

    fn fact(&mut self) -> Read<Fact> {
        if self.take("never") {
            return Ok(Fact::Never);
        }
        if self.take("no") {
            self.must("process")?;
            self.must("left")?;
            return Ok(Fact::NoProcessLeft);
        }
        if self.peek() == EVERY_OUTPUT.split(' ').next() {
            for word in EVERY_OUTPUT.split(' ') {
                self.must(word)?;
            }
            return Ok(Fact::EveryOutput);
        }
        if self.take("parent") {
            return self.parent();
        }
        if self.take("output") {
            self.must("contains")?;
            let first = self.text()?;
            return Ok(if self.take("before") {
                Fact::OutputOrder(first, self.text()?)
            } else {
                Fact::Output(first)
            });
        }
        if let Some(count) = self.peek().and_then(count) {
            self.next += 1;
            let compare = self.word("=, <, <=, > or >=", compare)?;
            return Ok(Fact::Count(count, compare, self.number()?));
        }
        let who = self.who()?;
        Ok(Fact::Of(who, self.is()?))
    }

    fn parent(&mut self) -> Read<Fact> {
        self.must("of")?;
        let child = self.who()?;
        self.must("is")?;
        let parent = if self.take("outside") {
            Parent::Outside
        } else {
            Parent::Proc(self.word("a process, or `outside`", name)?)
        };
        Ok(Fact::Parent(child, parent))
    }

    fn who(&mut self) -> Read<Who> {
        if self.take("some") {
            self.must("process")?;
            return Ok(Who::Some);
        }
        let what = "a process such as A, keeper or `some process`, a count, `parent of`, `output contains` or `no process left`";
        self.word(what, name).map(Who::One)
    }

    fn is(&mut self) -> Read<Is> {
        let what = "is, has, waits, ended, reaped, adopted, called, got, runs, wrote, sent, caught, ignores, stands or leads";
        let verb = self.word(what, |word| Some(word.to_owned()))?;
        match verb.as_str() {
            "is" => self.state(),
            "has" => self.has(),
            "waits" => Ok(Is::Waits),
            "ended" if self.take("before") => Ok(Is::EndedBefore(self.who()?)),
            "ended" => Ok(Is::Ended(self.end_of_life()?)),
            "reaped" => Ok(Is::Reaped(self.who()?)),
            "adopted" => Ok(Is::Adopted(self.who()?)),
            "called" => self.called(),
            "got" => {
                let answer = self.answer()?;
                self.must("from")?;
                Ok(Is::Got(answer, self.call()?))
            }
            "runs" => Ok(Is::Runs(
                self.word("the name of a program", |word| Some(word.to_owned()))?,
            )),
            "wrote" => Ok(Is::Wrote(self.text()?)),
            "sent" | "caught" | "ignores" => {
                let signal = self.signal()?;
                Ok(match verb.as_str() {
                    "sent" => Is::Sent(signal),
                    "caught" => Is::Caught(signal),
                    _ => Is::Ignores(signal),
                })
            }
            "stands" => {
                let phase = self.word("before, in or after", phase)?;
                Ok(Is::Stands(phase, self.call()?))
            }
            "leads" => {
                self.must("its")?;
                self.word("group or session", |word| match word {
                    "group" => Some(Is::LeadsGroup),
                    "session" => Some(Is::LeadsSession),
                    _ => None,
                })
            }
            _ => {
                self.next -= 1;
                Err(self.expected(what))
            }
        }
    }

    fn state(&mut self) -> Read<Is> {
        if self.take("sent") {
            return self.signal().map(Is::Sent);
        }
        if self.take("zombie") {
            return self.end_of_life().map(Is::Zombie);
        }
        let what = "born, alive, zombie, gone, stopped, orphan, subreaper or sent";
        self.word(what, |word| {
            Some(match word {
                "born" => Is::Born,
                "alive" => Is::Alive,
                "gone" => Is::Gone,
                "stopped" => Is::Stopped,
                "orphan" => Is::Orphan,
                "subreaper" => Is::Subreaper,
                _ => return None,
            })
        })
    }

    fn end_of_life(&mut self) -> Read<Option<End>> {
        if self.take("by") {
            return Ok(Some(End::By(self.signal()?)));
        }
        if self.take("with") {
            self.must("exit")?;
            let code = self.word("an exit code from 0 to 255", |word| word.parse().ok())?;
            return Ok(Some(End::Exit(code)));
        }
        Ok(None)
    }

    fn called(&mut self) -> Read<Is> {
        let call = self.call()?;
        if self.peek().is_none_or(|word| word.parse::<u64>().is_err()) {
            return Ok(Is::Called(call, 1));
        }
        let times = self.number()?;
        if !self.take("time") {
            self.must("times")?;
        }
        Ok(Is::Called(call, times))
    }

    fn answer(&mut self) -> Read<Answer> {
        if self.take("some") {
            self.must("process")?;
            return Ok(Answer::Pid(Who::Some));
        }
        self.word("a number, an errno such as ECHILD, or a process", |word| {
            let number = word.parse().map(Answer::Number).ok();
            let error = || word.parse().map(Answer::Error).ok();
            let pid = || name(word).map(|id| Answer::Pid(Who::One(id)));
            number.or_else(error).or_else(pid)
        })
    }

    fn call(&mut self) -> Read<Call> {
        self.word("the name of a system call", |word| {
            let is_name = word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            is_name.then(|| Call::spelled(word))
        })
    }

    fn signal(&mut self) -> Read<Signal> {
        self.word("a signal such as SIGTERM", |word| {
            word.parse().ok().filter(|_| word.starts_with("SIG"))
        })
    }

    /// What stands after `has`: threads, or a variable, whose name is no number.
    fn has(&mut self) -> Read<Is> {
        if let Some(count) = self.peek().and_then(|word| word.parse().ok()) {
            self.next += 1;
            self.must(if count == 1 { "thread" } else { "threads" })?;
            return Ok(Is::Threads(count));
        }
        let name = self.word("the name of a variable", |word| Some(word.to_owned()))?;
        self.must("=")?;
        let value = self.word("a value", |word| Some(word.to_owned()))?;
        Ok(Is::Holds(name, value))
    }

    fn number(&mut self) -> Read<u64> {
        self.word("a number", |word| word.parse().ok())
    }
}

fn single(mut all: Vec<Predicate>, many: impl Fn(Vec<Predicate>) -> Predicate) -> Predicate {
    match all.len() {
        1 => all.remove(0),
        _ => many(all),
    }
}

fn name(word: &str) -> Option<ProcId> {
    word.parse().ok()
}

fn compare(word: &str) -> Option<Compare> {
    Some(match word {
        "=" => Compare::Equal,
        "<" => Compare::Less,
        "<=" => Compare::AtMost,
        ">" => Compare::More,
        ">=" => Compare::AtLeast,
        _ => return None,
    })
}

fn phase(word: &str) -> Option<Phase> {
    Some(match word {
        "before" => Phase::Before,
        "in" => Phase::In,
        "after" => Phase::After,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(phrase: &str, expected: &Predicate) {
        let read = phrase.parse::<Predicate>();
        assert_eq!(read.as_ref(), Ok(expected), "{phrase}");
    }

    const fn lab(n: u32) -> Who {
        Who::One(ProcId::lab(n))
    }

    #[test]
    fn every_form_is_read() {
        let of = |phrase, who, is| check(phrase, &Predicate::Fact(Fact::Of(who, is)));
        of("B is zombie", lab(1), Is::Zombie(None));
        of("B is zombie with exit 7", lab(1), Is::Zombie(Some(End::Exit(7))));
        of(
            "B ended by SIGKILL",
            lab(1),
            Is::Ended(Some(End::By(Signal::KILL))),
        );
        of("A ended before some process", lab(0), Is::EndedBefore(Who::Some));
        of("A waits", lab(0), Is::Waits);
        of("A reaped B", lab(0), Is::Reaped(lab(1)));
        of("keeper adopted C", Who::One(ProcId::Keeper), Is::Adopted(lab(2)));
        of(
            "A called fork 3 times",
            lab(0),
            Is::Called(Call::spelled("fork"), 3),
        );
        of("A called fork", lab(0), Is::Called(Call::spelled("fork"), 1));
        of(
            "A got ECHILD from waitpid",
            lab(0),
            Is::Got(Answer::Error(crate::model::Errno(10)), Call::spelled("os.wait")),
        );
        of(
            "A got 0 from read",
            lab(0),
            Is::Got(Answer::Number(0), Call::spelled("read")),
        );
        of(
            "A got B from wait",
            lab(0),
            Is::Got(Answer::Pid(lab(1)), Call::spelled("wait")),
        );
        of("B runs sleep", lab(1), Is::Runs("sleep".into()));
        of("B is sent SIGTERM", lab(1), Is::Sent(Signal::TERM));
        of("B caught SIGCHLD", lab(1), Is::Caught(Signal::CHLD));
        of("A ignores SIGCHLD", lab(0), Is::Ignores(Signal::CHLD));
        of(
            "A stands before _exit",
            lab(0),
            Is::Stands(Phase::Before, Call::spelled("exit")),
        );
        of("B leads its session", lab(1), Is::LeadsSession);
        of("B has 1 thread", lab(1), Is::Threads(1));
        of("B has 4 threads", lab(1), Is::Threads(4));
        of("B has n = 11", lab(1), Is::Holds("n".into(), "11".into()));
        let fact = |phrase, fact| check(phrase, &Predicate::Fact(fact));
        fact("zombies = 1", Fact::Count(Count::Zombies, Compare::Equal, 1));
        fact("born >= 4", Fact::Count(Count::Born, Compare::AtLeast, 4));
        fact("no process left", Fact::NoProcessLeft);
        fact("never", Fact::Never);
        fact("every possible output printed", Fact::EveryOutput);
        fact("parent of C is outside", Fact::Parent(lab(2), Parent::Outside));
        fact("output contains \"A: 10\"", Fact::Output("A: 10".into()));
        fact(
            "output contains \"a b\" before \"c\"",
            Fact::OutputOrder("a b".into(), "c".into()),
        );
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        let alive = |n| Predicate::Fact(Fact::Count(Count::Alive, Compare::Equal, n));
        let not = Predicate::Not(Box::new(alive(3)));
        let expected = Predicate::Or(vec![alive(1), Predicate::And(vec![alive(2), not])]);
        check("alive = 1 or alive = 2 and not alive = 3", &expected);
    }

    #[test]
    fn what_is_wrong_and_where() {
        let check = |phrase: &str, at, what: &str| {
            let bad = phrase.parse::<Predicate>().expect_err(phrase);
            assert_eq!(bad.at, at, "{phrase}: {}", bad.what);
            assert!(bad.what.contains(what), "{phrase}: {}", bad.what);
        };
        check("", 0, "ends too early");
        check("zombies", 7, "expected =");
        check("zombies = many", 10, "expected a number");
        check("B is dead", 5, "expected born");
        check("B dies", 2, "expected is, has");
        check("B is zombie with exit 256", 22, "from 0 to 255");
        check("B is zombie B", 12, "`and`, `or`, or the end");
        check("output contains hello", 16, "between quotes");
        check("output contains \"hello", 16, "never closed");
        check("b is zombie", 0, "a process such as A");
        check("A got ENOTHING from wait", 6, "an errno");
        check("B is sent TERM", 10, "a signal");
    }
}
