// Reads the files that the rules of pools are made of.
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

// Without it a name is one of a server that holds two octets of its address by chance.
std::optional<Pattern> read_servers(const std::string& path) {
    Problems told_with_the_smart_method;
    try {
        return read(path, told_with_the_smart_method);
    } catch (const base::FileError&) {
        return {};
    }
}

std::optional<Pattern> read_customers(const std::string& path, Problems& problems) {
    try {
        return read(path, problems);
    } catch (const base::FileError& unusable) {
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
    files.rules.customers = read_customers(conf_dir + "/pool_customers.regexp", files.problems);
    PublicSuffixFile suffixes = PublicSuffixFile::read(public_suffix_list);
    if (!suffixes.problem.empty()) files.problems.push_back({false, std::move(suffixes.problem)});
    files.rules.suffixes = std::move(suffixes.suffixes);
    return files;
}

}  // namespace sqlgrey::net
