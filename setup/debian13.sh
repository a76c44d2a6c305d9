# Sourced by check, after suites.sh and debian_root.sh. The product in a Debian 13 root of its own, below build-debian13.

DEBIAN13=build-debian13

# make_debian13_root: a minimal one; once. It takes its name when it is complete.
make_debian13_root() {
    local root=$DEBIAN13/root
    [ ! -d $root ] || return 0
    rm -rf --one-file-system $root.new
    debian_root trixie $DEBIAN13 $root.new || return
    # No service starts by itself: the root's processes end with the command that runs in it.
    printf '#!/bin/sh\nexit 101\n' >$root.new/usr/sbin/policy-rc.d
    chmod 755 $root.new/usr/sbin/policy-rc.d
    mv $root.new $root
}

# within_debian13 COMMAND...: in that root, in this folder; only build-debian13/build can be written.
within_debian13() { setup/within $DEBIAN13/root $DEBIAN13/build "$@"; }

packages_debian13() { within_debian13 bash -euo pipefail -c '. setup/packages.sh; install_packages build run image check; apt-get update -q'; }

# The suites that need no virtual machine of this project's.
suite_debian13() {
    suite_command "Debian 13 root" make_debian13_root
    suite_command "Debian 13 packages" packages_debian13
    suite_command "configure" within_debian13 sh -c \
        "[ -f $DEBIAN13/build/build.ninja ] || meson setup $DEBIAN13/build -Dtests=enabled -Doptimization=1 -Ddebug=false"
    suite_command "build" within_debian13 nice -n 10 ninja -j "$(nproc)" -C $DEBIAN13/build
    WITHIN=within_debian13
    suite_meson unit $DEBIAN13/build unit 4
    suite_meson component $DEBIAN13/build component 4
}
