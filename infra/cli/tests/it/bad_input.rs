//! Bad input gets one clear sentence that names the place, and exit code 2.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use model::config::VARIABLES;

use crate::support::{command, config_file, told};

struct Case {
    arguments: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    /// Each must stand in the answer.
    says: &'static [&'static str],
}

const TOKEN: (&str, &str) = ("KOSMA_AUTH_TOKEN", "canary");

const CASES: &[Case] = &[
    Case { arguments: &["run"], variables: &[], says: &["no API token", "set KOSMA_AUTH_TOKEN"] },
    Case { arguments: &["run"], variables: &[("KOSMA_AUTH_TOKEN", "")], says: &["KOSMA_AUTH_TOKEN: is set but empty"] },
    Case {
        arguments: &["run"],
        variables: &[("KOSMA_AUTH_TOKEN", "can ary")],
        says: &["KOSMA_AUTH_TOKEN: has white space"],
    },
    Case {
        arguments: &["run"],
        variables: &[TOKEN, ("XS2A_API_BASE_URL", "bank")],
        says: &["XS2A_API_BASE_URL: not an absolute URL"],
    },
    Case {
        arguments: &["run"],
        variables: &[TOKEN, ("XS2A_AUTH_BASE_URL", "http://bank.example")],
        says: &["XS2A_AUTH_BASE_URL: plain http is only for loopback", "use https"],
    },
    Case {
        arguments: &["run"],
        variables: &[TOKEN, ("XS2A_EXTRA_CA_FILE", "/nowhere.pem")],
        says: &["XS2A_EXTRA_CA_FILE: cannot read /nowhere.pem: No such file"],
    },
    Case {
        arguments: &["run"],
        variables: &[TOKEN, ("XS2A_EXTRA_CA_FILE", "Cargo.toml")],
        says: &["XS2A_EXTRA_CA_FILE: Cargo.toml holds no PEM certificate"],
    },
    Case {
        arguments: &["run"],
        variables: &[TOKEN, ("MONITOR_CONFIG", "/nowhere.toml")],
        says: &["MONITOR_CONFIG: cannot read /nowhere.toml: No such file"],
    },
    Case {
        arguments: &["run", "--config", "/nowhere.toml"],
        variables: &[TOKEN],
        says: &["--config: cannot read /nowhere.toml: No such file"],
    },
    Case {
        arguments: &["run", "--target", "nope"],
        variables: &[TOKEN],
        says: &["--target: unknown target `nope`; the configuration has: klarna-playground"],
    },
    Case {
        arguments: &["run", "--target", "No Id"],
        variables: &[TOKEN],
        says: &["'--target <ID>'", "`No Id` is not a target id"],
    },
    Case {
        arguments: &["run", "--publish", "aws"],
        variables: &[TOKEN],
        says: &["AWS_REGION is not set, and --publish aws needs it"],
    },
    Case { arguments: &["run", "--html"], variables: &[TOKEN], says: &["a value is required for '--html <FILE>'"] },
    Case { arguments: &["run", "--har"], variables: &[TOKEN], says: &["a value is required for '--har <FILE>'"] },
    Case { arguments: &["run", "--junit"], variables: &[TOKEN], says: &["a value is required for '--junit <FILE>'"] },
    Case {
        arguments: &["playground", "--fault", "5:status=503@us-west-1"],
        variables: &[],
        says: &["--fault: ", "5:status=503@us-west-1", "without @REGION"],
    },
    Case {
        arguments: &["playground", "--fault", "12:status=503"],
        variables: &[],
        says: &["'--fault <RULE>'", "unknown request \"12\""],
    },
    Case {
        arguments: &["playground", "--dialect", "klingon"],
        variables: &[],
        says: &["'--dialect <D>'", "use documented or article"],
    },
    Case {
        arguments: &["rehearse", "--fault", "1:reset@mars-north-1"],
        variables: &[],
        says: &["--fault: 1:reset@mars-north-1: the configuration has no such region"],
    },
    Case { arguments: &[], variables: &[], says: &["Usage: xs2a-monitor <COMMAND>"] },
];

#[test]
fn bad_input_is_one_clear_sentence_and_exit_code_2() {
    for Case { arguments, variables, says } in CASES {
        let told = told(command(arguments).envs(variables.iter().copied()));
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{arguments:?} {variables:?}: {told:?}");
        for part in *says {
            assert!(told.err.contains(part), "{arguments:?} {variables:?} says {}", told.err);
        }
        assert!(!told.err.contains("canary") && !told.err.contains("can ary"), "{}", told.err);
        assert!(!told.err.contains("panicked"), "{}", told.err);
        let sentences = told.err.lines().filter(|line| line.starts_with("xs2a-monitor: ")).count();
        assert!(sentences <= 1, "{}", told.err);
    }
}

#[test]
fn a_variable_of_ours_that_is_not_utf_8_is_not_taken_for_unset() {
    let latin = OsStr::from_bytes(b"caf\xe9.toml");
    for variable in VARIABLES {
        let told = told(command(&["validate"]).env("KOSMA_AUTH_TOKEN", "canary").env(variable.name, latin));
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
        assert_eq!(told.err, format!("xs2a-monitor: {}: is not UTF-8 text\n", variable.name));
    }
    let told = told(command(&["validate"]).env("KOSMA_AUTH_TOKEN", "canary").env("OF_OTHERS", latin));
    assert_eq!(told.code, Some(0), "{told:?}");
}

#[test]
fn an_unknown_key_is_told_with_file_line_and_column() {
    let file = config_file("unknown-key.toml", "[[target]]\nid = \"a\"\nusr_name = \"x\"\n");
    let path = file.to_str().unwrap();
    for command_name in ["run", "validate"] {
        let told = told(command(&[command_name, "--config", path]).env("KOSMA_AUTH_TOKEN", "canary"));
        assert_eq!(told.code, Some(2));
        let start = format!("xs2a-monitor: {path}: line 3, column 1: unknown field `usr_name`");
        assert!(told.err.starts_with(&start), "{}", told.err);
    }
}

#[test]
fn a_run_of_a_file_without_a_token_is_refused_with_its_name() {
    let file =
        config_file("no-token.toml", "[[target]]\nid = \"a\"\ntoken_parameter = \"/a\"\n[[target]]\nid = \"b\"\n");
    let path = file.to_str().unwrap();
    // The whole file is held to it, whichever target is asked for.
    let told = told(&mut command(&["run", "--config", path, "--target", "a"]));
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
    let start = format!("xs2a-monitor: {path}: target `b` has no API token: set KOSMA_AUTH_TOKEN");
    assert!(told.err.starts_with(&start), "{}", told.err);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = told(&mut command(&["playground", "--api-port", &port]));
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""));
    assert!(told.err.contains("--api-port") && told.err.contains(&format!("127.0.0.1:{port}")), "{}", told.err);
}
