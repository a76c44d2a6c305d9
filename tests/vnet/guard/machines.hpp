// The two ends of a guarded conduit: a Modbus client and a Modbus server of libmodbus, each in a network of
// its own; and a client that says what libmodbus would not.
#pragma once

#include <modbus/modbus.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"

namespace bulkhead::vnet::guard::test {

// Runs it in the network namespace of the process; sockets that it opens stay there.
void in_network_of(pid_t pid, const std::function<void()>& what);

// Answers on port 502 of the address from a hundred holding registers, each of which is its own number.
class Server {
  public:
    // Told of each request, on threads of its own: from whom it is, and its function code.
    using OnRequest = std::function<void(const std::string& client, int function)>;
    Server(pid_t network, const std::string& address, OnRequest on_request = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Function codes of the requests that it saw, and the addresses that they came from.
    std::vector<int> seen() const;
    std::vector<std::string> clients() const;
    std::uint16_t held(std::size_t number) const;

  private:
    void accept_all();
    void serve(int socket, const std::string& client);

    const OnRequest on_request_;
    int listener_ = -1;
    struct Registers;
    std::unique_ptr<Registers> registers_;
    mutable std::mutex mutex_;
    std::vector<int> seen_;
    std::vector<std::string> clients_;
    std::vector<int> sockets_;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

class Client {
  public:
    // Connected, or not: see `is_connected`.
    Client(pid_t network, const std::string& server);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool is_connected() const { return connected_; }
    // The register's value; or minus the exception's code, or -1000 if there was no answer.
    int read(int unit, int number);
    int write(int unit, int number, int value);

  private:
    modbus_t* modbus_ = nullptr;
    bool connected_ = false;
};

// A TCP connection to port 502; nothing if there is none within the time.
Fd connect_raw(pid_t network, const std::string& server, int seconds = 3);
using Bytes = std::vector<std::uint8_t>;
void send_raw(const Fd& socket, const Bytes& bytes);
// So many bytes, or fewer if it ends before; `closed` says whether it did.
Bytes receive_raw(const Fd& socket, std::size_t count, bool* closed = nullptr);

}  // namespace bulkhead::vnet::guard::test
