// Accepts connections and gives each a thread of its own, of a bounded number. The library's own accept loop
// is not used: it ends for good on a passing error, and shares its port with whoever asks for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/places.hpp"

namespace bulkhead::console::http {

class Listener {
  public:
    // Serves one connection to its end; on the connection's thread.
    using Serve = std::function<void(int fd)>;

    // `address` is an IP address or localhost. `most_of_one`: connections of one peer's address, so that none
    // takes all threads.
    static Result<std::unique_ptr<Listener>> open(const std::string& address, std::uint16_t port,
                                                  std::size_t most_threads, std::size_t most_of_one);
    Listener(Fd socket, Fd stopped, std::uint16_t port, std::size_t most_threads, std::size_t most_of_one);
    ~Listener();

    std::uint16_t port() const { return port_; }
    int fd() const { return socket_.get(); }
    // Until stop(); returns when all connections have ended.
    void run(const Serve& serve);
    // From any thread, also before run. Connections are read no more, but may finish their answers.
    void stop();

  private:
    struct Connection {
        Fd fd;
        std::shared_ptr<void> place;  // of its peer's
    };
    void take(Connection connection, const Serve& serve);
    void work(const Serve& serve);
    bool should_stop();

    const Fd socket_, stopped_;  // stopped_: an eventfd
    const std::uint16_t port_;
    const std::size_t most_threads_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Places peers_;
    std::deque<Connection> waiting_;
    std::set<int> served_;
    std::size_t idle_ = 0;
    bool stop_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace bulkhead::console::http
