#include "sqlgrey/enrich/list_tests.hpp"

namespace sqlgrey::enrich {

bool ListTests::is_due(const DnsList& list, Clock::time_point now) const {
    const auto found = due_.find(list.zone);
    return found == due_.end() || now >= found->second;
}

void ListTests::note(const DnsList& list, ListAnswer::Kind said, Clock::time_point now) {
    base::Seconds pause = between_tests;
    if (said == ListAnswer::Kind::failed) pause = pause_after_failed_test;
    if (said == ListAnswer::Kind::refused) pause = base::Seconds{0};
    due_[list.zone] = now + pause;
}

}  // namespace sqlgrey::enrich
