// A list of values as PostgreSQL's array literal: {"a","b"} or {1,2}.
#pragma once

#include "row_list.hpp"

namespace sqlgrey::store {

class PostgresqlArray final : public ListEncoder {
  public:
    // Always in quotes, so that NULL, braces and blanks mean nothing special.
    void add_text(std::string& list, std::string_view text) const override;
    void add_number(std::string& list, std::int64_t number) const override;
    void close(std::string& list) const override;
};

}  // namespace sqlgrey::store
