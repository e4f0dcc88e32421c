#include "help.hpp"

#include "command_line.hpp"

#include <algorithm>
#include <sstream>

namespace sqlgrey::ctl {
namespace {

constexpr std::size_t line_width = 80;
constexpr std::size_t indent = 26;  // of sentences
constexpr std::size_t command_indent = 19;

// "<left>  <text>": the text starts in `column` and is wrapped at 80.
std::string entry(const std::string& left, std::string_view text, std::size_t column) {
    std::string out = left;
    std::size_t at = left.size();
    if (at + 2 > column) out += "\n", at = 0;
    out.append(column - at, ' ');
    at = column;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (at > column && at + 1 + end > line_width) out += "\n" + std::string(column, ' '), at = column;
        if (at > column) out += ' ', ++at;
        out += text.substr(0, end);
        at += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + "\n";
}

std::string shown(const Option& option, char letter = 0) {
    std::string text = letter ? std::string{"  -"} + letter + ", --" : "  --";
    text += option.name;
    if (option.value) text += std::string{" "} + option.value;
    return entry(text, option.sentence, indent);
}

std::string general_text() {
    std::string text;
    for (const GeneralOption& one : general_options()) text += shown(one.option, one.letter);
    return text;
}

std::string first_words() {
    std::string words;
    for (const Command& command : commands()) {
        const std::string name = command.name;
        const std::string first = name.substr(0, name.find(' '));
        if ((" " + words + " ").find(" " + first + " ") == std::string::npos)
            words += (words.empty() ? "" : " ") + first;
    }
    return words;
}

// What may follow the first word: the second word of a command, or a choice of its argument.
std::string second_words(const std::string& first) {
    std::string words;
    for (const Command& command : commands()) {
        const std::string name = command.name;
        if (name.starts_with(first + " ")) words += name.substr(first.size() + 1) + " ";
        if (name == first)
            for (const std::string& word : choices_of(command.arguments)) words += word + " ";
    }
    if (!words.empty()) words.pop_back();
    return words;
}

bool takes_files(const std::string& kind) {
    return kind.find("FILE") != std::string::npos;
}

// The names of all options of a command.
std::string options_text(const std::string& name) {
    std::string words;
    for (const Command& command : commands())
        if (command.name == name)
            for (const Option& option : command.options) words += std::string{"--"} + option.name + " ";
    return words + "--help --config";
}

// The options of all commands that take a value, with Option::value.
std::map<std::string, std::string> values_of_options() {
    std::map<std::string, std::string> values{{"config", "FILE"}};
    for (const Command& command : commands())
        for (const Option& option : command.options)
            if (option.value) values.emplace(option.name, option.value);
    return values;
}

std::string options_with_values() {
    std::string names = "-f";
    for (const auto& [name, value] : values_of_options()) names += "|--" + name;
    return names + "|=";
}

void value_cases(std::ostream& out) {
    for (const auto& [name, value] : values_of_options()) {
        out << "        --" << name << (name == "config" ? "|-f" : "") << ") ";
        if (takes_files(value))
            out << "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\"))";
        else {
            out << "COMPREPLY=(";
            std::string words;
            for (const std::string& word : choices_of(value)) words += (words.empty() ? "" : " ") + word;
            if (!words.empty()) out << "$(compgen -W \"" << words << "\" -- \"$word\")";
            out << ")";
        }
        out << "; return ;;\n";
    }
}

// Choices that do not fit into a line go on in the next one.
std::string usage_text(const Command& command) {
    const std::string start = std::string{"Usage: sqlgreyctl "} + command.name;
    std::string text = start + (*command.arguments ? " " : "");
    std::size_t line = 0;
    const auto add = [&](std::string_view part, std::size_t column) {
        if (text.size() - line + part.size() > line_width) {
            line = text.size() + 1;
            text += "\n" + std::string(column, ' ');
        }
        text += part;
    };
    std::string_view rest = command.arguments;
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, std::min(rest.find('|'), rest.size() - 1) + 1);
        add(part, start.size() + 1);
        rest.remove_prefix(part.size());
    }
    if (!command.options.empty()) add(" [options]", start.size());
    return text;
}

}  // namespace

std::string help_text() {
    std::string text =
        "Usage: sqlgreyctl [options] command\nFor the administrator of sqlgrey.\n\nCommands:\n";
    for (const Command& command : commands())
        text += entry(std::string{"  "} + command.name, command.sentence, command_indent);
    return text + "\n\"sqlgreyctl COMMAND --help\" tells the options of a command.\n\nOptions:\n" +
           general_text();
}

std::string help_text(const Command& command) {
    std::string text = usage_text(command) + "\n" + entry("", command.sentence, 0) + "\nOptions:\n";
    for (const Option& option : command.options) text += shown(option);
    return text + general_text() + "\nExample:\n  sqlgreyctl " + command.example + "\n";
}

std::string completion_script() {
    std::ostringstream out;
    out << "# Completion of sqlgreyctl for bash, as \"sqlgreyctl --completion\" prints it.\n"
           "_sqlgreyctl() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} first= second= i\n"
           "    COMPREPLY=()\n"
           "    [ \"$word\" = = ] && word=\n"
           "    [ \"$before\" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    case $before in\n";
    value_cases(out);
    out << "    esac\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case ${COMP_WORDS[i]} in -*|=) continue ;; esac\n"
           "        case ${COMP_WORDS[i-1]} in "
        << options_with_values() << ") continue ;; esac\n"
        << "        if [ -z \"$first\" ]; then first=${COMP_WORDS[i]}\n"
           "        elif [ -z \"$second\" ]; then second=${COMP_WORDS[i]}; fi\n"
           "    done\n"
           "    case \"$first $second\" in\n"
           "        ' ') COMPREPLY=($(compgen -W \""
        << first_words() << " --help --man --version --completion --config\" -- \"$word\")); return ;;\n";
    for (const Command& command : commands()) {
        const std::string name = command.name;
        const bool two_words = name.find(' ') != std::string::npos;
        out << "        '" << name << (two_words ? "'" : " '*") << ")\n"
            << "            [[ $word == -* ]] && COMPREPLY=($(compgen -W \"" << options_text(name)
            << "\" -- \"$word\")) && return\n";
        if (const std::string second = two_words ? "" : second_words(name); !second.empty())
            out << "            [ -z \"$second\" ] && COMPREPLY=($(compgen -W \"" << second
                << "\" -- \"$word\"))\n";
        if (takes_files(command.arguments))
            out << "            compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$word\"))\n";
        out << "            return ;;\n";
    }
    for (std::istringstream firsts(first_words()); !firsts.eof();) {
        std::string first;
        firsts >> first;
        const bool is_command =
            std::ranges::any_of(commands(), [&](const Command& one) { return one.name == first; });
        if (!is_command)
            out << "        '" << first << " ') COMPREPLY=($(compgen -W \"" << second_words(first)
                << "\" -- \"$word\")); return ;;\n";
    }
    out << "    esac\n"
           "}\n"
           "complete -F _sqlgreyctl sqlgreyctl\n";
    return out.str();
}

}  // namespace sqlgrey::ctl
