//! Scrubs one typed request: `cargo run -p tamis --features prost --example scrub_request`.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use tamis::{Signal, Tamis};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, at the start of the program. If this fails, nothing may be sent.
    let tamis = Tamis::new()?;

    let line = "connecting to postgres://app:hunter2-dummy@db.internal/orders";
    let request = request(line);
    let Some(scrubbed) = tamis.process_message(Signal::Logs, request)? else {
        return Ok(());
    };

    let record = &scrubbed.resource_logs[0].scope_logs[0].log_records[0];
    let body = record.body.as_ref().and_then(|body| body.value.as_ref());
    if let Some(Value::StringValue(body)) = body {
        eprintln!("before  {line}\nafter   {body}");
    }
    Ok(())
}

fn request(line: &str) -> ExportLogsServiceRequest {
    let record = LogRecord {
        body: Some(AnyValue {
            value: Some(Value::StringValue(line.to_owned())),
        }),
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: vec![record],
        ..ScopeLogs::default()
    };
    let resource = ResourceLogs {
        scope_logs: vec![scope],
        ..ResourceLogs::default()
    };
    ExportLogsServiceRequest {
        resource_logs: vec![resource],
    }
}
