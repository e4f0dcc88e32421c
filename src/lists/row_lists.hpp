// The lists in the database, as last read. Used by one thread at a time.
#pragma once

#include "log_lines.hpp"
#include "rows_trouble.hpp"
#include "sqlgrey/lists/live_lists.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sqlgrey::lists {

class RowLists {
  public:
    // Reads the rows; returns true if they have changed. A failure is logged once and leaves the lists as
    // they are.
    bool read(Rows& rows, const log::Logger& logger);
    const std::vector<std::shared_ptr<const List>>& lists() const { return lists_; }
    // True if the last read failed.
    bool is_away() const { return trouble_.is_there(); }

  private:
    void take(const std::vector<Row>& rows, const log::Logger& logger);
    std::string what_counts() const;

    std::vector<std::shared_ptr<const List>> lists_;
    std::uint64_t fingerprint_ = 0;  // of the rows, which may be a million and are not kept
    RowsTrouble trouble_{"the lists in the database cannot be read",
                         "the lists in the database can be read again"};
    bool has_read_ = false;
};

}  // namespace sqlgrey::lists
