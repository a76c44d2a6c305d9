#include "crypto/dsse.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "crypto/encoding.hpp"

namespace bulkhead::crypto {
namespace {

// RFC 8032 clause 7.1, test 2.
constexpr auto rfc_pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n-----END "
    "PRIVATE KEY-----\n";
const std::string rfc_public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

class Dsse : public testing::Test {
  protected:
    Code code_of(const std::string& text, const std::string& type = "text/plain") const {
        const std::vector trusted{key.verify_key()};
        const auto opened = open_envelope(text, type, trusted, "file");
        EXPECT_FALSE(opened) << text;
        return opened ? Code::internal : opened.error().code;
    }
    const SigningKey key = SigningKey::generate();
    const std::string envelope = sign_envelope("text/plain", "hello", key);
};

TEST(SigningKey, agrees_with_rfc_8032) {
    const auto key = SigningKey::from_pem(rfc_pem, "").value();
    EXPECT_EQ(to_hex(key.verify_key().raw()), rfc_public);
    EXPECT_EQ(to_hex(key.sign("\x72")).substr(0, 32), "92a009a9f0d4cab8720e820b5f642540");
    EXPECT_TRUE(key.verify_key().verifies("\x72", key.sign("\x72")));
    EXPECT_FALSE(key.verify_key().verifies("\x73", key.sign("\x72")));
}

TEST(SigningKey, comes_back_from_its_own_files) {
    const auto key = SigningKey::generate();
    EXPECT_EQ(SigningKey::from_pem(key.pem(), "")->verify_key(), key.verify_key());
    EXPECT_EQ(*VerifyKey::from_pem(key.verify_key().pem(), ""), key.verify_key());
    EXPECT_FALSE(VerifyKey::from_pem(key.pem(), ""));
    EXPECT_FALSE(SigningKey::from_pem(key.verify_key().pem(), ""));
    EXPECT_FALSE(SigningKey::from_pem("", ""));
}

TEST_F(Dsse, gives_back_what_was_signed_and_by_whom) {
    const std::vector trusted{SigningKey::generate().verify_key(), key.verify_key()};
    const auto opened = open_envelope(envelope, "text/plain", trusted, "file").value();
    EXPECT_EQ(opened.payload, "hello");
    EXPECT_EQ(opened.signer, key.verify_key());
    EXPECT_EQ(envelope, sign_envelope("text/plain", "hello", key));
}

TEST_F(Dsse, refuses_every_altered_letter) {
    const std::vector trusted{key.verify_key()};
    for (std::size_t place = 0; place < envelope.size(); ++place) {
        auto altered = envelope;
        altered[place] = altered[place] == 'x' ? 'y' : 'x';
        const auto opened = open_envelope(altered, "text/plain", trusted, "file");
        // White space between the values is not part of the document.
        if (!opened) continue;
        EXPECT_EQ(opened->payload, "hello");
        EXPECT_NE(std::string(" \n").find(envelope[place]), std::string::npos) << altered;
    }
}

// The error is shown to a person, on a terminal.
TEST_F(Dsse, shows_nothing_of_a_strangers_document_that_drives_a_terminal) {
    const std::vector trusted{SigningKey::generate().verify_key()};
    for (
        const char* text :
        {R"({"payload": "", "payloadType": "\u001b[2J\n", "signatures": []})",
         R"({"payload": "", "payloadType": "text/plain", "signatures": [{"keyid": "\u001b[2J\n", "sig": ""}]})"}) {
        const auto opened = open_envelope(text, "text/plain", trusted, "file");
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().text().find_first_of("\x1b\n"), std::string::npos) << opened.error().text();
    }
}

TEST_F(Dsse, reads_an_envelope_with_a_million_empty_lists_in_little_memory) {
    std::string lists;
    for (int i = 0; i < 1'000'000; ++i) lists += "[],";
    const std::string bomb = R"({"more": [[[[[)" + lists + "0]]]]]," + envelope.substr(1);
    const std::vector trusted{key.verify_key()};
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    const auto opened = open_envelope(bomb, "text/plain", trusted, "file");
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->payload, "hello");
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 16 * 1024) << "KiB";
}

TEST_F(Dsse, says_why_it_refuses) {
    EXPECT_EQ(code_of("nonsense"), Code::invalid);
    EXPECT_EQ(code_of("[]"), Code::invalid);
    EXPECT_EQ(code_of(envelope, "text/html"), Code::invalid);
    EXPECT_EQ(code_of(R"({"payload": "", "payloadType": "text/plain", "signatures": []})"), Code::refused);
    EXPECT_EQ(code_of(R"({"payload": "", "payloadType": "text/plain"})"), Code::refused);
    EXPECT_EQ(code_of(sign_envelope("text/plain", "hello", SigningKey::generate())), Code::refused);
    EXPECT_FALSE(open_envelope(envelope, "text/plain", {}, "file"));
}

}  // namespace
}  // namespace bulkhead::crypto
