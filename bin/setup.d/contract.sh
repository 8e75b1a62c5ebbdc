# shellcheck shell=bash
# Schemathesis, which asks the server for what its OpenAPI document promises (bin/api-contract): a Python environment of its
# own in the cache, because the system's Python is its packages' alone.

PYTHON_WANTED=3.11 # what Schemathesis needs
contract_venv="$cache/schemathesis"

# The copy of the list is written last, and compared by content: an interrupted install or a changed branch shows.
ensure_schemathesis() {
  local list=end2end/contract/requirements.txt installed="$contract_venv/installed-requirements.txt"
  if ! cmp -s "$list" "$installed" || ! "$contract_venv/bin/schemathesis" --version >/dev/null 2>&1; then
    python_makes_environments || python_from_packages
    say "Installing Schemathesis with pip (about 20 s)"
    rm -rf "$contract_venv" && mkdir -p "$cache"
    "$(python)" -m venv "$contract_venv"
    "$contract_venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$list" ||
      die "pip could not install $list."
    cp "$list" "$installed"
  fi
  echo "✓ $("$contract_venv/bin/schemathesis" --version)"
}

# python: the first that is new enough. What is first on PATH need not be the system's.
python() {
  local candidate
  for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    have "$candidate" && at_least "$PYTHON_WANTED" "$("$candidate" -c 'import platform; print(platform.python_version())' 2>/dev/null)" &&
      echo "$candidate" && return
  done
  return 1
}

# Debian's python3 has `venv`, and says only when asked for one that half of it is in another package.
python_makes_environments() {
  local found
  found="$(python)" && "$found" -c 'import ensurepip, venv' 2>/dev/null
}

python_from_packages() {
  say "Installing Python for the contract test (about a minute)"
  packages python3 python3-venv
  python_makes_environments || die "Please install Python $PYTHON_WANTED or newer with its module venv: https://www.python.org"
}
