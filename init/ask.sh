#!/usr/bin/env bash
# Asks a policy server about one mail, as Postfix would, and prints the reply.
#
#   init/ask.sh [HOST:PORT [SENDER [RECIPIENT [CLIENT_ADDRESS [CLIENT_NAME]]]]]
set -euo pipefail

server=${1:-127.0.0.1:2501}
host=${server%:*}
host=${host#[} host=${host%]}
exec 3<>"/dev/tcp/$host/${server##*:}"
printf '%s\n' request=smtpd_access_policy protocol_state=RCPT "sender=${2-alice@example.org}" \
    "recipient=${3-bob@example.net}" "client_address=${4-192.0.2.10}" "client_name=${5-mx1.example.org}" '' >&3
IFS= read -r -t 10 -u 3 reply || { echo "no reply from $server within 10 seconds" >&2; exit 1; }
printf '%s\n' "$reply"
