// Writes the rows of imported records in batches, and counts them.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/importer/import_report.hpp"
#include "sqlgrey/importer/mapping.hpp"

#include <vector>

namespace sqlgrey::importer {

// Not thread-safe.
class BatchWriter {
  public:
    // Both outlive this.
    BatchWriter(greylist::Importing& tables, const TargetRules& target) : tables_(tables), target_(target) {}

    // Writes once greylist::import_batch rows are collected. Throws greylist::StoreFailure, as flush() does.
    void take(const Mapped& record);
    // Writes the rest.
    void flush();

    ImportReport report;

  private:
    greylist::Importing& tables_;
    const TargetRules& target_;
    std::vector<greylist::Import> rows_;
};

}  // namespace sqlgrey::importer
