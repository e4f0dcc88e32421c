// Bytes to Request: the Postfix policy delegation protocol, reading side
// (Postfix SMTPD_POLICY_README; src/greylist/README.md section 1). Pure: no sockets, no log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::policy {

inline constexpr std::size_t max_text = 512;           // name and value are each cut here, in bytes
inline constexpr std::size_t max_attributes = 128;     // further names of one request are dropped
inline constexpr std::size_t max_malformed_lines = 8;  // further malformed lines of one request are counted

// One complete request as Postfix sent it. Values are raw; nothing is lower-cased yet.
class Request {
  public:
    // The value of an attribute; empty if it is absent (to Postfix the two are the same).
    std::string_view get(std::string_view name) const;
    // True if the attribute was sent, even empty.
    bool has(std::string_view name) const;
    // Sets it; a later duplicate wins. Both are cut at max_text; beyond max_attributes names a new one is
    // dropped.
    void set(std::string_view name, std::string_view value);
    // Lines that had no '=' or nothing before it (each cut at max_text; at most max_malformed_lines are
    // kept), for the log.
    const std::vector<std::string>& malformed_lines() const { return malformed_lines_; }
    // How many such lines were not kept.
    std::size_t malformed_lines_dropped() const { return malformed_lines_dropped_; }
    void add_malformed_line(std::string_view line);
    // Its lines as they could have been sent; a Parser makes the same request of them, but for the number of
    // malformed lines that were not kept.
    std::string lines() const;
    // How many names it has.
    std::size_t size() const { return attributes_.size(); }
    bool operator==(const Request&) const = default;

  private:
    // A name and, right after it, its value: where in text_. One buffer for all, because a request
    // of Postfix has some thirty of them.
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
    std::uint64_t marks_ = 0;  // of the names: one whose mark is missing is none of them
    std::vector<std::string> malformed_lines_;
    std::size_t malformed_lines_dropped_ = 0;
};

// Cuts a stream into requests. Bytes may come split anywhere; CRLF line ends are accepted; NUL is a
// byte like others. Memory is bounded whatever is sent: what is over-long is cut and the rest of its line
// skipped. One Parser a connection, used by one thread.
class Parser {
  public:
    // Takes the next bytes and appends each request they complete, in order, but stops after the last of
    // `most`. Gives how many bytes it took. An empty line with nothing before it is no request; one behind
    // malformed lines only is (Postfix waits for an answer).
    std::size_t feed(std::string_view bytes, std::vector<Request>& complete,
                     std::size_t most = std::numeric_limits<std::size_t>::max());
    // True if a request has begun and is not complete.
    bool midway() const;
    // What was kept of that request: bytes that bring another Parser to where this one is. Up to 140 kB of a
    // client that sends as much as it may; less than 1 kB of Postfix.
    std::string begun() const;

  private:
    void hold(std::string_view part_of_line);
    // Both true if the line is the empty one that ends a request.
    bool take(std::string_view end_of_line);
    bool take_whole(std::string_view line);

    Request current_;
    bool begun_ = false;  // current_ has had a line
    std::string held_;    // of a line that came without its end
};

}  // namespace sqlgrey::policy
