//! `/`: what this is, and which of the two modes is running.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::chunk::chunk;
use crate::auth::MODE;
use crate::auth::mode::Mode;
use crate::auth::viewer::{Viewer, use_viewer};

chunk!(HomeRoute, HomePage);

#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Title text="Two ways to stay signed in" />
        <section class="hero">
            <h1>"Twofold keeps people signed in, two ways"</h1>
            <p class="lead">
                "One Leptos app, one set of pages, one test suite. Cookie sessions by default; a JSON Web Token in the "
                "browser with one cargo feature."
            </p>
            <div class="actions">
                <NextSteps />
            </div>
            <p class="mode">{format!("This server runs with {}.", MODE.name())}</p>
        </section>
        <section class="flow" aria-labelledby="flow">
            <h2 id="flow">"What happens when you sign in here"</h2>
            <div class="folded">
                // Every step says by itself who takes it.
                <p class="halves" aria-hidden="true">
                    <span>"Your browser"</span>
                    <span>"The server"</span>
                </p>
                // Safari takes a list without markers for no list unless it is told.
                <ol role="list">
                    {steps(MODE)
                        .iter()
                        .map(|(side, step)| view! { <li class=side.class()>{*step}</li> })
                        .collect_view()}
                </ol>
            </div>
        </section>
    }
}

/// Where to go from here; nobody is asked to sign up twice.
#[component]
fn NextSteps() -> impl IntoView {
    let viewer = use_viewer();
    move || match viewer.get() {
        Viewer::Unknown => ().into_any(),
        Viewer::Anonymous => view! {
            <A href="/sign-up" attr:class="button">
                "Create an account"
            </A>
            <A href="/sign-in" attr:class="quiet">
                "I have one already"
            </A>
        }
        .into_any(),
        Viewer::User(_) => view! {
            <A href="/account" attr:class="button">
                "Open your account"
            </A>
        }
        .into_any(),
    }
}

/// Who takes a step. The page shows the two on either side of a fold.
#[derive(Clone, Copy)]
enum Side {
    Browser,
    Server,
}

impl Side {
    fn class(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Server => "server",
        }
    }
}

fn steps(mode: Mode) -> &'static [(Side, &'static str)] {
    use Side::{Browser, Server};

    match mode {
        Mode::CookieSession => &[
            (Browser, "Your browser sends your address and password."),
            (Server, "The server checks them and begins a session."),
            (
                Server,
                "It answers with a cookie that holds the session's id and nothing else.",
            ),
            (Browser, "Your browser sends the cookie with every request."),
            (
                Server,
                "The server finds the session by its id, and you by the session.",
            ),
            (
                Server,
                "It renders the page for you, with your address in it from the first byte.",
            ),
        ],
        Mode::Jwt => &[
            (Browser, "Your browser sends your address and password."),
            (
                Server,
                "The server checks them and signs a token that is good for five minutes.",
            ),
            (Server, "It answers with the token."),
            (Browser, "The page keeps the token in localStorage."),
            (
                Browser,
                "Every call to the server carries it in the Authorization header.",
            ),
            (
                Server,
                "The server checks the signature and the claims, and decodes who you are.",
            ),
            (
                Server,
                "It answers with what is yours; the page renews the token before it runs out.",
            ),
        ],
    }
}
