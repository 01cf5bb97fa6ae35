//! The log: text or JSON on the error stream.

use std::any::Any;
use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::settings::{LogFormat, LogLevel};
use crate::traces::{self, Traces};

/// Begins to log, and to trace. Libraries are never heard below warnings: what they trace could hold bytes of a request, and so a token.
pub(crate) fn start(level: LogLevel, format: LogFormat, traces: Option<&Traces>) {
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
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start, which only a test could make, keeps the first.
    let _ = match format {
        LogFormat::Text => traces::subscribe(traces, targets, lines.with_ansi(std::io::stderr().is_terminal())),
        LogFormat::Json => traces::subscribe(traces, targets, lines.json().flatten_event(true)),
    };
    std::panic::set_hook(Box::new(tell));
}

/// Tells of a panic in the log, where it is found, instead of on the bare error stream.
fn tell(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(at, message = safe(panic.payload()));
}

/// What a panic says. A text that was put together may quote what somebody sent, and is not repeated.
fn safe(payload: &dyn Any) -> &'static str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("a panic; what it says may quote a request, and is left out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_says_nothing_that_was_sent() {
        let said = |panic: fn(&str)| {
            let payload = std::panic::catch_unwind(|| panic("canary")).unwrap_err();
            safe(&*payload)
        };
        assert_eq!(said(|_| panic!("a plain text")), "a plain text");
        assert!(!said(|sent| panic!("a text with {sent}")).contains("canary"));
        assert!(!said(|sent| std::panic::panic_any(sent.to_owned())).contains("canary"));
        assert!(!said(|sent| assert_eq!(sent.parse::<u8>().unwrap(), 0)).contains("canary"));
    }
}
