#include "rpc/error_message.hpp"

namespace bulkhead::rpc {

bulkhead::v1alpha1::ErrorDetail to_message(const Error& error) {
    bulkhead::v1alpha1::ErrorDetail message;
    message.set_code(std::string(code_name(error.code)));
    message.set_what(error.what);
    message.set_where(error.where);
    message.set_wanted(error.wanted);
    message.set_mend(error.mend);
    return message;
}

Error from_message(const bulkhead::v1alpha1::ErrorDetail& message) {
    Error error{Code::internal, message.what(), message.where(), message.wanted(), message.mend()};
    for (int code = 0; code <= static_cast<int>(Code::internal); ++code)
        if (code_name(static_cast<Code>(code)) == message.code()) error.code = static_cast<Code>(code);
    return error;
}

}  // namespace bulkhead::rpc
