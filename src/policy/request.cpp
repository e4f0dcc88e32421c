// Cuts the bytes of a connection into lines and the lines into requests. Keeps only what it will
// hand over: of an over-long line nothing beyond the cut is ever stored.
#include "sqlgrey/policy/request.hpp"

#include <algorithm>

namespace sqlgrey::policy {
namespace {

auto find(const std::vector<std::pair<std::string, std::string>>& attributes, std::string_view name) {
    return std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.first == name; });
}

void append_up_to_max(std::string& text, std::string_view more) {
    text += more.substr(0, max_text - text.size());
}

}  // namespace

std::string_view Request::get(std::string_view name) const {
    const auto found = find(attributes_, name);
    return found == attributes_.end() ? std::string_view{} : found->second;
}

bool Request::has(std::string_view name) const {
    return find(attributes_, name) != attributes_.end();
}

void Request::set(std::string_view name, std::string_view value) {
    const auto found = find(attributes_, name);
    if (found != attributes_.end()) {
        attributes_[static_cast<std::size_t>(found - attributes_.begin())].second = value;
    } else if (attributes_.size() < max_attributes) {
        attributes_.emplace_back(name, value);
    }
}

void Request::add_junk(std::string_view line) {
    if (junk_.size() < max_junk) junk_.emplace_back(line.substr(0, max_text));
}

void Parser::feed(std::string_view bytes, std::vector<Request>& complete) {
    for (;;) {
        const std::size_t line_end = bytes.find('\n');
        take(bytes.substr(0, line_end));
        if (line_end == std::string_view::npos) return;
        end_of_line(complete);
        bytes.remove_prefix(line_end + 1);
    }
}

bool Parser::midway() const {
    return begun_ || has_equals_ || held_cr_ || !name_.empty();
}

// A '\r' at the end waits for the next byte, which may come in another read.
void Parser::take(std::string_view part_of_line) {
    if (part_of_line.empty()) return;
    if (held_cr_) store("\r");
    held_cr_ = part_of_line.back() == '\r';
    if (held_cr_) part_of_line.remove_suffix(1);
    store(part_of_line);
}

void Parser::store(std::string_view part_of_line) {
    if (has_equals_) return append_up_to_max(value_, part_of_line);
    const std::size_t equals = part_of_line.find('=');
    append_up_to_max(name_, part_of_line.substr(0, equals));
    if (equals == std::string_view::npos) return;
    has_equals_ = true;
    append_up_to_max(value_, part_of_line.substr(equals + 1));
}

void Parser::end_of_line(std::vector<Request>& complete) {
    const bool empty_line = name_.empty() && !has_equals_;
    if (!empty_line) {
        if (has_equals_ && !name_.empty()) {
            current_.set(name_, value_);
        } else {
            current_.add_junk(has_equals_ ? "=" + value_ : name_);
        }
        begun_ = true;
    } else if (begun_) {
        complete.push_back(std::exchange(current_, {}));
        begun_ = false;
    }
    name_.clear();
    value_.clear();
    has_equals_ = held_cr_ = false;
}

}  // namespace sqlgrey::policy
