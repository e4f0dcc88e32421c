#include "problems.hpp"

#include "sqlgrey/log/logger.hpp"

namespace sqlgrey::lists {
namespace {

constexpr std::size_t most_kept = 20;
constexpr std::size_t most_quoted = 80;  // bytes

}  // namespace

void Problems::tell(bool is_error, std::string text) {
    if (kept_.size() < most_kept) {
        kept_.push_back({is_error, std::move(text)});
    } else {
        ++further_;
    }
}

std::vector<Problem> Problems::take(std::string_view source) && {
    if (further_ > 0) {
        kept_.push_back(
            {true, std::string(source) + ": " + std::to_string(further_) + " more problems like these"});
    }
    return std::move(kept_);
}

std::string quoted(std::string_view text) {
    const bool is_long = text.size() > most_quoted;
    return "\"" + log::escape(text.substr(0, most_quoted)) + (is_long ? "...\"" : "\"");
}

}  // namespace sqlgrey::lists
