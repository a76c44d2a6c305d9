#include "spec/desired.hpp"

#include <gtest/gtest.h>

namespace bulkhead::spec {
namespace {

Desired example() {
    return {model::GatewayName("press-line-3"),
            7,
            "kind: Gateway\n",
            "factory.yaml",
            "{}",
            {{model::PartitionName("press")},
             {model::DeviceName("can-1")},
             {{model::PartitionName("press"), model::VolumeName("data")}}},
            "2031-05-04T12:00:00.000Z"};
}

TEST(Desired, comes_back_as_it_was_signed) {
    const auto key = crypto::SigningKey::generate();
    const std::vector trusted{key.verify_key()};
    EXPECT_EQ(open_desired(sign_desired(example(), key), trusted, "file").value(), example());
}

TEST(Desired, is_taken_from_trusted_keys_only) {
    const std::vector trusted{crypto::SigningKey::generate().verify_key()};
    const auto opened =
        open_desired(sign_desired(example(), crypto::SigningKey::generate()), trusted, "file");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::refused);
}

TEST(Desired, refuses_what_it_does_not_know) {
    const auto json = to_json(example());
    const auto with = [&](const std::string& from, const std::string& to) {
        auto text = json;
        text.replace(text.find(from), from.size(), to);
        return desired_from_json(text, "file");
    };
    EXPECT_TRUE(desired_from_json(json, "file"));
    EXPECT_FALSE(with("\"generation\":7", "\"generation\":0"));
    EXPECT_FALSE(with("\"generation\":7", "\"generation\":-7"));
    EXPECT_FALSE(with("\"generation\":7", "\"generation\":18446744073709551615"));
    EXPECT_FALSE(with("press-line-3", "Press Line"));
    EXPECT_FALSE(with("\"press/data\"", "\"press\""));
    EXPECT_FALSE(with("\"kind\"", "\"sort\""));
    EXPECT_FALSE(desired_from_json("[]", "file"));
    EXPECT_FALSE(desired_from_json("", "file"));
}

}  // namespace
}  // namespace bulkhead::spec
