# shellcheck shell=bash
# Node, the packages in end2end/ (Playwright, binaryen), and binaryen's wasm-opt for cargo-leptos.

NODE_WANTED=20 # what Playwright needs
NODE_FROM_NPM=22
WASM_OPT_WANTED=120

ensure_node() {
  if ! node_is_there; then
    say "Installing node and npm (about a minute)"
    have npm || packages nodejs npm
    node_is_there || node_from_npm || die "Please install node $NODE_WANTED or newer with npm: https://nodejs.org"
  fi
  echo "✓ node $(node -v)"
}

node_is_there() {
  have npm && at_least "$NODE_WANTED" "$(node -v 2>/dev/null | tr -d v)"
}

# Debian 12's node is 18, but its npm can fetch a newer one: npm has node's executables as packages.
# It is this project's alone (bin/env), since replacing the system's node is for the system's owner to decide.
node_from_npm() {
  local arch
  case "$(uname -sm)" in
    "Linux x86_64") arch=linux-x64 ;;
    "Linux aarch64") arch=linux-arm64 ;;
    *) return 1 ;;
  esac
  rm -rf "$cache/node.new" && mkdir -p "$cache/node.new"
  npm install --silent --prefix "$cache/node.new" "node-$arch@$NODE_FROM_NPM" || return 1
  rm -rf "$cache/node"
  mv "$cache/node.new/node_modules/node-$arch" "$cache/node"
  rm -rf "$cache/node.new"
  hash -r
}

# The copy of the lock file is written last, and compared by content: an interrupted install or a changed branch shows.
ensure_node_modules() {
  local installed=end2end/node_modules/.installed-package-lock.json
  if ! cmp -s end2end/package-lock.json "$installed"; then
    say "Installing Playwright and binaryen with npm (about 20 s)"
    (cd end2end && npm ci --no-fund --no-audit --fetch-retries 2 --fetch-timeout 60000)
    cp end2end/package-lock.json "$installed"
  fi
  echo "✓ end2end/node_modules"
}

# Debian's wasm-opt is too old for today's WASM. The npm one is on PATH for our own scripts (bin/env); this link is for
# a `cargo leptos build --release` that somebody types. It points to a copy, because a checkout may be moved or deleted.
ensure_wasm_opt() {
  local version copy
  if ! wasm_opt_is_there; then
    version="$(node -p 'require("./end2end/node_modules/binaryen/package.json").version')"
    copy="$cache/binaryen-$version"
    say "Linking $cargo_bin/wasm-opt to binaryen $version in $cache"
    rm -rf "$copy" "$copy.new" && mkdir -p "$cache" "$cargo_bin"
    cp -R end2end/node_modules/binaryen "$copy.new"
    mv "$copy.new" "$copy"
    ln -sfn "$copy/bin/wasm-opt" "$cargo_bin/wasm-opt"
    wasm_opt_is_there || die "$cargo_bin/wasm-opt does not run. Please remove end2end/node_modules and run bin/setup again."
  fi
  echo "✓ wasm-opt"
}

# Asks what a shell outside this checkout finds.
wasm_opt_is_there() {
  local found
  found="$(PATH="${PATH//"$root/end2end/node_modules/.bin:"/}" && wasm-opt --version 2>/dev/null)" || return 1
  at_least "$WASM_OPT_WANTED" "$(sed -n 's/^wasm-opt version \([0-9]*\).*/\1/p' <<<"$found")"
}
