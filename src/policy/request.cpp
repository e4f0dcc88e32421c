// Cuts the bytes of a connection into lines and the lines into requests. Keeps only what it will
// hand over: of an over-long line nothing beyond the cut is ever stored.
#include "sqlgrey/policy/request.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::policy {
namespace {

constexpr std::size_t usual_size = 1024;      // bytes of a request of Postfix, and
constexpr std::size_t usual_attributes = 32;  // the number of its attributes

void append_up_to_max(std::string& text, std::string_view more) {
    text += more.substr(0, max_text - text.size());
}

}  // namespace

std::string_view Request::name_of(const Attribute& attribute) const {
    return std::string_view{text_}.substr(attribute.at, attribute.name);
}

std::vector<Request::Attribute>::const_iterator Request::find(std::string_view name) const {
    return std::ranges::find_if(attributes_, [&](const Attribute& one) { return name_of(one) == name; });
}

std::string_view Request::get(std::string_view name) const {
    const auto found = find(name);
    if (found == attributes_.end()) return {};
    return std::string_view{text_}.substr(found->at + found->name, found->value);
}

bool Request::has(std::string_view name) const {
    return find(name) != attributes_.end();
}

void Request::set(std::string_view name, std::string_view value) {
    name = name.substr(0, max_text);
    value = value.substr(0, max_text);
    if (const auto found = find(name); found != attributes_.end()) forget(found);
    if (attributes_.size() == max_attributes) return;
    if (attributes_.empty()) {
        text_.reserve(usual_size);
        attributes_.reserve(usual_attributes);
    }
    attributes_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint16_t>(name.size()),
                           static_cast<std::uint16_t>(value.size())});
    text_.append(name).append(value);
}

// Its text goes too: a name that is sent again and again must not fill the memory.
void Request::forget(std::vector<Attribute>::const_iterator attribute) {
    const Attribute gone = *attribute;
    const std::size_t length = std::size_t{gone.name} + gone.value;
    text_.erase(gone.at, length);
    attributes_.erase(attribute);
    for (Attribute& other : attributes_)
        if (other.at > gone.at) other.at -= static_cast<std::uint32_t>(length);
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
