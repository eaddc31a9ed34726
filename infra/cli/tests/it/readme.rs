use std::collections::BTreeSet;

use model::config::VARIABLES;

use crate::support::project;

#[test]
fn the_table_of_variables_in_the_readme_is_the_one_of_the_code() {
    let readme = system::read_text(&project().join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with("Environment\n")).unwrap();
    let told: BTreeSet<&str> = section.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    let read: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(told, read, "left: the table of README.md, right: the variables that are read");
}
