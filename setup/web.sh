# Sourced. Builds the console's web UI (console/web) with npm; needs setup/packages.sh before it.

WEB=console/web

# Debian's npm would push out a Node that somebody installed from elsewhere: only where there is none.
install_npm() { command -v npm >/dev/null || install_packages web; }

# Digest of everything that the build reads, and of the tools.
web_digest() {
    {
        node --version
        find $WEB/src $WEB/public $WEB/index.html $WEB/package.json $WEB/package-lock.json $WEB/vite.config.ts $WEB/tsconfig.json \
            -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -d' ' -f1
}

# The libraries of the lock file, by their digests; only if the lock file changed.
install_web_libraries() {
    local wanted=$WEB/node_modules/.bulkhead-lock
    if ! cmp -s $WEB/package-lock.json "$wanted"; then
        (cd $WEB && npm ci --no-audit --no-fund) || return 1
        cp $WEB/package-lock.json "$wanted"
    fi
}

# Callers may have switched errexit off (`if build_web ...`), so each step is asked for its status.
# build_web OUT: the built UI in OUT (console/web/dist if not given); nothing is done when its sources are unchanged.
build_web() {
    local out=${1:-$WEB/dist} digest
    install_npm || return 1
    digest=$(web_digest)
    if [ "$(cat $WEB/dist/.digest 2>/dev/null)" != "$digest" ]; then
        install_web_libraries || return 1
        (cd $WEB && npm run build) || return 1
        echo "$digest" >$WEB/dist/.digest
    fi
    if [ "$(realpath -m "$out")" != "$(realpath $WEB/dist)" ]; then
        rm -rf "$out"
        mkdir -p "$(dirname "$out")"
        cp -a $WEB/dist "$out"
    fi
}
