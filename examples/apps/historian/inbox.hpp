// Takes lines from TCP connections. Those who send are strangers: connections and lines are bounded.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace historian {

class Inbox {
  public:
    static constexpr std::size_t most_connections = 16;
    static constexpr std::size_t longest_line = 256;

    // Called with each line, printable characters alone.
    explicit Inbox(std::function<void(const std::string&)> on_line) : on_line_(std::move(on_line)) {}
    ~Inbox();
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    // On all addresses, of both families if there are two. Port 0: any. False if it can't; errno says why.
    bool listen(std::uint16_t port);
    std::uint16_t port() const;
    // What has come by now, or comes within that time.
    void serve(int milliseconds);

  private:
    struct Connection {
        int fd = -1;
        std::string line;
    };
    void take_new();
    // False at its end.
    bool take_from(Connection& connection);

    std::function<void(const std::string&)> on_line_;
    int listening_ = -1;
    std::vector<Connection> connections_;
};

}  // namespace historian
