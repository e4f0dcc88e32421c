#include "../../src/ctl/rows.hpp"

#include <sstream>

#include <catch2/catch.hpp>

namespace sqlgrey::ctl {
namespace {

const std::vector<std::string> columns{"sender", "passes", "first_seen", "list"};

std::string written(Format format, const std::vector<std::vector<Cell>>& rows, std::size_t width = 0) {
    std::ostringstream out;
    {
        RowWriter writer(out, format, columns, width);
        for (const auto& row : rows) writer.row(row);
        CHECK(writer.rows() == static_cast<std::int64_t>(rows.size()));
    }
    return out.str();
}

std::vector<Cell> row(const std::string& sender, std::int64_t passes = 7) {
    return {sender, passes, base::at(0), Cell{}};
}

}  // namespace

TEST_CASE("ctl: JSON is one object per row, with typed values and without empty ones") {
    CHECK(written(Format::json, {row("a\"b"), row("c", 12)}) ==
          "{\"sender\": \"a\\\"b\", \"passes\": 7, \"first_seen\": \"1970-01-01T00:00:00Z\"}\n"
          "{\"sender\": \"c\", \"passes\": 12, \"first_seen\": \"1970-01-01T00:00:00Z\"}\n");
    CHECK(written(Format::json, {}).empty());
}

TEST_CASE("ctl: CSV has a heading, quotes, and no formulas for a spreadsheet") {
    CHECK(written(Format::csv, {row("a,\"b\"")}) ==
          "sender,passes,first_seen,list\r\n\"a,\"\"b\"\"\",7,1970-01-01T00:00:00Z,\r\n");
    for (const std::string sender : {"=1+1", "+1", "-1", "@sum"})
        CHECK(written(Format::csv, {row(sender, -3)}) ==
              "sender,passes,first_seen,list\r\n'" + sender + ",-3,1970-01-01T00:00:00Z,\r\n");
    CHECK(written(Format::csv, {row("\t=1\r\n")}).find("\\x09=1\\x0d\\x0a,7") != std::string::npos);
    CHECK(written(Format::csv, {}) == "sender,passes,first_seen,list\r\n");
}

TEST_CASE("ctl: text is an aligned table, and nothing without rows") {
    CHECK(written(Format::text, {row("alice@example.org"), row("b", 12345678)}) ==
          "sender               passes  first_seen            list\n"
          "alice@example.org         7  1970-01-01T00:00:00Z  -\n"
          "b                  12345678  1970-01-01T00:00:00Z  -\n");
    CHECK(written(Format::text, {}).empty());
    CHECK(written(Format::text, {row("\x1b[31m")}).find("\\x1b[31m") != std::string::npos);
}

TEST_CASE("ctl: on a terminal long texts are cut, so that each row is one line") {
    const std::string long_sender(200, 'x');
    std::istringstream lines(written(Format::text, {row(long_sender), row("gr\xc3\xbc\xc3\x9f")}, 60));
    for (std::string line; std::getline(lines, line);)
        CHECK(line.size() <= 62);  // two characters have two bytes
    CHECK(written(Format::text, {row(long_sender)}, 60).find("xx~ ") != std::string::npos);
    CHECK(written(Format::text, {row(long_sender)}).find(long_sender) != std::string::npos);
}

TEST_CASE("ctl: rows after the first two hundred are written as they come") {
    std::ostringstream out;
    RowWriter writer(out, Format::text, columns, 0);
    for (int n = 0; n < 200; ++n) writer.row(row("sender"));
    const std::size_t before = out.str().size();
    CHECK(before > 0);
    writer.row(row("a sender that is longer than all before it"));
    CHECK(out.str().size() > before + 50);
}

}  // namespace sqlgrey::ctl
