#!/usr/bin/env bash
# From a clone to a running sqlgrey: installs what building needs (Debian packages; root or sudo only if one is
# missing), builds, starts sqlgrey on SQLite at 127.0.0.1:2501, shows it a mail, and prints what Postfix needs.
#
#   init/quickstart.sh [--daemon PROGRAM] [DIRECTORY]
#
# Settings, database, log and pid file are in DIRECTORY (default: quickstart in the clone; for root
# /var/lib/sqlgrey-quickstart where the clone is out of reach for the account sqlgrey runs as). Run again, it is
# quick and changes nothing that works: a settings file that is there is kept, a daemon that runs is left alone.
# --daemon: take that program instead of building one.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$top/init/packages.sh"

main() {
    read_arguments "$@"
    [ -n "$program" ] || build
    find_directory
    [ -e "$conf" ] || write_settings
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
    conf=$directory/sqlgrey.conf
    if [ "$(id -u)" -eq 0 ]; then
        find_account
        if [ -z "$named" ] && [ ! -e "$directory" ] && ! by_daemon test -x "$top"; then
            directory=/var/lib/sqlgrey-quickstart
            echo "The account $account cannot enter $top, so the directory is $directory."
        fi
    fi
    if [ ! -e "$directory" ]; then
        mkdir -p "$directory" || fail "cannot create $directory"
        # Its own files are the account's, those of root beside them it cannot replace.
        [ -z "$account" ] || { chown root:"$account" "$directory" && chmod 1775 "$directory"; }
    fi
    directory=$(cd "$directory" && pwd)
    by_daemon test -w "$directory" 2>/dev/null ||
        fail "${account:-$(id -un)} cannot write in $directory; name another directory, or run as its owner"
    conf=$directory/sqlgrey.conf
    pid_file=$directory/sqlgrey.pid
    log=$directory/log
}

# Started by root, sqlgrey becomes an account of its own: the one of the settings, else sqlgrey.
find_account() {
    account=sqlgrey
    [ ! -e "$conf" ] || account=$(setting user)
    getent passwd "${account:=sqlgrey}" >/dev/null && return
    echo "Creating the system account $account."
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$account"
}

# by_daemon COMMAND...: as whoever sqlgrey is when it runs.
by_daemon() {
    if [ -n "$account" ]; then runuser -u "$account" -- "$@"; else "$@"; fi
}

write_settings() {
    cp "$top"/conf/*.regexp "$directory"
    cat >"$conf" <<TEXT
# Settings of the quick start; sqlgrey.conf(5) explains all there are ("$program --man" for the program).
# This file is yours: init/quickstart.sh does not touch it again.
inet = 127.0.0.1:2501
reconnect_delay = 1
db_type = SQLite
db_name = $directory/sqlgrey.db
conf_dir = $directory
pidfile = $pid_file
admin_mail =
TEXT
}

# setting NAME: its value in force, whoever has set it.
setting() {
    "$program" -f "$conf" --print-config | sed -n "s/^$1 *= \(.*[^ ]\) *#.*/\1/p" | sed 's/ *$//'
}

running() {
    local pid
    pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
        case $(readlink "/proc/$pid/exe") in */sqlgrey | */sqlgrey\ *) true ;; *) false ;; esac
}

start() {
    local checked
    checked=$("$program" -f "$conf" --check-config 2>&1) || fail "$checked"
    find_address
    if running; then
        echo "sqlgrey runs already (process $(cat "$pid_file"))."
        return
    fi
    # Its own session, so that it outlives this terminal; in the foreground, so that it logs into a file here.
    (cd "$directory" && exec setsid "$program" -f "$conf" --pidfile "$pid_file") >>"$log" 2>&1 </dev/null &
    local begun=$SECONDS
    until running && listening; do
        if [ $((SECONDS - begun)) -ge 20 ] || { [ $((SECONDS - begun)) -ge 2 ] && ! running; }; then
            tail -n 5 "$log" >&2
            fail "sqlgrey did not start; its last words are above (settings: $conf, log: $log)"
        fi
        sleep 0.2
    done
    echo "sqlgrey runs (process $(cat "$pid_file"))."
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

A mail from alice@example.org to bob@example.net by 192.0.2.10 (mx1.example.org) comes in. sqlgrey says:

    $reply

TEXT
    case $reply in
        *Greylisted*) echo "It is deferred: a real mail server comes again, a spammer seldom does." ;;
        *X-Greylist*) echo "It passes: it has been deferred before, and came again after the delay." ;;
        *) echo "It passes; $log says why." ;;
    esac
    cat <<TEXT
Ask again (with this configuration the mail passes from a minute after the first attempt on):

    $(printf '%q ' "$top/init/ask.sh" "$address")

TEXT
}

say_what_postfix_needs() {
    cat <<TEXT
For Postfix's main.cf, behind what rejects relaying; then "postfix reload":

    smtpd_recipient_restrictions =
        permit_mynetworks,
        reject_unauth_destination,
        check_policy_service { inet:$address, timeout=10s, default_action=DUNNO }

Settings: $conf
Log:      $log
Stop it:  $(printf '%q ' "$program" -f "$conf" --kill)
TEXT
}

main "$@"
