#include "change_writer.hpp"

#include "tables/tables.hpp"

namespace sqlgrey::store {
namespace {

const std::vector<ChangeStep>& steps() {
    static const std::vector<ChangeStep> ordered = [] {
        std::vector<ChangeStep> all;
        for (const Table* table : tables())
            all.insert(all.end(), table->changes.begin(), table->changes.end());
        std::ranges::sort(all, {}, &ChangeStep::order);
        return all;
    }();
    return ordered;
}

}  // namespace

void write_changes(Session& session, std::span<const greylist::Change> changes) {
    for (const ChangeStep& step : steps()) step.write(session, changes);
}

bool is_one_statement(const Session& session, std::span<const greylist::Change> changes) {
    if (!session.takes_at_once(changes.size())) return false;
    const std::size_t kind = changes.front().index();
    const auto step = std::ranges::find(steps(), kind, &ChangeStep::kind);
    return step->is_one_statement &&
           std::ranges::all_of(changes, [&](const auto& change) { return change.index() == kind; });
}

}  // namespace sqlgrey::store
