// Counts the records of an import by what became of them, and shows the counts as text.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/importer/mapping.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::importer {

// The counts of one import. Not thread-safe.
class ImportReport {
  public:
    void count(const Mapped& record);
    void count_unusable(std::string_view why);  // `why` must live as long as the program
    void count_unreadable(const std::string& file, long long line);
    // For lines of a log; one that is not understood counts as unreadable.
    void count_line(LineKind kind, const std::string& file, long long line);
    void count_row(const greylist::Import& row, bool taken);

    long long unreadable() const { return unreadable_; }
    // Lines of text: the lines of logs (if any), the records, and the rows they made.
    std::string shown() const;

  private:
    struct Rows {
        long long taken = 0;
        long long there_already = 0;
    };

    bool counts_lines_ = false;
    long long relevant_lines_ = 0;
    long long other_lines_ = 0;
    long long trusted_ = 0;
    long long waiting_ = 0;
    long long expired_ = 0;
    std::map<std::string_view, long long> unusable_;
    long long unreadable_ = 0;
    std::vector<std::string> unreadable_places_;  // the first few
    Rows senders_, triplets_, clients_;
};

}  // namespace sqlgrey::importer
