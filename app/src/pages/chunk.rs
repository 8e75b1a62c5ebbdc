//! A page as a chunk of its own: the browser loads its code when somebody goes there, not with the first visit.
//!
//! `page_chunk!(Name, Component)` declares the route `Name` that shows the page `Component`. The code is set apart by the
//! build, `cargo leptos build --split`, which says so by the feature `split`; any other build keeps it with the rest,
//! because a reference to a chunk that nobody cut out would keep the whole app from starting.

#[cfg(feature = "split")]
macro_rules! page_chunk {
    ($name:ident, $page:ident) => {
        #[doc = concat!("The route of [`", stringify!($page), "`].")]
        pub struct $name;

        #[leptos_router::lazy_route]
        impl leptos_router::LazyRoute for $name {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                view! { <$page /> }.into_any()
            }
        }
    };
}

#[cfg(not(feature = "split"))]
macro_rules! page_chunk {
    ($name:ident, $page:ident) => {
        #[doc = concat!("The route of [`", stringify!($page), "`].")]
        pub struct $name;

        impl leptos_router::LazyRoute for $name {
            fn data() -> Self {
                Self
            }

            async fn view(_this: Self) -> AnyView {
                view! { <$page /> }.into_any()
            }
        }
    };
}

pub(super) use page_chunk;
