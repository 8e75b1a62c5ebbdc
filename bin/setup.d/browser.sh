# shellcheck shell=bash
# A Chromium for the tests. Which one the suite takes is written in end2end/browser.ts.

ensure_browser() {
  if ! browser_starts; then
    browser_from_playwright || browser_from_debian
    browser_starts || die "No browser starts. Please install Chromium, or name one in CHROMIUM_PATH."
  fi
  echo "✓ Chromium"
}

# Really starts it: an interrupted download or a missing system library would otherwise show only in the tests.
browser_starts() {
  (cd end2end && limited 60 node -e '
    const { existsSync } = require("node:fs");
    const { chromium } = require("@playwright/test");
    const installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
    const own = existsSync(chromium.executablePath()) ? undefined : installed;
    chromium.launch({ executablePath: process.env.CHROMIUM_PATH || own, chromiumSandbox: false })
      .then((browser) => browser.close())
      .catch(() => process.exit(1));
  ') >/dev/null 2>&1
}

browser_from_playwright() {
  reachable "$(playwright_download)" || return 1
  say "Downloading Playwright's Chromium (about a minute)"
  local system_libraries=()
  can_install_packages && system_libraries=(--with-deps)
  (cd end2end && limited 600 npx playwright install ${system_libraries[@]+"${system_libraries[@]}"} chromium) && browser_starts && return
  # Half a browser would be preferred to Debian's whole one.
  (cd end2end && npx playwright uninstall) || true
  return 1
}

playwright_download() {
  (cd end2end && npx playwright install --dry-run chromium 2>/dev/null) | awk '/Download url:/ { print $3; exit }'
}

browser_from_debian() {
  say "Installing Debian's Chromium (about a minute)"
  packages chromium
}
