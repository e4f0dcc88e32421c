// Bytes to Request: the reading side of the Postfix policy delegation protocol (Postfix SMTPD_POLICY_README;
// src/greylist/README.md section 1). Pure: no sockets, no log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::policy {

inline constexpr std::size_t max_text = 512;           // bytes; longer names and values are cut
inline constexpr std::size_t max_attributes = 128;     // per request; further names are dropped
inline constexpr std::size_t max_malformed_lines = 8;  // per request; further ones are only counted

// One complete request as Postfix sent it. Values are raw: nothing is in lower case yet.
class Request {
  public:
    // The value of an attribute; empty if it is absent (Postfix does not distinguish the two).
    std::string_view get(std::string_view name) const;
    // True if the attribute was sent, even if empty.
    bool has(std::string_view name) const;
    // Sets it; of duplicates the last one counts. Both are cut at max_text; after max_attributes a new name
    // is dropped.
    void set(std::string_view name, std::string_view value);
    // For the log: lines without '=' or with nothing before it (each cut at max_text; the first
    // max_malformed_lines).
    const std::vector<std::string>& malformed_lines() const { return malformed_lines_; }
    // How many more there were.
    std::size_t malformed_lines_dropped() const { return malformed_lines_dropped_; }
    void add_malformed_line(std::string_view line);
    // Lines from which a Parser makes the same request, except for malformed_lines_dropped().
    std::string lines() const;
    // The number of names.
    std::size_t size() const { return attributes_.size(); }
    bool operator==(const Request&) const = default;

  private:
    // Where in text_ the name is, directly followed by its value. One buffer for all, because a request of
    // Postfix has about thirty.
    struct Attribute {
        std::uint32_t at;
        std::uint16_t name;   // length
        std::uint16_t value;  // length
        bool operator==(const Attribute&) const = default;
    };
    std::string_view name_of(const Attribute& attribute) const;
    std::vector<Attribute>::const_iterator find(std::string_view name) const;
    void forget(std::vector<Attribute>::const_iterator attribute);

    std::string text_;
    std::vector<Attribute> attributes_;
    std::uint64_t marks_ = 0;  // of the names: one whose mark is not set is absent
    std::vector<std::string> malformed_lines_;
    std::size_t malformed_lines_dropped_ = 0;
};

// Cuts a stream into requests. Bytes may be split anywhere; CRLF line ends are accepted; NUL is an ordinary
// byte. Memory is bounded whatever is sent: what is too long is cut, and the rest of its line skipped. One
// Parser per connection; not thread-safe.
class Parser {
  public:
    // Parses bytes and appends each request they complete, in order, up to `most` of them. Returns how many
    // bytes were used. An empty line alone is not a request; after malformed lines it is (Postfix waits for
    // an answer).
    std::size_t feed(std::string_view bytes, std::vector<Request>& complete,
                     std::size_t most = std::numeric_limits<std::size_t>::max());
    // True if a request has begun and is not complete.
    bool midway() const;
    // Bytes that bring another Parser to the state of this one. Up to 140 kB from a client that sends as much
    // as allowed; less than 1 kB from Postfix.
    std::string begun() const;

  private:
    void hold(std::string_view part_of_line);
    // Both return true if the line is the empty one that ends a request.
    bool take(std::string_view end_of_line);
    bool take_whole(std::string_view line);

    Request current_;
    bool begun_ = false;  // current_ has a line
    std::string held_;    // of a line whose end has not arrived
};

}  // namespace sqlgrey::policy
