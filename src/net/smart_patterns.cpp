// Reads the two pattern files of the smart method.
#include "expression_file.hpp"
#include "sqlgrey/net/identity.hpp"

#include <exception>
#include <utility>

namespace sqlgrey::net {
namespace {

using Problems = std::vector<base::Problem>;

std::optional<Pattern> read_or_match_all(const std::string& path, Problems& problems) {
    try {
        ExpressionFile file = read_expression(path);
        if (!file.warning.empty()) problems.push_back({false, std::move(file.warning)});
        return std::move(file.pattern);
    } catch (const std::exception& e) {
        problems.push_back(
            {true, std::string(e.what()) + "; until this is corrected, every client name matches"});
        return Pattern(".", LetterCase::ignored);
    }
}

}  // namespace

SmartPatternFiles read_smart_patterns(const std::string& conf_dir) {
    SmartPatternFiles files;
    files.patterns.smtp_server = read_or_match_all(conf_dir + "/smtp_server.regexp", files.problems);
    files.patterns.dyn_fqdn = read_or_match_all(conf_dir + "/dyn_fqdn.regexp", files.problems);
    return files;
}

}  // namespace sqlgrey::net
