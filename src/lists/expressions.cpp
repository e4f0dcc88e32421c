#include "expressions.hpp"

#include <algorithm>
#include <cstdint>

namespace sqlgrey::lists {
namespace {

constexpr std::size_t fewest_for_a_set = 3;
// Memory in bytes for the program of the set and the states that it caches while it runs.
constexpr std::int64_t set_memory = std::int64_t{16} << 20;
constexpr std::int64_t set_memory_for_each = std::int64_t{32} << 10;
constexpr std::int64_t most_set_memory = std::int64_t{256} << 20;

// Bytes, not characters, like net::Pattern.
re2::RE2::Options set_options(net::LetterCase letter_case, std::size_t expressions) {
    re2::RE2::Options options(re2::RE2::Latin1);
    options.set_log_errors(false);
    options.set_case_sensitive(letter_case == net::LetterCase::matters);
    options.set_never_capture(true);
    options.set_max_mem(
        std::min(most_set_memory, set_memory + set_memory_for_each * static_cast<std::int64_t>(expressions)));
    return options;
}

}  // namespace

void Expressions::add(net::Pattern pattern, const std::string& expression, std::int64_t line) {
    const bool is_linear = pattern.is_linear();
    auto& ones = is_linear ? linear_ : others_;
    ones.push_back({std::move(pattern), is_linear ? expression : std::string(), line});
}

void Expressions::finish() {
    set_ = set_of_linear();
    for (One& one : linear_) {
        one.expression.clear();
        one.expression.shrink_to_fit();
    }
}

std::unique_ptr<re2::RE2::Set> Expressions::set_of_linear() const {
    if (linear_.size() < fewest_for_a_set) return nullptr;
    auto set =
        std::make_unique<re2::RE2::Set>(set_options(letter_case_, linear_.size()), re2::RE2::UNANCHORED);
    for (const One& one : linear_) {
        if (set->Add(one.expression, nullptr) < 0) return nullptr;
    }
    return set->Compile() ? std::move(set) : nullptr;
}

std::optional<std::int64_t> Expressions::first_of(const std::vector<One>& ones, std::string_view text) {
    const auto found =
        std::find_if(ones.begin(), ones.end(), [&](const One& one) { return one.pattern.found_in(text); });
    if (found == ones.end()) return std::nullopt;
    return found->line;
}

std::optional<std::int64_t> Expressions::find(std::string_view text) const {
    if (!set_) {
        const auto line = first_of(linear_, text);
        return line ? line : first_of(others_, text);
    }
    std::vector<int> found;
    re2::RE2::Set::ErrorInfo error{};
    if (set_->Match(re2::StringPiece(text.data(), text.size()), &found, &error))
        return linear_[static_cast<std::size_t>(*std::min_element(found.begin(), found.end()))].line;
    if (error.kind != re2::RE2::Set::kNoError) {
        // The set ran out of memory on this text.
        if (const auto line = first_of(linear_, text)) return line;
    }
    return first_of(others_, text);
}

}  // namespace sqlgrey::lists
