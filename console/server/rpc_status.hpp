// Errors as gRPC's status, with an ErrorList in its details; as a gateway's own API has it.
#pragma once

#include <grpcpp/support/status.h>

#include "base/error.hpp"

namespace bulkhead::console {

grpc::Status to_status(const Errors& errors);
grpc::Status to_status(const Error& error);

}  // namespace bulkhead::console
