// What a caller gets for an error, and what is read of it again.
#include "rpc/status.hpp"

#include <gtest/gtest.h>

#include "rpc/error_message.hpp"

namespace bulkhead::rpc::test {
namespace {

v1alpha1::ErrorList details_of(const grpc::Status& status) {
    v1alpha1::ErrorList list;
    EXPECT_TRUE(list.ParseFromString(status.error_details()));
    return list;
}

TEST(Status, carries_every_error_whole_in_the_details_of_the_status) {
    const auto status =
        to_status(Errors{{Code::invalid, "unknown key 'memroy'", "f.yaml:14:9", "memory", "write memory"},
                         {Code::conflict, "claimed twice", "f.yaml:20:1", "", ""}});
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message(), "f.yaml:14:9: unknown key 'memroy'; wanted memory; write memory");
    const auto list = details_of(status);
    ASSERT_EQ(list.errors_size(), 2);
    EXPECT_EQ(list.errors(0).code(), "invalid");
    EXPECT_EQ(list.errors(0).what(), "unknown key 'memroy'");
    EXPECT_EQ(list.errors(0).where(), "f.yaml:14:9");
    EXPECT_EQ(list.errors(0).wanted(), "memory");
    EXPECT_EQ(list.errors(0).mend(), "write memory");
    EXPECT_EQ(list.errors(1).code(), "conflict");
}

TEST(Status, gives_each_code_a_status_of_which_none_is_ok_or_unavailable) {
    // UNAVAILABLE is gRPC's own word for: nobody answers on the socket.
    for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
        const auto status = to_status(Error{static_cast<Code>(code), "x", "", "", ""});
        EXPECT_FALSE(status.ok()) << code;
        EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << code;
        EXPECT_EQ(details_of(status).errors(0).code(), code_name(static_cast<Code>(code)));
    }
    EXPECT_EQ(to_status(Error{Code::locked, "x", "", "", ""}).error_code(),
              grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(to_status(Error{Code::refused, "x", "", "", ""}).error_code(),
              grpc::StatusCode::FAILED_PRECONDITION);
}

TEST(Status, makes_of_a_failure_without_errors_a_defect_of_ours) {
    EXPECT_EQ(to_status(Errors{}).error_code(), grpc::StatusCode::INTERNAL);
}

TEST(ErrorMessage, is_read_as_what_was_written) {
    for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
        const Error error{static_cast<Code>(code), "what", "where", "wanted", "mend"};
        const Error read = from_message(to_message(error));
        EXPECT_EQ(read.code, error.code);
        EXPECT_EQ(read.text(), error.text());
    }
}

TEST(ErrorMessage, of_a_code_that_a_newer_peer_has_is_a_defect) {
    auto message = to_message(Error{Code::invalid, "what", {}, {}, {}});
    message.set_code("of the next version");
    EXPECT_EQ(from_message(message).code, Code::internal);
}

}  // namespace
}  // namespace bulkhead::rpc::test
