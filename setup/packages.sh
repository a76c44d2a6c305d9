# Sourced. Installs Debian packages by purpose, only those that are missing.

# packages_for PURPOSE...: their names, one a line.
packages_for() {
    local purposes=" $* "
    while read -r name purpose _; do
        case $name in '' | '#'*) continue ;; esac
        case $purposes in *" $purpose "*) echo "$name" ;; esac
    done <setup/packages.txt
}

# missing_packages PURPOSE...: those that are not installed.
missing_packages() {
    local name
    for name in $(packages_for "$@"); do
        # shellcheck disable=SC2016  # a dpkg-query format, not a shell variable
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
    done
}

# install_packages PURPOSE...: as root; asks Debian only if something is missing.
install_packages() {
    local missing
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "Packages are missing and only root can install them: $(echo "$missing" | tr '\n' ' ')" >&2
        echo "Run this command as root, or: sudo apt-get install --no-install-recommends $(echo "$missing" | tr '\n' ' ')" >&2
        return 1
    fi
    # Nothing that a package brings may start by itself: what runs is what quickstart started.
    # shellcheck disable=SC2086  # one word per package
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get update -q && exec apt-get install -y -q --no-install-recommends "$@"' \
        install $missing
}
