// Errors as gRPC's status, which carries the first one's code and text, and all of them as an ErrorList in
// its details. Gateways and consoles answer alike.
#pragma once

#include <grpcpp/support/status.h>

#include "base/error.hpp"

namespace bulkhead::rpc {

grpc::Status to_status(const Errors& errors);
grpc::Status to_status(const Error& error);

}  // namespace bulkhead::rpc
