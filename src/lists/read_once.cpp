// Reads all lists once, for a program that needs no updates.
#include "file.hpp"
#include "local_file.hpp"
#include "row_lists.hpp"
#include "sqlgrey/lists/live_lists.hpp"

namespace sqlgrey::lists {

std::shared_ptr<const Lists> read_lists_once(const std::shared_ptr<const Lists>& statics,
                                             const std::string& conf_dir, Rows* rows,
                                             const log::Logger& logger) {
    std::vector<std::shared_ptr<const List>> more;
    for (const ListName name : all_list_names) {
        LocalFile file(name, local_path_of(conf_dir, name));
        file.refresh(logger, level_of_news(true));
        more.push_back(file.list());
    }
    RowLists of_rows;
    if (rows) of_rows.read(*rows, logger);
    more.insert(more.end(), of_rows.lists().begin(), of_rows.lists().end());
    return std::make_shared<const Lists>(statics->with(more));
}

}  // namespace sqlgrey::lists
