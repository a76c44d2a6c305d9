# Sourced. Numbered steps with a moving bar on a terminal, plain lines elsewhere, and the log of a step that failed.

STEP_NUMBER=0
STEP_TOTAL=${STEP_TOTAL:-0}
STEP_LOG=$(mktemp -d)
trap 'rm -rf "$STEP_LOG"' EXIT

on_terminal() { [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; }

# bar DONE TOTAL TEXT: one line that replaces itself.
bar() {
    on_terminal || return 0
    local done=$1 total=$2 text=$3 width=30 filled
    [ "$total" -gt 0 ] || return 0
    filled=$((done * width / total))
    printf '\r\033[K[%d/%d] %s %s%s %d %%' "$STEP_NUMBER" "$STEP_TOTAL" "$text" \
        "$(printf '%*s' "$filled" '' | tr ' ' '#')" "$(printf '%*s' $((width - filled)) '' | tr ' ' '.')" \
        $((done * 100 / total)) >&2
}

# Reads a command's output and moves the bar: ninja's "[3/40]", apt's "Unpacking" and "Setting up" lines; where nothing
# can be counted, the seconds.
follow() {
    local text=$1 line unpacked=0 total=0 counted=no begin=$SECONDS status
    while true; do
        status=0
        IFS= read -r -t 1 line || status=$?
        if [ $status -gt 128 ]; then
            if [ $counted = no ] && on_terminal; then
                printf '\r\033[K[%d/%d] %s ... %d s' "$STEP_NUMBER" "$STEP_TOTAL" "$text" $((SECONDS - begin)) >&2
            fi
            continue
        fi
        [ $status = 0 ] || break
        printf '%s\n' "$line"
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
            counted=yes
            bar "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$text"
        elif [[ $line =~ ([0-9]+)\ newly\ installed ]]; then
            total=$((BASH_REMATCH[1] * 2))
        elif [[ $line =~ ^(Unpacking|Setting\ up)\  ]]; then
            counted=yes
            unpacked=$((unpacked + 1))
            bar "$unpacked" "$((total > unpacked ? total : unpacked))" "$text"
        fi
    done
}

# step TEXT COMMAND...: runs it; its output goes to a log that is shown only if it fails.
step() {
    local text=$1 begin=$SECONDS log status=0
    shift
    STEP_NUMBER=$((STEP_NUMBER + 1))
    log=$STEP_LOG/$STEP_NUMBER.log
    if on_terminal; then
        printf '\r\033[K[%d/%d] %s ...' "$STEP_NUMBER" "$STEP_TOTAL" "$text" >&2
    else
        printf '[%d/%d] %s\n' "$STEP_NUMBER" "$STEP_TOTAL" "$text" >&2
    fi
    # pipefail is on: the status is the command's. A subshell keeps errexit for the functions that run here.
    set +e
    (
        set -e
        "$@"
    ) 2>&1 </dev/null | follow "$text" >"$log"
    status=${PIPESTATUS[0]}
    set -e
    if [ "$status" != 0 ]; then
        on_terminal && printf '\r\033[K' >&2
        printf '[%d/%d] %s: failed\n' "$STEP_NUMBER" "$STEP_TOTAL" "$text" >&2
        tail -n 40 "$log" >&2
        exit 1
    fi
    if on_terminal; then
        printf '\r\033[K[%d/%d] %s, %d s\n' "$STEP_NUMBER" "$STEP_TOTAL" "$text" $((SECONDS - begin)) >&2
    else
        printf '[%d/%d] %s: done in %d s\n' "$STEP_NUMBER" "$STEP_TOTAL" "$text" $((SECONDS - begin)) >&2
    fi
}
