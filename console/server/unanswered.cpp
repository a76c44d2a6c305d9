#include "console/server/unanswered.hpp"

#include "rpc/status.hpp"

namespace bulkhead::console {

grpc::Status not_signed_in() {
    const Error error{Code::refused, "nobody is signed in", {}, {}, "bulkhead login"};
    return {grpc::StatusCode::UNAUTHENTICATED, error.text(), rpc::to_status(error).error_details()};
}

grpc::Status on_a_gateway_only(const std::string& what) {
    return rpc::to_status(Error{Code::unsupported,
                                "the console does not " + what,
                                {},
                                {},
                                "use bulkhead on the gateway itself, with --context of its socket"});
}

}  // namespace bulkhead::console
