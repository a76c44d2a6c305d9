# Sourced by check, after suites.sh. Scenarios in the emulated gateway of lab/.

# suite_lab [all]: a gateway of this run's own, made of this build. What is run by default takes 20 minutes at most; ten more are
# for an emulated kernel that hangs.
suite_lab() {
    local begin=$SECONDS status=0 limit=30m
    [ $# = 0 ] || limit=3h
    rm -rf "$RESULTS/lab" && mkdir -p "$RESULTS/lab"
    { lab/up --make-only --build build-check &&
        timeout --signal=INT --kill-after=3m $limit lab/run --build build-check --results "$RESULTS/lab" "$@"
    } >"$RESULTS/lab.log" 2>&1 </dev/null || status=$?
    lab/down >>"$RESULTS/lab.log" 2>&1 || true
    if compgen -G "$RESULTS/lab/*.xml" >/dev/null; then count_results "$RESULTS"/lab/*.xml; else FAILED=$((FAILED + 1)); fi
    # None as a rule, and then grep fails.
    grep -h "begins again" "$RESULTS/lab.log" || true
    if [ $status != 0 ]; then
        tail -n 100 "$RESULTS/lab.log"
        [ $FAILED != 0 ] || FAILED=1
    fi
    report lab $status "$begin"
}
