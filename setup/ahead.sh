# Sourced by check. Compiles what the last suites run while those before them wait, for virtual machines and for time to pass.

AHEAD=

# Both folders are configured; an error is told by the suite that builds again what failed here.
begin_building_ahead() {
    setup/idly sh -c 'meson test -C build-asan --suite unit --wrapper true
                      meson test -C build-fuzz --suite fuzz --wrapper true' >"$RESULTS/ahead.log" 2>&1 </dev/null &
    AHEAD=$!
    trap end_building_ahead EXIT
}

# What is not compiled by now is compiled by its suite, as fast as it can be. Ninja keeps what is done.
end_building_ahead() {
    [ -n "$AHEAD" ] || return 0
    kill -- "-$AHEAD" 2>/dev/null || true
    wait "$AHEAD" || true
    AHEAD=
}
