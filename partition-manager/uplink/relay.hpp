// Calls that the console passes on for people go to this gateway's own Control service, through a channel
// inside the process: the same handlers, locks and rules as for anybody. The console's word for the person
// travels in the metadata, which the service believes on that channel only.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "partition-manager/uplink/post.hpp"

namespace bulkhead::uplink {

// Metadata. Names of people have letters that gRPC takes in a key of this suffix alone: it ends the process
// over them elsewhere.
inline constexpr const char* actor_key = "bulkhead-actor-bin";
// Of a vendor: the tenant beside which nothing exists for it.
inline constexpr const char* tenant_key = "bulkhead-tenant-bin";

class Relay {
  public:
    static constexpr std::size_t most_calls = 64;

    Relay(std::shared_ptr<grpc::Channel> control, std::shared_ptr<Post> post);
    // Cancels what is in progress, and waits until gRPC is done with it.
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    void on(const v1alpha1::CallData& data);

  private:
    class Call;
    class Living;
    void begin(const v1alpha1::CallData& data);
    void refuse(std::uint64_t id, const Error& error);

    std::shared_ptr<grpc::Channel> control_;
    std::shared_ptr<Post> post_;      // shared with calls that end after the connection
    std::shared_ptr<Living> living_;  // shared with calls that end
    std::map<std::uint64_t, std::shared_ptr<Call>> calls_;
};

}  // namespace bulkhead::uplink
