-- client_awl: clients that were accepted after retries (auto_whitelist_clients). lists: what the files in conf_dir hold,
-- for all hosts that share the database; expires_at may be null, hits and last_hit are ours to write.
create table client_awl (
    src varchar(39) not null primary key,
    passes integer not null,
    last_counted timestamp not null,
    first_seen timestamp not null,
    last_seen timestamp not null);
create index client_awl_lseen on client_awl (last_seen);
create table lists (
    id integer primary key,
    list varchar(32) not null check (list in (
        'clients_ip_whitelist',
        'clients_fqdn_whitelist',
        'whitelist_clients',
        'whitelist_recipients',
        'whitelist_senders',
        'never_whitelist_clients',
        'never_whitelist_senders',
        'blacklist_clients',
        'blacklist_senders')),
    entry varchar(255) not null,
    reason varchar(255) not null default '',
    added_by varchar(64) not null default '',
    added_at timestamp not null default (cast(strftime('%s', 'now') as integer)),
    expires_at timestamp,
    hits integer not null default 0,
    last_hit timestamp,
    unique (list, entry));
