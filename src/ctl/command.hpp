// A command of sqlgreyctl: one row of the table (commands.cpp) and one file. --help, the bash completion
// (conf/sqlgreyctl.bash) and the check of the command line are made from the table; tests/process/ctl.py
// compares sqlgreyctl(8) and HOWTO.md with it. The commands run in the only thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::ctl {

// Exit statuses of all commands but `check`, which has those of a Nagios plugin.
inline constexpr int done = 0;          // or the answer is yes
inline constexpr int failed = 1;        // or the answer is no
inline constexpr int usage = 2;         // the command line is wrong
inline constexpr int nothing = 3;       // nothing matches
inline constexpr int unavailable = 75;  // the database is unavailable (EX_TEMPFAIL of sysexits.h)

// The command line is wrong: one sentence that names the option or argument and what was expected.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// `value`: a word in capitals, or the choices separated by '|'; null if the option takes no value. An option
// that several commands have takes a value in all of them or in none.
struct Option {
    const char* name;
    const char* value;
    const char* sentence;
};

// A command line, checked against the table: only options of the command, each once, choices among those
// listed, the right number of arguments, control characters only in file names and log lines.
struct Invocation {
    std::string command;  // Command::name
    std::string config_file;
    bool config_file_named = false;                          // with --config
    std::vector<std::string> arguments;                      // after the name of the command
    std::map<std::string, std::string, std::less<>> values;  // by option; "" if it takes no value

    bool has(std::string_view option) const { return values.find(option) != values.end(); }
    std::optional<std::string> value(std::string_view option) const;
    std::string value_or(std::string_view option, std::string_view otherwise) const;
};

struct Command {
    const char* name;       // one word, or two: "import postgrey"
    const char* arguments;  // "": none; "NAME", "[NAME]", "NAME...", or the choices separated by '|'
    const char* sentence;
    std::vector<Option> options;  // in addition to general_options()
    const char* example;          // without "sqlgreyctl " at its start
    // Returns the exit status. Throws UsageError for a wrong option or argument, base::StartError and
    // greylist::StoreFailure if it cannot do its work.
    int (*run)(const Invocation&);
    // Reports a wrong command line in its own way and returns the exit status; null: the usual line and
    // `usage`.
    int (*refuse)(const std::string& why) = nullptr;
};

// All commands, in the order of --help. A new one needs a row in commands.cpp and a file.
std::span<const Command> commands();

// The words of a choice such as "text|json|csv"; empty if `value` has no '|'.
std::vector<std::string> choices_of(std::string_view value);

}  // namespace sqlgrey::ctl
