#include "sqlgrey/metrics/exposition.hpp"

#include <utility>

namespace sqlgrey::metrics {
namespace {

// Escapes the value of a label. Help texts are not escaped: ours have no such characters.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

std::string_view content_type(Format format) {
    return format == Format::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                         : "text/plain; version=0.0.4; charset=utf-8";
}

std::string decimal(std::uint64_t value, std::uint64_t unit) {
    std::string fraction;
    for (std::uint64_t rest = value % unit, digit = unit / 10; rest > 0; rest %= digit, digit /= 10)
        fraction += static_cast<char>('0' + rest / digit);
    return std::to_string(value / unit) + "." + (fraction.empty() ? "0" : fraction);
}

void Exposition::counter(std::string_view name, std::string_view help) {
    family(name, "counter", "_total", help);
}

void Exposition::gauge(std::string_view name, std::string_view help) {
    family(name, "gauge", "", help);
}

void Exposition::histogram(std::string_view name, std::string_view help) {
    family(name, "histogram", "", help);
}

// In OpenMetrics the name of a counter family has no "_total".
void Exposition::family(std::string_view name, std::string_view type, std::string_view suffix,
                        std::string_view help) {
    name_ = name;
    suffix_ = suffix;
    const std::string shown = format_ == Format::openmetrics ? name_ : name_ + suffix_;
    text_.append("# HELP ").append(shown).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(shown).append(" ").append(type).append("\n");
}

void Exposition::sample(std::int64_t value, std::initializer_list<Label> labels) {
    line(suffix_, labels, {}, std::to_string(value));
}

// Buckets are shown cumulatively. _count is the last bucket, so that the two agree even if values are added
// meanwhile.
void Exposition::buckets(std::span<const std::uint64_t> bounds, std::span<const std::uint64_t> counts,
                         std::uint64_t sum, std::uint64_t unit, std::initializer_list<Label> labels) {
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        so_far += counts[i];
        line("_bucket", labels, i < bounds.size() ? decimal(bounds[i], unit) : "+Inf",
             std::to_string(so_far));
    }
    line("_sum", labels, {}, decimal(sum, unit));
    line("_count", labels, {}, std::to_string(so_far));
}

void Exposition::line(std::string_view suffix, std::initializer_list<Label> labels, std::string_view bound,
                      std::string_view value) {
    text_.append(name_).append(suffix);
    char before = '{';
    const auto label = [&](std::string_view name, std::string_view text) {
        text_.append(1, before).append(name).append("=\"").append(escaped(text)).append("\"");
        before = ',';
    };
    for (const Label& one : labels) label(one.name, one.value);
    if (!bound.empty()) label("le", bound);
    if (before == ',') text_ += '}';
    text_.append(" ").append(value).append("\n");
}

std::string Exposition::text() && {
    if (format_ == Format::openmetrics) text_ += "# EOF\n";
    return std::move(text_);
}

}  // namespace sqlgrey::metrics
