// The state of a connection is passed to the next worker as text, and is the same afterwards.
#include "sqlgrey/policy/connection_state.hpp"
#include "sqlgrey/policy/request.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::policy;

TEST_CASE("the state of a connection survives as text") {
    for (const ConnectionState& state :
         {ConnectionState{}, ConnectionState{"a.b", "", false}, ConnectionState{"", "1234.5", false},
          ConnectionState{"a", "b", true}, ConnectionState{"", "", true},
          ConnectionState{"", "", false, "5.6"}, ConnectionState{"a", "b", true, "c"},
          ConnectionState{std::string(max_text, 'x'), std::string(max_text, 'y'), true,
                          std::string(max_text, 'z')}}) {
        CHECK(connection_state(to_text(state)) == state);
        CHECK(to_text(state).size() <= longest_state_text);
    }
    CHECK(to_text({}).empty());
}

TEST_CASE("text that is not understood gives an empty state") {
    const std::string too_long(max_text + 1, 'x');
    for (const std::string& text : {std::string(), std::string("a"), std::string("a\nb"),
                                    std::string("a\nb\n"), too_long + "\nb\n\n", "a\n" + too_long + "\n\n"})
        CHECK(connection_state(text) == ConnectionState{});
}
