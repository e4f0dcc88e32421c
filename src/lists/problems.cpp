#include "problems.hpp"

#include "sqlgrey/log/logger.hpp"

namespace sqlgrey::lists {
namespace {

constexpr std::size_t most_kept = 20;    // for errors, and for warnings
constexpr std::size_t most_quoted = 80;  // bytes

std::string further(std::string_view source, std::size_t count, std::string_view what) {
    return std::string(source) + ": " + std::to_string(count - most_kept) + " more " + std::string(what) +
           " like these";
}

}  // namespace

void Problems::tell(bool is_error, std::string text, std::size_t& count) {
    if (++count <= most_kept) kept_.push_back({is_error, std::move(text)});
}

std::vector<Problem> Problems::take(std::string_view source) && {
    if (errors_ > most_kept) kept_.push_back({true, further(source, errors_, "problems")});
    if (warnings_ > most_kept) kept_.push_back({false, further(source, warnings_, "warnings")});
    return std::move(kept_);
}

std::string quoted(std::string_view text) {
    const bool is_long = text.size() > most_quoted;
    return "\"" + log::escape(text.substr(0, most_quoted)) + (is_long ? "...\"" : "\"");
}

}  // namespace sqlgrey::lists
