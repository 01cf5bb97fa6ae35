//! The log: text on the error stream.

use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::LogLevel;

/// Begins to log. Libraries are never heard below warnings: what they trace could hold bytes of a request, and so a token.
pub(crate) fn start(level: LogLevel) {
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // Every crate of ours begins with these two letters.
    let targets = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("ks", level);
    let text = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // A second start, which only a test could make, keeps the first.
    let _ = tracing_subscriber::registry().with(targets).with(text).try_init();
}
