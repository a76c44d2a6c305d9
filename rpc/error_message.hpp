// Errors on the wire.
#pragma once

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::rpc {

bulkhead::v1alpha1::ErrorDetail to_message(const Error& error);
// An unknown code is Code::internal.
Error from_message(const bulkhead::v1alpha1::ErrorDetail& message);

}  // namespace bulkhead::rpc
