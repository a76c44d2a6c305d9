#include "passthrough/owner_connection.hpp"

namespace bulkhead::passthrough {

Result<OwnerConnection> OwnerConnection::open(const std::filesystem::path& control) {
    BULKHEAD_TRY_ASSIGN(auto helper, HelperConnection::open(control, "owner of the device"));
    return OwnerConnection(std::move(helper));
}

Result<OwnerState> OwnerConnection::state(std::chrono::milliseconds deadline) {
    BULKHEAD_TRY_ASSIGN(const auto payload, helper_.state(deadline));
    return decode_owner_state(payload);
}

Result<> OwnerConnection::end(std::chrono::milliseconds patience) {
    return helper_.end(encode_stop_request(), patience);
}

}  // namespace bulkhead::passthrough
