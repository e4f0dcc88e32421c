#include "sqlgrey/enrich/fact_link.hpp"

#include <algorithm>

namespace sqlgrey::enrich {
namespace {

constexpr base::Seconds first_pause{1};
constexpr base::Seconds longest_pause{60};

}  // namespace

bool FactLink::visit(const Visit& visit) {
    if (!is_due()) return false;
    if (store_ && visited_with_old_session(visit)) return true;
    try {
        if (!store_) store_ = open_();
        visit(*store_);
        worked();
        return true;
    } catch (const greylist::StoreFailure& failure) {
        failed(failure);
        return false;
    }
}

// A session may have been closed while nobody needed it: then a new one takes the visit.
bool FactLink::visited_with_old_session(const Visit& visit) {
    try {
        visit(*store_);
        return true;
    } catch (const greylist::StoreFailure&) {
        store_.reset();
        return false;
    }
}

void FactLink::failed(const greylist::StoreFailure& failure) {
    store_.reset();
    pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
    due_ = Clock::now() + pause_;
    if (failing_since_) return;
    failing_since_ = Clock::now();
    logger_.write(
        log::Category::dbaccess, log::warning,
        std::string{"warning: facts about unknown clients are not stored (enrich): "} + failure.what());
}

void FactLink::worked() {
    pause_ = base::Seconds{0};
    if (!failing_since_) return;
    const auto lasted = std::chrono::duration_cast<base::Seconds>(Clock::now() - *failing_since_);
    failing_since_.reset();
    logger_.write(
        log::Category::dbaccess, log::warning,
        "facts about unknown clients are stored again, after " + std::to_string(lasted.count()) + " s");
}

}  // namespace sqlgrey::enrich
