//! Who is looking at the page, as far as the page knows. The same in both modes; knows neither cookies nor tokens.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::transport::latest_refusal;
use crate::domain::path::LocalPath;
use crate::error::{AppError, FormFailure};
use crate::json::JsonText;

/// Who is looking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Viewer {
    /// Not known yet: the server cannot see a token that the browser keeps.
    #[default]
    Unknown,
    Anonymous,
    User(Profile),
}

/// What a page may show of the person looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub email: String,
}

/// What the server knows when it renders a page. It travels inside the HTML, so that the browser starts from the
/// same facts and hydration finds the same page; nothing may be in it that the viewer may not read (T18).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstRender {
    pub viewer: Viewer,
    /// Whether a proof of the other mode came with the request, which the page may exchange.
    pub may_exchange: bool,
    /// What the page has to put into what proves its key, in token mode.
    pub nonce: Option<String>,
    /// The shortest password that may be chosen.
    #[serde(rename = "least")]
    pub least_password_length: usize,
    /// Whether this site sends mail.
    #[serde(rename = "mail")]
    pub sends_mail: bool,
    /// Whether an account is made only once its address is confirmed.
    #[serde(rename = "confirm")]
    pub confirms_addresses: bool,
    /// Why there is no page at all.
    pub failure: Option<AppError>,
    /// The id of the request for the page: that of whatever is refused while it is rendered.
    pub reference: String,
    /// Why the form that led here was refused.
    pub form_failure: Option<FormFailure>,
}

impl FirstRender {
    /// That of the form that led here, unless the page itself is what was refused.
    fn into_reference(self) -> String {
        match self.form_failure {
            Some(of_form) if self.failure.is_none() => of_form.reference,
            _ => self.reference,
        }
    }
}

/// The viewer and the latest trouble in finding out, as signals; cheap to copy.
#[derive(Clone, Copy)]
pub struct CurrentViewer {
    viewer: RwSignal<Viewer>,
    trouble: RwSignal<Option<AppError>>,
}

impl CurrentViewer {
    pub fn get(self) -> Viewer {
        self.viewer.get()
    }

    /// The same, for whoever decides once and must not do it again when that changes.
    pub(super) fn get_untracked(self) -> Viewer {
        self.viewer.get_untracked()
    }

    pub fn set(self, viewer: Viewer) {
        if matches!(viewer, Viewer::User(_)) {
            self.trouble.set(None);
        }
        // What is on the page already is not drawn again: the button that has the focus would lose it.
        if viewer != self.viewer.get_untracked() {
            self.viewer.set(viewer);
        }
    }

    /// Takes the server's word about a page that is open already. Where it showed somebody else, it is loaded afresh:
    /// nothing of theirs may stay.
    pub(super) fn notice(self, found: Viewer) {
        match (self.viewer.get_untracked(), found) {
            (Viewer::User(_), Viewer::Anonymous) => self.end(),
            (Viewer::User(shown), Viewer::User(found)) if shown != found => {
                let _ = window().location().reload();
            }
            (_, found) => self.set(found),
        }
    }

    /// The sign-in has ended while the page was open: it shows nobody, and says why. The reason stays in the page's memory
    /// and out of its address, where anybody could put one (T05).
    pub(super) fn end(self) {
        self.report(AppError::InvalidToken);
        self.set(Viewer::Anonymous);
    }

    pub(super) fn shows_somebody(self) -> bool {
        matches!(self.viewer.get_untracked(), Viewer::User(_))
    }

    pub fn trouble(self) -> Option<AppError> {
        self.trouble.get()
    }

    /// Shows `error` above the page until somebody is signed in again.
    pub fn report(self, error: AppError) {
        self.trouble.set(Some(error));
    }
}

/// Takes the first render's facts and makes the viewer known to every component below.
pub fn provide_first_render() -> FirstRender {
    let first = SharedValue::<_, JsonText>::new_with_encoding(|| {
        use_context::<FirstRender>().unwrap_or_default()
    })
    .into_inner();
    provide_context(first.clone());
    provide_context(CurrentViewer {
        viewer: RwSignal::new(first.viewer.clone()),
        trouble: RwSignal::new(None),
    });
    first
}

/// The shortest password that may be chosen, in characters.
pub fn least_password_length() -> usize {
    use_context::<FirstRender>().map_or(0, |first| first.least_password_length)
}

/// Whether this site sends mail.
pub fn sends_mail() -> bool {
    use_context::<FirstRender>().is_some_and(|first| first.sends_mail)
}

/// Whether an account is made only once its address is confirmed by mail.
pub fn confirms_addresses() -> bool {
    use_context::<FirstRender>().is_some_and(|first| first.confirms_addresses)
}

/// # Panics
/// Outside of `App`.
pub fn use_viewer() -> CurrentViewer {
    use_context().expect("App provides the viewer before it renders any page")
}

/// Why the form for `endpoint` was refused, if it was sent without scripts just before this page was rendered.
pub fn use_form_failure(endpoint: &str) -> Option<AppError> {
    use_context::<FirstRender>()
        .and_then(|first| first.form_failure)
        .filter(|failure| failure.endpoint == endpoint)
        .map(|failure| failure.error)
}

/// By what the operator finds the latest refusal in the log: the id of its request.
pub fn reference() -> Option<String> {
    let refusal = latest_refusal().or_else(|| use_context().map(FirstRender::into_reference));
    refusal.filter(|id| !id.is_empty())
}

/// Whether the page came with a proof of the other mode.
pub(super) fn may_exchange() -> bool {
    use_context::<FirstRender>().is_some_and(|first| first.may_exchange)
}

/// What the page has to put into its first proof.
pub(super) fn first_nonce() -> Option<String> {
    use_context::<FirstRender>()?.nonce
}

/// Leaves this page for good, with all it kept in memory, and loads `path`.
pub(super) fn load(path: &LocalPath) {
    // It only fails for a URL that cannot be parsed, and a `LocalPath` can.
    let _ = window().location().assign(path.as_str());
}
