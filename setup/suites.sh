# Sourced by check. Runs suites, prints a time for each, and counts test cases from the results that the tests wrote.

. setup/bundles.sh

PASSED=0 FAILED=0 SKIPPED=0
RESULTS=$PWD/build-check/results
mkdir -p "$RESULTS"

# count_results FILE...: adds up the cases of JUnit files; names the failed and skipped ones with the reason.
count_results() {
    local counts
    counts=$(python3 setup/count_results.py "$@") || { FAILED=$((FAILED + 1)); return; }
    local passed failed skipped
    read -r passed failed skipped <<<"$(tail -n 1 <<<"$counts")"
    sed '$d' <<<"$counts"
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
}

# report NAME STATUS BEGIN: how a suite ended, and the seconds that it took.
report() { printf '%-18s %-6s %4d s\n' "$1" "$([ "$2" = 0 ] && echo ok || echo FAILED)" $((SECONDS - $3)); }

# one_case NAME STATUS: a check that is one case by itself.
one_case() {
    if [ "$2" = 0 ]; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
}

# suite_command NAME COMMAND...: preparation; a failure ends the run, since nothing after it could pass.
suite_command() {
    local name=$1 begin=$SECONDS log=$RESULTS/${1// /-}.log
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 60 "$log"
        report "$name" 1 "$begin"
        FAILED=$((FAILED + 1))
        summary
    fi
    report "$name" 0 "$begin"
}

# suite_meson NAME BUILD SUITE TIMES [ARGUMENT...]: builds what a Meson suite needs and runs it. TIMES multiplies its
# tests' timeouts: they are for machines that do nothing else. WITHIN, if set, is the command that runs it elsewhere.
suite_meson() {
    local name=$1 folder=$2 suite=$3 times=$4 begin=$SECONDS status=0 failed_before=$FAILED
    local log=$RESULTS/${2//\//-}-$3.log results=$2/meson-logs/testlog.junit.xml
    shift 4
    # A program that crashes writes no results: those of its last run must not pass for them.
    rm -f "$folder"/*.xml "$results"
    ${WITHIN-} meson test -C "$folder" --suite "$suite" --timeout-multiplier "$times" --print-errorlogs "$@" \
        >"$log" 2>&1 </dev/null || status=$?
    if [ -f "$results" ]; then
        cp "$results" "$RESULTS/${folder//\//-}-$suite.xml"
        count_results "$results"
    fi
    if [ $status != 0 ]; then
        tail -n 80 "$log"
        # Leaks, timeouts and a failed build are no case of their own.
        [ $FAILED != "$failed_before" ] || FAILED=$((FAILED + 1))
    fi
    report "$name" $status "$begin"
}

# The partition image that the system tests boot, from the binaries of this build.
make_test_image() { tests/system/make-image build-check build-check/image-cache; }

# Scenarios with real libvirt and real VMs, in namespaces of their own, so that a gateway on this machine notices nothing.
suite_system() {
    local begin=$SECONDS status=0
    rm -rf "$RESULTS/system" && mkdir -p "$RESULTS/system"
    tests/system/private-libvirtd --net python3 tests/system/run.py --build build-check --results "$RESULTS/system" \
        >"$RESULTS/system.log" 2>&1 </dev/null || status=$?
    if compgen -G "$RESULTS/system/*.xml" >/dev/null; then count_results "$RESULTS"/system/*.xml; else FAILED=$((FAILED + 1)); fi
    [ $status = 0 ] || tail -n 100 "$RESULTS/system.log"
    report system $status "$begin"
}

sources() { git ls-files '*.cpp' '*.hpp' '*.c' 2>/dev/null || find . -name '*.[ch]pp' -not -path './build*'; }

# suite_style changed|all: formatting of every file; clang-tidy of those changed since the last merge into main.
suite_style() {
    local begin=$SECONDS status=0 files
    # shellcheck disable=SC2046  # file names without spaces
    clang-format-19 --dry-run -Werror $(sources) || status=1
    one_case clang-format $status
    report clang-format $status "$begin"
    begin=$SECONDS
    files=$(setup/tidy_files "$1")
    status=0
    if [ -n "$files" ]; then
        # shellcheck disable=SC2086
        run-clang-tidy-19 -quiet -j 2 -p build-check $files >"$RESULTS/tidy.log" 2>&1 ||
            { status=1; grep -E 'error:|warning:' "$RESULTS/tidy.log" | sort -u | head -40; }
    fi
    one_case clang-tidy $status
    report clang-tidy $status "$begin"
}

# Bound by compiling, so in bundles. Of debug information lines alone: a sanitizer's stack needs no more. By clang, which
# takes half of g++'s time for it.
setup_instrumented() {
    CC=clang-19 CXX=clang++-19 setup_build "$@" "${BUNDLES[@]}" '-Dcpp_args=-g1 -w' '-Dc_args=-g1 -w' -Db_lundef=false
}
setup_asan() {
    setup_instrumented build-asan -Dtests=enabled -Doptimization=0 -Ddebug=true -Db_sanitize=address,undefined
}
setup_fuzz() { setup_instrumented build-fuzz -Dfuzz=true -Doptimization=1; }

# The unit suite once more under AddressSanitizer and UndefinedBehaviorSanitizer. Not optimised: it is bound by compiling,
# and no access is optimised away.
suite_sanitizers() {
    ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        suite_meson "unit (asan)" build-asan unit 10
}

# Every fuzz target for a short while from its seed corpus.
suite_fuzz() {
    suite_meson fuzz build-fuzz fuzz 4
}

# The web UI: types, logic, and its pages in Chromium against a double of the console. Needs setup/web.sh.
# The built UI and its libraries, for the browser's tests and the system's.
make_web() { build_web && install_web_libraries; }

suite_web() {
    local begin=$SECONDS status=0 project
    (cd console/web && npm run --silent lint) >"$RESULTS/web-types.log" 2>&1 </dev/null || status=1
    one_case web-types $status
    [ $status = 0 ] || tail -n 40 "$RESULTS/web-types.log"
    for project in logic browser; do
        rm -f "$RESULTS/web-$project.xml"
        (cd console/web && npx --no-install vitest run --project $project --reporter=default --reporter=junit \
            --outputFile.junit="$RESULTS/web-$project.xml") >"$RESULTS/web-$project.log" 2>&1 </dev/null ||
            { status=1; tail -n 60 "$RESULTS/web-$project.log"; }
        if [ -f "$RESULTS/web-$project.xml" ]; then count_results "$RESULTS/web-$project.xml"; else FAILED=$((FAILED + 1)); fi
    done
    report web $status "$begin"
}

summary() {
    echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    [ $FAILED = 0 ] && [ $PASSED != 0 ]
    exit
}
