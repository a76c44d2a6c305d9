// What a console answers to calls that it does not serve.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

namespace bulkhead::console {

grpc::Status not_signed_in();
// `what` it does not do, and a gateway does.
grpc::Status on_a_gateway_only(const std::string& what);

}  // namespace bulkhead::console
