// RE2 first, then PCRE2. Both match bytes, not characters: the name of a client need not be valid UTF-8, and
// Perl matches bytes too.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sqlgrey/net/pattern.hpp"

#include <array>
#include <cstdint>
#include <new>

#include <pcre2.h>
#include <re2/re2.h>

namespace sqlgrey::net {

class Pattern::Engine {
  public:
    virtual ~Engine() = default;
    virtual bool found_in(std::string_view text) const = 0;
    virtual bool is_linear() const = 0;
};

namespace {

constexpr std::int64_t re2_memory = 1 << 20;    // bytes, for the program and its cache
constexpr std::uint32_t match_limit = 100'000;  // steps; takes less than a millisecond
constexpr std::uint32_t depth_limit = 10'000;   // nested steps
constexpr std::uint32_t heap_limit = 4096;      // KiB

RE2::Options re2_options(LetterCase letter_case) {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    options.set_max_mem(re2_memory);
    options.set_case_sensitive(letter_case == LetterCase::matters);
    options.set_never_capture(true);
    return options;
}

class Re2Engine final : public Pattern::Engine {
  public:
    Re2Engine(const std::string& expression, LetterCase letter_case)
        : re2_(expression, re2_options(letter_case)) {}
    bool took_it() const { return re2_.ok(); }
    bool found_in(std::string_view text) const override {
        return re2_.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED,
                          nullptr, 0);
    }
    bool is_linear() const override { return true; }

  private:
    RE2 re2_;
};

template <auto free_it>
struct Free {
    template <class T>
    void operator()(T* p) const {
        free_it(p);
    }
};
using Code = std::unique_ptr<pcre2_code, Free<pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Free<pcre2_match_data_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Free<pcre2_match_context_free>>;

std::string pcre2_message(int error) {
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(error, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

class Pcre2Engine final : public Pattern::Engine {
  public:
    Pcre2Engine(const std::string& expression, LetterCase letter_case)
        : code_(compiled(expression, letter_case)), limits_(pcre2_match_context_create(nullptr)) {
        if (!limits_) throw std::bad_alloc();
        pcre2_set_match_limit(limits_.get(), match_limit);
        pcre2_set_depth_limit(limits_.get(), depth_limit);
        pcre2_set_heap_limit(limits_.get(), heap_limit);
    }
    // Thread-safe: code and limits are only read, and match data belong to the call.
    bool found_in(std::string_view text) const override {
        const MatchData data(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
        if (!data) return false;
        const char* start = text.empty() ? "" : text.data();
        return pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(start), text.size(), 0, 0, data.get(),
                           limits_.get()) >= 0;
    }
    bool is_linear() const override { return false; }

  private:
    static Code compiled(const std::string& expression, LetterCase letter_case) {
        int error = 0;
        PCRE2_SIZE offset = 0;
        const std::uint32_t options =
            PCRE2_NEVER_UTF | (letter_case == LetterCase::ignored ? PCRE2_CASELESS : 0);
        Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), options,
                                &error, &offset, nullptr));
        if (!code) throw BadPattern(pcre2_message(error) + " at byte " + std::to_string(offset));
        return code;
    }

    Code code_;
    MatchContext limits_;
};

}  // namespace

Pattern::Pattern(const std::string& expression, LetterCase letter_case) {
    const auto re2 = std::make_shared<const Re2Engine>(expression, letter_case);
    if (re2->took_it()) {
        engine_ = re2;
    } else {
        engine_ = std::make_shared<const Pcre2Engine>(expression, letter_case);
    }
}

bool Pattern::found_in(std::string_view text) const {
    return engine_->found_in(text);
}

bool Pattern::is_linear() const {
    return engine_->is_linear();
}

}  // namespace sqlgrey::net
