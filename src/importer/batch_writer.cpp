#include "sqlgrey/importer/batch_writer.hpp"

namespace sqlgrey::importer {

void BatchWriter::take(const Mapped& record) {
    report.count(record);
    for (const greylist::Import& row : record.rows) {
        rows_.push_back(row);
        if (rows_.size() == greylist::import_batch) flush();
    }
}

void BatchWriter::flush() {
    if (rows_.empty()) return;
    const std::vector<bool> taken = tables_.take(rows_, target_.policy, target_.now);
    for (std::size_t i = 0; i < rows_.size(); ++i) report.count_row(rows_[i], taken[i]);
    rows_.clear();
}

}  // namespace sqlgrey::importer
