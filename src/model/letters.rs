//! What programs write, with letters in the place of pids: `parent of <B>`.
//!
//! Pids differ from run to run, so outputs of different runs are compared by who is meant. Two runs may also give the
//! same part to processes of different letters: [`anonymous`] takes those for one.

use super::ProcId;

/// A text in which each number that is the pid of a process is written as its letter: `parent of <B>`.
pub fn lettered(text: &str, name: impl Fn(i32) -> Option<ProcId>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].find(|c: char| !c.is_ascii_digit());
        let end = digits.map_or(rest.len(), |length| start + length);
        let (before, number, after) = (&rest[..start], &rest[start..end], &rest[end..]);
        let is_word = !before.ends_with(is_part_of_word) && !after.starts_with(is_part_of_word);
        written.push_str(before);
        match number.parse().ok().filter(|_| is_word).and_then(&name) {
            Some(id) => written.extend(["<", &id.to_string(), ">"]),
            None => written.push_str(number),
        }
        rest = after;
    }
    written + rest
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// Such a text with its letters numbered as they come: texts that differ in letters alone become equal.
pub fn anonymous(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (name, after))) = rest
        .split_once('<')
        .and_then(|(before, after)| Some((before, after.split_once('>')?)))
    {
        written.push_str(before);
        if name.parse().is_ok_and(ProcId::is_lab) {
            let at = known.iter().position(|other| *other == name).unwrap_or_else(|| {
                known.push(name);
                known.len() - 1
            });
            written.extend(["<", &at.to_string(), ">"]);
            rest = after;
        } else {
            written.push('<');
            rest = &rest[before.len() + 1..];
        }
    }
    written + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pids_are_written_as_letters() {
        let name = |pid| {
            (4101..4104)
                .contains(&pid)
                .then(|| ProcId::lab(pid as u32 - 4101))
        };
        let check = |text, written: &str| assert_eq!(lettered(text, name), written);
        check("parent 4101 of 4102\n", "parent <A> of <B>\n");
        check("4103", "<C>");
        check(
            "n is 41010, x4101, 4101.5 and 7",
            "n is 41010, x4101, 4101.5 and 7",
        );
        check("4101,4102;", "<A>,<B>;");
        check("", "");
    }

    #[test]
    fn what_differs_in_letters_alone_is_one() {
        let check =
            |one, other, is_same| assert_eq!(anonymous(one) == anonymous(other), is_same, "{one} {other}");
        check("<B> of <A>", "<C> of <A>", true);
        check("<B> of <A>", "<B> of <B>", false);
        check("<B>, <C>, <B>", "<C>, <B>, <C>", true);
        check("a < b and <A>", "a < b and <B>", true);
        check("<x>", "<y>", false);
        check("child of <A>", "child of <keeper>", false);
    }
}
