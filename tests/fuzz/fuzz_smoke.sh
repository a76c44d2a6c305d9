#!/bin/sh
# fuzz_smoke.sh TARGET SEEDS: fuzzes for 10 s (FUZZ_SECONDS) from the seeds, which stay as they are.
set -eu
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
"$1" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=10 -rss_limit_mb=512 -max_len=65536 \
    -artifact_prefix="${FUZZ_ARTIFACTS:-./}" -print_final_stats=1 "$found" "$2"
