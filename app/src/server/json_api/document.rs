//! The OpenAPI document: what all operations have in common. Which answers there are to a refused request comes from the
//! kinds of problems themselves.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{self, Ref, RefOr};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::documented;
use super::problem::{self, Kind, Problem, ProblemDetails};

/// What stands around the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Twofold",
        version = "1",
        description = "For programs other than the browser app: sign in with a password, stay signed in with refresh tokens, see and end \
                       sign-ins, see what happened. A call shows its access token in the header `Authorization`; without that header a browser's session \
                       cookie counts, as it does for pages, and what changes something must then come from the server's own origin. \
                       Failures are problem documents (RFC 9457).",
    ),
    servers((url = "/", description = "The server that this document comes from.")),
    tags(
        (name = "Tokens", description = "Signing in, staying signed in and signing out (RFC 6749, RFC 6750, RFC 7009)."),
        (name = "Account", description = "The person."),
        (name = "Sign-ins", description = "Where the person is signed in. An id names one of them and proves nothing."),
        (name = "Events", description = "What happened around the account."),
        (name = "Description", description = "This document."),
    ),
    components(schemas(ProblemDetails)),
    modifiers(&Shared),
)]
pub(super) struct Document;

const EXAMPLE_REQUEST: &str = "b4a7d2c0-3f7e-4b5a-9d61-0c2f8e7a1b35";

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let document = documented().into_openapi();
    document
        .to_json()
        .expect("maps with texts as keys can be written as JSON")
});

/// Read this document
///
/// The same in every build of the server, and for everybody.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "readDocument",
    tag = "Description",
    responses((status = 200, description = "An OpenAPI 3.1 document.", body = Object)),
)]
pub(super) async fn serve() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, TEXT.as_str())
}

struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for kind in Kind::ALL {
            let details = Problem::from(kind).details(EXAMPLE_REQUEST);
            let example = ExampleBuilder::new()
                .summary(kind.title())
                .value(serde_json::to_value(details).ok());
            components
                .examples
                .insert(kind.name().to_owned(), example.build().into());
        }
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some("An access token of `POST /api/v1/token`, good for five minutes (RFC 6750 section 2.1).".to_owned());
        components
            .security_schemes
            .insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    }
}

/// What every operation may answer that looks at the database.
const ALWAYS: [Kind; 3] = [Kind::InvalidRequest, Kind::ServerError, Kind::Unavailable];
const UNPROVED: [Kind; 2] = [Kind::SignedOut, Kind::InvalidToken];

/// The refusals of what hands out tokens.
pub(super) struct Granting;
/// The same, where a token is spent that another request may have spent.
pub(super) struct Renewing;
/// The refusals of what only reads, or ends the sign-in that asks.
pub(super) struct Asked;
/// The refusals of what only the confirmed may do.
pub(super) struct Confirmed;
/// The same, where what it is about may not be there.
pub(super) struct Changing;

type Responses = BTreeMap<String, RefOr<Response>>;

const GRANTING: [Kind; 7] = [
    Kind::InvalidGrant,
    Kind::UnsupportedGrantType,
    Kind::InvalidScope,
    Kind::CrossSite,
    Kind::TooLarge,
    Kind::UnsupportedMediaType,
    Kind::TooManyTries,
];

impl IntoResponses for Granting {
    fn responses() -> Responses {
        refusals(ALWAYS.into_iter().chain(GRANTING))
    }
}

impl IntoResponses for Renewing {
    fn responses() -> Responses {
        refusals(ALWAYS.into_iter().chain(GRANTING).chain([Kind::Overtaken]))
    }
}

impl IntoResponses for Asked {
    fn responses() -> Responses {
        refusals(ALWAYS.into_iter().chain(UNPROVED).chain([Kind::CrossSite]))
    }
}

impl IntoResponses for Confirmed {
    fn responses() -> Responses {
        let own = [Kind::CrossSite, Kind::ConfirmationNeeded];
        refusals(ALWAYS.into_iter().chain(UNPROVED).chain(own))
    }
}

impl IntoResponses for Changing {
    fn responses() -> Responses {
        let own = [Kind::CrossSite, Kind::ConfirmationNeeded, Kind::NotFound];
        refusals(ALWAYS.into_iter().chain(UNPROVED).chain(own))
    }
}

/// One response a status, with an example for each kind that has it.
fn refusals(kinds: impl Iterator<Item = Kind>) -> Responses {
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for kind in kinds {
        by_status
            .entry(kind.status().as_u16())
            .or_default()
            .push(kind);
    }
    let responses = by_status.into_iter();
    responses
        .map(|(status, kinds)| (status.to_string(), refusal(status, &kinds).into()))
        .collect()
}

fn refusal(status: u16, kinds: &[Kind]) -> Response {
    let titles: Vec<_> = kinds
        .iter()
        .map(|kind| format!("{}.", kind.title()))
        .collect();
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    for kind in kinds {
        let example = Ref::new(format!("#/components/examples/{}", kind.name()));
        content = content.examples_from_iter([(kind.name(), RefOr::Ref(example))]);
    }
    let response = ResponseBuilder::new()
        .description(titles.join(" "))
        .content(problem::CONTENT_TYPE, content.build());
    let (header, type_, description) = match status {
        401 => (
            "WWW-Authenticate",
            Type::String,
            "How to authenticate (RFC 6750 section 3).",
        ),
        429 | 503 => (
            "Retry-After",
            Type::Integer,
            "When to try again, in seconds.",
        ),
        _ => return response.build(),
    };
    let schema = Object::with_type(type_);
    let header_value = HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description));
    response.header(header, header_value.build()).build()
}
