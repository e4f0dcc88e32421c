// A small formatter for the manual pages of this tree, so that --man needs no other program.
//
// Text is filled to 78 columns below an indent; the macros only end paragraphs and move the indent.
// What it does not know it refuses, and a test runs it over our pages: a page cannot come out garbled.
#include "sqlgrey/config/manual.hpp"

#include "manual_pages.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sqlgrey::config {
namespace {

constexpr std::size_t width = 78;
constexpr std::size_t text_indent = 7;
constexpr std::size_t list_indent = 14;

// \- \e \& \(aq \(dq \(bu \(em and font changes.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const std::string_view rest = text.substr(i + 1);
        if (rest.starts_with('-'))
            out += '-';
        else if (rest.starts_with('e'))
            out += '\\';
        else if (rest.starts_with("(aq"))
            out += '\'';
        else if (rest.starts_with("(dq"))
            out += '"';
        else if (rest.starts_with("(bu"))
            out += '*';
        else if (rest.starts_with("(em"))
            out += "--";
        else if (!rest.starts_with('&') && !rest.starts_with('f')) {
            throw std::invalid_argument("unknown escape in a manual page: \\" +
                                        std::string{rest.substr(0, 3)});
        }
        i += rest.starts_with('(') ? 3 : rest.starts_with('f') ? 2 : 1;
    }
    return out;
}

// The arguments of a macro: words, or text in double quotes.
std::vector<std::string> arguments(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t start = text.find_first_not_of(' ');
        if (start == std::string_view::npos) return out;
        text.remove_prefix(start);
        const bool quoted = text.starts_with('"');
        if (quoted) text.remove_prefix(1);
        const std::size_t end = std::min(text.find(quoted ? '"' : ' '), text.size());
        out.push_back(unescaped(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += between;
        out += words[i];
    }
    return out;
}

class Page {
  public:
    void take(std::string_view line) {
        if (line.starts_with(".\\\"")) return;
        if (line.starts_with('.')) {
            const std::size_t blank = std::min(line.find(' '), line.size());
            macro(line.substr(1, blank - 1), arguments(line.substr(blank)));
        } else if (as_it_is_) {
            put(std::string(indent_, ' ') + unescaped(line));
        } else {
            words(unescaped(line));
        }
    }

    std::string finished() {
        end_paragraph();
        return std::move(out_);
    }

  private:
    void macro(std::string_view name, const std::vector<std::string>& given) {
        if (name == "TH") {
            put(given.at(0) + '(' + given.at(1) + ")");
        } else if (name == "SH" || name == "SS") {
            new_paragraph(text_indent);
            put((name == "SS" ? "   " : "") + joined(given, " "));
            below_heading_ = true;
        } else if (name == "PP") {
            new_paragraph(text_indent);
        } else if (name == "TP") {
            new_paragraph(text_indent);
            tag_follows_ = true;
        } else if (name == "IP") {
            new_paragraph(text_indent);
            tag(given.at(0));
        } else if (name == "nf" || name == "EX") {
            end_paragraph();
            as_it_is_ = true;
        } else if (name == "fi" || name == "EE") {
            as_it_is_ = false;
        } else if (name == "br") {
            end_paragraph();
        } else if (name == "B" || name == "I") {
            words(joined(given, " "));
        } else if (name == "BR" || name == "RB" || name == "BI" || name == "IB" || name == "IR" ||
                   name == "RI") {
            words(joined(given, ""));
        } else {
            throw std::invalid_argument("unknown macro in a manual page: ." + std::string{name});
        }
    }

    void new_paragraph(std::size_t indent) {
        end_paragraph();
        if (!std::exchange(below_heading_, false) && !out_.ends_with("\n\n")) out_ += '\n';
        indent_ = indent;
    }

    void tag(const std::string& text) {
        put(std::string(indent_, ' ') + text);
        indent_ = list_indent;
        tag_follows_ = false;
    }

    void words(const std::string& text) {
        if (tag_follows_) return tag(text);
        for (std::size_t at = text.find_first_not_of(' '); at != std::string::npos;
             at = text.find_first_not_of(' ', at)) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            word(text.substr(at, end - at));
            at = end;
        }
    }

    void word(const std::string& text) {
        if (!line_.empty() && indent_ + line_.size() + 1 + text.size() > width) end_paragraph();
        line_ += (line_.empty() ? "" : " ") + text;
    }

    void end_paragraph() {
        if (!line_.empty()) put(std::string(indent_, ' ') + line_);
        line_.clear();
    }

    void put(const std::string& line) {
        out_ += line + '\n';
        below_heading_ = false;
    }

    std::string out_;
    std::string line_;
    std::size_t indent_ = text_indent;
    bool tag_follows_ = false;
    bool below_heading_ = false;
    bool as_it_is_ = false;
};

}  // namespace

std::string plain_text(std::string_view page) {
    Page out;
    while (!page.empty()) {
        const std::size_t end = std::min(page.find('\n'), page.size());
        out.take(page.substr(0, end));
        page.remove_prefix(std::min(end + 1, page.size()));
    }
    return out.finished();
}

std::string manual_text() {
    return plain_text(manual_pages().front().text);
}

}  // namespace sqlgrey::config
