// Builds a log line as a JSON object (RFC 8259), member by member. Times are RFC 3339 in UTC.
//
// Text is first escaped as in the other formats (escape()): a byte that is not UTF-8 becomes the four
// characters \xHH. So any JSON parser accepts the object.
#pragma once

#include "sqlgrey/log/logger.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sqlgrey::log {

class JsonLine {
  public:
    // Starts with "time" (now), "category" and "level".
    JsonLine(Category category, int level);
    // Names are not escaped.
    JsonLine& text(std::string_view name, std::string_view value);
    JsonLine& time(std::string_view name, base::Time value);
    JsonLine& number(std::string_view name, std::int64_t value);
    // The whole object; nothing may be added afterwards.
    std::string line() {
        text_ += '}';
        return std::move(text_);
    }

  private:
    void begin_member(std::string_view name);

    std::string text_;
};

}  // namespace sqlgrey::log
