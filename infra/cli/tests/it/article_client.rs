//! The client of the article that this product replaces, in its own language and with its own
//! habits (infra/local/article-client), against both dialects of the playground.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use playground::{Dialect, Playground, Settings};

#[tokio::test]
async fn the_article_dialect_serves_the_client_of_the_article() {
    let Some(output) = run_client(Dialect::Article, as_it_is).await else {
        return;
    };

    assert!(output.status.success(), "{output:?}");
    assert_eq!(answers(&output).len(), 11, "{output:?}");
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(log.contains(" selected."), "the flow is finished: {log}");
    assert!(log.contains("Log: Account Balance = €"), "{log}");
}

/// jsbn's short `ek` comes about once in 200 calls; here with each of the three forms.
#[tokio::test]
async fn the_article_dialect_takes_a_short_encrypted_key() {
    let Some(output) = run_client(Dialect::Article, with_short_keys).await else {
        return;
    };

    assert!(output.status.success(), "{output:?}");
    assert_eq!(answers(&output).len(), 11, "{output:?}");
}

#[tokio::test]
async fn the_documented_dialect_refuses_the_client_of_the_article_and_names_the_place() {
    // Sessions do not live on the wizard's host; and where they do live, no field begins with an
    // underscore.
    let cases: [(Adjust, &str); 2] = [(as_it_is, "path"), (at_the_right_host, "_selected_bank")];
    for (adjust, place) in cases {
        let Some(output) = run_client(Dialect::Documented, adjust).await else {
            return;
        };

        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(answers(&output).len(), 1, "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(r#"failed at "1 Start Session""#), "{told}");
        assert!(told.contains(&format!(r#""location":"{place}""#)), "{told}");
    }
}

/// What a test changes about a run.
type Adjust = fn(&mut Command, &Playground);

fn as_it_is(_: &mut Command, _: &Playground) {}

fn with_short_keys(node: &mut Command, _: &Playground) {
    node.env("SHORT_EK", "1");
}

fn at_the_right_host(node: &mut Command, bank: &Playground) {
    node.env("AUTH_BASE_URL", bank.api_base_url());
}

/// One run of the client against a bank of its own; nothing where node or its packages are not to be had.
async fn run_client(dialect: Dialect, adjust: Adjust) -> Option<Output> {
    let folder = tokio::task::spawn_blocking(installed_client).await.unwrap()?;
    let bank = Playground::start(Settings { dialect, ..Settings::default() }).await.unwrap();
    let mut node = Command::new("node");
    node.arg("client.js")
        .current_dir(folder)
        .env("AUTH_BASE_URL", bank.auth_base_url())
        .env("API_BASE_URL", bank.api_base_url())
        .env("KOSMA_AUTH_TOKEN", bank.token());
    adjust(&mut node, &bank);
    let output = tokio::task::spawn_blocking(move || node.output());
    Some(output.await.unwrap().unwrap())
}

/// The lines `step: status`, one for each request that was answered.
fn answers(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with("Log: "))
        .map(str::to_owned)
        .collect()
}

/// The folder with a copy of the client and the packages that it needs: node looks for packages
/// beside the program, and they do not belong into the sources.
#[expect(clippy::disallowed_methods, reason = "the test's own folder and lock")]
fn installed_client() -> Option<PathBuf> {
    if !(runs("node") && runs("npm")) {
        println!("skipped: the client of the article needs node and npm on the PATH");
        return None;
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let source = project.join("infra/local/article-client");
    let folder = project.join(".local/article-client");
    fs::create_dir_all(&folder).unwrap();
    // Each test may be a process of its own, and two must not install at once.
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    install(&source, &folder).then_some(folder)
}

/// How npm says that it has no network (npm's and node's error codes).
const OFFLINE: [&str; 8] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
    // Offline by its own configuration, and never fetched before.
    "ENOTCACHED",
];

/// Leaves the folder alone when it holds the same files already: another test may be using it.
/// Answers whether the client can be run.
#[expect(clippy::disallowed_methods, reason = "the test's own copy of the client")]
fn install(source: &Path, folder: &Path) -> bool {
    let files = ["client.js", "encryption.js", "rsa.js", "package.json", "package-lock.json"];
    let wanted = files.map(|file| fs::read_to_string(source.join(file)).unwrap());
    let stamp = folder.join(".installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted.concat()) {
        return true;
    }
    for (file, content) in files.iter().zip(&wanted) {
        fs::write(folder.join(file), content).unwrap();
    }
    let npm = Command::new("npm")
        .args(["ci", "--omit=optional", "--ignore-scripts"])
        .args(["--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"])
        .current_dir(folder)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&npm.stderr);
    if !npm.status.success() && OFFLINE.iter().any(|code| complaint.contains(code)) {
        println!("skipped: npm cannot fetch the packages of the article's client: {complaint}");
        return false;
    }
    assert!(npm.status.success(), "npm ci failed: {npm:?}");
    fs::write(&stamp, wanted.concat()).unwrap();
    true
}

fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}
