#include "crypto/sealed_box.hpp"

#include <gtest/gtest.h>

namespace bulkhead::crypto {
namespace {

TEST(SealedBox, opens_for_its_receiver_in_its_place_only) {
    const auto key = generate_box_key();
    const auto box = seal_box(key.public_key, "press-line-3/robot-cell/token", "secret").value();
    EXPECT_EQ(*open_box(key, "press-line-3/robot-cell/token", box, ""), "secret");
    EXPECT_FALSE(open_box(key, "press-line-3/press/token", box, ""));
    EXPECT_FALSE(open_box(generate_box_key(), "press-line-3/robot-cell/token", box, ""));
    EXPECT_NE(box, seal_box(key.public_key, "press-line-3/robot-cell/token", "secret").value());
}

TEST(SealedBox, refuses_every_altered_bit) {
    const auto key = generate_box_key();
    const auto box = seal_box(key.public_key, "here", "secret").value();
    for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
        // The top bit of an X25519 public key is ignored (RFC 7748 clause 5), but it is bound by the
        // derivation.
        auto altered = box;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(open_box(key, "here", altered, "")) << bit;
    }
    for (std::size_t size = 0; size < box.size(); ++size)
        EXPECT_FALSE(open_box(key, "here", box.substr(0, size), ""));
}

TEST(SealedBox, refuses_a_key_without_secrecy) {
    EXPECT_FALSE(seal_box(std::string(32, '\0'), "here", "secret"));
    EXPECT_FALSE(seal_box("short", "here", "secret"));
}

}  // namespace
}  // namespace bulkhead::crypto
