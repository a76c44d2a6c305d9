// A person's call that is passed on to a gateway, as gRPC's services do it: which gateway is meant, who may
// have one more, and its answers, as fast as they are read.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/places.hpp"
#include "console/server/answers.hpp"
#include "console/server/fleet.hpp"

namespace bulkhead::console {

// What is asked of a gateway. It is about a partition, or about whatever `request` says.
struct Asked {
    std::string gateway;
    std::string partition;
    std::string method;
    std::string request;  // serialised
};

class Passage {
  public:
    // While a call runs, its session is looked at again every `beat`.
    explicit Passage(Fleet& fleet, std::chrono::milliseconds beat = std::chrono::seconds{10})
        : fleet_(fleet), beat_(beat) {}

    // Takes an answer; false: nobody is left to read.
    using OnMessage = std::function<bool(const std::string&)>;

    // One request. Until the call ends, nobody is left to read, or the session has ended.
    grpc::Status relay(grpc::ServerContext& context, const Asked& asked, const OnMessage& on_message);

    // A call that the caller goes on writing to.
    struct Open {
        std::shared_ptr<void> place;
        std::shared_ptr<Answers> answers;  // shared with the line, which may speak after the call
        std::unique_ptr<RelayedCall> call;
    };
    Answer<Open> open(const Viewer& viewer, const Asked& asked);
    grpc::Status pass_on(grpc::ServerContext& context, Open& open, const OnMessage& on_message);

    // The only gateway on which a partition of this name is seen, if none was named.
    Answer<std::string> gateway_of(const Viewer& viewer, const std::string& gateway,
                                   const std::string& partition);
    // Likewise with a device.
    Answer<std::string> gateway_with_device(const Viewer& viewer, const std::string& gateway,
                                            const std::string& device);
    // The only one that has what a capture is asked of, or the only one at all.
    Answer<std::string> gateway_with(const Viewer& viewer, const std::string& gateway,
                                     const std::string& subject);

  private:
    static constexpr std::size_t most_calls = 64;
    static constexpr std::size_t most_calls_of_one = 16;
    Fleet& fleet_;
    const std::chrono::milliseconds beat_;
    Places places_{most_calls, most_calls_of_one};
};

}  // namespace bulkhead::console
