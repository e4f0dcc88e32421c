// Lines of bounded length, and both formats of db_dump.
#include "sqlgrey/importer/db_dump.hpp"

#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>

using namespace sqlgrey::importer;

namespace {

struct Read {
    std::vector<Pair> pairs;
    std::vector<long long> unreadable;
    bool is_dump = false;
    bool cut_off = false;
};

Read read(const std::string& text) {
    std::istringstream in{text};
    DumpReader reader{in};
    Read result;
    while (const auto item = reader.next()) {
        if (const auto* pair = std::get_if<Pair>(&*item)) result.pairs.push_back(*pair);
        if (const auto* place = std::get_if<UnreadableRecord>(&*item))
            result.unreadable.push_back(place->line);
    }
    result.is_dump = reader.is_dump();
    result.cut_off = reader.cut_off();
    return result;
}

std::string dump(const std::string& format, const std::string& data) {
    return "VERSION=3\nformat=" + format + "\ntype=btree\ndb_pagesize=4096\nHEADER=END\n" + data +
           "DATA=END\n";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in{text};
    LineReader lines{in};
    std::vector<std::string> all;
    while (const auto line = lines.next())
        all.push_back(std::to_string(line->number) + (line->whole ? ":" : "!") + std::string{line->text});
    return all;
}

}  // namespace

TEST_CASE("lines are numbered, with LF or CRLF, and the last one needs neither") {
    REQUIRE(lines_of("") == std::vector<std::string>{});
    REQUIRE(lines_of("a\n\nb\r\nc") == std::vector<std::string>{"1:a", "2:", "3:b", "4:c"});
    REQUIRE(lines_of("\n") == std::vector<std::string>{"1:"});
    REQUIRE(lines_of(std::string("a\0b\nc", 5)) == std::vector<std::string>{std::string("1:a\0b", 5), "2:c"});
}

TEST_CASE("a line that is too long is cut, marked, and the next one is found") {
    const std::string longest(longest_line, 'x');
    const auto whole = lines_of(longest + "\nnext");
    REQUIRE(whole == std::vector<std::string>{"1:" + longest, "2:next"});
    const auto cut = lines_of(longest + "yz\nnext");
    REQUIRE(cut == std::vector<std::string>{"1!" + longest, "2:next"});
    REQUIRE(lines_of(longest + "yz") == std::vector<std::string>{"1!" + longest});
    REQUIRE(lines_of(longest) == std::vector<std::string>{"1:" + longest});
}

TEST_CASE("a device that never has a line end is left") {
    std::ifstream zeros("/dev/zero");
    LineReader lines{zeros};
    REQUIRE_FALSE(lines.next()->whole);
    REQUIRE_FALSE(lines.next());
}

TEST_CASE("printable text: a backslash is doubled, other bytes are hexadecimal") {
    const Read result = read(dump("print", " a\\\\b\\c3\\bc\\00\n 1,2\n  two  \n \n"));
    REQUIRE(result.pairs ==
            std::vector<Pair>{{std::string("a\\b\xc3\xbc\0", 6), "1,2", 6}, {" two  ", "", 8}});
    REQUIRE(result.unreadable.empty());
    REQUIRE(result.is_dump);
    REQUIRE_FALSE(result.cut_off);
}

TEST_CASE("hexadecimal text") {
    const Read result = read(dump("bytevalue", " 612f\n 312C32\n \n 00\n"));
    REQUIRE(result.pairs == std::vector<Pair>{{"a/", "1,2", 6}, {"", std::string(1, '\0'), 8}});
}

TEST_CASE("several dumps in one text") {
    const Read result = read(dump("print", " a\n b\n") + dump("bytevalue", " 63\n 64\n"));
    REQUIRE(result.pairs == std::vector<Pair>{{"a", "b", 6}, {"c", "d", 14}});
    REQUIRE_FALSE(result.cut_off);
}

TEST_CASE("a half that cannot be read spoils its pair and no other") {
    REQUIRE(read(dump("print", " \\4\n v\n good\n v\n")).pairs == std::vector<Pair>{{"good", "v", 8}});
    REQUIRE(read(dump("print", " k\n \\xy\n good\n v\n")).unreadable == std::vector<long long>{6});
    REQUIRE(read(dump("print", "no blank\n v\n good\n v\n")).pairs == std::vector<Pair>{{"good", "v", 8}});
    REQUIRE(read(dump("bytevalue", " 616\n 61\n 62\n 63\n")).pairs == std::vector<Pair>{{"b", "c", 8}});
    const std::string too_long(longest_line + 10, 'a');
    const Read result = read(dump("print", " " + too_long + "\n v\n good\n v\n"));
    REQUIRE(result.unreadable == std::vector<long long>{6});
    REQUIRE(result.pairs == std::vector<Pair>{{"good", "v", 8}});
}

TEST_CASE("an odd number of lines spoils the last pair only") {
    const Read result = read(dump("print", " a\n b\n lonely\n") + dump("print", " c\n d\n"));
    REQUIRE(result.pairs == std::vector<Pair>{{"a", "b", 6}, {"c", "d", 15}});
    REQUIRE(result.unreadable == std::vector<long long>{8});
}

TEST_CASE("a truncated dump is reported") {
    REQUIRE(read("VERSION=3\nformat=print\nHEADER=END\n a\n b\n").cut_off);
    const Read result = read("VERSION=3\nformat=print\nHEADER=END\n a\n b\n c\n");
    REQUIRE(result.cut_off);
    REQUIRE(result.pairs.size() == 1);
    REQUIRE(result.unreadable == std::vector<long long>{6});
}

TEST_CASE("a file that is not a dump is recognised") {
    REQUIRE_FALSE(read("").is_dump);
    REQUIRE_FALSE(read("192.0.2.0/a@b/c@d 1,2\n").is_dump);
    REQUIRE_FALSE(read(std::string(5000, '\0') + "\x62\x31\x05").is_dump);
    REQUIRE(read("HEADER=END\n a\n b\n").pairs.empty());
    REQUIRE(read("VERSION=3\nformat=json\nHEADER=END\n a\n b\n").pairs.empty());
    REQUIRE(read("VERSION=3\nformat=json\nHEADER=END\n a\n b\n").unreadable.size() >= 3);
}

TEST_CASE("any bytes are survived, inside a dump and outside") {
    std::minstd_rand random{1};
    const std::string alphabet = " \\\n\r=0123456789abcdefVERSION=3HEADER=ENDDATA=END@/,\xff";
    for (int round = 0; round < 300; ++round) {
        std::string noise;
        for (int i = 0; i < 400; ++i) noise += alphabet[random() % alphabet.size()];
        noise[random() % noise.size()] = '\0';
        const Read result = read(dump("print", noise));
        REQUIRE(result.is_dump);
        REQUIRE(result.pairs.size() + result.unreadable.size() <= noise.size());
    }
}
