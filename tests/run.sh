#!/usr/bin/env bash
# Everything that proves kuimen, on a fresh Debian or Ubuntu with a Rust toolchain: installs the independent references the
# tests compare with (a JDK, Node.js with npm, Python 3, OpenSSL), checks form and lints, then runs all tests. Exits non-zero at the
# first thing that does not pass.
set -euo pipefail
cd "$(dirname "$0")/.."

need=()
command -v java >/dev/null && java --list-modules 2>/dev/null | grep -q '^jdk.compiler' || need+=(default-jdk-headless)
command -v node >/dev/null || need+=(nodejs)
command -v npm >/dev/null || need+=(npm)
command -v python3 >/dev/null || need+=(python3)
command -v cc >/dev/null || need+=(build-essential)
command -v curl >/dev/null || need+=(curl)
command -v openssl >/dev/null || need+=(openssl)
if [ ${#need[@]} -gt 0 ]; then
  echo "installing: ${need[*]}"
  as_root=""; [ "$(id -u)" = 0 ] || as_root="sudo"
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq "${need[@]}" >/dev/null
fi
export PATH="$HOME/.cargo/bin:$PATH"

echo "== form"
cargo fmt --check
echo "== lints"
cargo clippy --locked --all-targets --quiet -- -D warnings
echo "== documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --quiet
echo "== tests"
cargo test --locked --quiet
