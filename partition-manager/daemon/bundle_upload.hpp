// A bundle that comes over the control API.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "partition-manager/daemon/bundles.hpp"

namespace bulkhead::daemon {

// Until the caller ends it; one that goes away leaves nothing behind. One upload at a time, which `busy`
// tells: each may take the whole of what the policy allows.
Result<images::IncomingBundle::Stored> receive_bundle(const Bundles& bundles,
                                                      const grpc::ServerContext& context,
                                                      grpc::ServerReader<v1alpha1::BundleChunk>& reader,
                                                      std::atomic_flag& busy);

}  // namespace bulkhead::daemon
