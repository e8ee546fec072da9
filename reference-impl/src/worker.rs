//! A worker process: takes tasks, records, acknowledges.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;
use std::{io, process};

use redis::{Client, RedisError};
use rustix::process::{Signal, getppid, kill_process};
use serde_json::Value;
use thiserror::Error;

use crate::acks::Acks;
use crate::dead;
use crate::file_name::Kind;
use crate::mutant::{Mutant, broker, ops};
use crate::notice::notice;
use crate::program::{AnyFamily, Program, ProgramError};
use crate::queue::Queue;
use crate::record::{OneThread, RecordError, Registry};
use crate::stop;
use crate::task::{Change, Op, Outcome, Task};

/// The environment variable with the program document's path.
pub const PROGRAM_VARIABLE: &str = "COUNTERFOIL_PROGRAM";
/// The environment variable with the acknowledgement file's path; without it nothing is acknowledged.
pub const ACKS_VARIABLE: &str = "COUNTERFOIL_ACKS";

/// Why a worker ends other than by being asked to.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// It was not told its program.
    #[error("{PROGRAM_VARIABLE} is not set")]
    NoProgram,
    /// Its program cannot be had.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The broker's URL is not one.
    #[error("the broker's URL is not one of a Redis")]
    Broker(#[from] RedisError),
    /// It could not acknowledge a task that it has executed.
    #[error("cannot acknowledge in {path}")]
    Acks {
        /// The acknowledgement file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It ran out of room in the middle of a task, which is therefore not acknowledged.
    #[error("cannot record")]
    Record(#[from] RecordError),
}

/// Executes tasks of a program.
#[derive(Debug)]
pub struct Worker {
    program: Program,
    home: Option<Home>,
    acks: Option<(PathBuf, Acks)>,
    mutant: Option<Mutant>,
    /// What mutants remember.
    memory: ops::Memory,
    /// What a mutant has acknowledged, and executes later.
    late: VecDeque<Task>,
    /// Whether a mutant has failed to record something, and does nothing any more.
    sulks: bool,
    /// The broker without which a mutant records nothing.
    leave: Option<Client>,
}

/// Where a worker's metrics came from, so that they can be constructed anew.
#[derive(Debug)]
struct Home {
    directory: PathBuf,
    document: PathBuf,
    registry: Registry<OneThread>,
}

/// What executing a task came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The outcome to acknowledge.
    pub outcome: Outcome,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl Worker {
    /// A worker as the environment describes it, which writes to files of its pid in `directory`.
    ///
    /// # Errors
    /// If the program or the acknowledgement file cannot be had.
    pub fn from_environment(directory: &Path, mutant: Option<Mutant>) -> Result<Self, WorkerError> {
        let program = env::var_os(PROGRAM_VARIABLE).ok_or(WorkerError::NoProgram)?;
        if mutant == Some(Mutant::ForgetsItsNamesake) {
            // What it cannot remove it goes on with, and survives.
            let _ = dead::remove(directory, process::id(), Kind::all());
        }
        let owner = match mutant {
            Some(Mutant::CountsIntoInheritedFiles) => std::os::unix::process::parent_id(),
            _ => process::id(),
        };
        let registry = Registry::of_one_thread(directory, owner);
        let home = Home {
            directory: directory.to_owned(),
            document: program.into(),
            registry,
        };
        let program = Program::load(&home.document, &home.registry)?;
        if mutant == Some(Mutant::LeavesAnEmptyFile) {
            // Where it cannot be created the mutant survives, and its test says so.
            let _ = File::create(directory.join("counter_0.db"));
        }
        let acks = match env::var_os(ACKS_VARIABLE).map(PathBuf::from) {
            None => None,
            Some(path) => match Acks::open(&path) {
                Ok(acks) => Some((path, acks)),
                Err(source) => return Err(WorkerError::Acks { path, source }),
            },
        };
        Ok(Self {
            program,
            home: Some(home),
            acks,
            mutant,
            memory: ops::Memory::default(),
            late: VecDeque::new(),
            sulks: false,
            leave: None,
        })
    }

    /// A worker that acknowledges nothing.
    #[must_use]
    pub fn new(program: Program, mutant: Option<Mutant>) -> Self {
        Self {
            program,
            home: None,
            acks: None,
            mutant,
            memory: ops::Memory::default(),
            late: VecDeque::new(),
            sulks: false,
            leave: None,
        }
    }

    /// Takes tasks until `stop` is up; the current one is finished first.
    ///
    /// # Errors
    /// If a task could be executed but not recorded or not acknowledged.
    pub fn run(&mut self, queue: &mut Queue, stop: &AtomicBool) -> Result<(), WorkerError> {
        if self.mutant == Some(Mutant::CountsOnlyWithTheBroker) {
            self.leave = Some(queue.broker());
        }
        let mut losses = 0;
        while !stop::is_up(stop) {
            match queue.pop() {
                Some(document) => self.take(&document)?,
                None => self.catch_up()?,
            }
            if queue.losses() > losses {
                losses = queue.losses();
                self.mourn()?;
            }
        }
        Ok(())
    }

    /// What mutants do when they have lost the broker.
    fn mourn(&mut self) -> Result<(), WorkerError> {
        match self.mutant {
            Some(Mutant::EndsWithTheBroker) => {
                if let Some(supervisor) = getppid() {
                    let _ = kill_process(supervisor, Signal::TERM);
                }
            }
            Some(Mutant::ResetsWithTheBroker) => process::exit(1),
            Some(Mutant::RepeatsAfterALoss) => {
                if let Some(task) = self.late.pop_front() {
                    self.execute(&task)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A mutant that writes when it is idle executes what it has acknowledged.
    fn catch_up(&mut self) -> Result<(), WorkerError> {
        if self.mutant == Some(Mutant::WritesWhenIdle) {
            while let Some(task) = self.late.pop_front() {
                self.execute(&task)?;
            }
        }
        Ok(())
    }

    /// Whoever empties the directory takes the files from under a worker that has them open, and would count on where nobody
    /// looks (C14): it constructs its metrics anew.
    fn look_for_files(&mut self) -> Result<(), WorkerError> {
        let Some(home) = self.home.as_mut().filter(|home| home.registry.has_lost_files()) else {
            return Ok(());
        };
        if self.mutant != Some(Mutant::CountsIntoRemovedFiles) {
            home.registry = Registry::of_one_thread(&home.directory, process::id());
            self.program = Program::load(&home.document, &home.registry)?;
        }
        Ok(())
    }

    /// Executes a task document, then acknowledges it.
    fn take(&mut self, document: &[u8]) -> Result<(), WorkerError> {
        self.look_for_files()?;
        let read = serde_json::from_slice::<Task>(document);
        let read = read.or_else(|error| ops::without_the_unknown(self.mutant, document).ok_or(error));
        let (id, answer) = match read {
            Ok(task) => {
                let id = task.id.clone();
                (id, self.answer(task)?)
            }
            Err(error) => match id_of(document) {
                Some(id) => (id, refused(error.to_string())),
                None => {
                    notice(format_args!("a task without id is dropped: {error}"));
                    return Ok(());
                }
            },
        };
        let Some((path, acks)) = &self.acks else {
            return Ok(());
        };
        acks.acknowledge(&id, answer.outcome, answer.reason.as_deref())
            .map_err(|source| WorkerError::Acks {
                path: path.clone(),
                source,
            })
    }

    fn answer(&mut self, task: Task) -> Result<Answer, RecordError> {
        let kept = match self.mutant {
            Some(Mutant::AcknowledgesBeforeItRecords) => 1,
            Some(Mutant::WritesWhenIdle) => usize::MAX,
            Some(Mutant::RepeatsAfterALoss) => {
                self.late = VecDeque::from([task.clone()]);
                return self.execute(&task);
            }
            _ => return self.execute(&task),
        };
        self.late.push_back(task);
        if self.late.len() > kept
            && let Some(before) = self.late.pop_front()
        {
            return self.execute(&before);
        }
        Ok(Answer {
            outcome: Outcome::Ok,
            reason: None,
        })
    }

    /// Executes a task, or refuses it as a whole.
    ///
    /// # Errors
    /// If a value cannot be stored when others of the task have been; were there none, the task
    /// is refused instead.
    pub fn execute(&mut self, task: &Task) -> Result<Answer, RecordError> {
        if let Err(reason) = task.check(&self.program) {
            return Ok(refused(reason));
        }
        if self.sulks {
            return Ok(refused("something could not be recorded before".to_owned()));
        }
        let ops = match self.mutant {
            None => Cow::Borrowed(&task.ops),
            Some(mutant) => Cow::Owned(ops::changed(mutant, &mut self.memory, &task.ops)),
        };
        let mut recorded = false;
        for op in ops.iter() {
            match op {
                // Sleeps, bounded by the task: the wait is the op.
                Op::Sleep { ms } => thread::sleep(Duration::from_millis(*ms)),
                Op::Fail {} => {
                    return Ok(Answer {
                        outcome: Outcome::Failed,
                        reason: None,
                    });
                }
                Op::Exit { code } => process::exit(*code),
                Op::Inc(change) | Op::Observe(change) | Op::Add(change) | Op::Set(change) => {
                    if self
                        .leave
                        .as_ref()
                        .is_some_and(|broker| !broker::is_there(broker))
                    {
                        continue;
                    }
                    if let Err(error) = record(&self.program, op, change) {
                        return self.unrecorded(recorded, error);
                    }
                    recorded = true;
                }
            }
        }
        Ok(Answer {
            outcome: Outcome::Ok,
            reason: None,
        })
    }

    /// A task of which nothing was recorded can be refused honestly; of any other nothing can be said.
    fn unrecorded(&mut self, recorded: bool, error: RecordError) -> Result<Answer, RecordError> {
        match self.mutant {
            Some(Mutant::AcknowledgesTheUnrecorded) => {
                return Ok(Answer {
                    outcome: Outcome::Ok,
                    reason: None,
                });
            }
            Some(Mutant::EndsWhenItCannotRecord) => return Err(error),
            Some(Mutant::NeverRecordsAgain) => self.sulks = true,
            _ if recorded => return Err(error),
            _ => {}
        }
        Ok(refused(with_causes(&error)))
    }
}

/// Does what a checked op says.
fn record(program: &Program, op: &Op, change: &Change) -> Result<(), RecordError> {
    let family = program
        .family(&change.metric)
        .expect("the task was checked against the program");
    let values = change.values(family).expect("the labels were checked");
    let value = change.value;
    match family {
        AnyFamily::Counter(family) => family.labels(&values)?.inc(value),
        AnyFamily::Gauge(family, _) => match op {
            Op::Set(_) => family.labels(&values)?.set(value),
            _ => family.labels(&values)?.add(value),
        },
        AnyFamily::Histogram(family) => family.labels(&values)?.observe(value),
        AnyFamily::Summary(family) => family.labels(&values)?.observe(value),
    }
    Ok(())
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn refused(reason: String) -> Answer {
    Answer {
        outcome: Outcome::Refused,
        reason: Some(reason),
    }
}

/// The id of a document that is not a task.
fn id_of(document: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(document).ok()?;
    document.get("id")?.as_str().map(str::to_owned)
}
