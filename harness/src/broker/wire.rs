//! The wire formats of task queues: how a task document lies on Redis.

use serde_json::{Value, json};

use crate::exporter::QueueFormat;

/// The bytes that are pushed for one task.
pub(super) fn encode(format: QueueFormat, task: &Value) -> Vec<u8> {
    match format {
        QueueFormat::PlainList => task.to_string().into_bytes(),
        QueueFormat::TaskiqList => json!({
            "task_id": task["id"],
            "task_name": task["name"],
            "labels": {},
            "labels_types": null,
            "args": [task],
            "kwargs": {},
        })
        .to_string()
        .into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taskiq_message_carries_the_task_as_its_only_argument() {
        let task = json!({"id": "1", "name": "common", "ops": []});
        let message: Value = serde_json::from_slice(&encode(QueueFormat::TaskiqList, &task)).unwrap();
        assert_eq!(message["task_name"], "common");
        assert_eq!(message["args"], json!([task]));
    }
}
