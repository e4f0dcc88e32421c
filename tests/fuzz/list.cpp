// Lists of any text: entries are accepted or reported, and looking up any client and address terminates. The
// first byte selects the list; the first three lines are a client's name, a sender and a recipient.
#include "fuzz.hpp"
#include "sqlgrey/lists/lists.hpp"

using namespace sqlgrey;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const lists::ListName name = lists::all_list_names[data[0] % lists::all_list_names.size()];
    std::string_view text = fuzz::text_of(data + 1, size - 1);
    const std::string_view client_name = fuzz::cut_line(text);
    const std::string_view sender = fuzz::cut_line(text);
    const std::string_view recipient = fuzz::cut_line(text);

    lists::ListBuilder builder(name, "a_list");
    for (long long number = 1; !text.empty(); ++number) builder.add(fuzz::cut_line(text), number);
    const auto built = std::move(builder).build();
    for (const lists::Problem& problem : built.problems)
        fuzz::must(base::shown(problem).find_first_of("\n\r\x1b") == std::string::npos,
                   "a problem may be shown anywhere");
    const lists::Lists all({built.list});
    for (const char* client : {"192.0.2.10", "2001:db8::1"}) {
        const auto match = all.match({net::parse_address(client), client_name, sender, recipient});
        if (match.by) fuzz::must(match.by->list == name, "the entry is one of that list");
    }
    return 0;
}
