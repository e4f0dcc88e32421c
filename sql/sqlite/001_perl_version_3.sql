-- The tables of SQLgrey 1.8 (its schema version 3). A database that it made has them already. Timestamps are
-- whole seconds since 1970.
create table if not exists connect (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    rcpt varchar(255) not null,
    first_seen timestamp not null);
create index if not exists connect_idx on connect (src, sender_domain, sender_name);
create index if not exists connect_fseen on connect (first_seen);
create table if not exists from_awl (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src, sender_domain, sender_name));
create index if not exists from_awl_lseen on from_awl (last_seen);
create table if not exists domain_awl (
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    primary key (src, sender_domain));
create index if not exists domain_awl_lseen on domain_awl (last_seen);
create table if not exists config (
    parameter varchar(255) not null,
    value varchar(255),
    primary key (parameter));
create table if not exists optin_domain (domain varchar(255) not null, primary key (domain));
create table if not exists optin_email (email varchar(255) not null, primary key (email));
create table if not exists optout_domain (domain varchar(255) not null, primary key (domain));
create table if not exists optout_email (email varchar(255) not null, primary key (email));
insert into config (parameter, value) select 'version', '3'
where not exists (select 1 from config where parameter = 'version');
insert into config (parameter, value) select 'last_dbclean', '0'
where not exists (select 1 from config where parameter = 'last_dbclean');
