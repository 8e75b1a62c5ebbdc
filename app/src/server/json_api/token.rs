//! `/api/v1/token`: a password for a pair of tokens, a refresh token for the next pair, and the end of a sign-in.

mod grants;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use self::grants::{PasswordForm, PasswordGrant, RefreshForm, RefreshGrant};
use super::body;
use super::document::{Asked, Granting, Renewing};
use super::problem::{Kind, Problem};
use crate::auth::end_proved;
use crate::auth::jwt::server::token_pair::{NoPair, TokenPair};
use crate::error::AppError;
use crate::server::audit::Factor;
use crate::server::caller::Caller;
use crate::server::guard::may_renew;
use crate::server::known_device::guesser;
use crate::server::services::Services;
use crate::server::sign_ins::RenewalError;

/// An access token and what gets the next one (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// A signed JWT for the header `Authorization` of every call, after the word in `token_type`. Opaque to clients.
    #[schema(min_length = 1)]
    access_token: String,
    token_type: TokenType,
    /// For how many seconds the access token is good, from now on.
    #[schema(minimum = 1, example = 300)]
    expires_in: u32,
    /// Good for one use at `/api/v1/token/refresh`. Keep it where nobody else can read it.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    refresh_token: String,
}

/// How the access token is sent: by itself (RFC 6750), or with a proof of the key that it is bound to (RFC 9449).
#[derive(Serialize, ToSchema)]
enum TokenType {
    Bearer,
    DPoP,
}

/// Sign in with a password
///
/// The password grant of RFC 6749 section 4.3. It begins a sign-in of its own, which is on the person's list of devices
/// under the client's `User-Agent`, and ends by the same rules as a browser's: 12 hours after its last use, or 14 days
/// with `keep`, and after 30 days in any case, unless the server is set differently. A person who has too many sign-ins
/// loses the one that was seen longest ago. No cookie is set, and neither a cookie nor `Authorization` signs anybody in here; a request that carries
/// cookies has to come from this origin, as everywhere.
///
/// An unknown address and a wrong password are the same `invalid_grant`, after the same time. After
/// ten of them in a row for one account from one address, unless the server is set differently, there is a wait that doubles
/// with every further one: 429, with the seconds in `Retry-After`.
#[utoipa::path(
    post,
    path = "/api/v1/token",
    operation_id = "grantToken",
    tag = "Tokens",
    request_body(content(
        (PasswordGrant = "application/json", example = json!({"username": "ada@example.com", "password": "correct horse battery staple"})),
        (PasswordForm = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "A new sign-in, and its first pair of tokens.", body = Tokens), Granting),
)]
pub(super) async fn grant(
    State(services): State<Services>,
    request: Request,
) -> Result<Json<Tokens>, Problem> {
    let (parts, body) = request.into_parts();
    let grant: PasswordGrant = body::read(&parts.headers, body).await?;
    let (credentials, keep) = grant.check()?;
    let guesser = guesser(&parts, &services);
    let caller = Caller::of(&parts);
    let accounts = &services.accounts;
    let user = accounts.authenticate(&credentials, &guesser, &caller).await;
    let user = user.map_err(AppError::from)?;
    let pair = TokenPair::begin(&services, &user, keep, &parts)
        .await
        .map_err(Problem::of_grant)?;
    Ok(Json(pair.into()))
}

/// Renew the tokens
///
/// The refresh grant of RFC 6749 section 6, with rotation (RFC 9700 section 4.14): every refresh token is good once, and
/// the answer has the next. If the answer is lost, the same refresh token gives the same successor for ten seconds; for
/// longer, until the successor is used, if both requests carry the same `Idempotency-Key`. Shown again otherwise, it ends
/// the whole sign-in, because somebody has a copy.
///
/// A request that a newer renewal has overtaken is answered with 409, and ends nothing. If you have the tokens that the newer
/// one gave, use them. If not, somebody else may have them: ask once more under a new `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/api/v1/token/refresh",
    operation_id = "refreshToken",
    tag = "Tokens",
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "The client's own name for this renewal, 22 to 64 characters that nobody guesses; the same when it is tried again.",
        min_length = 22, max_length = 64, pattern = "^[!-~]{22,64}$",
    )),
    request_body(content(
        (RefreshGrant = "application/json", example = json!({"refresh_token": "WW91IGNhbm5vdCBndWVzcyB0aGlzIG9uZSBhdCBhbGw"})),
        (RefreshForm = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The next pair of tokens of the same sign-in.", body = Tokens), Renewing),
)]
pub(super) async fn refresh(
    State(services): State<Services>,
    request: Request,
) -> Result<Json<Tokens>, Problem> {
    let (parts, body) = request.into_parts();
    let grant: RefreshGrant = body::read(&parts.headers, body).await?;
    let presented = grant.check()?;
    may_renew(&services, &parts, Factor::RefreshToken).await?;
    let pair = TokenPair::renew(&services, Some(&presented), &parts).await?;
    Ok(Json(pair.into()))
}

/// Sign out
///
/// Ends the sign-in that the access token names, with every token of it, within a second on every node (after RFC 7009).
/// Doing it twice is fine, as long as the token has not run out.
#[utoipa::path(
    delete,
    path = "/api/v1/token",
    operation_id = "endToken",
    tag = "Tokens",
    security(("bearer" = [])),
    responses((status = 204, description = "The sign-in has ended."), Asked),
)]
pub(super) async fn end(
    State(services): State<Services>,
    request: Request,
) -> Result<StatusCode, Problem> {
    end_proved(&request.into_parts().0, &services).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<TokenPair> for Tokens {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access_token.token,
            token_type: if pair.is_bound {
                TokenType::DPoP
            } else {
                TokenType::Bearer
            },
            expires_in: pair.access_token.expires_in,
            refresh_token: pair.refresh_token.reveal().to_owned(),
        }
    }
}

impl From<NoPair> for Problem {
    fn from(error: NoPair) -> Self {
        match error {
            NoPair::Renewal(RenewalError::Ended) => Self::new(
                Kind::InvalidGrant,
                "The refresh token is not one, was used before, or its sign-in has ended.",
            ),
            NoPair::Renewal(RenewalError::Overtaken) => Kind::Overtaken.into(),
            NoPair::Renewal(RenewalError::Late) => AppError::OldPage.into(),
            NoPair::Renewal(RenewalError::Store(error)) => AppError::from(error).into(),
            NoPair::Other(AppError::Malformed) => Self::new(
                Kind::InvalidRequest,
                "Idempotency-Key must have 22 to 64 characters of visible ASCII.",
            ),
            NoPair::Other(error) => Self::of_grant(error),
        }
    }
}
