//! Where the compiled files are. `cargo leptos build` writes their hashes beside the executable; they are read once, at
//! the start.

use std::collections::HashMap;

use app::shell::Assets;
use leptos::prelude::LeptosOptions;

/// The addresses of the script, the WASM and the style sheet.
pub fn find(options: &LeptosOptions) -> Assets {
    let hashes = read_hashes(options);
    let address = |kind: &str| {
        let (name, directory) = (&options.output_name, &options.site_pkg_dir);
        match hashes.get(kind) {
            Some(hash) => format!("/{directory}/{name}.{hash}.{kind}"),
            None => format!("/{directory}/{name}.{kind}"),
        }
    };
    Assets {
        script: address("js"),
        wasm: address("wasm"),
        style: address("css"),
    }
}

fn read_hashes(options: &LeptosOptions) -> HashMap<String, String> {
    let text = std::env::current_exe()
        .ok()
        .and_then(|executable| {
            std::fs::read_to_string(executable.with_file_name(options.hash_file.as_ref())).ok()
        })
        .unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(kind, hash)| (kind.trim().to_owned(), hash.trim().to_owned()))
        .collect()
}
