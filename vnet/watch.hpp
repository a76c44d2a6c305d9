// Tells when someone may have touched the switch: the kernel says so for interfaces, qdiscs and filters.
#pragma once

#include <memory>

#include "base/error.hpp"

struct nl_sock;

namespace bulkhead::vnet {

class Watch {
  public:
    // Bound to the network namespace of the calling thread.
    static Result<Watch> open();

    // Readable when something happened.
    int fd() const;
    // Whether something did that concerns a switch; takes all that waits. True as well if some was missed.
    bool drain();

  private:
    struct Free {
        void operator()(nl_sock* socket) const;
    };
    explicit Watch(nl_sock* socket) : socket_(socket) {}

    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace bulkhead::vnet
