//! The fields of an account form. Each shows its own error beside it and is tied to it for screen readers.

use leptos::prelude::*;

use crate::auth::viewer::least_password_length;
use crate::components::refusal::Reference;
use crate::error::AppError;

/// Email, password and the choice to be kept signed in, with whatever is wrong with them.
#[component]
pub fn CredentialFields(
    /// `current-password` or `new-password`: what a password manager offers.
    password_autocomplete: &'static str,
    #[prop(optional, into)] password_hint: Option<String>,
    /// Hears the password letter by letter.
    #[prop(optional)]
    typed: Option<RwSignal<String>>,
    #[prop(into)] error: Signal<Option<AppError>>,
    /// What stands below the password.
    #[prop(optional)]
    children: Option<Children>,
    /// Whether it signs somebody in, for as long as they choose.
    #[prop(default = true)]
    signs_in: bool,
) -> impl IntoView {
    view! {
        <FormError message=about(error, AppError::about_no_field) />
        <Address error />
        <Field
            id="password"
            label="Password"
            kind="password"
            autocomplete=password_autocomplete
            hint=password_hint
            typed
            error=about(error, AppError::about_password)
        />
        {children.map(|children| children())}
        {signs_in.then(|| view! { <Keep /> })}
        {move || error.get().map(|_| view! { <Reference /> })}
    }
}

/// The address alone.
#[component]
pub fn EmailField(#[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <FormError message=about(error, AppError::about_no_field) />
        <Address error />
        {move || error.get().map(|_| view! { <Reference /> })}
    }
}

#[component]
fn Address(error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <Field
            id="email"
            label="Email"
            kind="email"
            autocomplete="username"
            typed=None
            error=about(error, AppError::about_email)
        />
    }
}

/// The choice to be kept signed in.
#[component]
pub fn Keep() -> impl IntoView {
    view! {
        <label class="choice">
            <input type="checkbox" name="keep" value="true" />
            "Keep me signed in"
        </label>
    }
}

/// The password alone, of somebody whose address is known.
#[component]
pub fn PasswordField(
    autocomplete: &'static str,
    #[prop(into)] error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! {
        <FormError message=about(error, AppError::about_no_field) />
        <Field
            id="password"
            label="Password"
            kind="password"
            autocomplete=autocomplete
            hint=None
            typed=None
            error=about(error, AppError::about_password)
        />
        {move || error.get().map(|_| view! { <Reference /> })}
    }
}

/// A password that somebody chooses, with nothing beside it.
#[component]
pub fn NewPasswordField(
    /// Hears the password letter by letter.
    typed: RwSignal<String>,
    #[prop(into)] error: Signal<Option<AppError>>,
    /// What stands below it.
    children: Children,
) -> impl IntoView {
    view! {
        <FormError message=about(error, AppError::about_no_field) />
        <NewPassword typed error />
        {children()}
        {move || error.get().map(|_| view! { <Reference /> })}
    }
}

/// The password that somebody has, and the one they want in its place.
#[component]
pub fn PasswordChangeFields(
    /// Hears the new password letter by letter.
    typed: RwSignal<String>,
    #[prop(into)] error: Signal<Option<AppError>>,
    /// What stands below the new password.
    children: Children,
) -> impl IntoView {
    view! {
        <FormError message=about(error, AppError::about_no_field) />
        <Field
            id="current"
            label="Current password"
            kind="password"
            autocomplete="current-password"
            hint=None
            typed=None
            error=about(error, AppError::about_current_password)
        />
        <NewPassword typed error />
        {children()}
        {move || error.get().map(|_| view! { <Reference /> })}
    }
}

#[component]
fn NewPassword(typed: RwSignal<String>, error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <Field
            id="password"
            label="New password"
            kind="password"
            autocomplete="new-password"
            hint=Some(new_password_hint())
            typed=Some(typed)
            error=about(error, AppError::about_new_password)
        />
    }
}

/// What a new password has to be.
pub fn new_password_hint() -> String {
    format!(
        "At least {} characters: a few words you will remember are best.",
        least_password_length()
    )
}

fn about(
    error: Signal<Option<AppError>>,
    part: fn(&AppError) -> Option<String>,
) -> Signal<Option<String>> {
    Signal::derive(move || error.get().as_ref().and_then(part))
}

#[component]
fn FormError(message: Signal<Option<String>>) -> impl IntoView {
    move || {
        message.get().map(|message| {
            view! {
                <p class="notice" role="alert">
                    {message}
                </p>
            }
        })
    }
}

#[component]
fn Field(
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional_no_strip)] hint: Option<String>,
    typed: Option<RwSignal<String>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = {
        let (hint_id, error_id) = (hint.as_ref().map(|_| hint_id.clone()), error_id.clone());
        move || match error.get() {
            Some(_) => Some(error_id.clone()),
            None => hint_id.clone(),
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                name=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                on:input=move |event| {
                    if let Some(typed) = typed {
                        typed.set(event_target_value(&event));
                    }
                }
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || {
                error
                    .get()
                    .map(|message| {
                        view! {
                            <p class="error" role="alert" id=error_id.clone()>
                                {message}
                            </p>
                        }
                    })
            }}
        </div>
    }
}
