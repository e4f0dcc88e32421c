#include "sqlgrey/log/json_line.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::log;

namespace {

// Without the time of now.
std::string behind_time(const std::string& line) {
    REQUIRE(line.starts_with("{\"time\": \"20"));
    return line.substr(line.find("Z\", ") + 4);
}

}  // namespace

TEST_CASE("a line is one JSON object, its texts escaped") {
    const auto [text, shown] = GENERATE(table<std::string, std::string>({
        {"plain", "plain"},
        {"\"quoted\\", "\\\"quoted\\\\"},
        {"J\xc3\xbcrgen", "J\xc3\xbcrgen"},
        {"two\nlines", "two\\\\x0alines"},
        {"\xff", "\\\\xff"},
        {"\xe2\x80\xa8", "\\\\xe2\\\\x80\\\\xa8"},
    }));
    CHECK(behind_time(JsonLine(Category::grey, normal).text("sender", text).line()) ==
          "\"category\": \"grey\", \"level\": \"normal\", \"sender\": \"" + shown + "\"}");
}

TEST_CASE("numbers and times") {
    CHECK(behind_time(JsonLine(Category::system, error)
                          .number("left", -300)
                          .time("first_seen", sqlgrey::base::at(1'700'000'000))
                          .line()) ==
          "\"category\": \"system\", \"level\": \"error\", \"left\": -300, "
          "\"first_seen\": \"2023-11-14T22:13:20Z\"}");
}

TEST_CASE("with log_format = json every message is an object") {
    std::vector<std::string> lines;
    const Logger logger(Levels{}, std::make_unique<MemorySink>(lines), LogFormat::json);
    logger.write(Category::dbaccess, error, "error: \"x\"");
    logger.with_prefix("4X1Y2Z: ").write_limited(Category::other, warning, "a\nb");
    logger.together().write(Category::system, verbose, "not wanted");
    REQUIRE(lines.size() == 2);
    CHECK(behind_time(lines[0]) == R"("category": "dbaccess", "level": "error", "message": "error: \"x\""})");
    CHECK(behind_time(lines[1]) ==
          R"("category": "other", "level": "warning", "message": "4X1Y2Z: a\\x0ab"})");
}

TEST_CASE("with log_format = json what exceeds the limit is told in an object") {
    std::vector<std::string> lines;
    const Logger logger(Levels{}, std::make_unique<MemorySink>(lines), LogFormat::json);
    for (int i = 0; i < limited_lines + 5; ++i) logger.write_line_limited(Category::martians, normal, "{}");
    REQUIRE(lines.size() == limited_lines + 1);
    CHECK(
        behind_time(lines.back())
            .starts_with(
                R"("category": "martians", "level": "warning", "message": "100 lines of this kind within)"));
}
