use std::path::Path;

use jsonschema::Validator;
use model::report::RunReport;
use serde_json::Value;

const SHIPPED: &str = include_str!("../../../../shared/model/schema/run-report.schema.json");

pub(crate) fn shipped_schema() -> Validator {
    jsonschema::validator_for(&serde_json::from_str::<Value>(SHIPPED).unwrap()).unwrap()
}

/// When the types have changed on purpose, copy the file that the failure names.
#[test]
#[expect(clippy::disallowed_methods, reason = "the new schema, ready to be copied")]
fn the_shipped_schema_is_that_of_the_types() {
    let generated = serde_json::to_string_pretty(&schemars::schema_for!(RunReport)).unwrap() + "\n";
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("run-report.schema.json");
    std::fs::write(&path, &generated).unwrap();
    assert!(
        generated == SHIPPED,
        "if the change is meant: cp {} shared/model/schema/run-report.schema.json",
        path.display()
    );
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = shipped_schema();
    assert!(!schema.is_valid(&serde_json::json!({})));
    assert!(!schema.is_valid(&serde_json::json!({ "outcome": "fine" })));
}
