// embed_text() puts files into a program byte for byte.
#include "config_files.hpp"
#include "hostile_texts.hpp"

#include <catch2/catch.hpp>

TEST_CASE("an embedded file has the bytes of the file, whatever they are") {
    const auto files = sqlgrey::config::hostile_texts();
    REQUIRE(files.size() == 3);
    for (const auto& file : files) {
        INFO(file.name);
        REQUIRE(file.text == config_test::contents(std::string{SOURCE_DIR} + "/" + std::string{file.name}));
    }
    REQUIRE(files[0].name == "tests/unit/data/config/hostile.txt");
    REQUIRE(files[0].text.find("[[a;b]] [=[c]=] ]=]") != std::string_view::npos);
    REQUIRE(files[0].text.find("back\\slash") != std::string_view::npos);
    REQUIRE(files[1].text.empty());
    REQUIRE(files[2].text.size() > 2000);
}
