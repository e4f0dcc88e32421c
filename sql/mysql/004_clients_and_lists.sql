-- client_awl: clients that were accepted after retries (auto_whitelist_clients). lists: what the files in conf_dir hold,
-- for all hosts that share the database; expires_at may be null, hits and last_hit are ours to write.
create table if not exists client_awl (
    src varchar(39) not null,
    passes bigint not null,
    last_counted timestamp not null default current_timestamp,
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (src),
    key client_awl_lseen (last_seen)
) engine = innodb character set latin1 collate latin1_bin;
create table if not exists lists (
    id bigint unsigned not null auto_increment,
    list varchar(32) not null,
    entry varchar(255) not null,
    reason varchar(255) character set utf8mb4 not null default '',
    added_by varchar(64) character set utf8mb4 not null default '',
    added_at timestamp not null default current_timestamp,
    expires_at timestamp null default null,
    hits bigint not null default 0,
    last_hit timestamp null default null,
    primary key (id),
    unique key lists_entry (list, entry),
    constraint lists_list check (list in (
        'clients_ip_whitelist',
        'clients_fqdn_whitelist',
        'whitelist_clients',
        'whitelist_recipients',
        'whitelist_senders',
        'never_whitelist_clients',
        'never_whitelist_senders',
        'blacklist_clients',
        'blacklist_senders'))
) engine = innodb character set latin1 collate latin1_bin;
