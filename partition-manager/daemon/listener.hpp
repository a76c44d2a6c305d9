// The control socket: who connects is checked by the kernel's word before gRPC sees a byte.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_context.h>

#include <filesystem>
#include <string>

#include "base/loop.hpp"
#include "partition-manager/daemon/caller.hpp"

namespace bulkhead::daemon {

// Accepts connections of root (and of the daemon's own user) and hands them to `server`; others are closed at
// once and logged. Lives on the loop's thread.
class Listener {
  public:
    static Result<Listener> open(Loop& loop, grpc::Server& server, const std::filesystem::path& path);
    Listener(Listener&&) = default;
    ~Listener();

  private:
    Listener(Loop& loop, Fd socket) : loop_(&loop), socket_(std::move(socket)) {}
    Loop* loop_;
    Fd socket_;
};

// Who calls: "uid:0", or what the console said of a call that the uplink passes on: "user:anna". gRPC 1.51
// names a connection that it was handed "fd:N", and the kernel knows who is behind N.
std::string actor_of(const grpc::ServerContext& context);

Caller caller_of(const grpc::ServerContext& context);

}  // namespace bulkhead::daemon
