#include <gtest/gtest.h>

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/attest.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/reader.hpp"
#include "attestation/wire/signature.hpp"
#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation::wire {
namespace {

std::string quote_bytes(const std::string& selection = encode_selection({0, 13})) {
    return Writer()
        .u32(tpm_generated)
        .u16(st_attest_quote)
        .sized("signer")
        .sized(std::string(32, 'n'))
        .u64(1234)
        .u32(5)
        .u32(6)
        .u8(1)
        .u64(7)
        .bytes(selection)
        .sized(std::string(32, 'd'))
        .take();
}

TEST(Reader, reads_zero_after_something_did_not_fit) {
    Reader reader(
        std::string_view("\x00\x05"
                         "ab",
                         4));
    EXPECT_EQ(reader.sized(16), "");
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.u32(), 0U);
    EXPECT_EQ(reader.end("it").error().what, "it ends 3 bytes early");
}

TEST(Reader, refuses_a_buffer_above_its_limit_even_if_it_is_there) {
    Reader reader(
        std::string_view("\x00\x05"
                         "abcde",
                         7));
    reader.sized(4);
    EXPECT_EQ(reader.end("it").error().what, "it has a buffer of 5 bytes where at most 4 can be");
}

TEST(Attest, is_read_whole) {
    const auto attest = parse_attest(quote_bytes());
    ASSERT_TRUE(attest) << attest.error().text();
    EXPECT_EQ(attest->extra_data, std::string(32, 'n'));
    EXPECT_EQ(attest->clock, 1234U);
    EXPECT_EQ(attest->reset_count, 5U);
    EXPECT_EQ(attest->restart_count, 6U);
    EXPECT_TRUE(attest->safe);
    EXPECT_EQ(attest->pcr_digest, std::string(32, 'd'));
    EXPECT_EQ(attest->selections, (std::vector<PcrSelection>{{.hash = alg_sha256, .pcrs = {0, 13}}}));
}

TEST(Attest, refuses_every_truncation_and_anything_behind) {
    const std::string whole = quote_bytes();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(parse_attest(whole.substr(0, size))) << size;
    EXPECT_FALSE(parse_attest(whole + 'x'));
}

TEST(Attest, keeps_a_wrong_magic_and_a_wrong_type_for_its_caller_to_see) {
    std::string other_magic = quote_bytes();
    other_magic[0] = '\xde';
    EXPECT_FALSE(parse_attest(other_magic)->generated_by_tpm());
    std::string other_type = quote_bytes();
    other_type[5] = '\x17';
    EXPECT_FALSE(parse_attest(other_type)->is_quote());
}

TEST(Attest, refuses_absurd_selections) {
    EXPECT_FALSE(parse_attest(quote_bytes(Writer().u32(0xffffffff).take())));
    EXPECT_FALSE(parse_attest(quote_bytes(Writer().u32(1).u16(alg_sha256).u8(255).take())));
}

TEST(PublicArea, goes_there_and_back) {
    const auto ek = parse_public(ek_template());
    ASSERT_TRUE(ek) << ek.error().text();
    EXPECT_EQ(encode_public(*ek), ek_template());
    EXPECT_EQ(difference(*ek, ek_area()), "");
    EXPECT_EQ(difference(*parse_public(ak_template()), ak_area()), "");
}

TEST(PublicArea, names_what_differs_from_the_template) {
    PublicArea area = ak_area();
    area.attributes &= ~restricted;
    EXPECT_EQ(difference(area, ak_area()), "it is not restricted");
    area = ak_area();
    area.attributes |= decrypt;
    EXPECT_EQ(difference(area, ak_area()), "it is decrypt");
    area = ak_area();
    area.attributes |= 1U << 31U;
    EXPECT_EQ(difference(area, ak_area()), "unknown attributes 0x80000000");
    area = ak_area();
    area.scheme_hash = alg_sha1;
    EXPECT_EQ(difference(area, ak_area()), "its signing scheme is 0x18 with hash 0x4");
    area = ak_area();
    area.auth_policy = "p";
    EXPECT_EQ(difference(area, ak_area()), "its policy is another one");
}

TEST(PublicArea, refuses_other_kinds_of_keys) {
    PublicArea rsa = ak_area();
    rsa.type = 1;
    EXPECT_FALSE(parse_public(encode_public(rsa)));
    PublicArea p384 = ak_area();
    p384.curve = 4;
    EXPECT_FALSE(parse_public(encode_public(p384)));
    PublicArea long_point = ak_area();
    long_point.x = std::string(48, 'x');
    EXPECT_FALSE(parse_public(encode_public(long_point)));
    EXPECT_FALSE(parse_public(ak_template() + "x"));
}

TEST(Signature, goes_there_and_back_and_gets_its_leading_zeros) {
    const Signature signature{
        .scheme = alg_ecdsa, .hash = alg_sha256, .r = std::string(32, 'r'), .s = std::string(32, 's')};
    EXPECT_EQ(*parse_signature(encode_signature(signature)), signature);
    Signature shorter = signature;
    shorter.s = "s";
    EXPECT_EQ(parse_signature(encode_signature(shorter))->s, std::string(31, '\0') + "s");
    Signature longer = signature;
    longer.r = std::string(33, 'r');
    EXPECT_FALSE(parse_signature(encode_signature(longer)));
    EXPECT_FALSE(parse_signature(encode_signature(signature) + "x"));
}

}  // namespace
}  // namespace bulkhead::attestation::wire
