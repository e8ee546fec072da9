//! The wire formats of task queues: how a task document lies on Redis.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::exporter::ListFormat;
use crate::task::Task;

/// Writes the bytes that are pushed for one task.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(format: ListFormat, task: &Task, out: impl io::Write) -> io::Result<()> {
    match format {
        ListFormat::PlainList => serde_json::to_writer(out, task)?,
        ListFormat::TaskiqList => serde_json::to_writer(out, &TaskiqMessage::of(task))?,
    }
    Ok(())
}

/// A call of the task's name with the task as its only argument.
#[derive(Serialize)]
struct TaskiqMessage<'a> {
    task_id: &'a str,
    task_name: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    labels_types: Option<BTreeMap<&'a str, u32>>,
    args: [&'a Task; 1],
    kwargs: BTreeMap<&'a str, &'a str>,
}

impl<'a> TaskiqMessage<'a> {
    fn of(task: &'a Task) -> Self {
        Self {
            task_id: &task.id,
            task_name: &task.name,
            labels: BTreeMap::new(),
            labels_types: None,
            args: [task],
            kwargs: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_taskiq_message_carries_the_task_as_its_only_argument() {
        let document = json!({"id": "1", "name": "common", "ops": []});
        let task = serde_json::from_value(document.clone()).unwrap();
        let mut message = Vec::new();
        write(ListFormat::TaskiqList, &task, &mut message).unwrap();
        let message: Value = serde_json::from_slice(&message).unwrap();
        let expected = json!({
            "task_id": "1",
            "task_name": "common",
            "labels": {},
            "labels_types": null,
            "args": [document],
            "kwargs": {},
        });
        assert_eq!(message, expected);
    }
}
