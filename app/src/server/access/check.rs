//! Whether the list is true, at the start: each thing that is mounted has its line, and each line its thing.

use axum::http::Method;

use super::{Access, Kind, Line};

/// Something that is mounted, as whoever mounts it knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    what: What,
    method: Method,
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Page,
    ServerFunction,
    Route,
}

/// What is wrong with the list.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error(
        "app/src/server/access.rs has no line for {method} {path}; add one that says who may ask for it"
    )]
    Missing { method: Method, path: String },
    #[error(
        "app/src/server/access.rs has a line for {method} {path}, but there is nothing of that kind; take it out"
    )]
    Stale { method: Method, path: &'static str },
    #[error("app/src/server/access.rs has two lines for {method} {path}; keep one")]
    Twice { method: Method, path: &'static str },
    #[error(
        "app/src/server/access.rs keeps the page {path} for the confirmed; keep it for the signed in, and what it calls for the confirmed"
    )]
    Page { path: &'static str },
    #[error("{path} writes, but takes {method}; take its `input` away, or declare it as a reader")]
    Writer { method: Method, path: String },
}

impl Mounted {
    pub fn page(path: &str) -> Self {
        Self::new(What::Page, Method::GET, path)
    }

    pub fn server_function(method: Method, path: &str) -> Self {
        Self::new(What::ServerFunction, method, path)
    }

    pub fn route(method: Method, path: &str) -> Self {
        Self::new(What::Route, method, path)
    }

    fn new(what: What, method: Method, path: &str) -> Self {
        Self {
            what,
            method,
            path: path.to_owned(),
        }
    }

    fn is_of(&self, line: &Line) -> bool {
        let is_kind = match line.kind {
            Kind::Page => self.what == What::Page,
            Kind::Reader | Kind::Writer => self.what == What::ServerFunction,
            Kind::Route => self.what == What::Route,
        };
        is_kind && self.path == line.path
    }
}

/// Compares `table` with everything that is mounted.
///
/// # Errors
/// [`AccessError`], for the first thing that is wrong.
pub fn check(table: &[Line], mounted: &[Mounted]) -> Result<(), AccessError> {
    for thing in mounted {
        let of_path: Vec<_> = table.iter().filter(|line| thing.is_of(line)).collect();
        let is_listed = of_path.iter().any(|line| line.method == thing.method);
        let (method, path) = (thing.method.clone(), thing.path.clone());
        if of_path.iter().any(|line| line.kind == Kind::Writer) && method != Method::POST {
            return Err(AccessError::Writer { method, path });
        }
        if !is_listed {
            return Err(AccessError::Missing { method, path });
        }
    }
    for (index, line) in table.iter().enumerate() {
        let (method, path) = (line.method.clone(), line.path);
        if line.kind == Kind::Page && line.access == Access::Confirmed {
            return Err(AccessError::Page { path });
        }
        let is_mounted = mounted
            .iter()
            .any(|thing| thing.is_of(line) && thing.method == line.method);
        if !is_mounted {
            return Err(AccessError::Stale { method, path });
        }
        let mut before = table[..index].iter();
        if before.any(|other| (&other.method, other.path) == (&method, path)) {
            return Err(AccessError::Twice { method, path });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::super::Access::{Confirmed, Public, SignedIn};
    use super::super::{Line, page, reads, reads_by_get, writes};
    use super::{Mounted, check};

    fn complaint(table: &[Line], mounted: &[Mounted]) -> String {
        check(table, mounted).err().unwrap().to_string()
    }

    #[test]
    fn a_true_list_is_taken() {
        let table = [
            page("/", Public),
            reads("/api/a", SignedIn),
            reads_by_get("/api/b", Public),
            writes("/api/c", Public),
        ];
        let mounted = [
            Mounted::page("/"),
            Mounted::server_function(Method::POST, "/api/a"),
            Mounted::server_function(Method::GET, "/api/b"),
            Mounted::server_function(Method::POST, "/api/c"),
        ];

        assert_eq!(check(&table, &mounted), Ok(()));
    }

    #[test]
    fn what_has_no_line_is_named() {
        let function = [Mounted::server_function(Method::POST, "/api/greeting")];

        let nothing = complaint(&[], &function);
        let another_kind = complaint(&[page("/api/greeting", Public)], &function);

        assert!(
            nothing.contains("no line for POST /api/greeting"),
            "{nothing}"
        );
        assert_eq!(nothing, another_kind);
    }

    #[test]
    fn a_line_without_its_thing_is_named() {
        let stale = complaint(&[writes("/api/gone", Public)], &[]);

        assert!(stale.contains("a line for POST /api/gone"), "{stale}");
    }

    #[test]
    fn two_lines_for_one_thing_contradict_each_other() {
        let table = [page("/", Public), page("/", SignedIn)];

        let twice = complaint(&table, &[Mounted::page("/")]);

        assert!(twice.contains("two lines for GET /"), "{twice}");
    }

    #[test]
    fn a_page_has_nothing_to_confirm() {
        let complaint = complaint(&[page("/", Confirmed)], &[Mounted::page("/")]);

        assert!(
            complaint.contains("the page / for the confirmed"),
            "{complaint}"
        );
    }

    #[test]
    fn whatever_writes_takes_post_alone() {
        let by_link = Mounted::server_function(Method::GET, "/api/end");

        let complaint = complaint(&[writes("/api/end", SignedIn)], &[by_link]);

        assert!(
            complaint.contains("/api/end writes, but takes GET"),
            "SF-04 {complaint}"
        );
    }
}
