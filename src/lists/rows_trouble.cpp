#include "rows_trouble.hpp"

namespace sqlgrey::lists {

void RowsTrouble::refused(const std::string& why, const std::string& then, const log::Logger& logger) {
    if (state_ == State::refused) return;
    state_ = State::refused;
    logger.write(log::Category::conf, log::error, "error: " + what_ + ": " + why + "; " + then);
}

void RowsTrouble::outage(const std::string& why, const std::string& then, const log::Logger& logger) {
    if (state_ != State::none) return;  // after a refusal, an outage is no news
    state_ = State::outage;
    logger.write(log::Category::dbaccess, log::verbose, what_ + ": " + why + "; " + then);
}

void RowsTrouble::over(const log::Logger& logger) {
    if (state_ == State::refused) logger.write(log::Category::conf, log::normal, again_);
    if (state_ == State::outage) logger.write(log::Category::dbaccess, log::verbose, again_);
    state_ = State::none;
}

}  // namespace sqlgrey::lists
