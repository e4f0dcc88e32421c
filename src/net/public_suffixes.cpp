// The public suffix list, read with libpsl.
#include "sqlgrey/net/public_suffixes.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/net/address.hpp"

#include <algorithm>
#include <cerrno>

#include <libpsl.h>
#include <sys/stat.h>

namespace sqlgrey::net {
namespace {

constexpr std::size_t longest_name = 255;
constexpr off_t largest_file = 16 << 20;  // bytes; the list has about 250 kB

bool may_stand_in_name(char c) {
    return base::is_lower(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
}

// The name in lower case, without a trailing dot; empty if it is not a host name.
std::string normalised(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.size() > longest_name || name.front() == '.' || name.ends_with('.')) return {};
    std::string lower = base::ascii_lower(name);
    const bool is_name = std::ranges::all_of(lower, may_stand_in_name) &&
                         lower.find("..") == std::string::npos && !parse_address(lower);
    return is_name ? lower : std::string{};
}

// libpsl accepts any text as a list; this is true of a real one.
bool is_list(const psl_ctx_t* list) {
    return psl_is_public_suffix2(list, "co.uk", PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1 &&
           psl_is_public_suffix2(list, "com.br", PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1 &&
           psl_is_public_suffix2(list, "google.com", PSL_TYPE_ANY) == 0;
}

std::string system_file() {
    const char* path = psl_dist_filename();
    return path != nullptr && *path != '\0' ? path : "/usr/share/publicsuffix/public_suffix_list.dafsa";
}

void free_list(const psl_ctx_t* list) {
    psl_free(const_cast<psl_ctx_t*>(list));
}

}  // namespace

// psl_builtin() must not be freed.
PublicSuffixes::PublicSuffixes() : list_(psl_builtin(), [](const psl_ctx_t*) {}) {
}

std::string PublicSuffixes::organisation_of(std::string_view host_name) const {
    const std::string name = normalised(host_name);
    if (name.empty() || name.find('.') == std::string::npos) return {};
    const char* domain = psl_registrable_domain(list_.get(), name.c_str());
    return domain != nullptr ? domain : std::string{};
}

PublicSuffixFile PublicSuffixFile::read(const std::string& path) {
    const std::string file = path.empty() ? system_file() : path;
    const auto unusable = [&](const std::string& why) {
        return PublicSuffixFile{{},
                                why + "; the public suffix list that libpsl has built in counts",
                                {},
                                base::at(psl_builtin_file_time())};
    };
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return unusable(base::with_errno(file, errno));
    if (!S_ISREG(status.st_mode)) return unusable(file + ": not a regular file");
    if (status.st_size > largest_file) return unusable(file + ": larger than 16 MiB");
    errno = 0;
    const std::shared_ptr<const psl_ctx_t> list(psl_load_file(file.c_str()), free_list);
    if (!list && errno != 0) return unusable(base::with_errno(file, errno));
    if (!list || !is_list(list.get())) return unusable(file + ": not a public suffix list");
    return {PublicSuffixes{list}, {}, file, base::at(status.st_mtime)};
}

bool are_related(std::string_view organisation, std::string_view other) {
    const auto label = [](std::string_view domain) { return domain.substr(0, domain.find('.')); };
    return !organisation.empty() && !other.empty() && label(organisation) == label(other);
}

}  // namespace sqlgrey::net
