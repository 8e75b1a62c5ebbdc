//! `/`: what this is, and which of the two modes is running.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::auth::MODE;
use crate::auth::mode::Mode;

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
            <p class="mode">{format!("This server runs with {}.", MODE.name())}</p>
        </section>
        <section class="flow" aria-labelledby="flow">
            <h2 id="flow">"What happens when you sign in here"</h2>
            <ol>
                {steps(MODE).iter().map(|step| view! { <li>{*step}</li> }).collect_view()}
            </ol>
        </section>
    }
}

fn steps(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::CookieSession => &[
            "Your browser sends your address and password.",
            "The server checks them and begins a session.",
            "It answers with a cookie that holds the session's id and nothing else.",
            "Your browser sends the cookie with every request.",
            "The server finds the session by its id, and you by the session.",
            "It renders the page for you, with your address in it from the first byte.",
        ],
        Mode::Jwt => &[
            "Your browser sends your address and password.",
            "The server checks them and signs a token that is good for five minutes.",
            "It answers with the token.",
            "The page keeps the token in localStorage.",
            "Every call to the server carries it in the Authorization header.",
            "The server checks the signature and the claims, and decodes who you are.",
            "It answers with what is yours; the page renews the token before it runs out.",
        ],
    }
}
