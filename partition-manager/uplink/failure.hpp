// A gRPC status of the console as our errors.
#pragma once

#include <grpcpp/support/status.h>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::uplink {

v1alpha1::ErrorDetail to_message(const Error& error);
// The errors that stand in the details, or else one made of the status.
Errors errors_of(const grpc::Status& status, const std::string& where);
Error first_error_of(const grpc::Status& status, const std::string& where);

}  // namespace bulkhead::uplink
