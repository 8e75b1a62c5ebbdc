//! `docs/attacks.md`, out of the catalogue.

use std::fmt::Write;

use app::auth::mode::Mode;

use crate::catalogue::{ALL, Attack, When};

const HEAD: &str = "\
# The attack lab

`bin/attack` attacks a running instance from outside, over the network alone. It prints one line for each attack: what
stopped it, and how that shows. An attack counts as stopped only by the means that is expected, while the same act without
the attack works; whatever else came of it is *inconclusive*. The exit code is 0 if all were stopped, 1 if one succeeded, 2
if one was inconclusive. `bin/attack --self-check` turns all of them on a server that is weak in every way, where each must
succeed. This page is written from the lab's own catalogue by `bin/attack --write`, and `bin/test` fails where it differs.

What has to be signed with the server's own key, as a token of another audience or a nonce of some minutes ago, is tried only on
a server that the lab has started, whose key it reads; what a server says only where it is reached over TLS, on a second one.

Those with a ◷ wait for something and go on beside the others; those with a ■ come last, because they use up what one address
may do.
";

pub fn text() -> String {
    let mut text = HEAD.to_owned();
    for group in ALL {
        let title = group.title;
        let _ = write!(
            text,
            "\n## {title}\n\n| attack | what stops it | requirements and traps |\n| --- | --- | --- |\n"
        );
        for attack in group.attacks {
            text.push_str(&row(attack));
        }
    }
    text
}

fn row(attack: &Attack) -> String {
    let when = match attack.when {
        When::Alongside => " ◷",
        When::InTurn => "",
        When::Last => " ■",
    };
    let only = match attack.only {
        Some((Mode::CookieSession, _)) => " (sessions)",
        Some((Mode::Jwt, _)) => " (tokens)",
        None => "",
    };
    format!(
        "| {}{only}{when} | {} | {} |\n",
        attack.name, attack.stopped_by, attack.ids
    )
}
