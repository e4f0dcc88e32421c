// sqlgreyctl import postgrey: rows from postgrey's databases. Defaults are postgrey's own.
#include "functions.hpp"
#include "import.hpp"
#include "values.hpp"

namespace sqlgrey::ctl {
namespace {

importer::PostgreyOptions postgrey_of(const Invocation& invocation) {
    importer::PostgreyOptions options;
    options.lookup_by_host = invocation.has("lookup-by-host");
    options.ipv4cidr = static_cast<int>(number_of(invocation, "ipv4cidr", {1, 32}, 24));
    options.ipv6cidr = static_cast<int>(number_of(invocation, "ipv6cidr", {1, 128}, 64));
    options.delay = base::Seconds{number_of(invocation, "delay", {0, 7 * 86'400LL}, 300)};
    options.auto_whitelist_clients = number_of(invocation, "auto-whitelist-clients", {0, 1'000'000}, 5);
    return options;
}

}  // namespace

int import_postgrey(const Invocation& invocation) {
    return run_import(invocation, [source = postgrey_of(invocation)](const importer::Input& input,
                                                                     const importer::TargetRules& target,
                                                                     importer::BatchWriter& writer) {
        return importer::import_dump(input, source, target, writer);
    });
}

}  // namespace sqlgrey::ctl
