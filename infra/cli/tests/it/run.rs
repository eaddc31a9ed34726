use serde_json::Value;

use crate::schema::shipped_schema;
use crate::support::{At, Told, bank, command, config_file, flat, told};

async fn run(faults: &[&str], arguments: &[&str]) -> Told {
    let bank = bank(faults).await;
    told(command(&[&["run"], arguments].concat()).at(&bank))
}

#[tokio::test]
async fn a_healthy_bank_is_a_table_of_eight_passed_steps() {
    let told = run(&[], &[]).await;
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    assert!(told.out.starts_with("klarna-playground: passed in "), "{}", told.out);
    let passed = |line: &&str| line.contains("  passed  ");
    assert_eq!(told.out.lines().filter(passed).count(), 8, "{}", told.out);
    assert!(told.out.lines().any(|line| line.contains("Clean-up") && line.contains("done")), "{}", told.out);
    assert!(!told.out.contains('\u{1b}'), "no colours into a pipe: {:?}", told.out);
}

#[tokio::test]
async fn json_is_the_report_and_nothing_else_and_valid_against_the_schema() {
    for faults in [&[][..], &["7:state=EXCEPTION"], &["3:reset"], &["all:status=429"]] {
        let told = run(faults, &["--json"]).await;
        let report: Value = serde_json::from_str(&told.out).unwrap();
        let errors: Vec<String> = shipped_schema().iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{faults:?}: {errors:?}");
        assert_eq!(report["steps"].as_array().unwrap().len(), 8);
        assert_eq!(told.err, "");
    }
}

#[tokio::test]
async fn the_full_report_is_kept_where_the_variable_says_and_a_fault_of_ours_is_told() {
    let bank = bank(&["9:status=503"]).await;
    let folder = report_folder("kept");
    let told_kept = told(command(&["run"]).at(&bank).env("REPORT_FOLDER", &folder));
    assert_eq!(told_kept.code, Some(1));
    let minutes = std::fs::read_dir(folder.join("klarna-playground/local")).unwrap();
    assert!(minutes.count() > 0);
    let refused = told(command(&["run"]).at(&bank).env("REPORT_FOLDER", "/proc/nowhere"));
    assert!(refused.code == Some(2) && refused.err.contains("/proc/nowhere"), "{refused:?}");
}

fn report_folder(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports").join(name)
}

#[tokio::test]
async fn a_healthy_report_has_eleven_requests_and_the_clean_up() {
    let told = run(&[], &["--json"]).await;
    let report: Value = serde_json::from_str(&told.out).unwrap();
    let requests: Vec<u64> = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|step| step["requests"].as_array().unwrap())
        .map(|request| request["number"].as_u64().unwrap())
        .collect();
    assert_eq!(requests, (1..=11).collect::<Vec<_>>());
    assert!(report["cleanup"]["request"]["status"].is_u64());
    assert!(report["cleanup"]["error"].is_null());
}

#[tokio::test]
async fn a_failing_bank_is_exit_code_1_with_the_requests_the_error_and_what_to_do() {
    let told = run(&["5:status=503"], &[]).await;
    assert_eq!((told.code, told.err.as_str()), (Some(1), ""), "{told:?}");
    for part in [
        "  4  Encrypted responses           failed",
        "5 choose interface          503",
        "  5  Complete flow                 not run",
        "Error        Step 4 (Encrypted responses), request 5 (choose interface): ",
        "It looks like the provider's fault.",
        "What to do   ",
        "Retry        ",
    ] {
        assert!(told.out.contains(part), "{part} is not in {}", told.out);
    }
}

#[tokio::test]
async fn a_degraded_run_is_exit_code_0() {
    let told = run(&["1:rate-limit=5"], &[]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.starts_with("klarna-playground: degraded in "), "{}", told.out);
}

#[tokio::test]
async fn a_second_attempt_that_passes_is_exit_code_0_and_told() {
    let told = run(&["3:reset*1"], &[]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.starts_with("klarna-playground: passed on the second attempt in "), "{}", told.out);
    assert!(told.out.contains("Retry        Passed on the second attempt."), "{}", told.out);
}

#[tokio::test]
async fn a_wrong_token_is_credentials_and_no_crash() {
    let bank = bank(&[]).await;
    let told = told(command(&["run"]).at(&bank).env("KOSMA_AUTH_TOKEN", "another"));
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(flat(&told.out).contains("(credentials). The fault is on our side."), "{}", told.out);
    assert!(!told.out.contains("another"), "{}", told.out);
}

#[tokio::test]
async fn the_target_is_chosen_by_its_id_and_the_argument_beats_the_variable() {
    let bank = bank(&[]).await;
    let two = config_file("two-targets.toml", "[[target]]\nid = \"one\"\n[[target]]\nid = \"two\"\n");
    let path = two.to_str().unwrap();
    let chosen = told(
        command(&["run", "--target", "two", "--config", path])
            .at(&bank)
            .env("MONITOR_CONFIG", "/nowhere.toml")
            .env("AWS_REGION", "us-east-2"),
    );
    assert!(chosen.out.starts_with("two in us-east-2: passed in "), "{chosen:?}");
    let undecided = told(command(&["run"]).at(&bank).env("MONITOR_CONFIG", path));
    assert_eq!(undecided.code, Some(2));
    assert_eq!(undecided.err, "xs2a-monitor: --target is needed, the configuration has more than one: one, two\n");
}

#[tokio::test]
async fn a_bank_of_its_own_ca_is_reached_with_the_extra_root_only() {
    let settings = playground::Settings { tls: true, ..playground::Settings::default() };
    let bank = playground::Playground::start(settings).await.unwrap();
    let ca = config_file("test-ca.pem", bank.ca_certificate_pem().unwrap());
    let trusted = told(command(&["run"]).at(&bank).env("XS2A_EXTRA_CA_FILE", &ca));
    assert_eq!(trusted.code, Some(0), "{trusted:?}");
    assert!(trusted.out.contains("Certificate  127.0.0.1: "), "{}", trusted.out);
    let unknown = told(command(&["run"]).at(&bank));
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(flat(&unknown.out).contains("(tls). It looks like a fault of the network"), "{}", unknown.out);
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_failure() {
    let bank = bank(&[]).await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = command(&["run"]).at(&bank).stdout(writer).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let status = child.wait().unwrap();
    let complaint = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    assert_eq!((status.code(), complaint.as_str()), (Some(0), ""));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a device that refuses every byte")]
async fn an_answer_that_cannot_be_written_is_told_and_no_success() {
    let bank = bank(&[]).await;
    for arguments in [&["run"][..], &["run", "--json"], &["validate"], &["--help"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let child = command(arguments).at(&bank).stdout(full).stderr(std::process::Stdio::piped()).spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complaint}");
        assert!(complaint.starts_with("xs2a-monitor: cannot write to standard output: No space left"), "{complaint}");
    }
}
