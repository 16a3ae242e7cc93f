//! Every input that a fuzzer found worth keeping, read again. docs/fuzzing.md tells how to make the fuzzers search on.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

#[test]
fn what_the_fuzzers_kept_is_read_without_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in fuzz::TARGETS.names() {
        // Programs that are kept for another reason are as good as any to begin with.
        let folder = match name {
            "program_c" => root.join("assets/corpus/c"),
            "program_python" => root.join("assets/corpus/python"),
            _ => root.join("fuzz/corpus").join(name),
        };
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut count = 0;
        for entry in entries {
            let path = entry.expect("an entry").path();
            // A failure names its input by this.
            eprintln!("{}", path.display());
            fuzz::TARGETS.run(name, &fs::read(&path).expect("an input"));
            count += 1;
        }
        assert!(count > 0, "{} is empty", folder.display());
    }
}
