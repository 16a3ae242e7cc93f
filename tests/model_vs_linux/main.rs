//! Model against kernel: random sequences of system calls on `model::sim` and on Linux, compared after every call.
//!
//! Compared are the tree, the state letters, groups and sessions, the masks and dispositions and what is pending,
//! what each call returned, errnos, wait statuses, bytes read, and which handlers ran. A sequence that differs is
//! shrunk to the shortest that does, and printed with the seed.
//!
//!     FORKSCOPE_SEQUENCES=5000 FORKSCOPE_SEED=7 cargo test --test model_vs_linux
//!
//! says how many sequences, and where the random numbers begin; without a seed every run is the same, so that a new
//! difference is found by who looks for one and not by who changed something else. Real processes make the calls: puppets, which this
//! binary forks. So it must have one thread, and is its own harness.

#![expect(
    unsafe_code,
    reason = "the puppets make system calls in all the ways that a wrapper would forbid"
)]

mod compare;
mod guard;
mod linux;
mod plan;
mod puppet;

use std::cell::Cell;
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use compare::Duel;

/// How many sequences there are unless the environment says otherwise: about ten seconds.
const SEQUENCES: u32 = 150;

/// However many there are to be, no new one begins after this.
const LONGEST: Duration = Duration::from_secs(110);

/// How long Linux may take to come to rest after a call. Only a difference takes so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same once a difference has been found, which shrinking meets again and again.
const IMPATIENCE: Duration = Duration::from_millis(400);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.as_slice() {
        [word, rest @ ..] if word == puppet::PUPPET => puppet::revive(rest),
        // What test runners ask of every test binary.
        args if args.iter().any(|arg| arg == "--list") => println!("model_vs_linux: test"),
        _ => std::process::exit(guard::guarded(run)),
    }
}

/// Runs the sequences; the exit code.
fn run(keeper: nix::unistd::Pid) -> i32 {
    let seed = number("FORKSCOPE_SEED").unwrap_or(1);
    let cases = number("FORKSCOPE_SEQUENCES").map_or(SEQUENCES, |count| count as u32);
    println!("model against Linux: FORKSCOPE_SEQUENCES={cases} FORKSCOPE_SEED={seed}");
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        max_shrink_time: 30_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let begun = Instant::now();
    let (sequences, calls, patience) = (Cell::new(0), Cell::new(0), Cell::new(PATIENCE));
    let strategy = proptest::collection::vec(plan::act(), 1..60);
    let result = TestRunner::new_with_rng(config, rng).run(&strategy, |acts| {
        if begun.elapsed() < LONGEST {
            sequences.set(sequences.get() + 1);
            let made = sequence(keeper, patience.get(), &acts);
            if made.is_err() {
                patience.set(IMPATIENCE);
            }
            calls.set(calls.get() + made?);
        }
        Ok(())
    });
    match result {
        Ok(()) => {
            let (sequences, calls) = (sequences.get(), calls.get());
            println!(
                "{sequences} sequences, {calls} calls, no difference, {:.1?}",
                begun.elapsed()
            );
            0
        }
        Err(TestError::Fail(reason, _)) => {
            println!("{reason}\nFORKSCOPE_SEED={seed} shows it again");
            1
        }
        Err(TestError::Abort(reason)) => {
            println!("given up: {reason}");
            1
        }
    }
}

/// One sequence on both sides; how many calls were made.
fn sequence(
    keeper: nix::unistd::Pid,
    patience: Duration,
    acts: &[plan::Act],
) -> Result<usize, TestCaseError> {
    let mut duel = Duel::open(keeper, patience).map_err(TestCaseError::fail)?;
    let mut calls = 0;
    for act in acts {
        match duel.act(act) {
            Ok(done) => calls += usize::from(done),
            Err(difference) => {
                return Err(TestCaseError::fail(format!("{}{difference}", duel.story)));
            }
        }
    }
    Ok(calls)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
