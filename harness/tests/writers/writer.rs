//! A process that writes without a pause, until its standard input ends.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, thread};

use counterfoil_reference::file_name::Mode;
use counterfoil_reference::record::{
    Counter, Description, Family, Gauge, Histogram, Registry, Summary, Writers,
};

use crate::pledges::{Pledge, STEPS};
use crate::written::double;

const FOLDER: &str = "COUNTERFOIL_TEST_WRITER_FOLDER";
const NUMBER: &str = "COUNTERFOIL_TEST_WRITER_NUMBER";

/// How many label sets a process creates, one before each of its first batches, and how many of them each process
/// after it has not seen.
const LABEL_SETS: u64 = 200;
const NEW_LABEL_SETS: u64 = 20;
/// How many of them a histogram has.
const QUEUES: u64 = 15;
/// The gauges whose values check themselves.
pub(crate) const MODES: [Mode; 6] = [
    Mode::All,
    Mode::LiveAll,
    Mode::Min,
    Mode::Max,
    Mode::MostRecent,
    Mode::LiveMostRecent,
];

/// One of the writers, and its number among all that there ever were.
pub(crate) struct Writer {
    folder: PathBuf,
    number: u64,
}

impl Writer {
    pub(crate) fn start(folder: &Path, number: u64) -> io::Result<Child> {
        Command::new(env::current_exe()?)
            .env(FOLDER, folder)
            .env(NUMBER, number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
    }

    /// What this process was started as, if it was.
    pub(crate) fn of_this_process() -> Option<Self> {
        let folder = env::var_os(FOLDER)?.into();
        let number = env::var(NUMBER).ok()?.parse().ok()?;
        Some(Self { folder, number })
    }

    pub(crate) fn write_until_told_to_stop(&self) {
        // The one who reads is outnumbered.
        let _ = rustix::process::nice(5);
        let told = Arc::new(AtomicBool::new(false));
        let ear = Arc::clone(&told);
        thread::spawn(move || {
            // Its end is what matters, also where the other side was killed.
            let _ = io::stdin().read_to_end(&mut Vec::new());
            ear.store(true, Ordering::Relaxed);
        });
        let (metrics, pid) = (metrics(&self.folder), std::process::id());
        // Both ways to add are in the fleet.
        if self.number.is_multiple_of(2) {
            self.write(&Registry::new(metrics, pid), &told);
        } else {
            self.write(&Registry::of_one_thread(metrics, pid), &told);
        }
    }

    fn write<W: Writers>(&self, registry: &Registry<W>, told: &AtomicBool) {
        let mut pledge = Pledge::of_this_process(&self.folder);
        let instruments = Instruments::of(registry);
        for batch in (0..).take_while(|_| !told.load(Ordering::Relaxed)) {
            pledge.begin();
            let label_set = batch.min(LABEL_SETS) + self.number * NEW_LABEL_SETS;
            if batch < LABEL_SETS {
                instruments.bear(label_set);
            }
            for step in batch * STEPS..(batch + 1) * STEPS {
                instruments.write(step, label_set);
            }
            pledge.fulfil();
        }
    }
}

/// Where the metric files are.
pub(crate) fn metrics(folder: &Path) -> PathBuf {
    folder.join("metrics")
}

struct Instruments<W: Writers> {
    writes: Counter<W>,
    born: Family<Counter<W>>,
    wait: Family<Histogram<W>>,
    size: Summary<W>,
    gauges: Vec<Gauge<W>>,
    busy: Gauge<W>,
}

impl<W: Writers> Instruments<W> {
    fn of(registry: &Registry<W>) -> Self {
        let named = |name: &str| Description::new(format!("writers_{name}"), "Written without a pause.");
        let gauge = |mode: Mode| {
            let family = registry.gauge(named(mode.name()), mode).unwrap();
            family.labels(&[]).unwrap().clone()
        };
        let writes = registry.counter(named("writes")).unwrap();
        let size = registry.summary(named("size")).unwrap();
        let wait = named("wait").with_labels(["queue"]);
        Self {
            writes: writes.labels(&[]).unwrap().clone(),
            born: registry.counter(named("born").with_labels(["name"])).unwrap(),
            wait: registry.histogram(wait, &[0.25, 1.0, 4.0]).unwrap(),
            size: size.labels(&[]).unwrap().clone(),
            gauges: MODES.map(gauge).into(),
            busy: gauge(Mode::Sum),
        }
    }

    /// A new label set, with a name so long that the file has to grow.
    fn bear(&self, label_set: u64) {
        self.born
            .labels(&[&format!("{label_set:0400}")])
            .unwrap()
            .inc(1.0);
    }

    fn write(&self, step: u64, label_set: u64) {
        self.busy.add(1.0);
        self.writes.inc(1.0);
        let queue = (label_set.min(step) / 7 % QUEUES + label_set / LABEL_SETS).to_string();
        self.wait
            .labels(&[&queue])
            .unwrap()
            .observe(0.5 * (step % 10) as f64);
        self.size.observe((step % 4) as f64);
        for gauge in &self.gauges {
            gauge.set(double(step));
        }
        self.busy.add(-1.0);
    }
}
