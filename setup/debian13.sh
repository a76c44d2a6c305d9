# Sourced by check, after suites.sh. The product in a Debian 13 root of its own, below build-debian13.

DEBIAN13=build-debian13

# debian_sources SUITE: apt's sources of this machine's release, for another one; so the mirror is the one that is set here.
debian_sources() {
    local codename keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016  # fields of apt-get, not shell variables
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v here="$codename" -v there="$1" -v keyring="$keyring" '
            ($1 == here || $1 == here "-updates" || $1 == here "-security") && $2 == "main" {
                sub(here, there, $1)
                if (!seen[$1, $3]++) print "deb [signed-by=" keyring "]", $3, $1, $2
            }'
}

# make_debian13_root: a minimal one; once. It takes its name when it is complete.
make_debian13_root() {
    local root=$DEBIAN13/root
    [ ! -d $root ] || return 0
    mkdir -p $DEBIAN13
    debian_sources trixie >$DEBIAN13/sources.list
    [ -s $DEBIAN13/sources.list ] || { echo "apt has no source of Debian here: add one to /etc/apt" >&2; return 1; }
    # How apt reaches the mirror from here: proxies and such.
    apt-config dump | grep -E '^Acquire::(https?::|Check-)' >$DEBIAN13/apt.conf || true
    rm -rf --one-file-system $root.new
    mmdebstrap --variant=minbase --aptopt="$PWD/$DEBIAN13/apt.conf" trixie $root.new - <$DEBIAN13/sources.list || return
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
