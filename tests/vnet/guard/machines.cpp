#include "tests/vnet/guard/machines.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace bulkhead::vnet::guard::test {
namespace {

constexpr int registers = 100;
constexpr int no_answer = -1000;
constexpr int patience_s = 5;

std::string peer_of(int socket) {
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    std::array<char, 64> text{};
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return {};
    ::getnameinfo(reinterpret_cast<sockaddr*>(&peer), length, text.data(), text.size(), nullptr, 0,
                  NI_NUMERICHOST);
    return text.data();
}

// Of libmodbus: what is no answer is minus the exception's code, if it is one.
int failure() {
    return errno > MODBUS_ENOBASE && errno < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX ? MODBUS_ENOBASE - errno
                                                                                   : no_answer;
}

}  // namespace

void in_network_of(pid_t pid, const std::function<void()>& what) {
    std::thread([&] {
        const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
        const Fd network(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(::setns(network.get(), CLONE_NEWNET), 0) << std::strerror(errno);
        what();
    }).join();
}

struct Server::Registers {
    modbus_mapping_t* map = modbus_mapping_new(0, 0, registers, 0);
    std::mutex mutex;
    ~Registers() { modbus_mapping_free(map); }
};

Server::Server(pid_t network, const std::string& address, OnRequest on_request)
    : on_request_(std::move(on_request)), registers_(std::make_unique<Registers>()) {
    for (int i = 0; i < registers; ++i) registers_->map->tab_registers[i] = static_cast<std::uint16_t>(i);
    in_network_of(network, [&] {
        modbus_t* const modbus = modbus_new_tcp_pi(address.c_str(), "502");
        listener_ = modbus_tcp_pi_listen(modbus, 8);
        modbus_free(modbus);
    });
    EXPECT_GE(listener_, 0) << std::strerror(errno);
    accepting_ = std::thread([this] { accept_all(); });
}

Server::~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    ::close(listener_);
    {
        const std::lock_guard lock(mutex_);
        for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    for (const int socket : sockets_) ::close(socket);
}

void Server::accept_all() {
    while (true) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        clients_.push_back(peer_of(socket));
        threads_.emplace_back([this, socket, client = clients_.back()] { serve(socket, client); });
    }
}

void Server::serve(int socket, const std::string& client) {
    modbus_t* const modbus = modbus_new_tcp_pi("::", "502");
    modbus_set_socket(modbus, socket);
    std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> request{};
    while (true) {
        const int length = modbus_receive(modbus, request.data());
        if (length < 0) break;
        {
            const std::lock_guard lock(mutex_);
            seen_.push_back(request[7]);
        }
        if (on_request_) on_request_(client, request[7]);
        const std::lock_guard lock(registers_->mutex);
        modbus_reply(modbus, request.data(), length, registers_->map);
    }
    ::shutdown(socket, SHUT_RDWR);
    modbus_set_socket(modbus, -1);
    modbus_free(modbus);
}

std::vector<int> Server::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

std::vector<std::string> Server::clients() const {
    const std::lock_guard lock(mutex_);
    return clients_;
}

std::uint16_t Server::held(std::size_t number) const {
    const std::lock_guard lock(registers_->mutex);
    return registers_->map->tab_registers[number];
}

Client::Client(pid_t network, const std::string& server) {
    in_network_of(network, [&] {
        modbus_ = modbus_new_tcp_pi(server.c_str(), "502");
        modbus_set_response_timeout(modbus_, patience_s, 0);
        connected_ = modbus_connect(modbus_) == 0;
    });
}

Client::~Client() {
    modbus_close(modbus_);
    modbus_free(modbus_);
}

int Client::read(int unit, int number) {
    std::uint16_t value = 0;
    modbus_set_slave(modbus_, unit);
    return modbus_read_registers(modbus_, number, 1, &value) == 1 ? value : failure();
}

int Client::write(int unit, int number, int value) {
    modbus_set_slave(modbus_, unit);
    return modbus_write_register(modbus_, number, static_cast<std::uint16_t>(value)) == 1 ? value : failure();
}

Fd connect_raw(pid_t network, const std::string& server, int seconds) {
    Fd socket;
    in_network_of(network, [&] {
        addrinfo hints{};
        hints.ai_flags = AI_NUMERICHOST;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        ASSERT_EQ(::getaddrinfo(server.c_str(), "502", &hints, &found), 0);
        socket = Fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const timeval limit{seconds, 0};
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0) socket.reset();
        ::freeaddrinfo(found);
    });
    return socket;
}

void send_raw(const Fd& socket, const Bytes& bytes) {
    EXPECT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
}

Bytes receive_raw(const Fd& socket, std::size_t count, bool* closed) {
    Bytes got;
    if (closed != nullptr) *closed = false;
    while (got.size() < count) {
        pollfd ready{socket.get(), POLLIN, 0};
        if (::poll(&ready, 1, patience_s * 1000) <= 0) break;
        std::array<std::uint8_t, 512> piece{};
        const ssize_t size =
            ::recv(socket.get(), piece.data(), std::min(piece.size(), count - got.size()), 0);
        if (size <= 0) {
            if (closed != nullptr) *closed = true;
            break;
        }
        got.insert(got.end(), piece.begin(), piece.begin() + size);
    }
    return got;
}

}  // namespace bulkhead::vnet::guard::test
