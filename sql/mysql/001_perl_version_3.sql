-- The tables of SQLgrey 1.8 (its schema version 3). A database that it made has them already, and this file is
-- then passed over. latin1_bin: what a mail address is made of are bytes, and each differs from every other.
create table if not exists connect (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    rcpt varchar(255) not null,
    first_seen timestamp not null default current_timestamp,
    key connect_idx (src, sender_domain, sender_name),
    key connect_fseen (first_seen)
) engine = innodb character set latin1 collate latin1_bin;
create table if not exists from_awl (
    sender_name varchar(64) not null,
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (src, sender_domain, sender_name),
    key from_awl_lseen (last_seen)
) engine = innodb character set latin1 collate latin1_bin;
create table if not exists domain_awl (
    sender_domain varchar(255) not null,
    src varchar(39) not null,
    first_seen timestamp not null default current_timestamp,
    last_seen timestamp not null default current_timestamp,
    primary key (src, sender_domain),
    key domain_awl_lseen (last_seen)
) engine = innodb character set latin1 collate latin1_bin;
create table if not exists config (
    parameter varchar(255) not null,
    value varchar(255),
    primary key (parameter)
) engine = innodb character set latin1 collate latin1_bin;
create table if not exists optin_domain (domain varchar(255) not null, primary key (domain))
    engine = innodb character set latin1 collate latin1_bin;
create table if not exists optin_email (email varchar(255) not null, primary key (email))
    engine = innodb character set latin1 collate latin1_bin;
create table if not exists optout_domain (domain varchar(255) not null, primary key (domain))
    engine = innodb character set latin1 collate latin1_bin;
create table if not exists optout_email (email varchar(255) not null, primary key (email))
    engine = innodb character set latin1 collate latin1_bin;
insert into config (parameter, value) values ('version', '3') on duplicate key update value = value;
insert into config (parameter, value) values ('last_dbclean', '0') on duplicate key update value = value;
