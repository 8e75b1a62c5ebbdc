# shellcheck shell=bash
# Where Rust's own servers are out of reach: Debian's rustc, and a wasm32 standard library built from Debian's source package,
# because Debian ships none of that version.

DEBIAN_TOOLCHAIN=twofold-debian
DEBIAN_RUST=(rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web)

rust_from_debian() {
  can_install_packages || return 1
  local lld
  refresh_package_lists
  lld="$(newest_lld)"
  at_least "$RUST_WANTED" "$(candidate rustc-web)" && [ -n "$lld" ] || return 1

  say "Rust's own servers are out of reach. Installing Debian's Rust instead (about a minute)"
  packages "${DEBIAN_RUST[@]}" "$lld" || return 1
  link_linker "$lld"
  builds_for_the_browser "PATH=/usr/bin:$PATH" || build_standard_library || return 1
  take_debian_rust
}

candidate() {
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9.]*\).*/\1/p'
}

newest_lld() {
  apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort -V | tail -n 1
}

# rustc looks for `rust-lld` beside its libraries; Debian's package calls it `wasm-ld-<version>`.
link_linker() {
  local host
  host="$(/usr/bin/rustc -vV | sed -n 's/^host: //p')"
  as_root mkdir -p "/usr/lib/rustlib/$host/bin"
  as_root ln -sfn "/usr/bin/wasm-ld-${1#lld-}" "/usr/lib/rustlib/$host/bin/rust-lld"
}

build_standard_library() {
  say "Building the standard library for $WASM (1 to 3 minutes)"
  local dir
  dir="$(mktemp -d)"
  mkdir "$dir/src" "$dir/lib"
  printf '[package]\nname = "nothing"\nedition = "2021"\n' >"$dir/Cargo.toml"
  touch "$dir/src/lib.rs"
  # -Zbuild-std is unstable, which RUSTC_BOOTSTRAP allows; without the bitcode a later `lto = "fat"` fails.
  (cd "$dir" && env -u CARGO_BUILD_TARGET -u RUSTC_WRAPPER -u RUSTUP_TOOLCHAIN \
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes /usr/bin/cargo build --release --target "$WASM" \
    --target-dir target -Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test) || { rm -rf "$dir" && return 1; }
  cp "$dir/target/$WASM/release/deps/"*.rlib "$dir/lib"
  rm "$dir/lib/libnothing"*
  install_standard_library "$dir/lib" || return 1
  rm -rf "$dir"
}

# Beside the place first and then renamed, so that an interrupted copy is never taken for a whole library.
install_standard_library() {
  local place=/usr/lib/rustlib/$WASM
  as_root rm -rf "$place/lib" "$place/lib.new"
  as_root mkdir -p "$place/lib.new" &&
    as_root cp "$1"/*.rlib "$place/lib.new" &&
    as_root chmod -R a+rX "$place" &&
    as_root mv "$place/lib.new" "$place/lib"
}

# Makes Debian's Rust, if it is ready, the one of this checkout. Where there is no rustup, /usr/bin is on PATH anyway.
take_debian_rust() {
  have rustup && rust_is_new_enough "PATH=/usr/bin:$PATH" && builds_for_the_browser "PATH=/usr/bin:$PATH" || return 1
  rustup toolchain list | grep -q "^$DEBIAN_TOOLCHAIN" || rustup toolchain link "$DEBIAN_TOOLCHAIN" /usr
  rust_is_ready "RUSTUP_TOOLCHAIN=$DEBIAN_TOOLCHAIN" || return 1
  echo "Using Debian's Rust for this checkout: rustup override set $DEBIAN_TOOLCHAIN"
  rustup override set "$DEBIAN_TOOLCHAIN" --path "$root"
}
