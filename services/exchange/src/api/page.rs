// SPDX-License-Identifier: EUPL-1.2
//! The desk's page: the files of a directory, read once at the start. Without one there is no page.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// Bytes of all files.
const ALL: u64 = 32 * 1024 * 1024;
/// Files.
const FILES: usize = 512;
/// Directories within one another.
const DEPTH: usize = 6;

/// The files by their address.
#[derive(Clone, Debug, Default)]
pub struct Page(Arc<BTreeMap<String, (&'static str, Vec<u8>)>>);

/// Why there is no page.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot read the page in {}", .path.display())]
#[diagnostic(help("`--page` names the directory that the desk's page was built into"))]
pub struct PageError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Page {
    /// Reads a directory.
    pub fn load(dir: &Path) -> Result<Self, PageError> {
        let mut files = BTreeMap::new();
        let mut left = ALL;
        read(dir, "", &mut files, &mut left, DEPTH).map_err(|source| PageError {
            path: dir.to_owned(),
            source,
        })?;
        Ok(Self(Arc::new(files)))
    }
}

fn read(
    dir: &Path,
    below: &str,
    files: &mut BTreeMap<String, (&'static str, Vec<u8>)>,
    left: &mut u64,
    depth: usize,
) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let (kind, address) = (entry.file_type()?, format!("{below}/{name}"));
        if kind.is_dir() && depth > 0 {
            read(&entry.path(), &address, files, left, depth - 1)?;
        } else if let Some(mime) = kind.is_file().then(|| mime(name)).flatten() {
            let content = std::fs::read(entry.path())?;
            *left = left
                .checked_sub(content.len() as u64)
                .filter(|_| files.len() < FILES)
                .ok_or_else(|| io::Error::other("the page is too large"))?;
            files.insert(address, (mime, content));
        }
    }
    Ok(())
}

fn mime(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "ogg" => "audio/ogg",
        _ => return None,
    })
}

/// Answers with a file.
pub async fn file(State(page): State<Page>, uri: Uri) -> Response {
    let path = match uri.path() {
        "/" => "/index.html",
        path => path,
    };
    match page.0.get(path) {
        Some((mime, content)) => {
            // Names of built files tell their content; the first page's does not.
            let age = if path.starts_with("/assets/") {
                "max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            let headers = [(header::CONTENT_TYPE, *mime), (header::CACHE_CONTROL, age)];
            (headers, content.clone()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves D2, X1: of a directory only files of known kinds are served, and nothing above it.
    #[tokio::test]
    async fn only_what_was_read() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("assets")).unwrap();
        std::fs::write(root.path().join("index.html"), "home").unwrap();
        std::fs::write(root.path().join("assets/a.js"), "js").unwrap();
        std::fs::write(root.path().join(".secret.js"), "no").unwrap();
        std::fs::write(root.path().join("notes.txt"), "no").unwrap();
        let page = Page::load(root.path()).unwrap();
        let ask = async |path: &str| {
            file(State(page.clone()), path.parse().unwrap())
                .await
                .status()
        };
        assert_eq!(ask("/").await, StatusCode::OK);
        assert_eq!(ask("/assets/a.js").await, StatusCode::OK);
        for path in [
            "/.secret.js",
            "/notes.txt",
            "/assets/../index.html",
            "/assets/",
            "/%2e%2e/etc/passwd",
        ] {
            assert_eq!(ask(path).await, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
