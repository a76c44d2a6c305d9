#include "console/server/http/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace bulkhead::console::http {
namespace {

constexpr int backlog = 128;
constexpr std::size_t most_waiting = 64;

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }  // NOLINT: the sockets API
};

Result<Address> parsed(const std::string& text, std::uint16_t port) {
    Address address;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);   // NOLINT: the sockets API
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);  // NOLINT: the sockets API
    const std::string numeric = text == "localhost" ? "127.0.0.1" : text;
    if (inet_pton(AF_INET, numeric.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.size = sizeof(sockaddr_in);
        return address;
    }
    if (inet_pton(AF_INET6, numeric.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof(sockaddr_in6);
        return address;
    }
    return fail(Code::invalid, "'" + text + "' is no address to listen on", "http address",
                "an IP address, or localhost");
}

std::string printed(Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);   // NOLINT: the sockets API
    const auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);  // NOLINT: the sockets API
    const int family = address.storage.ss_family;
    const void* raw = family == AF_INET ? static_cast<const void*>(&v4->sin_addr) : &v6->sin6_addr;
    return inet_ntop(family, raw, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

std::uint16_t port_of(int fd) {
    Address bound;
    bound.size = sizeof(bound.storage);
    if (getsockname(fd, bound.raw(), &bound.size) != 0) return 0;
    // The port lies at the same place in both families.
    return ntohs(reinterpret_cast<sockaddr_in*>(&bound.storage)->sin_port);  // NOLINT: the sockets API
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const std::string& address, std::uint16_t port,
                                                 std::size_t most_threads, std::size_t most_of_one) {
    BULKHEAD_TRY_ASSIGN(auto place, parsed(address, port));
    const auto where = address + ":" + std::to_string(port);
    Fd socket(::socket(place.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return fail_errno("no socket", where);
    const int on = 1;
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(socket.get(), place.raw(), place.size) != 0 || listen(socket.get(), backlog) != 0) {
        if (errno != EADDRINUSE) return fail_errno("can't listen", where);
        return fail(Code::unavailable, "another program listens there", where, "a free port",
                    "ss -ltnp shows which; choose another port with --http");
    }
    Fd stopped(eventfd(0, EFD_CLOEXEC));
    if (!stopped) return fail_errno("no eventfd");
    const auto bound = port_of(socket.get());
    return std::make_unique<Listener>(std::move(socket), std::move(stopped), bound, most_threads,
                                      most_of_one);
}

Listener::Listener(Fd socket, Fd stopped, std::uint16_t port, std::size_t most_threads,
                   std::size_t most_of_one)
    : socket_(std::move(socket)),
      stopped_(std::move(stopped)),
      port_(port),
      most_threads_(most_threads),
      peers_(most_threads + most_waiting, most_of_one) {
}

Listener::~Listener() {
    stop();
}

bool Listener::should_stop() {
    const std::lock_guard lock(mutex_);
    return stop_;
}

void Listener::run(const Serve& serve) {
    while (!should_stop()) {
        std::array<pollfd, 2> polled = {{{socket_.get(), POLLIN, 0}, {stopped_.get(), POLLIN, 0}}};
        if (poll(polled.data(), polled.size(), -1) < 0 || polled[1].revents != 0) continue;
        Address peer;
        peer.size = sizeof(peer.storage);
        Fd connection(accept4(socket_.get(), peer.raw(), &peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (connection) {
            const int on = 1;
            setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            take({std::move(connection), peers_.take(printed(peer))}, serve);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            // It stays readable: wait for a descriptor to come free, not in a tight loop.
            poll(&polled[1], 1, 100);
        }
    }
    std::vector<std::jthread> threads;
    {
        const std::lock_guard lock(mutex_);
        threads.swap(threads_);
    }
    threads.clear();  // joins
}

void Listener::take(Connection connection, const Serve& serve) {
    {
        const std::lock_guard lock(mutex_);
        if (!connection.place || waiting_.size() >= most_waiting) return;  // closed: it may try again
        waiting_.push_back(std::move(connection));
        if (idle_ < waiting_.size() && threads_.size() < most_threads_)
            threads_.emplace_back([this, &serve] { work(serve); });
    }
    changed_.notify_one();
}

void Listener::work(const Serve& serve) {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
        --idle_;
        if (stop_) return;
        const Connection connection = std::move(waiting_.front());
        waiting_.pop_front();
        served_.insert(connection.fd.get());
        lock.unlock();
        serve(connection.fd.get());
        lock.lock();
        served_.erase(connection.fd.get());
    }
}

void Listener::stop() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        waiting_.clear();
        for (const int fd : served_) shutdown(fd, SHUT_RD);
    }
    changed_.notify_all();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stopped_.get(), &one, sizeof(one));
}

}  // namespace bulkhead::console::http
