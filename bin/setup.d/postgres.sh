# shellcheck shell=bash
# PostgreSQL's own programs, for the tests: bin/with-postgres starts and stops what it needs, so no service is set up.

ensure_postgres() {
  if ! postgres_programs >/dev/null; then
    can_install_packages || die "Please install PostgreSQL (its programs initdb and postgres; no service has to run): the package
  postgresql on Debian and Alpine, postgresql-server on Fedora, \`brew install postgresql\` on macOS. Then run bin/setup again."
    say "Installing PostgreSQL for the tests (about a minute)"
    postgres_from_debian
    postgres_programs >/dev/null || die "There is no initdb in /usr/lib/postgresql/*/bin or on PATH."
  fi
  echo "✓ $("$(postgres_programs)/postgres" --version)"
}

# postgres_programs: the newest directory with both programs. Debian keeps them off PATH.
postgres_programs() {
  local directory
  for directory in $(printf '%s\n' /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin | sort -rV) \
    "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
    [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ] && echo "$directory" && return
  done
  return 1
}

# Debian's package would make a cluster and start it as a service at every boot, unless this file says no.
postgres_from_debian() {
  local no_service=/etc/postgresql-common/createcluster.d/twofold.conf status=0
  as_root mkdir -p "${no_service%/*}"
  as_root sh -c "echo 'create_main_cluster = false' >'$no_service'"
  packages postgresql || status=1
  as_root rm -f "$no_service"
  return "$status"
}
