// Cuts bytes into packets and follows the conversation.
#include "sqlgrey/milter/session.hpp"

#include "attributes.hpp"
#include "packets.hpp"
#include "replies.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::milter {
namespace {

constexpr std::uint32_t newest_version = 6, oldest_version = 2;
constexpr std::size_t longest_skipped = 2 << 20;  // the longest that libmilter can agree on

// With these, a mail server waits for us at each recipient and at the end of the message only.
constexpr std::uint32_t wanted_protocol =
    protocol::no_body | protocol::no_headers | protocol::no_end_of_headers | protocol::no_unknown |
    protocol::no_data | protocol::nr_connect | protocol::nr_helo | protocol::nr_mail | protocol::nr_header |
    protocol::nr_data | protocol::nr_unknown | protocol::nr_end_of_headers | protocol::nr_body;

// Commands whose data are not used.
bool is_skipped(char command) {
    return std::string_view{"LNBTU"}.find(command) != std::string_view::npos;
}

bool is_known(char command) {
    return std::string_view{"ODCHMREAQKLNBTU"}.find(command) != std::string_view::npos;
}

// What is wrong with a packet that begins so; empty if nothing is.
std::string_view fault_of(std::uint32_t length, char command) {
    if (length == 0 || !is_known(command)) return "sent something else than packets of the milter protocol";
    const std::size_t longest = is_skipped(command) ? longest_skipped : longest_packet;
    return length > longest ? "sent a packet that is too long" : "";
}

// "SIZE=1234" among the words behind the sender.
std::string_view size_of(std::string_view arguments) {
    constexpr std::string_view name = "SIZE=";
    while (const auto word = take_text(arguments)) {
        const bool same = std::ranges::equal(word->substr(0, name.size()), name, [](char one, char other) {
            return one == other || (other >= 'A' && other <= 'Z' && one == other + 32);
        });
        if (same) return word->substr(name.size());
    }
    return {};
}

}  // namespace

Session::Session(std::string name, bool adds_header) : name_(std::move(name)), adds_header_(adds_header) {
}

std::size_t Session::feed(std::string_view bytes, std::vector<policy::Request>& requests,
                          std::string& output) {
    std::string_view rest = bytes;
    while (!waits_ && !ended_ && !rest.empty()) {
        if (skip_ > 0) {
            skip(rest, output);
            continue;
        }
        const std::string_view packet = next_packet(rest);
        if (!packet.empty()) handle(packet, requests, output);
        if (!packet_.empty())
            std::string{}.swap(packet_);  // gives its memory back: it may have been a long one
    }
    return ended_ ? bytes.size() : bytes.size() - rest.size();
}

// Command and data of the next packet; empty if it is not complete, or is to be skipped. Nearly all packets
// arrive in one piece, and are used without copying.
std::string_view Session::next_packet(std::string_view& rest) {
    if (held_.empty() && rest.size() < head_size) {
        hold(rest, head_size);
        return {};
    }
    if (!held_.empty() && !hold(rest, head_size)) return {};
    const char* const head = held_.empty() ? rest.data() : held_.data();
    std::string_view bytes(head, head_size);
    const std::uint32_t length = *take_number(bytes);
    const char command = head[head_size - 1];
    if (const std::string_view fault = fault_of(length, command); !fault.empty()) {
        wrong(fault);
        return {};
    }
    if (is_skipped(command) && length > 1) {
        if (held_.empty()) rest.remove_prefix(head_size);
        held_.clear();
        skip_ = length - 1;
        skipped_ = command;
        return {};
    }
    const std::size_t size = head_size - 1 + length;
    if (held_.empty() && rest.size() >= size) {
        const std::string_view packet = rest.substr(head_size - 1, length);
        rest.remove_prefix(size);
        return packet;
    }
    if (!hold(rest, size)) return {};
    packet_ = std::exchange(held_, {});
    return std::string_view{packet_}.substr(head_size - 1);
}

// Moves bytes into held_ until it has so many; false if there are not enough.
bool Session::hold(std::string_view& rest, std::size_t up_to) {
    const std::size_t more = std::min(up_to - std::min(up_to, held_.size()), rest.size());
    held_ += rest.substr(0, more);
    rest.remove_prefix(more);
    return held_.size() >= up_to;
}

void Session::skip(std::string_view& rest, std::string& output) {
    const auto dropped = std::min<std::uint64_t>(skip_, rest.size());
    rest.remove_prefix(dropped);
    skip_ -= dropped;
    if (skip_ == 0) unused(skipped_, output);
}

void Session::wrong(std::string_view what) {
    fault_ = what;
    ended_ = true;
}

void Session::handle(std::string_view packet, std::vector<policy::Request>& requests, std::string& output) {
    const char command = packet.front();
    const std::string_view data = packet.substr(1);
    if (!negotiated_ && command != command::negotiate && command != command::quit)
        return wrong("did not begin with a negotiation");
    switch (command) {
        case command::negotiate:
            return negotiate(data, output);
        case command::macros:
            return macros(data);
        case command::connect:
            return connect(data, output);
        case command::helo:
            return helo(data, output);
        case command::mail:
            return mail(data, output);
        case command::recipient:
            return recipient(data, requests, output);
        case command::end_of_message:
            return end_of_message(output);
        case command::abort:
            return forget_message();
        case command::quit_connection:
            return forget_client();
        case command::quit:
            ended_ = true;
            return;
        default:
            return unused(command, output);
    }
}

// Both sides have a say: what we ask for is never more than what was offered.
void Session::negotiate(std::string_view data, std::string& output) {
    const auto version = take_number(data);
    const auto actions = take_number(data);
    const auto offered = take_number(data);
    if (!offered || *version < oldest_version)
        return wrong("offered a version of the milter protocol that is not understood");
    forget_client();
    negotiated_ = true;
    actions_ = *actions & ((adds_header_ ? action::add_header : 0) | action::quarantine | action::set_macros);
    protocol_ = *offered & wanted_protocol;
    std::string answer;
    append_number(answer, std::min(*version, newest_version));
    append_number(answer, actions_);
    append_number(answer, protocol_);
    if ((actions_ & action::set_macros) != 0)
        for (const Wanted& wanted : wanted_macros) {
            append_number(answer, wanted.stage);
            answer.append(wanted.names).append(1, '\0');
        }
    append_packet(output, answer::negotiate, answer);
}

// The macros of a command come before it, so those of MAIL begin the message, and those of a connection
// another client, also without K.
void Session::macros(std::string_view data) {
    const char of = data.empty() ? '\0' : data.front();
    if (of == command::connect && connected_) forget_client();
    if (of == command::mail) begin_message();
    const bool of_client = of == command::connect || of == command::helo || !has_begun_;
    policy::Request& about = of_client ? client_ : message_;
    if (data.empty() || !set_macros(about, data.substr(1))) wrong("sent macros that are cut off");
}

void Session::connect(std::string_view data, std::string& output) {
    const Client client = client_of(data);
    if (!client.understood) return wrong("did not say who its client is");
    if (connected_) forget_client();  // the name that was verified is not this one's
    forget_message();
    connected_ = true;
    not_by_network_ = client.address.empty();
    set(client_, "client_address", client.address);
    set(client_, "client_port", client.port);
    if (!client_.has("client_name")) set(client_, "client_name", "unknown");
    go_on_unless(protocol::nr_connect, output);
}

void Session::helo(std::string_view data, std::string& output) {
    const auto name = take_text(data);
    if (!name) return wrong("sent a HELO that is cut off");
    set(client_, "helo_name", *name);
    go_on_unless(protocol::nr_helo, output);
}

void Session::mail(std::string_view data, std::string& output) {
    const auto sender = take_text(data);
    if (!sender || !connected_) return wrong(sender ? "named a sender without a client" : "sent no sender");
    if (!has_begun_ || has_sender_) begin_message();
    has_sender_ = true;
    ++messages_;
    message_.set("request", "smtpd_access_policy");
    message_.set("protocol_state", "RCPT");
    set(message_, "instance", name_ + '.' + std::to_string(messages_));
    set(message_, "sender", address_of(*sender));
    if (const std::string_view size = size_of(data); !size.empty()) set(message_, "size", size);
    go_on_unless(protocol::nr_mail, output);
}

// Clients that have logged in, and programs of this machine that do not come by the network, are nobody that
// greylisting is for.
void Session::recipient(std::string_view data, std::vector<policy::Request>& requests, std::string& output) {
    const auto recipient = take_text(data);
    if (!recipient || !has_sender_)
        return wrong(recipient ? "named a recipient without a sender" : "sent no recipient");
    if (not_by_network_ || !message_.get("sasl_username").empty())
        return append_packet(output, answer::accept);
    policy::Request request = message_;
    set(request, "recipient", address_of(*recipient));
    set_missing(request);
    requests.push_back(std::move(request));
    waits_ = true;
}

void Session::answer(const policy::Reply& reply, std::string& output) {
    waits_ = false;
    switch (reply.action) {
        case policy::Action::pass:
            if (reply.holds_for_message) return append_packet(output, answer::accept);
            if (!reply.header.empty()) header_ = reply.header;
            return append_packet(output, answer::go_on);
        case policy::Action::hold:
            why_held_ = reply.text.empty() ? "held by sqlgrey" : reply.text;
            return append_packet(output, answer::go_on);
        case policy::Action::discard:
            return append_packet(output, answer::discard);
        case policy::Action::defer:
        case policy::Action::reject:
            return append_packet(output, answer::reply, smtp_reply(reply) + '\0');
    }
}

void Session::end_of_message(std::string& output) {
    const std::size_t colon = header_.find(": ");
    if ((actions_ & action::add_header) != 0 && colon != std::string::npos)
        append_packet(output, answer::add_header,
                      one_line(header_.substr(0, colon)) + '\0' + one_line(header_.substr(colon + 2)) + '\0');
    if ((actions_ & action::quarantine) != 0 && !why_held_.empty())
        append_packet(output, answer::quarantine, one_line(why_held_) + '\0');
    append_packet(output, answer::go_on);
    forget_message();
}

void Session::unused(char command, std::string& output) {
    switch (command) {
        case command::header:
            return go_on_unless(protocol::nr_header, output);
        case command::end_of_headers:
            return go_on_unless(protocol::nr_end_of_headers, output);
        case command::body:
            return go_on_unless(protocol::nr_body, output);
        case command::data:
            return go_on_unless(protocol::nr_data, output);
        default:
            return go_on_unless(protocol::nr_unknown, output);
    }
}

// A mail server that cannot do without an answer at this command gets one.
void Session::go_on_unless(std::uint32_t not_expected, std::string& output) const {
    if ((protocol_ & not_expected) == 0) append_packet(output, answer::go_on);
}

void Session::begin_message() {
    forget_message();
    message_ = client_;
    has_begun_ = true;
}

void Session::forget_message() {
    message_ = {};
    header_.clear();
    why_held_.clear();
    has_begun_ = has_sender_ = false;
}

// After K the mail server goes on with another client of its own, without a new negotiation.
void Session::forget_client() {
    forget_message();
    client_ = {};
    connected_ = not_by_network_ = false;
}

}  // namespace sqlgrey::milter
