//! A report shown again, from a file or the folder of local runs.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::local_cloud::content;
use crate::secrets::assert_no_secret;
use crate::support::{At, Told, bank, command, config_file, told};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown").join(name);
    std::fs::remove_dir_all(&folder).ok();
    folder
}

/// Real runs, kept in a folder of their own: the last one failed.
async fn kept(name: &str) -> PathBuf {
    let folder = folder(name);
    let bank = bank(&[]).await;
    let run = || told(command(&["run"]).at(&bank).env("REPORT_FOLDER", &folder));
    assert_eq!(run().code, Some(0));
    bank.set_faults(vec!["9:status=503".parse().unwrap()]);
    let told = run();
    assert_eq!(told.code, Some(1));
    let page = told.err.strip_prefix("Page  ").unwrap_or_else(|| panic!("no page: {told:?}"));
    assert!(content(Path::new(page.trim_end())).starts_with("<!"), "{told:?}");
    folder
}

fn page_of(told: &Told) -> PathBuf {
    let line = told.out.lines().last().unwrap();
    PathBuf::from(line.strip_prefix("Page ").unwrap_or_else(|| panic!("no page: {told:?}")).trim_start())
}

#[tokio::test]
async fn without_a_file_it_is_the_last_run_compared_with_the_one_that_passed() {
    let folder = kept("last").await;
    let told = told(command(&["report"]).env("REPORT_FOLDER", &folder));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    assert!(told.out.starts_with("klarna-playground: failed"), "{told:?}");
    let page = content(&page_of(&told));
    let passed = std::fs::read_dir(folder.join("klarna-playground/local")).unwrap();
    let mut names: Vec<String> = passed.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !page_of(&told).ends_with(name));
    assert!(names.iter().any(|name| page.contains(&format!("href=\"{name}\""))), "a link to the run that passed");
    assert!(page.contains("503"), "{page}");
    assert_no_secret("the page", &page);
}

#[tokio::test]
async fn the_page_of_a_file_stands_beside_it_unless_an_option_says_where() {
    let json = told(command(&["run", "--json"]).at(&bank(&["5:status=503"]).await)).out;
    let folder = folder("beside");
    let file = folder.join("stored.json");
    stored(&file, &json);
    let beside = told(command(&["report"]).arg(&file));
    assert_eq!((beside.code, page_of(&beside)), (Some(0), file.with_extension("html")), "{beside:?}");

    let elsewhere = file.with_file_name("elsewhere.html");
    let good = told(command(&["run", "--json"]).at(&bank(&[]).await)).out;
    let good_file = folder.join("good.json");
    stored(&good_file, &good);
    let mut piped = command(&["report", "-", "--html"]);
    let piped = piped.arg(&elsewhere).arg("--against").arg(&good_file);
    let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(json.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let (alone, compared) = (content(&file.with_extension("html")), content(&elsewhere));
    assert!(alone.contains("Not compared: no run that passed was at hand."));
    assert!(compared.contains("Compared with the run of "));

    // A run that did not pass is nothing to compare with.
    let refused = told(command(&["report", "--against"]).arg(&file).arg(&file));
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.err.contains("its run did not pass at once; name one that did"), "{refused:?}");
    let other = folder.join("other.json");
    stored(&other, &good.replace("\"klarna-playground\"", "\"other-bank\""));
    let refused = told(command(&["report", "--against"]).arg(&other).arg(&file));
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.err.contains("that run was of other-bank, this one is of klarna-playground"), "{refused:?}");
}

#[tokio::test]
async fn a_report_is_not_overwritten_with_its_page_whatever_path_leads_to_it() {
    let folder = folder("same-file");
    let good = told(command(&["run", "--json"]).at(&bank(&[]).await)).out;
    let (file, link) = (folder.join("page.html"), folder.join("link.html"));
    stored(&file, &good);
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for options in [&[][..], &[OsStr::new("--html"), link.as_os_str()]] {
        let refused = told(command(&["report"]).arg(&file).args(options));
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{refused:?}");
        assert!(refused.err.contains(".html: one file for two things; name another"), "{refused:?}");
        assert_eq!(content(&file), good);
    }
}

/// The name of the link to the page beside it tells which run it is compared with.
#[tokio::test]
async fn a_file_of_the_folder_of_local_runs_keeps_its_comparison() {
    let folder = kept("again").await.join("klarna-playground/local");
    let names = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let failed = names.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let failed =
        failed.into_iter().find(|path| content(path).contains("\"outcome\": \"failed\",\n  \"recovered\"")).unwrap();
    let before = content(&failed.with_extension("html"));
    assert!(before.contains("Compared with "), "{before}");
    assert_eq!(told(command(&["report"]).arg(&failed)).code, Some(0));
    assert_eq!(content(&failed.with_extension("html")), before);
}

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn stored(path: &Path, json: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, json).unwrap();
}

#[tokio::test]
async fn what_is_no_report_is_one_clear_sentence_and_exit_code_2() {
    let good = told(command(&["run", "--json"]).at(&bank(&[]).await)).out;
    let other = good.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1);
    for (name, text, says) in [
        ("cut.json", &good[..good.len() / 2], "it ends too early (line "),
        ("other.json", &other, "it has schema_version 2, and this program reads 1: use the version that wrote it"),
        ("page.json", "<!doctype html>", "it is no JSON: expected value at line 1 column 1"),
        ("foreign.json", "{\"log\": {}}", "it is no run report: missing field `schema_version`"),
        ("empty.json", "", "it is empty"),
    ] {
        let file = config_file(name, text);
        for arguments in [&["report"][..], &["report", "--har", "/proc/nowhere/x", "--against"]] {
            let told = told(command(arguments).arg(&file).env("REPORT_FOLDER", "/nowhere"));
            assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
            assert!(told.err.starts_with(&format!("xs2a-monitor: {}: {says}", file.display())), "{told:?}");
        }
    }
    for (arguments, says) in [
        (&["report"][..], "no report stands in /nowhere; `make run`"),
        (&["report", "s3://a/b.json"], "s3://a/b.json: fetch it first: aws s3 cp s3://a/b.json - | xs2a-monitor"),
        (&["run", "--html", "x", "--har", "x"], "x: one file for two things"),
        (&["report", "x.json", "--junit", "x.json"], "x.json: one file for two things"),
        (
            &["report", "x.json", "--html", "infra/../x", "--har", "./x"],
            "./x: one file for two things; name another (--html, ",
        ),
        (&["report", "/nowhere.json"], "cannot read /nowhere.json: No such file"),
        (&["report", "infra"], "cannot read infra: Is a directory"),
        (&["run", "--against", "/nowhere.json"], "--against /nowhere.json: cannot read /nowhere.json"),
    ] {
        let told = told(command(arguments).env("REPORT_FOLDER", "/nowhere").env("KOSMA_AUTH_TOKEN", "canary"));
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
        assert!(told.err.starts_with(&format!("xs2a-monitor: {says}")), "{told:?}");
    }
}
