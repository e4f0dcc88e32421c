// A command of sqlgreyctl: one row of the table (commands.cpp), and one file. --help, the completion of bash
// (conf/sqlgreyctl.bash) and the check of what was typed come from the table; tests/process/ctl.py compares
// sqlgreyctl(8) and HOWTO.md with it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::ctl {

// What every command exits with; only `check` has the statuses of a Nagios plugin.
inline constexpr int done = 0;          // or the answer is yes
inline constexpr int failed = 1;        // or the answer is no
inline constexpr int usage = 2;         // the command line was not understood
inline constexpr int nothing = 3;       // nothing matches
inline constexpr int unavailable = 75;  // the database cannot be reached now (EX_TEMPFAIL of sysexits.h)

// What was typed cannot be taken: one sentence with the name of the option or argument and what was expected.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// `value` is a word in capitals, or all words that the option takes with '|' between them; null: it takes
// none. An option of this name takes a value in every command, or in none.
struct Option {
    const char* name;
    const char* value;
    const char* sentence;
};

// What was typed, checked against the row of the table: only options of the command, each once, choices among
// those listed, as many arguments as the row says, no control characters but in the name of a file.
struct Invocation {
    std::string command;  // its name
    std::string config_file;
    bool config_file_named = false;                          // with --config
    std::vector<std::string> arguments;                      // behind the name of the command
    std::map<std::string, std::string, std::less<>> values;  // of options; "" for those without a value

    bool has(std::string_view option) const { return values.find(option) != values.end(); }
    std::optional<std::string> value(std::string_view option) const;
    std::string value_or(std::string_view option, std::string_view otherwise) const;
};

struct Command {
    const char* name;       // one word, or two: "import postgrey"
    const char* arguments;  // "": none; "NAME", "[NAME]", "NAME...", or the words with '|' between them
    const char* sentence;
    std::vector<Option> options;  // beside the general ones (--config and those that end at once)
    const char* example;          // what stands behind "sqlgreyctl "
    // Gives the exit status. Throws UsageError for options and arguments that it cannot take,
    // base::StartError and greylist::StoreFailure for what keeps it from its work.
    int (*run)(const Invocation&);
    // What is said of a command line that cannot be taken, instead of the usual line, with the status that it
    // gives; null: the usual line.
    int (*refuse)(const std::string& why) = nullptr;
};

// All commands, in the order in which --help shows them. A new one is a row in commands.cpp and a file.
std::span<const Command> commands();

// The words of a choice, "text|json|csv"; empty if it is none.
std::vector<std::string> choices_of(std::string_view value);

}  // namespace sqlgrey::ctl
