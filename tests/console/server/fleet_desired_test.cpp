// The signed state of a gateway, on its way there, and what it said to it.
#include <gtest/gtest.h>

#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

TEST_F(FleetTest, a_desired_state_needs_its_signature_and_goes_out_at_once) {
    enrol("press-3");
    const auto line = std::make_shared<ToldLine>();
    lines.put("press-3", line);
    const auto code = [&](const std::string& envelope) {
        const auto set = fleet->set_desired(admin, envelope);
        return set ? "ok" : std::string(code_name(set.error().front().code));
    };
    EXPECT_EQ(code(signed_desired(crypto::SigningKey::generate(), "press-3", 1)), "refused");
    EXPECT_NE(code("{}"), "ok");
    EXPECT_EQ(line->pushed, 0u);
    EXPECT_EQ(code(signed_desired(key, "press-3", 2)), "ok");
    EXPECT_EQ(line->pushed, 2u);
    EXPECT_EQ(code(signed_desired(key, "press-3", 2)), "conflict");
    EXPECT_EQ(code(signed_desired(key, "press-9", 1)), "not_found");
    EXPECT_EQ(fleet->audit(admin, 0, 1)->front().action, "desired.set");
}

TEST_F(FleetTest, why_a_gateway_refused_is_told_in_its_own_words_until_the_next_generation) {
    enrol("press-3");
    ASSERT_TRUE(fleet->set_desired(admin, signed_desired(key, "press-3", 2)));
    api::DesiredResult said;
    auto& error = *said.add_errors();
    error.set_code("locked");
    error.set_what("partition historian is locked");
    error.set_where("machine/historian");
    error.set_mend("bulkhead unlock historian");
    roster.change("press-3", [&](GatewayState& state) { state.refusal = refusal_of(said); });
    const auto view = fleet->gateways(admin, {})->items(0);
    ASSERT_EQ(view.desired_errors_size(), 1);
    EXPECT_EQ(view.desired_errors(0).SerializeAsString(), error.SerializeAsString());
    EXPECT_EQ(view.reason(),
              "it did not take generation 2: partition historian is locked; bulkhead unlock historian");
    const auto acme = fleet->gateways({"vera", Role::vendor, "acme"}, {})->items(0);
    EXPECT_EQ(acme.desired_errors_size(), 0) << "historian is another tenant's";
    EXPECT_EQ(acme.reason().find("historian"), std::string::npos) << acme.reason();
    ASSERT_TRUE(fleet->set_desired(admin, signed_desired(key, "press-3", 3)));
    EXPECT_EQ(fleet->gateways(admin, {})->items(0).desired_errors_size(), 0);
}

TEST(Refusal, is_bounded_and_comes_back_from_the_store_as_it_was) {
    api::DesiredResult said;
    for (int i = 0; i < 1000; ++i) said.add_errors()->set_what(std::string(100'000, 'x') + "\x1b[2J");
    const auto refusal = refusal_of(said);
    EXPECT_LT(to_text(refusal).size(), 200'000U);
    const auto again = refusal_from_text(to_text(refusal));
    ASSERT_EQ(again.size(), refusal.size());
    EXPECT_EQ(again.back().SerializeAsString(), refusal.back().SerializeAsString());
    EXPECT_EQ(summary_of(refusal_from_text("words of an older console")), "words of an older console");
    EXPECT_TRUE(refusal_from_text(to_text({})).empty());
}

}  // namespace
}  // namespace bulkhead::console
