#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| forkscope_fuzz::TARGETS.run("report", input));
