#include "partition-manager/uplink/failure.hpp"

#include "base/text.hpp"

namespace bulkhead::uplink {
namespace {

constexpr std::size_t longest_text = 512;

Code code_of(std::string_view name) {
    for (int i = 0; i <= static_cast<int>(Code::internal); ++i)
        if (code_name(static_cast<Code>(i)) == name) return static_cast<Code>(i);
    return Code::internal;
}

Code code_of(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::INVALID_ARGUMENT:
            return Code::invalid;
        case grpc::StatusCode::NOT_FOUND:
            return Code::not_found;
        case grpc::StatusCode::PERMISSION_DENIED:
        case grpc::StatusCode::UNAUTHENTICATED:
        case grpc::StatusCode::FAILED_PRECONDITION:
            return Code::refused;
        case grpc::StatusCode::UNIMPLEMENTED:
            return Code::unsupported;
        case grpc::StatusCode::DEADLINE_EXCEEDED:
            return Code::timeout;
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::CANCELLED:
        case grpc::StatusCode::ABORTED:
            return Code::unavailable;
        default:
            return Code::internal;
    }
}

std::string clean(const std::string& text) {
    return printable(text, longest_text);
}

}  // namespace

v1alpha1::ErrorDetail to_message(const Error& error) {
    v1alpha1::ErrorDetail message;
    message.set_code(std::string(code_name(error.code)));
    message.set_what(valid_utf8(error.what));
    message.set_where(valid_utf8(error.where));
    message.set_wanted(valid_utf8(error.wanted));
    message.set_mend(valid_utf8(error.mend));
    return message;
}

Errors errors_of(const grpc::Status& status, const std::string& where) {
    if (status.ok()) return {};
    Errors errors;
    v1alpha1::ErrorList list;
    if (!status.error_details().empty() && list.ParseFromString(status.error_details()))
        for (const auto& detail : list.errors())
            errors.push_back({code_of(detail.code()), clean(detail.what()), clean(detail.where()),
                              clean(detail.wanted()), clean(detail.mend())});
    if (errors.empty())
        errors.push_back({code_of(status.error_code()), clean(status.error_message()), where, {}, {}});
    return errors;
}

Error first_error_of(const grpc::Status& status, const std::string& where) {
    if (status.ok()) return {Code::unavailable, "the console ended the connection", where, {}, {}};
    return errors_of(status, where).front();
}

}  // namespace bulkhead::uplink
