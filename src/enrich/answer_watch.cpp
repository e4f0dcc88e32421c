#include "sqlgrey/enrich/answer_watch.hpp"

#include <utility>

namespace sqlgrey::enrich {

AnswerWatch::Change AnswerWatch::note(net::AnswerKind kind, Clock::time_point now) {
    if (kind != net::AnswerKind::timeout && kind != net::AnswerKind::servfail) {
        unanswered_ = 0;
        return std::exchange(is_silent_, false) ? Change::answers : Change::none;
    }
    if (unanswered_++ == 0) since_ = now;
    if (is_silent_ || unanswered_ < unanswered_in_a_row || now - since_ < unanswered_for) return Change::none;
    is_silent_ = true;
    return Change::silent;
}

}  // namespace sqlgrey::enrich
