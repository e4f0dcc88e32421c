#include "sqlgrey/dns/resolver.hpp"

#include "parse_answer.hpp"
#include "sqlgrey/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <list>
#include <map>

#include <ares.h>

namespace sqlgrey::dns {
namespace {

using net::AnswerKind;
using Clock = std::chrono::steady_clock;

// RFC 9715: larger answers may be fragmented on their way; those come over TCP.
constexpr int largest_udp_answer = 1232;
constexpr int class_internet = 1;

AnswerKind kind_of(int status) {
    switch (status) {
        case ARES_SUCCESS:
            return AnswerKind::records;
        case ARES_ENODATA:
            return AnswerKind::no_data;
        case ARES_ENOTFOUND:
            return AnswerKind::nxdomain;
        case ARES_ETIMEOUT:
            return AnswerKind::timeout;
        case ARES_EBADRESP:
            return AnswerKind::malformed;
        default:
            return AnswerKind::servfail;
    }
}

// For c-ares a backslash is an escape.
std::string escaped(const std::string& name) {
    std::string text;
    for (const char c : name) {
        if (c == '\\') text += '\\';
        text += c;
    }
    return text;
}

struct Asked {
    net::DnsQuestion question;
    Clock::time_point deadline{};
    net::DnsAnswer answer{};
    bool answered = false;  // c-ares will not mention it any more
    bool given_up = false;  // its answer was taken; c-ares may still answer
};

void on_answer(void* argument, int status, int, unsigned char* message, int size) noexcept {
    Asked& asked = *static_cast<Asked*>(argument);
    asked.answered = true;
    if (asked.given_up) return;
    asked.answer.kind = kind_of(status);
    if (message && size > 0 && is_cut_off({message, static_cast<std::size_t>(size)}))
        asked.answer.kind = AnswerKind::malformed;
    if (status != ARES_SUCCESS || !message || size < 0) return;
    try {
        asked.answer = parse_answer({message, static_cast<std::size_t>(size)}, asked.question.type);
    } catch (const std::bad_alloc&) {
        asked.answer.kind = AnswerKind::servfail;
    }
}

}  // namespace

struct Resolver::State {
    ares_channel channel = nullptr;
    ResolverSettings settings;
    std::map<int, short> sockets;  // and the events that c-ares waits for
    std::list<Asked> questions;    // c-ares has their addresses

    static void on_socket(void* argument, int fd, int readable, int writable) noexcept {
        auto& sockets = static_cast<State*>(argument)->sockets;
        if (!readable && !writable)
            sockets.erase(fd);
        else
            sockets[fd] = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    }
    ~State() {
        if (channel) ares_destroy(channel);  // calls on_answer() of all questions
    }
};

std::optional<Server> parse_server(std::string_view text) {
    if (const auto address = net::parse_address(text)) return Server{*address, 53};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return {};
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const bool brackets = host.starts_with('[') && host.ends_with(']');
    if (brackets) host = host.substr(1, host.size() - 2);
    const auto address = net::parse_address(host);
    if (!address || address->v6 != brackets) return {};
    std::uint16_t port = 0;
    const char* const last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, port);
    if (error != std::errc{} || end != last || port == 0) return {};
    return Server{*address, port};
}

namespace {

void use_servers(ares_channel channel, const std::vector<Server>& servers) {
    std::vector<ares_addr_port_node> nodes(servers.size());
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const net::Address& address = servers[i].address;
        nodes[i].next = i + 1 < servers.size() ? &nodes[i + 1] : nullptr;
        nodes[i].family = address.v6 ? AF_INET6 : AF_INET;
        auto* bytes = reinterpret_cast<unsigned char*>(&nodes[i].addr);
        std::copy_n(address.bytes.begin(), address.v6 ? 16 : 4, bytes);
        nodes[i].udp_port = nodes[i].tcp_port = servers[i].port;
    }
    if (const int status = ares_set_servers_ports(channel, nodes.data()); status != ARES_SUCCESS)
        throw base::StartError(std::string{"the DNS servers cannot be used: "} + ares_strerror(status));
}

}  // namespace

Resolver::Resolver(const ResolverSettings& settings) : state_(std::make_unique<State>()) {
    state_->settings = settings;
    ares_options options{};
    // NOCHECKRESP: a server's failure is an answer at once, not after all servers were tried in vain.
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN | ARES_FLAG_EDNS |
                    ARES_FLAG_NOCHECKRESP;
    options.tries = 2;
    // c-ares doubles the time for the second try, so that both end when ours is over.
    options.timeout = std::max(static_cast<int>(settings.timeout.count() / 3), 1);
    options.ednspsz = largest_udp_answer;
    options.sock_state_cb = State::on_socket;
    options.sock_state_cb_data = state_.get();
    constexpr int given =
        ARES_OPT_FLAGS | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;
    if (const int status = ares_init_options(&state_->channel, &options, given); status != ARES_SUCCESS)
        throw base::StartError(std::string{"DNS questions cannot be asked: "} + ares_strerror(status));
    if (!settings.servers.empty()) use_servers(state_->channel, settings.servers);
}

Resolver::~Resolver() = default;

bool Resolver::ask(const net::DnsQuestion& question) {
    if (state_->questions.size() >= state_->settings.most_questions) return false;
    state_->questions.push_back({.question = question, .deadline = Clock::now() + state_->settings.timeout});
    Asked& asked = state_->questions.back();
    ares_query(state_->channel, escaped(question.name).c_str(), class_internet, number_of(question.type),
               on_answer, &asked);
    return true;
}

std::size_t Resolver::waiting() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        state_->questions, [](const Asked& asked) { return !asked.answered && !asked.given_up; }));
}

std::vector<pollfd> Resolver::descriptors() const {
    std::vector<pollfd> all;
    for (const auto& [fd, events] : state_->sockets) all.push_back({fd, events, 0});
    return all;
}

base::Milliseconds Resolver::longest_wait() const {
    timeval most{1, 0}, wait{};
    const timeval* until = ares_timeout(state_->channel, &most, &wait);
    return base::Milliseconds{until->tv_sec * 1000 + (until->tv_usec + 999) / 1000};
}

void Resolver::process(const std::vector<pollfd>& polled) {
    constexpr short readable = POLLIN | POLLERR | POLLHUP;
    bool any = false;
    for (const pollfd& one : polled) {
        if (one.revents == 0) continue;
        any = true;
        ares_process_fd(state_->channel, one.revents & readable ? one.fd : ARES_SOCKET_BAD,
                        one.revents & POLLOUT ? one.fd : ARES_SOCKET_BAD);
    }
    if (!any) ares_process_fd(state_->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts
}

std::vector<std::pair<net::DnsQuestion, net::DnsAnswer>> Resolver::take_answers() {
    std::vector<std::pair<net::DnsQuestion, net::DnsAnswer>> taken;
    const Clock::time_point now = Clock::now();
    for (Asked& asked : state_->questions) {
        if (asked.given_up) continue;
        if (!asked.answered && now >= asked.deadline) asked.answer.kind = AnswerKind::timeout;
        if (!asked.answered && now < asked.deadline) continue;
        taken.emplace_back(asked.question, std::move(asked.answer));
        asked.given_up = true;
    }
    std::erase_if(state_->questions, [](const Asked& asked) { return asked.answered && asked.given_up; });
    return taken;
}

void Resolver::wait(base::Milliseconds at_most) {
    const Clock::time_point end = Clock::now() + at_most;
    while (waiting() > 0) {
        const Clock::time_point now = Clock::now();
        const auto overdue = [&](const Asked& asked) { return asked.answered || now >= asked.deadline; };
        if (now >= end || std::ranges::all_of(state_->questions, overdue)) return;
        const auto left = std::chrono::ceil<base::Milliseconds>(end - now);
        std::vector<pollfd> polled = descriptors();
        ::poll(polled.data(), polled.size(), static_cast<int>(std::min(left, longest_wait()).count()));
        process(polled);
    }
}

}  // namespace sqlgrey::dns
