// db_dsn: any text is accepted or refused, and neither shows a password.
#include "sqlgrey/config/dsn.hpp"

#include "fuzz.hpp"

#include <optional>
#include <stdexcept>
#include <string>

using namespace sqlgrey::config;

namespace {

std::optional<Dsn> read(std::string_view text) {
    try {
        return read_dsn(text);
    } catch (const std::invalid_argument& refused) {
        fuzz::must(!std::string_view(refused.what()).empty(), "a refusal says why");
        return std::nullopt;
    }
}

// Every option whose name contains "pass" is masked, also passfile, which is a path.
Dsn without_secrets(Dsn dsn) {
    dsn.pass.reset();
    std::erase_if(dsn.options,
                  [](const auto& option) { return option.first.find("pass") != std::string::npos; });
    return dsn;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    is_data_source(text);
    std::optional<Dsn> dsn = read(text);
    if (!dsn) return 0;
    for (const std::string& host : dsn->hosts) read_db_host(host);
    std::optional<Dsn> masked = read(masked_dsn(text));
    fuzz::must(masked.has_value(), "what is shown is a data source too");
    if (dsn->pass) fuzz::must(masked->pass == "***", "a password is not shown");
    fuzz::must(without_secrets(*masked) == without_secrets(*dsn), "all but the secrets is shown");
    return 0;
}
