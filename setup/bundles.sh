# Sourced, from the root of the sources. Builds that are bound by compiling: eight files are compiled as one, since most
# of the time goes into headers.
# Warnings are told by build-check, where each file stands by itself.
BUNDLES=(-Dunity=on -Dunity_size=8 -Dwerror=false)

# setup_product FOLDER: for the product as it is used, if nothing is set up there; quickstart and lab/up build it.
setup_product() {
    [ -f "$1/build.ninja" ] || meson setup "$1" -Doptimization=2 -Ddebug=false "${BUNDLES[@]}" -Dcpp_args=-w
}
