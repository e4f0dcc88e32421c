-- sqlgrey's tables on SQLite: those of SQLgrey 1.8 (its schema version 3), then our own. A daemon that starts makes the
-- tables, columns, keys and indexes that a database lacks (src/store/schema.cpp). Timestamps are whole seconds since 1970.

-- A triplet has one row, however many workers see it at once. "on conflict replace": a Perl SQLgrey beside us knows of no
-- key, so its plain INSERT replaces the row. Not "without rowid": connect_fseen would hold whole keys, which slows down
-- new rows.
create table connect (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    rcpt varchar(255) not null,
    first_seen timestamp not null,
    primary key (src, sender_domain, sender_name, rcpt) on conflict replace);

-- "without rowid": rows of the auto-whitelists are in the tree of their key, not in a second tree beside it. Finding one
-- takes one descent instead of two, and descents are what a lookup in a large table costs.
create table from_awl (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src, sender_domain, sender_name)) without rowid;
create table domain_awl (
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src, sender_domain)) without rowid;
create table config (
    parameter varchar(255) not null,
    value varchar(255),
    primary key (parameter));
create table optin_domain (
    domain varchar(255) not null,
    primary key (domain));
create table optin_email (
    email varchar(255) not null,
    primary key (email));
create table optout_domain (
    domain varchar(255) not null,
    primary key (domain));
create table optout_email (
    email varchar(255) not null,
    primary key (email));

-- client_awl: clients that were accepted after retries (auto_whitelist_clients). lists: entries like those of the files in
-- conf_dir, for all hosts that share the database; expires_at may be null, and sqlgrey writes hits and last_hit.
create table client_awl (
    src varchar(39) not null,
    passes integer not null default 1,
    last_counted timestamp not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src));
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

-- expectation: first mails to the recipient, from the sender domain or (empty) from any, pass until expires_at, which is
-- in seconds since 1970.
create table expectation (
    rcpt varchar(255) not null,
    sender_domain varchar(255) not null default '',
    expires_at bigint not null,
    added_by varchar(64) not null default '',
    reason varchar(255) not null default '',
    primary key (rcpt, sender_domain));
-- pool: networks (/24, /64) in which a server of an organisation was seen, for when its name cannot be verified; pool is
-- empty if there were several organisations. organisation: the counts of each, and whether its clients are a crowd.
create table pool (
    member varchar(39) not null,
    pool varchar(39) not null,
    evidence varchar(255) not null default '',
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (member));
create table organisation (
    src varchar(39) not null,
    never_came_back integer not null default 0,
    came_back integer not null default 0,
    halved_at timestamp not null,
    crowd integer not null default 0,
    primary key (src));
-- daily: what each daemon counted on a day: decisions by verdict, first attempts never retried, and others; daily_delay: how
-- long mail waited that passed as a retry. run is the part of the day that a daemon counted, by when it began.
create table daily (
    day varchar(10) not null,
    host varchar(64) not null,
    name varchar(64) not null,
    run bigint not null,
    count bigint not null default 0,
    primary key (day, host, name, run)) without rowid;
create table daily_delay (
    day varchar(10) not null,
    host varchar(64) not null,
    up_to bigint not null,
    run bigint not null,
    count bigint not null default 0,
    primary key (day, host, up_to, run)) without rowid;
-- fact: what DNS lists, SPF and p0f say of unknown clients (client; domain empty), of a client that sends mail of a domain
-- (client, domain) and of a domain (domain; client empty). spf_network: the networks that the SPF record of a domain
-- covers, by first and last address, 32 hexadecimal digits each. expires_at is in seconds since 1970.
create table fact (
    client varchar(39) not null,
    domain varchar(255) not null,
    source varchar(160) not null,
    value varchar(255) not null,
    expires_at bigint not null,
    primary key (client, domain, source)) without rowid;
create table spf_network (
    domain varchar(255) not null,
    first_address varchar(32) not null,
    last_address varchar(32) not null,
    expires_at bigint not null,
    primary key (domain, first_address)) without rowid;

create index connect_fseen on connect (first_seen);
create index from_awl_lseen on from_awl (last_seen);
create index domain_awl_lseen on domain_awl (last_seen);
create index client_awl_lseen on client_awl (last_seen);
create index expectation_expires on expectation (expires_at);
create index pool_lseen on pool (last_seen);
create index fact_expires on fact (expires_at);
create index spf_network_expires on spf_network (expires_at);
