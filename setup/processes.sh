# Sourced. Background processes that quickstart started, by pid and start time, so that --down ends those and no others.

# Kernel's start time of a process, field 22 of /proc/PID/stat; the name before it may hold spaces.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# remember NAME PID
remember() { echo "$2 $(start_time "$2")" >"$PIDS/$1"; }

# is_running NAME: and its pid is in PID.
is_running() {
    PID=0
    local since
    [ -f "$PIDS/$1" ] && read -r PID since <"$PIDS/$1" && [ -n "$since" ] && [ "$(start_time "$PID")" = "$since" ]
}

# background NAME COMMAND...: starts it in a session of its own, with its output in the log folder.
background() {
    local name=$1
    shift
    setsid "$@" >>"$LOGS/$name.log" 2>&1 </dev/null &
    remember "$name" $!
}

# end NAME: SIGTERM, then SIGKILL after 20 s.
end() {
    is_running "$1" || { rm -f "$PIDS/$1"; return 0; }
    kill "$PID" 2>/dev/null || return 0
    timeout 20 tail --pid="$PID" -f /dev/null || kill -9 "$PID" 2>/dev/null || true
    rm -f "$PIDS/$1"
}
