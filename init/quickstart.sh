#!/usr/bin/env bash
# From a clone to a running sqlgrey: installs Debian packages for building (root or sudo only if one is missing),
# builds, starts sqlgrey on SQLite at 127.0.0.1:2501, shows it a mail, and prints the settings for Postfix.
#
#   init/quickstart.sh [--daemon PROGRAM] [DIRECTORY]
#
# Settings, lists, database, log and pid file are in DIRECTORY (default: quickstart in the clone; for root
# /var/lib/sqlgrey-quickstart if sqlgrey's account cannot access the clone). Running it again changes nothing that
# works: an existing settings file is kept, a running daemon is left alone. Started by root, everything in DIRECTORY
# belongs to sqlgrey's account, and root writes nothing in it. --daemon: use that program instead of building one.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$top/init/packages.sh"

main() {
    read_arguments "$@"
    [ -n "$program" ] || build
    find_directory
    by_daemon test -e "$conf" || write_settings
    start
    show_a_mail
    say_what_postfix_needs
}

fail() {
    echo "quickstart: $*" >&2
    exit 1
}

read_arguments() {
    program= directory= account=
    while [ $# -gt 0 ]; do
        case $1 in
            -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;;
            --daemon) [ $# -gt 1 ] || fail "--daemon wants the path of a program"; program=$(realpath "$2"); shift ;;
            -*) fail "there is no option $1 (see --help)" ;;
            *) [ -z "$directory" ] || fail "one directory, please"; directory=$1 ;;
        esac
        shift
    done
}

build() {
    install_missing "${build_packages[@]}" || exit 1
    program=$top/build/release/src/sqlgrey
    local log=$top/build/release/quickstart.log
    mkdir -p "$top/build/release" || fail "cannot write below $top; clone as the user who builds"
    echo "Building (the first time takes some minutes) ..."
    (cd "$top" && cmake --preset release && cmake --build --preset release --parallel "$(nproc)") >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        fail "the build failed; all of it is in $log"
    }
}

find_directory() {
    local named=$directory
    directory=${directory:-$top/quickstart}
    case $directory in *[\#\"]*) fail "a directory whose name holds # or \" cannot stand in sqlgrey.conf" ;; esac
    if [ "$(id -u)" -eq 0 ]; then
        find_account
        if [ -z "$named" ] && [ ! -e "$directory" ] && ! by_daemon test -x "$top"; then
            directory=/var/lib/sqlgrey-quickstart
            echo "The account $account cannot enter $top, so the directory is $directory."
        fi
    fi
    if [ ! -e "$directory" ]; then
        mkdir -p "$directory" || fail "cannot create $directory"
        [ -z "$account" ] || chown --no-dereference "$account": "$directory"
    fi
    directory=$(cd "$directory" && pwd)
    by_daemon test -w "$directory" 2>/dev/null ||
        fail "${account:-$(id -un)} cannot write in $directory; name another directory, or run as its owner"
    conf=$directory/sqlgrey.conf
    pid_file=$directory/sqlgrey.pid
    log=$directory/log
    ! by_daemon test -e "$log" || by_daemon test -w "$log" || fail "$account cannot write $log; remove it"
    find_program
}

# The account cannot access a clone in root's home; then it gets a copy of the program.
find_program() {
    by_daemon test -x "$program" && return
    by_daemon rm -f "$directory/sqlgrey"
    by_daemon tee "$directory/sqlgrey" <"$program" >/dev/null
    program=$directory/sqlgrey
    by_daemon chmod 755 "$program"
}

# Started by root, sqlgrey runs as the owner of the directory, otherwise as sqlgrey. Not as the user named in the
# settings: these belong to the account, which could name root there.
find_account() {
    account=sqlgrey
    if [ -d "$directory" ] && [ "$(stat --format %u "$directory")" -ne 0 ]; then
        account=$(stat --format %U "$directory")
    fi
    getent passwd "$account" >/dev/null && return
    echo "Creating the system account $account."
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$account"
}

# by_daemon COMMAND...: runs it as sqlgrey's account. Not with runuser(1), which would wait for the daemon.
by_daemon() {
    if [ -n "$account" ]; then
        setpriv --reuid "$account" --regid "$(id -g "$account")" --init-groups -- "$@"
    else
        "$@"
    fi
}

write_settings() {
    local file
    for file in "$top"/conf/*.regexp "$top"/conf/clients_*_whitelist "$top"/conf/whitelist_*; do
        by_daemon tee "$directory/${file##*/}" <"$file" >/dev/null
    done
    by_daemon tee "$conf" >/dev/null <<TEXT
# Settings of the quick start; sqlgrey.conf(5) explains all there are ("$program --man" for the program).
# This file is yours: init/quickstart.sh does not touch it again.
inet = 127.0.0.1:2501
reconnect_delay = 1
pools = on
db_type = SQLite
db_name = $directory/sqlgrey.db
conf_dir = $directory
pidfile = $pid_file
admin_mail =
TEXT
}

# setting NAME: its value in force.
setting() {
    by_daemon "$program" -f "$conf" --print-config | sed -n "s/^$1 *= \(.*[^ ]\) *#.*/\1/p" | sed 's/ *$//'
}

# Sets pid. The file belongs to the account, so root only checks whether that process runs.
running() {
    pid=$(by_daemon head -c 16 "$pid_file" 2>/dev/null)
    case $pid in "" | *[!0-9]*) return 1 ;; esac
    [ -d "/proc/$pid" ] &&
        case $(readlink "/proc/$pid/exe") in */sqlgrey | */sqlgrey\ *) true ;; *) false ;; esac
}

start() {
    local checked
    checked=$(by_daemon "$program" -f "$conf" --check-config 2>&1) || fail "$checked"
    find_address
    if running; then
        echo "sqlgrey runs already (process $pid)."
        return
    fi
    # Its own session, so that it outlives this terminal; in the foreground, so that it logs into a file here.
    by_daemon sh -c 'cd "$1" && exec setsid "$2" -f "$3" --pidfile "$4" >>"$5" 2>&1' \
        sh "$directory" "$program" "$conf" "$pid_file" "$log" </dev/null >/dev/null 2>&1 &
    local begun=$SECONDS
    until running && listening; do
        if [ $((SECONDS - begun)) -ge 20 ] || { [ $((SECONDS - begun)) -ge 2 ] && ! running; }; then
            by_daemon tail -n 5 "$log" >&2
            fail "sqlgrey did not start; its last words are above (settings: $conf, log: $log)"
        fi
        sleep 0.2
    done
    echo "sqlgrey runs (process $pid)."
}

find_address() {
    address=$(setting inet)
    address=${address%%,*}
    case $address in
        "") fail "$conf sets no inet, so there is nobody here to ask" ;;
        *:*) ;;
        *) address=127.0.0.1:$address ;;
    esac
    address=${address/#\*:/127.0.0.1:}
}

listening() {
    local host=${address%:*}
    host=${host#[}
    (: <"/dev/tcp/${host%]}/${address##*:}") 2>/dev/null
}

show_a_mail() {
    local reply
    reply=$("$top/init/ask.sh" "$address") || fail "sqlgrey runs and does not answer at $address; see $log"
    cat <<TEXT

Postfix asks about a mail from alice@example.org to bob@example.net, sent by 192.0.2.10 (mx1.example.org).
sqlgrey answers:

    $reply

TEXT
    case $reply in
        *Greylisted*) echo "The mail is deferred: a real mail server retries, most spam software never does." ;;
        *X-Greylist*) echo "The mail passes: it was deferred before, and this is a retry after the delay." ;;
        *) echo "The mail passes; $log says why." ;;
    esac
    cat <<TEXT
Ask again (with this configuration the mail passes one minute after the first attempt):

    $(printf '%q ' "$top/init/ask.sh" "$address")

TEXT
}

say_what_postfix_needs() {
    cat <<TEXT
For Postfix's main.cf, after reject_unauth_destination; then "postfix reload":

    smtpd_recipient_restrictions =
        permit_mynetworks,
        reject_unauth_destination,
        check_policy_service { inet:$address, timeout=10s, default_action=DUNNO }

Settings: $conf
Log:      $log
Stop it:  $(printf '%q ' ${account:+runuser -u "$account" --} "$program" -f "$conf" --kill)
TEXT
}

main "$@"
