// All cases of the public test suite of RFC 7208 (data/spf/rfc7208.tsv).
#include "sqlgrey/base/ascii.hpp"
#include "unit/spf_zone.hpp"

#include <fstream>

#include <catch2/catch.hpp>

namespace sqlgrey::spf {
namespace {

using Fields = std::vector<std::string>;

std::string unescaped(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        bytes += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
        i += 3;
    }
    return bytes;
}

Fields fields_of(const std::string& line) {
    Fields fields{""};
    for (const char c : line) {
        if (c == '\t')
            fields.emplace_back();
        else
            fields.back() += c;
    }
    for (std::string& field : fields) field = unescaped(field);
    return fields;
}

std::string without_last_dot(std::string name) {
    if (name.ends_with('.')) name.pop_back();
    return name;
}

void add_record(Zone& zone, const Fields& fields) {
    const std::string name = base::ascii_lower(fields.at(1));
    const std::string& type = fields.at(2);
    if (type == "silent") {
        zone.silent.insert(name);
    } else if (type == "CNAME") {
        zone.aliases[name] = base::ascii_lower(without_last_dot(fields.at(3)));
    } else if (type == "TXT") {
        std::string joined;
        for (std::size_t i = 3; i < fields.size(); ++i) joined += fields[i];
        zone.add(name, net::RecordType::txt, joined);
    } else if (type == "MX") {
        zone.add(name, net::RecordType::mx, fields.at(4));
    } else if (type == "PTR") {
        zone.add(name, net::RecordType::ptr, without_last_dot(fields.at(3)));
    } else {
        zone.add(name, type == "A" ? net::RecordType::a : net::RecordType::aaaa, fields.at(3));
    }
}

void run_case(const Zone& zone, const Fields& fields) {
    INFO(fields.at(1));
    const Check asked{net::parse_address(fields.at(2)).value(), fields.at(3), fields.at(4)};
    const Result result = check(zone, asked).result;
    INFO(name_of(result.verdict) << " " << result.reason);
    const std::string wanted = "," + fields.at(5) + ",";
    CHECK(wanted.find("," + std::string{name_of(result.verdict)} + ",") != std::string::npos);
    if (fields.size() > 6) CHECK(result.explanation == (fields[6] == "-" ? "" : fields[6]));
}

}  // namespace

TEST_CASE("every case of the test suite of RFC 7208 has a result that it demands") {
    std::ifstream file(SOURCE_DIR "/tests/unit/data/spf/rfc7208.tsv");
    Zone zone;
    int cases = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        const Fields fields = fields_of(line);
        if (fields[0] == "group") zone = {};
        if (fields[0] == "record") add_record(zone, fields);
        if (fields[0] != "case") continue;
        run_case(zone, fields);
        ++cases;
    }
    CHECK(cases == 203);
}

}  // namespace sqlgrey::spf
