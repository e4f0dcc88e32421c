// The text in which metrics are shown: Prometheus 0.0.4 and OpenMetrics 1.0.0, which differ in little.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace sqlgrey::metrics {

enum class Format { prometheus, openmetrics };

// What a response in that format says of itself. Prometheus 3 refuses one that says it wrongly.
std::string_view content_type(Format format);

struct Label {
    std::string_view name, value;
};

// A number of which `unit` make one of what is shown: 1'000'000 for microseconds that are shown as seconds.
// "0.0005", "1.0", "12.345678".
std::string decimal(std::uint64_t value, std::uint64_t unit);

// Begins a family, then takes its samples. All samples of a family have the same labels.
class Exposition {
  public:
    explicit Exposition(Format format) : format_(format) {}

    // The name is without "_total", which its samples get.
    void counter(std::string_view name, std::string_view help);
    void gauge(std::string_view name, std::string_view help);
    void histogram(std::string_view name, std::string_view help);

    // Of a counter or a gauge.
    void sample(std::int64_t value, std::initializer_list<Label> labels = {});
    // Of a histogram: `counts` are those of each bucket alone, one more than bounds.
    void buckets(std::span<const std::uint64_t> bounds, std::span<const std::uint64_t> counts,
                 std::uint64_t sum, std::uint64_t unit, std::initializer_list<Label> labels = {});

    // The whole text. Nothing may be added afterwards.
    std::string text() &&;

  private:
    void family(std::string_view name, std::string_view type, std::string_view suffix, std::string_view help);
    void line(std::string_view suffix, std::initializer_list<Label> labels, std::string_view bound,
              std::string_view value);

    Format format_;
    std::string name_, suffix_;  // of the family, and of its samples
    std::string text_;
};

}  // namespace sqlgrey::metrics
