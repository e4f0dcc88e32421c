#include "import_postgrey.hpp"

#include "import.hpp"

namespace sqlgrey::ctl {
namespace {

template <typename Number>
Number within(const po::variables_map& found, const char* name, Number least, Number most) {
    const Number number = found[name].as<Number>();
    if (number < least || number > most)
        throw po::error("--" + std::string{name} + " " + std::to_string(number) + " is not from " +
                        std::to_string(least) + " to " + std::to_string(most));
    return number;
}

importer::PostgreyOptions postgrey_of(const po::variables_map& found) {
    importer::PostgreyOptions options;
    options.lookup_by_host = found.count("lookup-by-host") > 0;
    options.ipv4cidr = within(found, "ipv4cidr", 1, 32);
    options.ipv6cidr = within(found, "ipv6cidr", 1, 128);
    options.delay = base::Seconds{within(found, "delay", 0LL, 7 * 86400LL)};
    options.auto_whitelist_clients = within(found, "auto-whitelist-clients", 0LL, 1'000'000LL);
    return options;
}

}  // namespace

po::options_description import_postgrey_options() {
    po::options_description all = import_options("import postgrey: how postgrey was run");
    auto add = all.add_options();
    add("delay", po::value<long long>()->value_name("SECONDS")->default_value(300),
        "its --delay: who was seen again after that has passed");
    add("lookup-by-host", "it kept whole addresses");
    add("ipv4cidr", po::value<int>()->value_name("N")->default_value(24), "it kept networks of that length");
    add("ipv6cidr", po::value<int>()->value_name("N")->default_value(64), "the same for IPv6");
    add("auto-whitelist-clients", po::value<long long>()->value_name("N")->default_value(5),
        "it trusted a client after so many; 0: never");
    return all;
}

int import_postgrey(const Invocation& invocation) {
    return run_import(invocation, [source = postgrey_of(invocation.options)](
                                      const importer::Input& input, const importer::TargetRules& target,
                                      importer::BatchWriter& writer) {
        return importer::import_dump(input, source, target, writer);
    });
}

}  // namespace sqlgrey::ctl
