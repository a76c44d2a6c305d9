// Errors as gRPC's status, with an ErrorList in its details; as a gateway's own API has it.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "base/error.hpp"

namespace bulkhead::console {

grpc::Status to_status(const Errors& errors);
grpc::Status to_status(const Error& error);
grpc::Status not_signed_in();
// What a console answers to a call that it does not `what`.
grpc::Status on_a_gateway_only(const std::string& what);

}  // namespace bulkhead::console
