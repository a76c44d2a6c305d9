// Takes connections to some ports of every address.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/loop.hpp"
#include "vnet/guard/process/socket.hpp"

namespace bulkhead::vnet::guard {

class Listeners {
  public:
    using Place = std::pair<int, std::uint16_t>;  // family and port

    Listeners(Loop& loop, std::function<void(Accepted)> accepted)
        : loop_(loop), accepted_(std::move(accepted)) {}
    ~Listeners();
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    // There and nowhere else.
    Result<> listen_at(const std::set<Place>& places);

  private:
    void on_ready(int listener);

    Loop& loop_;
    const std::function<void(Accepted)> accepted_;
    std::map<Place, Fd> sockets_;
};

}  // namespace bulkhead::vnet::guard
