// Names that are not ASCII, as a Perl SQLgrey left them: characters or bytes, in any character set.
#include "takeover_fixture.hpp"

#include <soci/mysql/soci-mysql.h>

namespace sqlgrey::store {
namespace {

const std::string jose = "jos\xc3\xa9";
const std::string post = "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0";  // Russian for post, in Cyrillic

struct Texts : TakeOver {
    // column_of() sets a column's character set. characters() writes a name as characters, bytes() writes its
    // bytes as they are.
    void column_of(const std::string& table, const std::string& column, const std::string& charset) {
        database.sql() << "alter table " + table + " modify " + column + " varchar(64) character set " +
                              charset + " not null";
    }
    void characters(const std::string& name) { row("convert(x'" + hex(name) + "' using utf8mb4)"); }
    void bytes(const std::string& name, const std::string& charset) {
        row("convert(x'" + hex(name) + "' using " + charset + ")");
    }
    void row(const std::string& name) {
        database.sql()
            << "insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values (" +
                   name + ", 'example.org', '192.0.2', current_timestamp, current_timestamp)";
    }
    static std::string hex(const std::string& text) {
        std::string digits;
        for (const unsigned char c : text) {
            constexpr const char* all = "0123456789ABCDEF";
            digits += {all[c >> 4], all[c & 15]};
        }
        return digits;
    }
    long long with_bytes(const std::string& name) {
        return database.number("select count(*) from from_awl where hex(sender_name) = '" + hex(name) + "'");
    }
    bool knows(greylist::Store& store, const std::string& name) {
        return known(store, name).from_awl.has_value();
    }
};

}  // namespace

TEST_CASE("MySQL: characters of any character set become the bytes that Postfix sends", "[mysql]") {
    for (const std::string charset :
         {"utf8mb4", "utf8mb3", "latin1", "koi8r", "cp1251", "ucs2", "utf16", "utf32", "sjis"}) {
        CAPTURE(charset);
        Texts t;
        t.column_of("from_awl", "sender_name", charset);
        const bool has_cyrillic = charset != "latin1",
                   has_accent = charset.substr(0, 3) == "utf" || charset == "ucs2" || charset == "latin1";
        t.characters("plain");
        if (has_cyrillic) t.characters(post);
        if (has_accent) t.characters(jose);
        const auto store = t.open();
        CHECK(t.knows(*store, "plain"));
        CHECK(t.knows(*store, post) == has_cyrillic);
        CHECK(t.knows(*store, jose) == has_accent);
        CHECK(t.with_bytes(post) == has_cyrillic);
        CHECK(t.report.unmatched == 0);
        CHECK(t.report.taken_over->senders == 1 + has_cyrillic + has_accent);
        CHECK(t.database.number("select count(*) from config where parameter like 'sqlgrey_convert%'") == 0);
        t.open();
        CHECK(t.report.empty());
    }
}

TEST_CASE("MySQL: what Perl wrote through latin1 are Postfix's bytes, and stay", "[mysql]") {
    Texts t;
    t.column_of("from_awl", "sender_name", "latin1");
    for (const std::string& name : {jose, post}) t.bytes(name, "latin1");
    const auto store = t.open();
    CHECK(t.knows(*store, jose));
    CHECK(t.knows(*store, post));
}

TEST_CASE(
    "MySQL: a row that cannot be converted, is too long or would meet another stays, and the rest is taken "
    "over",
    "[mysql]") {
    Texts t;
    t.column_of("from_awl", "sender_name", "latin1 collate latin1_bin");
    t.bytes(jose, "latin1");  // both become the same sender
    t.characters(jose);
    std::string long_name;
    for (int i = 0; i < 60; ++i) long_name += "\xc3\xa9";
    t.characters(long_name);
    t.characters("plain");
    auto store = t.open();
    CHECK(t.knows(*store, jose));
    CHECK(t.knows(*store, "plain"));
    CHECK(t.database.rows("from_awl") == 4);
    CHECK(t.with_bytes(long_name) == 1);
    CHECK(t.report.unmatched == 2);
    CHECK_THAT(shown(t.report), Catch::Contains("2 rows kept that no address will match"));

    Texts u;
    u.column_of("from_awl", "sender_name", "cp1251");
    u.bytes("odd\x98", "cp1251");  // not a character in cp1251
    u.characters(post);
    store = u.open();
    CHECK(u.knows(*store, post));
    CHECK(u.with_bytes("odd\x98") == 1);
    CHECK(u.report.unmatched == 1);
}

TEST_CASE("MySQL: columns of one table may differ, and recipients who chose are found in lower case",
          "[mysql]") {
    Texts t;
    t.column_of("from_awl", "sender_name", "koi8r");
    t.column_of("from_awl", "sender_domain", "utf8mb4");
    t.column_of("optout_email", "email", "utf8mb4 collate utf8mb4_general_ci");
    t.characters(post);
    t.run({"insert into optout_email (email) values ('Bob@Example.NET')"});
    const auto store = t.open();
    CHECK(t.knows(*store, post));
    greylist::Policy opted = policy;
    opted.opt_method = greylist::OptMethod::optout;
    greylist::Triplet one{"192.0.2", "example.org", "x", "x", "bob@example.net"};
    one.opt_domain = "example.net";
    one.opt_email = "bob@example.net";
    CHECK(store->look_up(std::span(&one, 1), opted).known.at(0).opted.out_email);
}

TEST_CASE("MySQL: afterwards no connection's character set matters to a Perl SQLgrey beside us", "[mysql]") {
    Texts t;
    const auto store = t.open();
    for (const char* charset : {"utf8mb4", "latin1"}) {
        t.run({std::string{"set names "} + charset});
        t.row("'" + post + charset + "'");
        CHECK(t.knows(*store, post + charset));
        store->remember(std::vector<greylist::Change>{
            greylist::PutFromAwl{"192.0.2", "example.org", jose + charset, now, now}});
        CHECK(t.database.number("select count(*) from from_awl where sender_name = '" + jose + charset +
                                "'") == 1);
        CHECK(t.database.number("select count(*) from from_awl where sender_name like '" + jose + charset +
                                "%'") == 1);
    }
}

TEST_CASE("PostgreSQL: what DBD::Pg encoded twice is what Postfix sends afterwards", "[postgresql]") {
    Texts t;
    const auto twice = [](const std::string& name) {
        return "convert_from(convert_to(convert_from('\\x" + Texts::hex(name) +
               "', 'LATIN1'), 'UTF8'), 'UTF8')";
    };
    for (const std::string& name : {jose, post, std::string{"mo\xc3\xab"}}) t.row(twice(name));
    t.row("'mo\xc3\xab'");   // one of the rows above would become this
    t.row("'Ren\xc3\xa9'");  // written as it is, by some other program
    t.row("'plain'");
    const auto store = t.open();
    for (const std::string& name :
         {jose, post, std::string{"mo\xc3\xab"}, std::string{"Ren\xc3\xa9"}, std::string{"plain"}})
        CHECK(t.knows(*store, name));
    CHECK(t.report.taken_over == RowCounts{6, 0, 0});
    CHECK(t.report.unmatched == 1);
    CHECK(t.report.not_done.empty());
    t.open();
    CHECK(t.report.empty());
}

TEST_CASE("SQLite: names of odd bytes are taken over as they are", "[sqlite]") {
    Texts t;
    t.row("cast(x'6A6F73E9FF' as text)");
    t.connect_row("b\xe9", now - 400s);
    t.connect_row("b\xe9", now - 300s);
    const auto store = t.open();
    CHECK(t.with_bytes("jos\xe9\xff") == 1);
    CHECK(t.report.taken_over == RowCounts{1, 0, 1});
    CHECK(t.known(*store, "b\xe9").connect == now - 400s);
}

}  // namespace sqlgrey::store
