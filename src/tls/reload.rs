//! Material that follows its files: read at start, read again when a file changes, swapped whole.
//!
//! Files are polled, not watched by the kernel: a poll sees renames, symbolic link swaps and network mounts alike. A
//! reload that fails leaves the old material in force and is tried again at every poll, so that a key replaced a moment
//! before its certificate costs nothing but one warning.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use super::TlsError;

/// How often the files are looked at.
pub const POLL: Duration = Duration::from_secs(5);

/// Days before the end of our own certificate at which the log warns.
const ALARM_DAYS: [i64; 4] = [30, 14, 7, 1];

type Build<T> = Box<dyn Fn() -> Result<T, TlsError> + Send + Sync>;
type Stamp = Vec<Option<(SystemTime, u64)>>;

/// A value built from files.
pub struct Live<T> {
    current: ArcSwap<T>,
    paths: Vec<PathBuf>,
    build: Build<T>,
    seen: Mutex<Seen>,
}

struct Seen {
    loaded: Stamp,
    refused: Option<Stamp>,
}

/// Something with an end of validity that people should hear about in time.
pub trait Expires {
    /// The end of validity in Unix seconds, if there is one.
    fn not_after(&self) -> Option<i64>;
}

impl Expires for super::ServerTls {
    fn not_after(&self) -> Option<i64> {
        self.not_after
    }
}

impl Expires for super::ClientTls {
    fn not_after(&self) -> Option<i64> {
        self.not_after
    }
}

impl<T: Expires + Send + Sync + 'static> Live<T> {
    /// Builds the value for the first time.
    ///
    /// # Errors
    /// As `build`.
    pub fn open(
        paths: Vec<PathBuf>,
        build: impl Fn() -> Result<T, TlsError> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, TlsError> {
        // The stamp is taken before the files are read: a change in between is seen at the next poll.
        let loaded = stamp(&paths);
        let first = build()?;
        Ok(Arc::new(Self {
            current: ArcSwap::from_pointee(first),
            paths,
            build: Box::new(build),
            seen: Mutex::new(Seen { loaded, refused: None }),
        }))
    }

    /// The value in force.
    pub fn get(&self) -> Arc<T> {
        self.current.load_full()
    }

    /// Looks at the files and builds the value anew if one has changed. Says whether the value was swapped.
    ///
    /// # Errors
    /// The files have changed and cannot be used; the old value stays in force.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let now = stamp(&self.paths);
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).loaded == now {
            return Ok(false);
        }
        let fresh = (self.build)()?;
        self.current.store(Arc::new(fresh));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { loaded: now, refused: None };
        Ok(true)
    }

    /// Polls until told to stop. Failures are logged once per change of the files; the end of our own certificate is
    /// announced 30, 14, 7 and 1 days ahead.
    pub async fn watch(self: Arc<Self>, what: String, every: Duration, stop: CancellationToken) {
        let mut announced = None;
        while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
            match self.refresh() {
                Ok(true) => tracing::info!(what, "certificates reloaded"),
                Ok(false) => {}
                Err(error) => self.complain(&what, &error),
            }
            let due = self.get().not_after().and_then(alarm);
            if due != announced {
                announced = due;
                if let Some(days) = due {
                    tracing::warn!(what, within_days = days, "our certificate ends soon");
                }
            }
        }
    }

    fn complain(&self, what: &str, error: &TlsError) {
        let now = stamp(&self.paths);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.refused.as_ref() != Some(&now) {
            seen.refused = Some(now);
            tracing::warn!(what, %error, "changed certificates refused, the old ones stay in force");
        }
    }
}

/// The narrowest alarm that has been reached.
fn alarm(not_after: i64) -> Option<i64> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let left = not_after.checked_sub(i64::try_from(now.as_secs()).ok()?)?;
    ALARM_DAYS.into_iter().filter(|days| left <= days * 86_400).min()
}

fn stamp(paths: &[PathBuf]) -> Stamp {
    paths
        .iter()
        .map(|path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        })
        .collect()
}
