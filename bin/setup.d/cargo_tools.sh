# shellcheck shell=bash
# cargo-leptos, and the wasm-bindgen that belongs to Cargo.lock.

CARGO_LEPTOS_WANTED=0.3.11

ensure_cargo_leptos() {
  cargo_leptos_is_there || install_cargo_leptos
  echo "✓ $(cargo-leptos --version)"
}

cargo_leptos_is_there() {
  at_least "$CARGO_LEPTOS_WANTED" "$(cargo-leptos --version 2>/dev/null | cut -d' ' -f2)"
}

install_cargo_leptos() {
  binstall "cargo-leptos@$CARGO_LEPTOS_WANTED" && cargo_leptos_is_there && return
  say "Compiling cargo-leptos $CARGO_LEPTOS_WANTED (5 to 15 minutes, once)"
  compile 0 --locked cargo-leptos --version "$CARGO_LEPTOS_WANTED"
}

# cargo-leptos takes wasm-bindgen from PATH, whatever its version, and downloads the right one only where PATH has none.
ensure_wasm_bindgen() {
  local wanted
  wanted="$(locked_version wasm-bindgen)"
  if wasm_bindgen_is "$wanted"; then
    echo "✓ wasm-bindgen $wanted"
  elif ! have wasm-bindgen && reachable "$(released_wasm_bindgen "$wanted")"; then
    echo "✓ wasm-bindgen $wanted: cargo-leptos downloads it with the first build"
  else
    install_wasm_bindgen "$wanted"
    echo "✓ wasm-bindgen $wanted"
  fi
}

wasm_bindgen_is() {
  [ "$(wasm-bindgen --version 2>/dev/null | cut -d' ' -f2)" = "$1" ]
}

# The very file cargo-leptos would take, on the most usual of its machines: a proxy may let pass the host but not this.
released_wasm_bindgen() {
  echo "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/$1/wasm-bindgen-$1-x86_64-unknown-linux-musl.tar.gz"
}

install_wasm_bindgen() {
  binstall "wasm-bindgen-cli@$1" && wasm_bindgen_is "$1" && return
  say "Compiling wasm-bindgen $1 (3 to 6 minutes, once)"
  # Some releases lock a crate that was withdrawn since: without the lock cargo takes its successor.
  compile 1 --locked wasm-bindgen-cli --version "$1" || compile 1 wasm-bindgen-cli --version "$1"
}

locked_version() {
  awk -v name="\"$1\"" '$1 == "name" { found = $3 == name } found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' Cargo.lock
}

# binstall NAME@VERSION: a prebuilt tool, where cargo-binstall is there and reaches one. Never compiles.
binstall() {
  have cargo-binstall || return 1
  say "Downloading $1 (a few seconds)"
  limited 120 cargo binstall --no-confirm --force --disable-strategies compile "$1"
}

# compile OPT_LEVEL ARGUMENT…: a tool for building need not be fast itself. The releases' own profile (fat LTO, one codegen
# unit) would take 35 minutes on two cores. An interrupted run continues in the same folder.
compile() {
  local level=$1
  shift
  env -u CARGO_BUILD_TARGET -u RUSTFLAGS CARGO_TARGET_DIR="$cache/tools" CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --force "$@" || return 1
  rm -rf "$cache/tools"
  hash -r
}
