//! Chunks: code that the browser loads when it is needed, not with the first visit.
//!
//! `chunk!(Name, Component)` declares the route `Name` that shows the page `Component`, whose code is loaded when somebody goes
//! there. `chunk! { fn name(…) -> T { … } }` declares an async function that gives a `Result`, whose code is loaded at the
//! first call; it fails where that cannot be loaded. The code is set apart by the build, `cargo leptos build --split`, which
//! says so by the feature `split`; any other build keeps it with the rest, because a reference to a chunk that nobody cut
//! out would keep the whole app from starting.

#[cfg(feature = "split")]
macro_rules! chunk {
    (fn $name:ident($argument:ident: $type:ty) -> $output:ty $body:block) => {
        // `leptos::lazy` would end the whole app where the chunk cannot be loaded.
        #[leptos::wasm_split::wasm_split($name, fallible, wasm_split_path = leptos::wasm_split)]
        fn $name($argument: $type) -> Result<$output, leptos::wasm_split::SplitLoaderError> {
            Ok($body)
        }
    };
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
macro_rules! chunk {
    (fn $name:ident($argument:ident: $type:ty) -> $output:ty $body:block) => {
        async fn $name($argument: $type) -> Result<$output, leptos::wasm_split::SplitLoaderError> {
            Ok($body)
        }
    };
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

pub(super) use chunk;
