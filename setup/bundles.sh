# Sourced. Builds that are bound by compiling: eight files are compiled as one, since most of the time goes into headers.
# Warnings are told by build-check, where each file stands by itself.
# shellcheck disable=SC2034  # of who sources this
BUNDLES=(-Dunity=on -Dunity_size=8 -Dwerror=false)
