# Sourced. Roots of Debian, made by mmdebstrap from the mirror that apt is set to here.

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

# debian_root SUITE FOLDER TARGET [OPTION...]: mmdebstrap of that suite into TARGET, with those options; what it reads is written
# to FOLDER.
debian_root() {
    local suite=$1 folder=$2 target=$3
    shift 3
    mkdir -p "$folder"
    debian_sources "$suite" >"$folder/sources.list"
    [ -s "$folder/sources.list" ] || { echo "apt has no source of Debian here: add one to /etc/apt" >&2; return 1; }
    # How apt reaches the mirror from here: proxies and such.
    apt-config dump | grep -E '^Acquire::(https?::|Check-)' >"$folder/apt.conf" || true
    mmdebstrap --variant=minbase --aptopt="$(realpath "$folder")/apt.conf" "$@" "$suite" "$target" - <"$folder/sources.list"
}
