#!/usr/bin/env bash
# Once per release: does a machine that has nothing but what README asks for make the demo and pass
# the tests? Makes a minimal Debian in FOLDER, clones this checkout into it and runs make there as an
# ordinary user. Needs root, debootstrap and git; leaves FOLDER/demo.log, FOLDER/test.log.
#
# Usage: scripts/bare_machine.sh FOLDER [TARGET ...]     (targets of make: demo test by default)
# SUITE names another release of Debian than the last one that has Python 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."
checkout="$PWD"
folder="$(mkdir -p "$1" && cd "$1" && pwd)"
shift
targets=("${@:-demo}")
[ $# -gt 0 ] || targets=(demo test)
suite="${SUITE:-bookworm}"
root="$folder/root"
home=/home/someone

# Mounts made below end with this script.
if [ -z "${LIVESCAPE_BARE_MACHINE:-}" ]; then
    LIVESCAPE_BARE_MACHINE=1 exec unshare --mount --propagation private \
        "$checkout/scripts/bare_machine.sh" "$folder" "${targets[@]}"
fi

if [ ! -x "$root/usr/bin/apt-get" ]; then
    mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror"
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"

# What README asks for, from where this machine's apt takes it, and nothing else.
packages="$(sed -n 's/.*`sudo apt-get install \(.*\)`.*/\1/p' README.md)"
options=()
while IFS= read -r option; do
    options+=(-o "$option")
done < <(apt-config dump --no-empty --format '%F=%v%n' Acquire::http Acquire::https)
chroot "$root" apt-get "${options[@]}" --quiet update
# shellcheck disable=SC2086
chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" --quiet --yes \
    --no-install-recommends --fix-broken install $packages

chroot "$root" id someone >/dev/null 2>&1 ||
    chroot "$root" useradd --create-home --home-dir "$home" someone
rm -rf "$root$home/livescape"
git clone --quiet --no-local --no-hardlinks "$checkout" "$root$home/livescape"
chroot "$root" chown -R someone: "$home"

# The way to the package registry is this machine's: pip's settings, and the places they name.
settings=()
while IFS='=' read -r key value; do
    name="${key##*.}"
    value="${value#\'}"
    value="${value%\'}"
    settings+=("PIP_$(tr 'a-z-' 'A-Z_' <<<"$name")=$value")
    for place in $value; do
        case "$place" in
        file:///*/*/*) place="$(dirname "${place#file://}")" ;; # an index links to files beside it
        /*) ;;
        *) continue ;;
        esac
        [ -e "$place" ] || continue
        if [ -d "$place" ]; then
            mkdir -p "$root$place"
            mount --bind -o ro "$place" "$root$place"
        else
            mkdir -p "$root$(dirname "$place")"
            cp -L "$place" "$root$place"
        fi
    done
done < <(python3 -m pip config list)
while IFS= read -r variable; do
    settings+=("$variable")
done < <(env | grep -iE '^(https?|no)_proxy=' || true)

status=0
for target in "${targets[@]}"; do
    echo "== make $target"
    nice -n 19 chroot --userspec=someone: "$root" \
        env -i HOME="$home" PATH=/usr/bin:/bin LANG=C.UTF-8 "${settings[@]}" \
        bash -c "cd $home/livescape && time make $target" 2>&1 | tee "$folder/$target.log" || status=1
done
exit $status
