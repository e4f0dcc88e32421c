#include "sqlgrey/dns/resolver.hpp"

#include "parse_answer.hpp"
#include "sqlgrey/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <list>
#include <map>
#include <span>
#include <utility>

#include <ares.h>

namespace sqlgrey::dns {
namespace {

using net::AnswerKind;
using Clock = std::chrono::steady_clock;

// RFC 9715: larger answers may be fragmented on their way; those come over TCP.
constexpr int largest_udp_answer = 1232;
// Unbound takes ten at once from everybody (incoming-num-tcp).
constexpr std::ptrdiff_t most_connections = 8;
constexpr int class_internet = 1;

// Without a message.
AnswerKind kind_of(int status) {
    if (status == ARES_ETIMEOUT) return AnswerKind::timeout;
    return status == ARES_ENOTFOUND ? AnswerKind::nxdomain : AnswerKind::servfail;  // names below "onion"
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

class Channel {
  public:
    Channel(const ResolverSettings& settings, int flags, base::Milliseconds first_try) {
        // Of a single server a failure is an answer at once. Of several the others are asked, as by the C
        // library: one may refuse, or reach nobody.
        init(settings, flags | ARES_FLAG_NOCHECKRESP, first_try);
        if (servers() <= 1) return;
        ares_destroy(channel_);
        init(settings, flags, first_try);
    }
    ~Channel() { ares_destroy(channel_); }  // calls on_answer() of all questions
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    ares_channel get() const { return channel_; }

    int servers() const {
        ares_addr_port_node* first = nullptr;
        if (ares_get_servers_ports(channel_, &first) != ARES_SUCCESS) return 0;
        int count = 0;
        for (const ares_addr_port_node* one = first; one; one = one->next) ++count;
        ares_free_data(first);
        return count;
    }

    void add_descriptors(std::vector<pollfd>& all) const {
        for (const auto& [fd, events] : sockets_) all.push_back({fd, events, 0});
    }

    timeval longest_wait(timeval at_most) const {
        timeval wait{};
        return *ares_timeout(channel_, &at_most, &wait);
    }

    void process(const std::vector<pollfd>& polled) {
        constexpr short readable = POLLIN | POLLERR | POLLHUP;
        bool any = false;
        for (const pollfd& one : polled) {
            if (one.revents == 0 || !sockets_.contains(one.fd)) continue;
            any = true;
            ares_process_fd(channel_, one.revents & readable ? one.fd : ARES_SOCKET_BAD,
                            one.revents & POLLOUT ? one.fd : ARES_SOCKET_BAD);
        }
        if (!any) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts
    }

  private:
    void init(const ResolverSettings& settings, int flags, base::Milliseconds first_try) {
        ares_options options{};
        // Without STAYOPEN: sockets are closed when nothing is asked, so that the port does not stay the same
        // and is harder to guess for those who forge answers (RFC 5452 section 10).
        options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS | flags;
        options.tries = 2;
        options.timeout = std::max(static_cast<int>(first_try.count()), 1);
        options.ednspsz = largest_udp_answer;
        options.sock_state_cb = on_socket;
        options.sock_state_cb_data = this;
        constexpr int given =
            ARES_OPT_FLAGS | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;
        if (const int status = ares_init_options(&channel_, &options, given); status != ARES_SUCCESS)
            throw base::StartError(std::string{"DNS questions cannot be asked: "} + ares_strerror(status));
        try {
            if (!settings.servers.empty()) use_servers(channel_, settings.servers);
        } catch (...) {
            ares_destroy(channel_);
            throw;
        }
    }

    static void on_socket(void* argument, int fd, int readable, int writable) noexcept {
        auto& sockets = static_cast<Channel*>(argument)->sockets_;
        if (!readable && !writable)
            sockets.erase(fd);
        else
            sockets[fd] = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    }

    ares_channel channel_ = nullptr;
    std::map<int, short> sockets_;  // and the events that c-ares waits for
};

struct Asked {
    net::DnsQuestion question;
    Clock::time_point deadline{};
    ares_channel udp = nullptr;
    net::DnsAnswer answer{};
    bool is_cut_off = false;         // the answer over UDP; then TCP is asked
    bool asked_again = false;        // after a server did not understand the question
    bool answered = false;           // c-ares will not mention it any more
    bool given_up = false;           // its answer was taken; c-ares may still answer
    std::unique_ptr<Channel> tcp{};  // destroyed first: it calls on_answer()

    bool waits_for_tcp() const { return is_cut_off && !tcp && !answered && !given_up; }
    bool is_asked_over_tcp() const { return tcp && !answered; }
};

void send(ares_channel channel, Asked& asked);

void on_answer(void* argument, int status, int, unsigned char* message, int size) noexcept {
    Asked& asked = *static_cast<Asked*>(argument);
    const std::span<const unsigned char> bytes{message,
                                               message && size > 0 ? static_cast<std::size_t>(size) : 0};
    if (!asked.given_up && !asked.is_cut_off) {
        asked.is_cut_off = is_cut_off(bytes);
        if (asked.is_cut_off) return;
        // After the first such answer c-ares leaves EDNS out, but other questions were on their way with it.
        if (status == ARES_EFORMERR && !std::exchange(asked.asked_again, true)) return send(asked.udp, asked);
    }
    asked.answered = true;
    if (asked.given_up) return;
    try {
        asked.answer = bytes.empty() ? net::DnsAnswer{.kind = kind_of(status)}
                                     : parse_answer(bytes, asked.question.type);
    } catch (const std::bad_alloc&) {
        asked.answer.kind = AnswerKind::servfail;
    }
}

void send(ares_channel channel, Asked& asked) {
    ares_query(channel, escaped(asked.question.name).c_str(), class_internet, number_of(asked.question.type),
               on_answer, &asked);
}

}  // namespace

struct Resolver::State {
    ResolverSettings settings;
    std::list<Asked> questions{};  // c-ares has their addresses
    // c-ares doubles the time for the second try, so that both end when ours is over.
    Channel udp{settings, ARES_FLAG_IGNTC, settings.timeout / 3};

    void ask_over_tcp();
};

// When a connection breaks, c-ares counts a try for all questions on it. So each has a connection of its own:
// a server that closes it after an answer spoils no other question. Over TCP c-ares does not ask a server
// again that is late, so each gets a share of the time.
void Resolver::State::ask_over_tcp() {
    const base::Milliseconds share = settings.timeout / std::max(udp.servers(), 1);
    auto room = most_connections - std::ranges::count_if(questions, &Asked::is_asked_over_tcp);
    for (Asked& asked : questions) {
        if (room <= 0) return;
        if (!asked.waits_for_tcp()) continue;
        try {
            asked.tcp = std::make_unique<Channel>(settings, ARES_FLAG_USEVC, share);
            send(asked.tcp->get(), asked);
            --room;
        } catch (const std::exception&) {  // no memory, or too many files are open
            asked.answered = true;
        }
    }
}

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

Resolver::Resolver(const ResolverSettings& settings) : state_(new State{.settings = settings}) {
}

Resolver::~Resolver() = default;

bool Resolver::ask(const net::DnsQuestion& question) {
    if (state_->questions.size() >= state_->settings.most_questions) return false;
    state_->questions.push_back({.question = question,
                                 .deadline = Clock::now() + state_->settings.timeout,
                                 .udp = state_->udp.get()});
    send(state_->udp.get(), state_->questions.back());
    return true;
}

std::size_t Resolver::waiting() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        state_->questions, [](const Asked& asked) { return !asked.answered && !asked.given_up; }));
}

std::vector<pollfd> Resolver::descriptors() const {
    std::vector<pollfd> all;
    state_->udp.add_descriptors(all);
    for (const Asked& asked : state_->questions)
        if (asked.tcp) asked.tcp->add_descriptors(all);
    return all;
}

base::Milliseconds Resolver::longest_wait() const {
    timeval wait = state_->udp.longest_wait({1, 0});
    for (const Asked& asked : state_->questions)
        if (asked.tcp) wait = asked.tcp->longest_wait(wait);
    return base::Milliseconds{wait.tv_sec * 1000 + (wait.tv_usec + 999) / 1000};
}

void Resolver::process(const std::vector<pollfd>& polled) {
    state_->udp.process(polled);
    for (const Asked& asked : state_->questions)
        if (asked.tcp) asked.tcp->process(polled);
    state_->ask_over_tcp();
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
        asked.tcp.reset();
        asked.answered = asked.answered || asked.is_cut_off;
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
