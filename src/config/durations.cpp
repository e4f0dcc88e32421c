// Times with units, counted in milliseconds. 2^63 of them are about 292 million years; anything larger is
// rejected before it is multiplied.
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

struct Unit {
    std::string_view word;
    std::string_view meaning;
    std::int64_t milliseconds;
};

constexpr std::array<Unit, 7> units{{
    {"w", "weeks", 604'800'000},
    {"d", "days", 86'400'000},
    {"h", "hours", 3'600'000},
    {"m", "minutes", 60'000},
    {"min", "minutes", 60'000},
    {"s", "seconds", 1'000},
    {"ms", "milliseconds", 1},
}};

const Unit* unit_named(std::string_view word) {
    for (const Unit& unit : units) {
        if (unit.word == word) return &unit;
    }
    return nullptr;
}

// The number and the unit at the start of the text; removes them from it. A unit may be missing only at the
// end of the text.
struct Part {
    std::int64_t number = 0;
    std::string unit;
};

std::optional<Part> take_part(std::string_view& text) {
    Part part;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part.number);
    if (error != std::errc{} || text[0] == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    text = base::trimmed(text);
    while (!text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'))) {
        part.unit += text[0];
        text.remove_prefix(1);
    }
    part.unit = base::ascii_lower(part.unit);
    text = base::trimmed(text);
    return part;
}

// Nothing if the text is not a time, or exceeds 64-bit milliseconds.
std::optional<std::int64_t> milliseconds_in(std::string_view text, std::string_view bare) {
    text = base::trimmed(text);
    std::int64_t sum = 0;
    bool first = true;
    do {
        const auto part = take_part(text);
        if (!part) return std::nullopt;
        const bool is_bare = part->unit.empty();
        if (is_bare && !(first && text.empty())) return std::nullopt;  // "1h30": thirty of what?
        const Unit* unit = unit_named(is_bare ? bare : std::string_view{part->unit});
        std::int64_t product = 0;
        if (!unit || __builtin_mul_overflow(part->number, unit->milliseconds, &product) ||
            __builtin_add_overflow(sum, product, &sum)) {
            return std::nullopt;
        }
        first = false;
    } while (!text.empty());
    return sum;
}

}  // namespace

std::string shown_duration(base::Milliseconds time) {
    std::int64_t rest = time.count();
    std::string out;
    for (const std::string_view word : {"d", "h", "m", "s", "ms"}) {
        const std::int64_t size = unit_named(word)->milliseconds;
        if (rest / size == 0) continue;
        out += std::to_string(rest / size);
        out += word;
        rest %= size;
    }
    return out.empty() ? "0" : out;
}

base::Milliseconds read_duration(std::string_view text, std::string_view unit_of_bare_number,
                                 TimeRange range) {
    const auto value = milliseconds_in(text, unit_of_bare_number);
    if (value && *value >= range.least.count() && *value <= range.most.count() &&
        *value % range.step.count() == 0) {
        return base::Milliseconds{*value};
    }
    std::string expected =
        "expected a time from " + shown_duration(range.least) + " to " + shown_duration(range.most);
    if (range.step > base::Milliseconds{1}) expected += " in whole seconds";
    throw std::invalid_argument(expected + " (a bare number means " +
                                std::string{unit_named(unit_of_bare_number)->meaning} +
                                "; ms, s, m, h, d and w may follow a number, as in 1h30m)");
}

}  // namespace sqlgrey::config
