#include "console/server/rpc_status.hpp"

#include "console/server/error_message.hpp"

namespace bulkhead::console {
namespace {

grpc::StatusCode status_code(Code code) {
    switch (code) {
        case Code::invalid:
            return grpc::StatusCode::INVALID_ARGUMENT;
        case Code::not_found:
            return grpc::StatusCode::NOT_FOUND;
        case Code::refused:
        case Code::locked:
        case Code::conflict:
            return grpc::StatusCode::FAILED_PRECONDITION;
        case Code::unavailable:
            return grpc::StatusCode::ABORTED;  // UNAVAILABLE is: no console answers
        case Code::unsupported:
            return grpc::StatusCode::UNIMPLEMENTED;
        case Code::corrupt:
        case Code::newer:
            return grpc::StatusCode::DATA_LOSS;
        case Code::timeout:
            return grpc::StatusCode::DEADLINE_EXCEEDED;
        case Code::io:
        case Code::internal:
            return grpc::StatusCode::INTERNAL;
    }
    return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status to_status(const Errors& errors) {
    bulkhead::v1alpha1::ErrorList list;
    for (const auto& error : errors) *list.add_errors() = to_message(error);
    const Error first =
        errors.empty() ? Error{Code::internal, "failed without a reason", {}, {}, {}} : errors.front();
    return {status_code(first.code), first.text(), list.SerializeAsString()};
}

grpc::Status to_status(const Error& error) {
    return to_status(Errors{error});
}

grpc::Status not_signed_in() {
    const Error error{Code::refused, "nobody is signed in", {}, {}, "bulkhead login"};
    return {grpc::StatusCode::UNAUTHENTICATED, error.text(), to_status(error).error_details()};
}

grpc::Status on_a_gateway_only(const std::string& what) {
    return to_status(Error{Code::unsupported,
                           "the console does not " + what,
                           {},
                           {},
                           "use bulkhead on the gateway itself, with --context of its socket"});
}

}  // namespace bulkhead::console
