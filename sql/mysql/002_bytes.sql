-- Perl's tables have the database's collation, which most often holds A and a, e and é, for the same. As latin1_bin
-- each byte differs from every other, which is what Perl's connection sent. Each statement may be run again.
alter table connect
    modify sender_name varchar(64) character set latin1 collate latin1_bin not null,
    modify sender_domain varchar(255) character set latin1 collate latin1_bin not null,
    modify src varchar(39) character set latin1 collate latin1_bin not null,
    modify rcpt varchar(255) character set latin1 collate latin1_bin not null;
alter table from_awl
    modify sender_name varchar(64) character set latin1 collate latin1_bin not null,
    modify sender_domain varchar(255) character set latin1 collate latin1_bin not null,
    modify src varchar(39) character set latin1 collate latin1_bin not null;
alter table domain_awl
    modify sender_domain varchar(255) character set latin1 collate latin1_bin not null,
    modify src varchar(39) character set latin1 collate latin1_bin not null;
