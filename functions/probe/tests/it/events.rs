use playground::Settings;
use serde_json::json;

use crate::{Scene, all_well, handle};

#[tokio::test]
async fn an_event_that_is_not_ours_is_refused_and_nothing_runs() {
    let scene = Scene::new(Settings::default(), all_well).await;
    let probe = scene.probe();
    for (event, why) in [
        (json!({}), "this event is not for the probe: missing field `targets`"),
        (json!({"Records": []}), "unknown field `Records`"),
        (json!(["all"]), "this event is not for the probe: it is no JSON object"),
        (json!({"targets": "all", "scheduled_at": "soon"}), "scheduled_at \"soon\""),
        (json!({"targets": "all", "publish": "maybe"}), "unknown variant `maybe`"),
        (
            json!({"targets": ["klarna-playground", "other-bank"]}),
            "targets: unknown target `other-bank`; the configuration has: klarna-playground",
        ),
    ] {
        let error = handle(&probe, event.clone()).await.unwrap_err().to_string();
        assert!(error.contains(why), "{event}: {error}");
    }
    assert!(scene.bank.requests().is_empty());
    assert!(scene.operations().is_empty());
}
