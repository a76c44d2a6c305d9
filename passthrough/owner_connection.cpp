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

Result<LineTestResult> OwnerConnection::test(const LineTestOrder& order, std::chrono::milliseconds deadline) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + deadline;
    BULKHEAD_TRY(helper_.ask(encode_test_request(order)));
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return fail(Code::timeout, "the test of the line does not end");
        BULKHEAD_TRY_ASSIGN(auto now, state(left));
        if (now.test && now.test->number == order.number) return std::move(*now.test);
    }
}

Result<> OwnerConnection::end(std::chrono::milliseconds patience) {
    return helper_.end(encode_stop_request(), patience);
}

}  // namespace bulkhead::passthrough
