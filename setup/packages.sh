# Sourced. Installs Debian packages by purpose, only those that are missing.

# packages_for PURPOSE...: their names, one a line; `a|b` where releases of Debian differ.
packages_for() {
    local purposes=" $* "
    while read -r name purpose _; do
        case $name in '' | '#'*) continue ;; esac
        case $purposes in *" $purpose "*) echo "$name" ;; esac
    done <setup/packages.txt
}

# is_installed NAME[|NAME...]: one of them is.
is_installed() {
    local name
    for name in ${1//|/ }; do
        # shellcheck disable=SC2016  # a dpkg-query format, not a shell variable
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" != installed ] || return 0
    done
    return 1
}

# missing_packages PURPOSE...: those that are not installed.
missing_packages() {
    local name
    for name in $(packages_for "$@"); do
        is_installed "$name" || echo "$name"
    done
}

# install_packages PURPOSE...: as root; asks Debian only if something is missing. Of alternatives apt takes the first that
# there is.
install_packages() {
    local missing
    missing=$(missing_packages "$@" | paste -sd ,)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "Packages are missing and only root can install them: $missing" >&2
        echo "Run this command as root, or: sudo apt-get satisfy --no-install-recommends '$missing'" >&2
        return 1
    fi
    # Nothing that a package brings may start by itself: what runs is what quickstart started.
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get update -q && exec apt-get satisfy -y -q --no-install-recommends "$1"' \
        install "$missing"
}
