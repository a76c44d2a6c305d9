// A person at a partition's serial console.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include <stop_token>

#include "base/fd.hpp"
#include "bulkhead/v1alpha1/control.grpc.pb.h"

namespace bulkhead::daemon {

// Copies both ways until the caller leaves, the console ends, or `stop` is asked. An empty message tells the
// caller that the console has ended. Blocks.
grpc::Status relay_console(Fd console, grpc::ServerContext& context,
                           grpc::ServerReaderWriter<v1alpha1::ConsoleOutput, v1alpha1::ConsoleInput>& stream,
                           const std::stop_token& stop);

}  // namespace bulkhead::daemon
