# The Debian packages for building, and installing those that are missing. Sourced by quickstart.sh and tests/run.sh;
# needs bash.

build_packages=(g++ cmake ninja-build pkgconf libsoci-dev libsqlite3-dev libpq-dev libmariadb-dev libboost-dev
    libboost-program-options-dev libre2-dev libpcre2-dev libpsl-dev libssl-dev libc-ares-dev
    zlib1g-dev)

# as_root COMMAND...: with sudo if not root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "This needs root, and there is no sudo here. As root, run: $*" >&2
        return 1
    fi
}

# missing_of PACKAGE...: prints those that are not installed.
missing_of() {
    local package
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$package"
    done
}

# install_missing PACKAGE...: does nothing, without sudo, if all are installed.
install_missing() {
    command -v dpkg-query >/dev/null || {
        echo "This is not Debian (no dpkg-query). Install what stands for: $*" >&2
        return 1
    }
    local missing
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "Installing: ${missing[*]}"
    as_root apt-get -qq update || echo "apt-get update failed; trying with the lists that are here." >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --no-remove install \
        "${missing[@]}" >/dev/null || {
        echo "apt-get could not install (without removing anything): ${missing[*]}" >&2
        return 1
    }
}
