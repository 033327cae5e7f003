// SPDX-License-Identifier: EUPL-1.2
//! What a program of ours says about its work, on standard error: for the journal with the priority in front
//! (`sd-daemon(3)`), so that what went wrong also reaches the serial line; for a person without.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields};
use tracing_subscriber::fmt::{FmtContext, format::Writer};
use tracing_subscriber::registry::LookupSpan;

/// Begins to write. `RUST_LOG` overrules `filter`, which is in its form: `info`, `info,smithay=warn`.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    // The journal adds time and name by itself.
    let plain = format::format().without_time().with_ansi(false);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    if is_journal() {
        lines.event_format(Prioritised(plain)).init();
    } else {
        lines.event_format(plain).init();
    }
}

/// Whether standard error is the journal: systemd tells device and inode of its stream (`systemd.exec(5)`).
fn is_journal() -> bool {
    let here =
        rustix::fs::fstat(std::io::stderr()).map(|stat| format!("{}:{}", stat.st_dev, stat.st_ino));
    matches!((std::env::var("JOURNAL_STREAM"), here), (Ok(journal), Ok(here)) if journal == here)
}

/// Puts the priority of syslog(3) before a line.
struct Prioritised<F>(F);

impl<S, N, F> FormatEvent<S, N> for Prioritised<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_more_urgent_than_news() {
        let all = [
            Level::ERROR,
            Level::WARN,
            Level::INFO,
            Level::DEBUG,
            Level::TRACE,
        ];
        assert_eq!(all.map(priority), [3, 4, 6, 7, 7]);
    }
}
