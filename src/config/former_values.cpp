// What SQLgrey 1.8 does with invalid values, read from its source: of a number the digits at the start count
// ("5 minutes" is 5, an empty text is 0), a flag is compared with one word, and a choice that matches none of
// its words is the last one.
#include "former_values.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

using Found = std::optional<FormerValue>;

constexpr double largest = 1e12;  // far beyond all ranges, without overflow

bool has_on(std::string_view text) {
    return base::ascii_lower(text).find("on") != std::string::npos;
}

// The number that Perl reads from a text; nothing if the text does not begin with one. "" is 0.
std::optional<double> leading_number(std::string_view text) {
    text = base::trimmed(text);
    if (text.empty()) return 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const std::string_view unsigned_part = text.starts_with('-') ? text.substr(1) : text;
    if (unsigned_part.empty() ||
        std::string_view{"0123456789."}.find(unsigned_part[0]) == std::string_view::npos)
        return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return text.starts_with('-') ? -largest : largest;
    if (error != std::errc{}) return std::nullopt;
    return std::clamp(number, -largest, largest);
}

std::string whole(double number) {
    return std::to_string(static_cast<std::int64_t>(number));
}

bool accepts(const Parameter& row, const std::string& value) {
    Settings scratch;
    try {
        row.set(scratch, value);
        return true;
    } catch (const std::invalid_argument&) {
        return false;
    }
}

FormerValue as_it_was(const std::string& value) {
    return {value, "SQLgrey 1.8 takes that for " + value + ", and so does this version; write " + value};
}

// Whole units as a number with the unit, fractions in seconds.
std::string duration_of(double number, std::string_view unit) {
    if (number == std::floor(number)) return whole(number);
    const double seconds = unit == "d" ? 86400 : unit == "h" ? 3600 : unit == "min" ? 60 : 1;
    return whole(std::ceil(number * seconds)) + "s";
}

// The end of a row's range ("0 to 7d") that is nearer to the number.
std::string nearest_end(const Parameter& row, double number) {
    constexpr std::string_view between = " to ";
    const std::size_t at = row.range.find(between);
    return number <= 0 ? row.range.substr(0, at) : row.range.substr(at + between.size());
}

Found number_of(const Parameter& row, std::string_view text) {
    const auto number = leading_number(text);
    if (!number) return {};
    const std::string value =
        row.type == Type::duration ? duration_of(*number, row.unit) : whole(std::ceil(*number));
    if (accepts(row, value)) return as_it_was(value);
    const std::string end = nearest_end(row, *number);
    return FormerValue{end, "what is nearest to it counts, " + end + "; write " + end};
}

// A negative number is not 0 (off): any number of senders is enough, so the first that passes promotes its
// domain.
Found group_domain_level_of(const Parameter& row, std::string_view text) {
    const auto number = leading_number(text);
    if (!number || *number >= 0) return number_of(row, text);
    return as_it_was("1");
}

std::string level_of(double number) {
    if (number < 0) return "O";
    return whole(std::floor(std::min(number, 4.0)));
}

// A word is 0, like every text that does not begin with a number.
Found loglevel_of(const Parameter&, std::string_view text) {
    return as_it_was(level_of(leading_number(text).value_or(0)));
}

// SQLgrey 1.8 requires a digit in each level and refuses levels above 4.
Found log_override_of(const Parameter& row, std::string_view text) {
    std::string all;
    for (const std::string& item : read_paths(text)) {
        const std::size_t colon = std::min(item.find(':'), item.size() - 1);
        const auto number = leading_number(item.substr(colon + 1));
        if (!number || *number > 4) return {};
        all += (all.empty() ? "" : ",") + item.substr(0, colon + 1) + level_of(*number);
    }
    if (!accepts(row, all)) return {};
    return as_it_was(all);
}

Found prepend_of(const Parameter&, std::string_view text) {
    return as_it_was(text.empty() ? "0" : "1");
}

Found discrimination_of(const Parameter&, std::string_view text) {
    if (!has_on(text)) return as_it_was("off");
    return FormerValue{
        "on",
        "SQLgrey 1.8 takes every value that contains \"on\" for on, and so does this version; write on, or "
        "off if that is meant"};
}

Found db_cluster_of(const Parameter&, std::string_view) {
    return as_it_was("off");
}

Found optmethod_of(const Parameter&, std::string_view) {
    return as_it_was("none");
}

// "451 4.7.1 Come back later": SQLgrey 1.8 appends its own text, and so do we.
Found reject_code_of(const Parameter& row, std::string_view text) {
    const std::string_view code = text.substr(0, text.find(' '));
    const std::string_view rest = base::trimmed(text.substr(code.size()));
    const std::string_view enhanced = enhanced_code(rest);
    const std::string value = std::string{code} + (enhanced.empty() ? "" : " ") + std::string{enhanced};
    if (rest.empty() || !accepts(row, value)) return {};
    return FormerValue{value, value + " counts; a text of your own is greylist_text"};
}

// SQLgrey 1.8 writes no pid file, or keeps its user: unlikely to be wanted.
Found default_of(const Parameter& row, std::string_view text) {
    if (!text.empty()) return {};
    const std::string value{row.default_text};
    return FormerValue{value, "the default counts, " + value + "; write a name, or delete the line"};
}

// Net::Server, which SQLgrey 1.8 uses, accepts "/tcp" after a port, which then applies to all addresses.
Found inet_of(const Parameter& row, std::string_view text) {
    std::string value = base::ascii_lower(text);
    for (const std::string_view protocol : {"/tcp", "|tcp"})
        if (value.ends_with(protocol)) value.resize(value.size() - protocol.size());
    if (value.find_first_not_of("0123456789") == std::string::npos) value.insert(0, "*:");
    if (value == "*:" + std::string{text} || !accepts(row, value)) return {};
    return as_it_was(value);
}

struct Former {
    std::string_view name;
    Found (*value)(const Parameter& row, std::string_view text);
};

constexpr Former former_values[] = {
    {"user", default_of},
    {"group", default_of},
    {"pidfile", default_of},
    {"inet", inet_of},
    {"loglevel", loglevel_of},
    {"log_override", log_override_of},
    {"reconnect_delay", number_of},
    {"max_connect_age", number_of},
    {"awl_age", number_of},
    {"group_domain_level", group_domain_level_of},
    {"connect_src_throttle", number_of},
    {"optmethod", optmethod_of},
    {"discrimination", discrimination_of},
    {"discrimination_add_rulenr", discrimination_of},
    {"prepend", prepend_of},
    {"reject_code", reject_code_of},
    {"db_cleandelay", number_of},
    {"db_cluster", db_cluster_of},
};

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Why the row has no effect, given what was read before it; "" if it has.
std::string why_unused(const Reading& reading, const Parameter& row) {
    const Settings& settings = reading.out.settings;
    const auto dsn = reading.given.find("db_dsn");
    const bool has_dsn = dsn != reading.given.end() && !dsn->second.value.empty();
    if (has_dsn && is_any_of(row.name, {"db_type", "db_name", "db_host", "db_port"}))
        return "db_dsn in line " + std::to_string(dsn->second.line) + " wins";
    const bool is_sqlite =
        settings.db_type == Database::sqlite && reading.given.contains("db_type") && !has_dsn;
    if (is_sqlite && is_any_of(row.name, {"db_host", "db_port"})) return "SQLite has no server";
    if (row.name == "read_hosts" && (!settings.db_cluster || is_sqlite))
        return "db_cluster has no effect either";
    const bool is_immed =
        settings.reject_first_attempt == Reject::immed || settings.reject_early_reconnect == Reject::immed;
    if (row.name == "reject_code" && !is_immed) return "nothing is refused with immed";
    return {};
}

}  // namespace

std::optional<FormerValue> former_value(const Reading& reading, const Parameter& row,
                                        std::string_view value) {
    if (const std::string why = why_unused(reading, row); !why.empty())
        return FormerValue{std::string{row.default_text}, "it has no effect, " + why + "; delete the line",
                           true};
    for (const Former& former : former_values)
        if (former.name == row.name) return former.value(row, value);
    return {};
}

std::string changed_meaning(const Parameter& row, std::string_view value) {
    const auto means = [&](std::string_view here, std::string_view there, std::string_view write) {
        return std::string{row.name} + " = " + std::string{value} + " means " + std::string{here} +
               " here; SQLgrey 1.8 takes it for " + std::string{there} + "; write " + std::string{write} +
               ", which means the same to both";
    };
    if (row.name == "prepend" && !read_flag(value) && value != "0") return means("off", "on", "0");
    if (is_any_of(row.name, {"discrimination", "discrimination_add_rulenr"}) && read_flag(value) &&
        !has_on(value))
        return means("on", "off", "on");
    if (row.name == "db_cluster" && read_flag(value) && value != "on") return means("on", "off", "on");
    const std::string word = base::ascii_lower(value);
    if (row.name == "optmethod" && word != "none" && word != value) return means(word, "none", word);
    return {};
}

}  // namespace sqlgrey::config
