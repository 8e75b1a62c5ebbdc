# shellcheck shell=bash
# The machine: a C and C++ compiler (SQLite and libFuzzer), Debian packages, and whether a file is in reach.

ensure_c_compiler() {
  local missing=()
  have cc && have c++ || missing+=(build-essential)
  have curl || missing+=(curl ca-certificates)
  [ ${#missing[@]} = 0 ] && return
  say "Installing ${missing[*]} (about a minute)"
  packages "${missing[@]}"
}

# packages NAME…: installs Debian packages, or says which ones a person has to install.
packages() {
  can_install_packages || die "Please install what these Debian packages contain, then run bin/setup again: $*"
  refresh_package_lists
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@" || return 1
  hash -r
}

can_install_packages() {
  have apt-get && { [ "$(id -u)" = 0 ] || sudo_answers; }
}

# Asks for a password only where somebody can type it.
sudo_answers() {
  have sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Once a run: the lists of a fresh image are empty or name versions that are gone. A mirror that is down for a moment
# is no reason to stop, the lists at hand may do.
refresh_package_lists() {
  [ -n "${package_lists_are_fresh:-}" ] && return
  as_root apt-get update -qq -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120 || true
  package_lists_are_fresh=yes
}

# reachable URL: asks for a file's headers. Twenty seconds decide, so that a fall-back never waits for a long timeout.
# Without curl nothing is known, and the download itself has to find out.
reachable() {
  have curl || return 0
  curl -fsSL --head -o /dev/null --connect-timeout 10 --max-time 20 "$1" 2>/dev/null
}

# limited SECONDS COMMAND…: macOS has no `timeout`, and no need for one here either.
limited() {
  local seconds=$1
  shift
  if have timeout; then timeout "$seconds" "$@"; else "$@"; fi
}

# at_least WANTED FOUND: compares version numbers.
at_least() {
  [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}
