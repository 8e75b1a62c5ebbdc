//! Where the compiled files are. `bin/build` has their hashes written beside the executable, and a split build which
//! chunks there are; both are read once, at the start.

use std::collections::HashMap;
use std::path::Path;

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
        chunks: read_chunks(options, hashes.get("manifest")),
    }
}

/// The first of these files that is not there: no page works without.
pub fn find_missing(options: &LeptosOptions) -> Option<String> {
    let root = Path::new(options.site_root.as_ref());
    let assets = find(options);
    let files = [assets.script, assets.wasm, assets.style].map(|file| root.join(&file[1..]));
    let missing = files.iter().find(|file| !file.is_file())?;
    Some(missing.display().to_string())
}

/// None, unless the build was split: then the manifest says which chunks belong to which lazy function.
fn read_chunks(
    options: &LeptosOptions,
    manifest_hash: Option<&String>,
) -> HashMap<String, Vec<String>> {
    let name = match manifest_hash {
        Some(hash) => format!("__wasm_split_manifest.{hash}.json"),
        None => "__wasm_split_manifest.json".to_owned(),
    };
    let directory = &options.site_pkg_dir;
    let path = Path::new(options.site_root.as_ref()).join(directory.as_ref());
    let chunks: HashMap<String, Vec<String>> = std::fs::read_to_string(path.join(name))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let address = |file: String| format!("/{directory}/{file}.wasm");
    chunks
        .into_iter()
        .map(|(name, files)| (name, files.into_iter().map(address).collect()))
        .collect()
}

/// Whether the compiled files have names that hold a hash, as `bin/build` gives them. A list of hashes alone does not tell: it
/// stays beside the executable when the next build, as `cargo leptos watch` makes them, has plain names.
pub fn are_hashed(options: &LeptosOptions) -> bool {
    let directory = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref());
    !directory
        .join(format!("{}.wasm", options.output_name))
        .exists()
}

fn read_hashes(options: &LeptosOptions) -> HashMap<String, String> {
    if !are_hashed(options) {
        return HashMap::new();
    }
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
