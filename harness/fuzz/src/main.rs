//! A target of libFuzzer: which one, the environment says.
#![no_main]

mod memory;
mod targets;

use std::env;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

use targets::Target;

/// The variable that names the target.
const VARIABLE: &str = "COUNTERFOIL_FUZZ_TARGET";

static TARGET: OnceLock<&Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = env::var(VARIABLE).unwrap_or_default();
        TARGET.get_or_init(|| targets::named(&name));
    },
    |data: &[u8]| {
        let target = TARGET.get().expect("libFuzzer initialises first");
        memory::bounded(data, target.run);
    }
);
