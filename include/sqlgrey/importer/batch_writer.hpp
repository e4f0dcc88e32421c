// Writes the rows of records in batches, and counts what becomes of them.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/importer/import_report.hpp"
#include "sqlgrey/importer/mapping.hpp"

#include <vector>

namespace sqlgrey::importer {

class BatchWriter {
  public:
    // Both outlive this.
    BatchWriter(greylist::Importing& tables, const TargetRules& target) : tables_(tables), target_(target) {}

    // Writes when greylist::import_batch rows have come together. Throws greylist::StoreFailure, as flush().
    void take(const Mapped& record);
    // Writes what is left.
    void flush();

    ImportReport report;

  private:
    greylist::Importing& tables_;
    const TargetRules& target_;
    std::vector<greylist::Import> rows_;
};

}  // namespace sqlgrey::importer
