#include "rpc/status.hpp"

#include "rpc/error_message.hpp"

namespace bulkhead::rpc {
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
            return grpc::StatusCode::ABORTED;  // UNAVAILABLE is: nobody answers
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
    v1alpha1::ErrorList list;
    for (const auto& error : errors) *list.add_errors() = to_message(error);
    const Error first =
        errors.empty() ? Error{Code::internal, "failed without a reason", {}, {}, {}} : errors.front();
    return {status_code(first.code), first.text(), list.SerializeAsString()};
}

grpc::Status to_status(const Error& error) {
    return to_status(Errors{error});
}

}  // namespace bulkhead::rpc
