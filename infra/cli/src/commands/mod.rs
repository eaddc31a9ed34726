pub(crate) mod deployment;
pub(crate) mod operate;
pub(crate) mod playground;
pub(crate) mod rehearse;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod validate;
