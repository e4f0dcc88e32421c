# Completion of sqlgreyctl for bash, as "sqlgreyctl --completion" prints it.
_sqlgreyctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} first= second= i
    COMPREPLY=()
    [ "$word" = = ] && word=
    [ "$before" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}
    case $before in
        --auto-whitelist-clients) COMPREPLY=(); return ;;
        --client) COMPREPLY=(); return ;;
        --config|-f) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
        --days) COMPREPLY=(); return ;;
        --delay) COMPREPLY=(); return ;;
        --dns-server) COMPREPLY=(); return ;;
        --domain) COMPREPLY=(); return ;;
        --for) COMPREPLY=(); return ;;
        --format) COMPREPLY=($(compgen -W "text json csv" -- "$word")); return ;;
        --from) COMPREPLY=(); return ;;
        --helo) COMPREPLY=(); return ;;
        --html) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
        --id) COMPREPLY=(); return ;;
        --ipv4cidr) COMPREPLY=(); return ;;
        --ipv6cidr) COMPREPLY=(); return ;;
        --limit) COMPREPLY=(); return ;;
        --log) COMPREPLY=(); return ;;
        --name) COMPREPLY=(); return ;;
        --reason) COMPREPLY=(); return ;;
        --recipient) COMPREPLY=(); return ;;
        --sender) COMPREPLY=(); return ;;
        --since) COMPREPLY=(); return ;;
        --sort) COMPREPLY=($(compgen -W "time client sender recipient" -- "$word")); return ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in -*|=) continue ;; esac
        case ${COMP_WORDS[i-1]} in -f|--auto-whitelist-clients|--client|--config|--days|--delay|--dns-server|--domain|--for|--format|--from|--helo|--html|--id|--ipv4cidr|--ipv6cidr|--limit|--log|--name|--reason|--recipient|--sender|--since|--sort|=) continue ;; esac
        if [ -z "$first" ]; then first=${COMP_WORDS[i]}
        elif [ -z "$second" ]; then second=${COMP_WORDS[i]}; fi
    done
    case "$first $second" in
        ' ') COMPREPLY=($(compgen -W "explain list release expect allow deny forget optin optout report spf status check config export import --help --man --version --completion --config" -- "$word")); return ;;
        'explain '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --name --helo --sender --recipient --log --id --format --help --config" -- "$word")) && return
            return ;;
        'list '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --name --domain --sender --recipient --since --limit --sort --format --help --config" -- "$word")) && return
            [ -z "$second" ] && COMPREPLY=($(compgen -W "waiting senders domains clients pools lists expectations facts" -- "$word"))
            return ;;
        'release '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --name --domain --sender --recipient --dry-run --format --help --config" -- "$word")) && return
            return ;;
        'expect '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--from --for --reason --remove --dry-run --help --config" -- "$word")) && return
            return ;;
        'allow '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --sender --recipient --reason --for --remove --dry-run --help --config" -- "$word")) && return
            return ;;
        'deny '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --sender --reason --for --remove --dry-run --help --config" -- "$word")) && return
            return ;;
        'forget '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --name --domain --sender --recipient --yes --dry-run --format --help --config" -- "$word")) && return
            return ;;
        'optin '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--remove --dry-run --help --config" -- "$word")) && return
            return ;;
        'optout '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--remove --dry-run --help --config" -- "$word")) && return
            return ;;
        'report '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--list --days --html --format --help --config" -- "$word")) && return
            return ;;
        'spf '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--client --helo --dns-server --format --help --config" -- "$word")) && return
            return ;;
        'status '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--format --help --config" -- "$word")) && return
            return ;;
        'check '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--help --config" -- "$word")) && return
            return ;;
        'config '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--format --help --config" -- "$word")) && return
            return ;;
        'export '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--help --config" -- "$word")) && return
            return ;;
        'import postgrey')
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--dry-run --delay --lookup-by-host --ipv4cidr --ipv6cidr --auto-whitelist-clients --help --config" -- "$word")) && return
            compopt -o filenames; COMPREPLY+=($(compgen -f -- "$word"))
            return ;;
        'import maillog')
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--dry-run --help --config" -- "$word")) && return
            compopt -o filenames; COMPREPLY+=($(compgen -f -- "$word"))
            return ;;
        'import '*)
            [[ $word == -* ]] && COMPREPLY=($(compgen -W "--dry-run --help --config" -- "$word")) && return
            [ -z "$second" ] && COMPREPLY=($(compgen -W "postgrey maillog" -- "$word"))
            compopt -o filenames; COMPREPLY+=($(compgen -f -- "$word"))
            return ;;
    esac
}
complete -F _sqlgreyctl sqlgreyctl
