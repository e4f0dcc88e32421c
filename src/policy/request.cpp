// Cuts the bytes of a connection into lines and the lines into requests. Of a line that is too long, at most
// one byte beyond the cut is stored.
#include "sqlgrey/policy/request.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::policy {
namespace {

constexpr std::size_t usual_size = 1024;      // bytes of a request of Postfix
constexpr std::size_t usual_attributes = 32;  // the number of its attributes

void append_up_to(std::size_t max_size, std::string& text, std::string_view more) {
    text += more.substr(0, max_size - text.size());
}

// One bit of 64. Length and last byte distinguish nearly all names that Postfix sends.
std::uint64_t mark_of(std::string_view name) {
    const std::size_t last = name.empty() ? 0 : static_cast<unsigned char>(name.back());
    return std::uint64_t{1} << (4 * name.size() + last) % 64;
}

}  // namespace

std::string_view Request::name_of(const Attribute& attribute) const {
    return {text_.data() + attribute.at, attribute.name};
}

// Called for each new name, so cheap comparisons come first.
std::vector<Request::Attribute>::const_iterator Request::find(std::string_view name) const {
    if ((marks_ & mark_of(name)) == 0) return attributes_.end();
    return std::ranges::find_if(
        attributes_, [&](const Attribute& one) { return one.name == name.size() && name_of(one) == name; });
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
    marks_ |= mark_of(name);
}

// Removes the text too: a name that is sent repeatedly must not use up memory.
void Request::forget(std::vector<Attribute>::const_iterator attribute) {
    const Attribute gone = *attribute;
    const std::size_t length = std::size_t{gone.name} + gone.value;
    text_.erase(gone.at, length);
    attributes_.erase(attribute);
    for (Attribute& other : attributes_)
        if (other.at > gone.at) other.at -= static_cast<std::uint32_t>(length);
}

void Request::add_malformed_line(std::string_view line) {
    if (malformed_lines_.size() < max_malformed_lines)
        malformed_lines_.emplace_back(line.substr(0, max_text));
    else
        ++malformed_lines_dropped_;
}

// With "\r\n", because a Parser removes one '\r' at the end of a line, and the text may end with another.
std::string Request::lines() const {
    std::string lines;
    for (const Attribute& attribute : attributes_) {
        const std::string_view name = name_of(attribute);
        lines.append(name).append("=").append(get(name)).append("\r\n");
    }
    for (const std::string& line : malformed_lines_) lines.append(line).append("\r\n");
    return lines;
}

std::size_t Parser::feed(std::string_view bytes, std::vector<Request>& complete, std::size_t most) {
    std::string_view rest = bytes;
    while (most > 0) {
        const std::size_t line_end = rest.find('\n');
        if (line_end == std::string_view::npos) {
            hold(rest);
            return bytes.size();
        }
        const std::string_view line = rest.substr(0, line_end);
        rest.remove_prefix(line_end + 1);
        if (!take(line)) continue;
        complete.push_back(std::exchange(current_, {}));
        --most;
    }
    return bytes.size() - rest.size();
}

bool Parser::midway() const {
    return begun_ || !held_.empty();
}

std::string Parser::begun() const {
    return current_.lines() + held_;
}

// The start of a line whose end has not arrived. Name and value may each be one byte longer than the cut:
// that byte can be the '\r' of the line end.
void Parser::hold(std::string_view part_of_line) {
    constexpr std::size_t max_half = max_text + 1;
    std::size_t equals = held_.find('=');
    if (equals == std::string::npos) {
        equals = part_of_line.find('=');
        append_up_to(max_half, held_, part_of_line.substr(0, equals));
        if (equals == std::string_view::npos) return;
        part_of_line.remove_prefix(equals + 1);
        equals = held_.size();
        held_ += '=';
    }
    append_up_to(equals + 1 + max_half, held_, part_of_line);
}

// Nearly all lines arrive in one piece, and are used without copying.
bool Parser::take(std::string_view end_of_line) {
    if (held_.empty()) return take_whole(end_of_line);
    hold(end_of_line);
    const bool ends_request = take_whole(held_);
    held_.clear();
    return ends_request;
}

bool Parser::take_whole(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return std::exchange(begun_, false);
    begun_ = true;
    const std::size_t equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos)
        current_.add_malformed_line(line);
    else
        current_.set(line.substr(0, equals), line.substr(equals + 1));
    return false;
}

}  // namespace sqlgrey::policy
