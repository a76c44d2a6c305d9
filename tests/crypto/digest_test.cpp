#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

namespace bulkhead::crypto {
namespace {

// FIPS 180-2, appendix B, and NIST's long message.
constexpr auto abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto million_a = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Digest, agrees_with_the_standards_examples) {
    EXPECT_EQ(*sha256("abc"), abc);
    EXPECT_EQ(*sha256(std::string(1'000'000, 'a')), million_a);
}

TEST(Digest, of_a_file_is_that_of_its_bytes) {
    const std::unique_ptr<FILE, decltype([](FILE* f) { std::fclose(f); })> file(std::tmpfile());
    ASSERT_TRUE(file);
    std::fputs(std::string(1'000'000, 'a').c_str(), file.get());
    std::rewind(file.get());
    EXPECT_EQ(*sha256_of_rest(::fileno(file.get()), "file"), million_a);
}

TEST(Digest, of_what_can_not_be_read_is_an_error) {
    EXPECT_EQ(sha256_of_rest(-1, "/nowhere").error().where, "/nowhere");
}

TEST(Digest, text_is_64_lower_case_digits) {
    EXPECT_TRUE(is_sha256(abc));
    EXPECT_FALSE(is_sha256(std::string(63, 'a')));
    EXPECT_FALSE(is_sha256(std::string(64, 'A')));
    EXPECT_FALSE(is_sha256(std::string(63, 'a') + '\n'));
}

}  // namespace
}  // namespace bulkhead::crypto
