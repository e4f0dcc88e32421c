// The pictures of the page, each made from the whole report.
#pragma once

#include "sqlgrey/report/figures.hpp"
#include "sqlgrey/report/tables.hpp"

#include <string>

namespace sqlgrey::report {

struct Picture {
    std::string svg;
    std::string legend{};  // HTML
};

// True if a column of the pictures is more than a day.
bool is_by_weeks(const Figures& figures);

Picture requests_picture(const Figures& figures);
Picture strangers_picture(const Figures& figures);
Picture waits_picture(const Figures& figures);
Picture buckets_picture(const Figures& figures);
Picture growth_picture(const Figures& figures);
Picture hosts_picture(const Figures& figures);

// First attempts by day: for a period whose other pictures are by weeks. The table has a row a week.
Picture calendar_picture(const Figures& figures);
Table calendar_table(const Figures& figures);

}  // namespace sqlgrey::report
