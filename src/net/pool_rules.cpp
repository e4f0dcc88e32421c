// Reads the files that define pools.
#include "expression_file.hpp"
#include "pool_customers.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/net/pool.hpp"

#include <utility>

namespace sqlgrey::net {
namespace {

using Problems = std::vector<base::Problem>;

std::optional<Pattern> read(const std::string& path, Problems& problems) {
    ExpressionFile file = read_expression(path);
    if (!file.warning.empty()) problems.push_back({false, std::move(file.warning)});
    return std::move(file.pattern);
}

// If it cannot be used, it matches no name: two octets in a name then make the client a customer.
std::optional<Pattern> read_servers(const std::string& path) {
    Problems reported_by_read_smart_patterns;
    try {
        return read(path, reported_by_read_smart_patterns);
    } catch (const base::FileError&) {
        return {};
    }
}

std::optional<Pattern> read_customers(std::string& path, Problems& problems) {
    try {
        return read(path, problems);
    } catch (const base::FileError& unusable) {
        path.clear();
        problems.push_back({false, std::string{unusable.what()} + "; the expression that is shipped counts"});
        std::string_view shipped = pool_customers().front().text;
        while (shipped.ends_with('\n')) shipped.remove_suffix(1);
        return Pattern(std::string{shipped}, LetterCase::ignored);
    }
}

}  // namespace

PoolFiles read_pool_rules(const std::string& conf_dir, const std::string& public_suffix_list) {
    PoolFiles files;
    files.rules.smtp_server = read_servers(conf_dir + "/smtp_server.regexp");
    files.customers = conf_dir + "/pool_customers.regexp";
    files.rules.customers = read_customers(files.customers, files.problems);
    PublicSuffixFile suffixes = PublicSuffixFile::read(public_suffix_list);
    if (!suffixes.problem.empty()) files.problems.push_back({false, std::move(suffixes.problem)});
    files.rules.suffixes = std::move(suffixes.suffixes);
    files.public_suffix_list = std::move(suffixes.path);
    files.list_made = suffixes.made;
    return files;
}

}  // namespace sqlgrey::net
