//! The shape of the workspace, as the build sees it: which crate may import which, and what stands at the top level.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::error::Error;
use std::process::Command;

use serde_json::Value;

/// Every crate of the workspace and its floor. Imports go to a lower floor only.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("envelope", 1),
    ("alerting", 1),
    ("report", 1),
    ("runner", 2),
    ("aws", 2),
    ("system", 2),
    ("playground", 2),
    ("xs2a", 3),
    ("probe", 4),
    ("aggregator", 4),
    ("cli", 5),
];

/// Any crate's tests may use the simulated bank.
const TEST_BANK: &str = "playground";

/// What the simulated bank may not know, tests included: it is a second, independent reading of the bank's contract.
const HIDDEN_FROM_TEST_BANK: &[&str] = &["envelope", "runner", "xs2a"];

/// What makes a crate impure: an async runtime, HTTP, TLS, AWS.
const IMPURE: &[&str] = &["tokio", "hyper", "reqwest", "rustls", "aws"];

const TOP_LEVEL: &[&str] =
    &["Cargo.lock", "Cargo.toml", "LICENSE", "Makefile", "README.md", "functions", "infra", "shared"];

type TestResult = Result<(), Box<dyn Error>>;

#[test]
fn every_crate_stands_on_a_floor() -> TestResult {
    let workspace = Workspace::load()?;
    let lost: Vec<_> = workspace.members.keys().filter(|name| floor(name).is_none()).collect();
    assert!(lost.is_empty(), "no floor for {lost:?}: add them to FLOORS, or move them into a crate that has one");
    Ok(())
}

#[test]
fn imports_point_down_and_never_sideways() -> TestResult {
    let workspace = Workspace::load()?;
    let wrong: Vec<_> = workspace
        .own_edges()
        .filter(|edge| !(edge.for_tests && edge.to == TEST_BANK))
        .filter_map(|Edge { from, to, .. }| {
            let (above, below) = (floor(from)?, floor(to)?);
            (below >= above).then(|| format!("{from} (floor {above}) -> {to} (floor {below})"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "imports that do not point down: {wrong:#?}\nmove the shared part to a lower floor, or pass it as an argument"
    );
    Ok(())
}

#[test]
fn the_simulated_bank_shares_no_code_with_what_it_checks() -> TestResult {
    let workspace = Workspace::load()?;
    let wrong: Vec<_> = workspace
        .own_edges()
        .filter(|edge| edge.from == TEST_BANK && HIDDEN_FROM_TEST_BANK.contains(&edge.to))
        .map(|edge| edge.to)
        .collect();
    assert!(wrong.is_empty(), "playground imports {wrong:?}: write the bank's side of it independently");
    Ok(())
}

#[test]
fn the_lower_floors_are_pure() -> TestResult {
    let workspace = Workspace::load()?;
    for name in workspace.members.keys().filter(|name| floor(name).is_some_and(|floor| floor <= 1)) {
        workspace.assert_never_links(name, |dependency| IMPURE.contains(&dependency) || dependency.starts_with("aws-"));
    }
    Ok(())
}

#[test]
fn the_functions_link_neither_the_simulated_bank_nor_a_command_line() -> TestResult {
    let workspace = Workspace::load()?;
    for name in workspace.members.keys().filter(|name| floor(name) == floor("probe")) {
        workspace.assert_never_links(name, |dependency| [TEST_BANK, "clap"].contains(&dependency));
    }
    Ok(())
}

#[test]
fn the_simulated_bank_links_no_http_client() -> TestResult {
    Workspace::load()?.assert_never_links(TEST_BANK, |dependency| dependency == "reqwest");
    Ok(())
}

#[test]
fn the_top_level_holds_nothing_else() -> TestResult {
    let listing =
        Command::new("git").args(["ls-files", "--full-name", ":/"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    // A source archive has no git; there is nothing to check there.
    let Ok(listing) = listing else { return Ok(()) };
    let files = String::from_utf8(listing.stdout)?;
    let extra: BTreeSet<_> = files
        .lines()
        .filter_map(|path| path.split('/').next())
        .filter(|entry| !entry.starts_with('.') && !TOP_LEVEL.contains(entry))
        .collect();
    assert!(extra.is_empty(), "{extra:?} at the top level: they belong in functions/, shared/ or infra/");
    Ok(())
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

/// One crate of the workspace named in the manifest of another.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    for_tests: bool,
}

/// The workspace as `cargo metadata` tells it.
struct Workspace {
    /// Own crates, by name.
    members: BTreeMap<String, Value>,
    /// Every package's name, by id.
    names: BTreeMap<String, String>,
    /// Package id to the ids that end up in its binary (or build it); dev-dependencies left out.
    links: BTreeMap<String, Vec<String>>,
}

impl Workspace {
    fn load() -> Result<Self, Box<dyn Error>> {
        let metadata = cargo_metadata()?;
        let own: BTreeSet<_> = items(&metadata["workspace_members"]).map(text).collect();
        let packages = || items(&metadata["packages"]);
        let members = packages()
            .filter(|package| own.contains(&text(&package["id"])))
            .map(|package| (text(&package["name"]), package.clone()))
            .collect();
        let names = packages().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let links = items(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), linked_ids(node))).collect();
        Ok(Self { members, names, links })
    }

    fn own_edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.members.iter().flat_map(|(from, package)| {
            items(&package["dependencies"]).filter(|dependency| dependency["path"].is_string()).filter_map(
                |dependency| {
                    Some(Edge { from, to: dependency["name"].as_str()?, for_tests: dependency["kind"] == "dev" })
                },
            )
        })
    }

    /// Fails with the shortest chain of imports that leads from `name` to a forbidden crate.
    fn assert_never_links(&self, name: &str, forbidden: impl Fn(&str) -> bool) {
        let start = text(&self.members[name]["id"]);
        let mut seen = BTreeSet::from([&start]);
        let mut queue = VecDeque::from([(&start, name.to_owned())]);
        while let Some((id, chain)) = queue.pop_front() {
            for next in &self.links[id] {
                let next_name = &self.names[next];
                let chain = format!("{chain} -> {next_name}");
                assert!(
                    !forbidden(next_name),
                    "{chain}: {name} must not link {next_name}; drop that import or its feature"
                );
                if seen.insert(next) {
                    queue.push_back((next, chain));
                }
            }
        }
    }
}

fn cargo_metadata() -> Result<Value, Box<dyn Error>> {
    // Only what this platform links: the rest is not on the disk when nothing may be downloaded.
    let arguments = "metadata --format-version 1 --offline --filter-platform host-tuple";
    let output =
        Command::new(env!("CARGO")).args(arguments.split(' ')).current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout)?)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into())
    }
}

fn linked_ids(node: &Value) -> Vec<String> {
    items(&node["deps"])
        .filter(|dependency| items(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev"))
        .map(|dependency| text(&dependency["pkg"]))
        .collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
