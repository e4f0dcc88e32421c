// A log line as a JSON object, made member by member (RFC 8259). Times are RFC 3339 in UTC.
//
// Texts are escaped as in any other log line first: a byte that is not UTF-8 stands as the four characters
// \xHH. So the object holds nothing that a JSON parser refuses, and reads like the other formats.
#pragma once

#include "sqlgrey/log/logger.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sqlgrey::log {

class JsonLine {
  public:
    // Begins with "time" (now), "category" and "level".
    JsonLine(Category category, int level);
    // The names are ours: they are not escaped.
    JsonLine& text(std::string_view name, std::string_view value);
    JsonLine& time(std::string_view name, base::Time value);
    JsonLine& number(std::string_view name, std::int64_t value);
    // The whole object.
    std::string line() const { return text_ + "}"; }

  private:
    void begin_member(std::string_view name);

    std::string text_;
};

}  // namespace sqlgrey::log
