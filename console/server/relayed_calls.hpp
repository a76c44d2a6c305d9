// Calls of people that run on a gateway now, over its one line. From any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "bulkhead/v1alpha1/fleet.pb.h"
#include "console/server/lines.hpp"

namespace bulkhead::console {

class RelayedCalls {
  public:
    using Send = std::function<void(api::FromConsole)>;
    explicit RelayedCalls(Send send) : wires_(std::make_shared<Wires>(std::move(send))) {}

    std::unique_ptr<RelayedCall> open(const Caller& caller, const std::string& method, std::string request,
                                      RelayEvents events);
    void received(const api::CallData& data);
    // All of them, and every later one.
    void end(const Error& why);

  private:
    struct Wires {
        explicit Wires(Send send_to) : send(std::move(send_to)) {}
        const Send send;
        std::mutex mutex;
        bool ended = false;
        std::uint64_t last = 0;
        // Shared: a callback may run while its call ends elsewhere.
        std::map<std::uint64_t, std::shared_ptr<RelayEvents>> open;
    };
    class Call;
    // Shared with calls, which people hold beyond the line's end.
    std::shared_ptr<Wires> wires_;
};

}  // namespace bulkhead::console
