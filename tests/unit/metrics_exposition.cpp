// The text of metrics, in both formats.
#include "sqlgrey/metrics/exposition.hpp"

#include <array>
#include <vector>

#include <catch2/catch.hpp>

namespace sqlgrey::metrics {

TEST_CASE("numbers are shown in units, as short as they are exact") {
    CHECK(decimal(0, 1) == "0.0");
    CHECK(decimal(60, 1) == "60.0");
    CHECK(decimal(500, 1'000'000) == "0.0005");
    CHECK(decimal(1'000'000, 1'000'000) == "1.0");
    CHECK(decimal(12'345'678, 1'000'000) == "12.345678");
    CHECK(decimal(12'000'010, 1'000'000) == "12.00001");
}

TEST_CASE("a family of counters has another name in each format, its samples have not") {
    const auto shown = [](Format format) {
        Exposition out(format);
        out.counter("deaths", "Of children.");
        out.sample(3, {{"child", "worker"}, {"why", "x"}});
        out.gauge("up", "Now.");
        out.sample(-1);
        return std::move(out).text();
    };
    CHECK(shown(Format::prometheus) ==
          "# HELP deaths_total Of children.\n# TYPE deaths_total counter\n"
          "deaths_total{child=\"worker\",why=\"x\"} 3\n# HELP up Now.\n# TYPE up gauge\nup -1\n");
    CHECK(shown(Format::openmetrics) ==
          "# HELP deaths Of children.\n# TYPE deaths counter\n"
          "deaths_total{child=\"worker\",why=\"x\"} 3\n# HELP up Now.\n# TYPE up gauge\nup -1\n# EOF\n");
}

TEST_CASE("each bucket of a histogram counts those before it too") {
    Exposition out(Format::prometheus);
    out.histogram("took_seconds", "How long.");
    out.buckets(std::array<std::uint64_t, 2>{500, 1'000'000}, std::array<std::uint64_t, 3>{1, 2, 3},
                7'500'000, 1'000'000, {{"visit", "write"}});
    CHECK(std::move(out).text() ==
          "# HELP took_seconds How long.\n# TYPE took_seconds histogram\n"
          "took_seconds_bucket{visit=\"write\",le=\"0.0005\"} 1\n"
          "took_seconds_bucket{visit=\"write\",le=\"1.0\"} 3\n"
          "took_seconds_bucket{visit=\"write\",le=\"+Inf\"} 6\n"
          "took_seconds_sum{visit=\"write\"} 7.5\ntook_seconds_count{visit=\"write\"} 6\n");
}

TEST_CASE("the value of a label is escaped") {
    Exposition out(Format::prometheus);
    out.gauge("a", "b");
    out.sample(1, {{"text", "\"back\\slash\"\nnext"}});
    CHECK(std::move(out).text() ==
          "# HELP a b\n# TYPE a gauge\na{text=\"\\\"back\\\\slash\\\"\\nnext\"} 1\n");
}

}  // namespace sqlgrey::metrics
