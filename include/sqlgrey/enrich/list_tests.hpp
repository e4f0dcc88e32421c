// When DNS lists are asked whether they have 127.0.0.1 (test_question()): before the first answer about a
// client counts, and then once an hour. Kept by zone, because a zone may be a white- and a blacklist.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/enrich/dns_list.hpp"

#include <chrono>
#include <map>
#include <string>

namespace sqlgrey::enrich {

inline constexpr base::Seconds between_tests{3600};
// After a test without an answer. The list is used meanwhile.
inline constexpr base::Seconds pause_after_failed_test{60};

// For one thread.
class ListTests {
  public:
    using Clock = std::chrono::steady_clock;

    // True: answers of the list do not count before that of the test.
    bool is_due(const DnsList& list, Clock::time_point now) const;
    // What the test has said (meaning_of_test()). A list that has failed is switched off, and tested as soon
    // as it is asked again.
    void note(const DnsList& list, ListAnswer::Kind said, Clock::time_point now);

  private:
    std::map<std::string, Clock::time_point> due_;  // by zone
};

}  // namespace sqlgrey::enrich
