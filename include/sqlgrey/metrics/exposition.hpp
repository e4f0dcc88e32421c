// The text formats of metrics: Prometheus 0.0.4 and OpenMetrics 1.0.0, which hardly differ.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace sqlgrey::metrics {

enum class Format { prometheus, openmetrics };

// The value of Content-Type for that format. Prometheus 3 refuses a response with a wrong one.
std::string_view content_type(Format format);

struct Label {
    std::string_view name, value;
};

// value / unit, a power of ten, as an exact decimal with a point: "0.0005", "1.0", "12.345678". A unit of
// 1'000'000 shows microseconds as seconds.
std::string decimal(std::uint64_t value, std::uint64_t unit);

// Builds the text: begin a family, then add its samples. All samples of a family have the same label names.
class Exposition {
  public:
    explicit Exposition(Format format) : format_(format) {}

    // Begin a family. The name of a counter is given without "_total", which is added to its samples.
    void counter(std::string_view name, std::string_view help);
    void gauge(std::string_view name, std::string_view help);
    void histogram(std::string_view name, std::string_view help);

    // A sample of a counter or gauge.
    void sample(std::int64_t value, std::initializer_list<Label> labels = {});
    // The samples of a histogram. `counts` is not cumulative, and has one more element than `bounds`.
    // `bounds` and `sum` are divided by `unit`, see decimal().
    void buckets(std::span<const std::uint64_t> bounds, std::span<const std::uint64_t> counts,
                 std::uint64_t sum, std::uint64_t unit, std::initializer_list<Label> labels = {});

    // The complete text. Nothing may be added afterwards.
    std::string text() &&;

  private:
    void family(std::string_view name, std::string_view type, std::string_view suffix, std::string_view help);
    void line(std::string_view suffix, std::initializer_list<Label> labels, std::string_view bound,
              std::string_view value);

    Format format_;
    std::string name_, suffix_;  // of the current family
    std::string text_;
};

}  // namespace sqlgrey::metrics
