-- sqlgrey's tables on MySQL and MariaDB: those of SQLgrey 1.8 (its schema version 3), then our own. A daemon that starts
-- makes the tables, columns, keys and indexes that a database lacks (src/store/schema.cpp).
--
-- varbinary: a mail address is bytes, and each byte differs from every other. A server converts no text on its way into
-- such a column or out of it, so sqlgrey and a Perl SQLgrey beside us write and find the bytes that Postfix sends,
-- whatever the character set of a connection.

-- A triplet has one row, however many workers see it at once.
create table connect (
    sender_name varbinary(64) not null,
    sender_domain varbinary(255) not null,
    src varbinary(39) not null,
    rcpt varbinary(255) not null,
    first_seen timestamp not null default current_timestamp,
    primary key (src, sender_domain, sender_name, rcpt)) engine = innodb;
create table from_awl (
    sender_name varbinary(64) not null,
    sender_domain varbinary(255) not null,
    src varbinary(39) not null,
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (src, sender_domain, sender_name)) engine = innodb;
create table domain_awl (
    sender_domain varbinary(255) not null,
    src varbinary(39) not null,
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (src, sender_domain)) engine = innodb;
create table config (
    parameter varchar(255) not null,
    value varchar(255),
    primary key (parameter)) engine = innodb character set latin1 collate latin1_bin;
create table optin_domain (
    domain varbinary(255) not null,
    primary key (domain)) engine = innodb;
create table optin_email (
    email varbinary(255) not null,
    primary key (email)) engine = innodb;
create table optout_domain (
    domain varbinary(255) not null,
    primary key (domain)) engine = innodb;
create table optout_email (
    email varbinary(255) not null,
    primary key (email)) engine = innodb;

-- client_awl: clients that were accepted after retries (auto_whitelist_clients). lists: entries like those of the files in
-- conf_dir, for all hosts that share the database; expires_at may be null, and sqlgrey writes hits and last_hit.
create table client_awl (
    src varbinary(39) not null,
    passes bigint not null default 1,
    last_counted timestamp not null default current_timestamp,
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (src)) engine = innodb;
create table lists (
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
        'blacklist_senders'))) engine = innodb character set latin1 collate latin1_bin;

-- expectation: first mails to the recipient, from the sender domain or (empty) from any, pass until expires_at, which is
-- in seconds since 1970.
create table expectation (
    rcpt varbinary(255) not null,
    sender_domain varbinary(255) not null default '',
    expires_at bigint not null,
    added_by varchar(64) character set utf8mb4 not null default '',
    reason varchar(255) character set utf8mb4 not null default '',
    primary key (rcpt, sender_domain)) engine = innodb;
-- pool: networks (/24, /64) in which a server of an organisation was seen, for when its name cannot be verified; pool is
-- empty if there were several organisations. organisation: the counts of each, and whether its clients are a crowd.
create table pool (
    member varbinary(39) not null,
    pool varbinary(39) not null,
    evidence varbinary(255) not null default '',
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (member)) engine = innodb;
create table organisation (
    src varbinary(39) not null,
    never_came_back bigint not null default 0,
    came_back bigint not null default 0,
    halved_at timestamp not null default current_timestamp,
    crowd bigint not null default 0,
    primary key (src)) engine = innodb;
-- daily: what each daemon counted on a day: decisions by verdict, first attempts never retried, and others; daily_delay: how
-- long mail waited that passed as a retry. run is the part of the day that a daemon counted, by when it began.
create table daily (
    day varchar(10) not null,
    host varchar(64) not null,
    name varchar(64) not null,
    run bigint not null,
    count bigint not null default 0,
    primary key (day, host, name, run)) engine = innodb character set latin1 collate latin1_bin;
create table daily_delay (
    day varchar(10) not null,
    host varchar(64) not null,
    up_to bigint not null,
    run bigint not null,
    count bigint not null default 0,
    primary key (day, host, up_to, run)) engine = innodb character set latin1 collate latin1_bin;
-- fact: what DNS lists, SPF and p0f say of unknown clients (client; domain empty), of a client that sends mail of a domain
-- (client, domain) and of a domain (domain; client empty). spf_network: the networks that the SPF record of a domain
-- covers, by first and last address, 32 hexadecimal digits each. expires_at is in seconds since 1970.
create table fact (
    client varbinary(39) not null,
    domain varbinary(255) not null,
    source varbinary(160) not null,
    value varbinary(255) not null,
    expires_at bigint not null,
    primary key (client, domain, source)) engine = innodb;
create table spf_network (
    domain varbinary(255) not null,
    first_address varbinary(32) not null,
    last_address varbinary(32) not null,
    expires_at bigint not null,
    primary key (domain, first_address)) engine = innodb;

alter table connect add key connect_fseen (first_seen);
alter table from_awl add key from_awl_lseen (last_seen);
alter table domain_awl add key domain_awl_lseen (last_seen);
alter table client_awl add key client_awl_lseen (last_seen);
alter table expectation add key expectation_expires (expires_at);
alter table pool add key pool_lseen (last_seen);
alter table fact add key fact_expires (expires_at);
alter table spf_network add key spf_network_expires (expires_at);
