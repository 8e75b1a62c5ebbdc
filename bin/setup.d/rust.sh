# shellcheck shell=bash
# Rust for the server and for the browser (wasm32), with clippy and rustfmt.

RUST_WANTED=1.96 # what cargo-leptos 0.3.11 needs
RUSTUP_INSTALLER=https://static.rust-lang.org/rustup/rustup-init.sh
WASM=wasm32-unknown-unknown

ensure_rust() {
  if ! rust_is_ready; then
    take_debian_rust || rust_from_rustup || rust_from_debian || true
    rust_is_ready || die "No Rust here that builds for the browser. Please install Rust $RUST_WANTED or newer with
  the target $WASM, clippy and rustfmt (https://rustup.rs), and unset RUSTUP_TOOLCHAIN${RUSTUP_TOOLCHAIN:+, which is \"$RUSTUP_TOOLCHAIN\" now}."
  fi
  echo "✓ $(rustc -V) with $WASM"
}

# rust_is_ready [NAME=VALUE…]: with these variables set, does Rust do all that this checkout asks of it?
rust_is_ready() {
  rust_is_new_enough "$@" &&
    env "$@" cargo clippy -V >/dev/null 2>&1 &&
    env "$@" cargo fmt --version >/dev/null 2>&1 &&
    builds_for_the_browser "$@"
}

rust_is_new_enough() {
  at_least "$RUST_WANTED" "$(env "$@" rustc -V 2>/dev/null | cut -d' ' -f2)"
}

# Builds a tiny module, because only that notices a half-installed standard library, one of another compiler version,
# one without the bitcode that `lto = "fat"` wants, or a missing linker. It takes a second.
builds_for_the_browser() {
  local dir status=0
  dir="$(mktemp -d)"
  printf '#[unsafe(no_mangle)] pub extern "C" fn probe(n: usize) -> usize { vec![n; n].iter().sum() }\n' >"$dir/probe.rs"
  env "$@" rustc --edition 2024 --crate-type cdylib --target "$WASM" -C lto=fat -C panic=abort \
    -o "$dir/probe.wasm" "$dir/probe.rs" >/dev/null 2>&1 || status=1
  rm -rf "$dir"
  return "$status"
}

rust_from_rustup() {
  reachable "$RUSTUP_INSTALLER" || return 1
  # One attempt each: the fall-back is better than waiting for the third.
  local -x RUSTUP_MAX_RETRIES=0
  if ! have rustup; then
    say "Installing Rust with rustup (about a minute)"
    install_rustup || return 1
  elif rust_is_new_enough; then
    say "Adding $WASM, clippy and rustfmt to your Rust (about 20 s)"
    limited 300 rustup target add "$WASM" || true
    limited 300 rustup component add clippy rustfmt || true
  fi
  rust_is_ready || stable_for_this_checkout
}

install_rustup() {
  # A rustc in /usr is no obstacle: it is too old or lacks a target, or this line would not be reached.
  curl -fsSL --max-time 60 "$RUSTUP_INSTALLER" | RUSTUP_INIT_SKIP_PATH_CHECK=yes limited 300 sh -s -- -y -q \
    --profile minimal --default-toolchain stable -c clippy -c rustfmt -t "$WASM" || return 1
  hash -r
}

# The default may be an older or another Rust for a reason: it stays what it is, and only this checkout leaves it.
stable_for_this_checkout() {
  say "Installing or updating rustup's stable Rust (about a minute)"
  limited 300 rustup toolchain install stable --no-self-update --profile minimal -c clippy -c rustfmt -t "$WASM" || return 1
  rust_is_ready && return
  rustup override set stable --path "$root"
  rust_is_ready
}
