//! Pages that are made from the program are as the program would make them.

use std::path::Path;
use std::{env, fs};

/// The page in docs/ is `made`; with `UPDATE_DOCS` set it is written instead.
fn check(page: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, made).expect("docs/ can be written to");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == made,
        "docs/{page} is not what the program makes: UPDATE_DOCS=1 cargo test --test docs writes it anew"
    );
}

#[test]
fn the_page_of_keys_is_the_key_table() {
    check("keys.md", &forkscope::app::table::markdown());
}
