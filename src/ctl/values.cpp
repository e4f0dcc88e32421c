#include "values.hpp"

#include "json.hpp"
#include "sqlgrey/config/values.hpp"

namespace sqlgrey::ctl {
namespace {

constexpr base::Seconds longest_duration = std::chrono::hours{10 * 365 * 24};

[[noreturn]] void refuse(const char* option, const std::string& typed, const std::string& expected) {
    throw UsageError(std::string{"--"} + option + " is \"" + typed + "\", " + expected);
}

std::optional<base::Seconds> read_duration(const std::string& text) {
    try {
        return std::chrono::duration_cast<base::Seconds>(
            config::read_duration(text, "s", {base::Seconds{1}, longest_duration, base::Seconds{1}}));
    } catch (const std::invalid_argument&) {
        return {};
    }
}

}  // namespace

std::int64_t number_of(const Invocation& invocation, const char* option, Range range,
                       std::int64_t otherwise) {
    const auto typed = invocation.value(option);
    if (!typed) return otherwise;
    try {
        return config::read_number(*typed, {range.least, range.most});
    } catch (const std::invalid_argument& error) {
        refuse(option, *typed, error.what());
    }
}

std::string mail_address_of(const std::string& typed) {
    const bool has_brackets = typed.size() > 2 && typed.starts_with('<') && typed.ends_with('>');
    return has_brackets ? typed.substr(1, typed.size() - 2) : typed;
}

std::optional<base::Seconds> duration_of(const Invocation& invocation, const char* option) {
    const auto typed = invocation.value(option);
    if (!typed) return {};
    const auto duration = read_duration(*typed);
    if (!duration) refuse(option, *typed, "expected a time such as 15m, 12h or 30d, ten years at most");
    return duration;
}

std::optional<base::Time> moment_of(const Invocation& invocation, const char* option, base::Time now) {
    const auto typed = invocation.value(option);
    if (!typed) return {};
    if (const auto time = read_rfc3339(*typed)) return time;
    if (const auto ago = read_duration(*typed)) return now - *ago;
    refuse(option, *typed,
           "expected how long ago (15m, 12h, 30d), a day (2026-11-27) or a time (2026-11-27T10:12:33Z)");
}

}  // namespace sqlgrey::ctl
