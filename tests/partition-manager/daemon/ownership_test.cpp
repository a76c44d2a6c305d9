// Whose the spec is: before enrolment a local person's, then IT's by signature, and behind broken glass.
#include <gmock/gmock.h>

#include "partition-manager/uplink/spool.hpp"
#include "spec/desired.hpp"
#include "tests/partition-manager/daemon/gateway.hpp"
#include "tests/partition-manager/daemon/names.hpp"

namespace bulkhead::daemon {
namespace {

using testing::Contains;
using testing::HasSubstr;

struct OwnershipTest : Gateway {
    OwnershipTest() { use_keys(); }
    void use_keys() { life->it_keys = {it.verify_key()}; }
    void enrol() { ASSERT_TRUE(uplink::Spool(*database).begin()); }
    std::string sign(std::uint64_t generation, const std::string& document, model::Permits permits = {},
                     const std::string& gateway = "press-line-3") const {
        spec::Desired desired;
        desired.gateway = model::GatewayName(gateway);
        desired.generation = generation;
        desired.document = document;
        desired.document_name = "factory.yaml";
        desired.references = "{}";
        desired.permits = std::move(permits);
        desired.signed_at = "2031-05-04T12:00:00Z";
        return spec::sign_desired(desired, it);
    }
    auto apply_signed(const std::string& envelope) {
        return life->requests.apply_signed({envelope, "signed spec"}, {});
    }
    auto break_glass(const std::string& document, const std::string& reason) {
        return life->requests.apply({document, "factory.yaml"}, {}, "uid:0", {}, reason);
    }
    std::uint64_t in_force() {
        const auto spec = life->ownership.signed_spec().value();
        return spec ? spec->generation : 0;
    }
    const crypto::SigningKey it = crypto::SigningKey::generate();
    const std::string changed = factory_with("lock: null", "lock: {by: plant, reason: shift}");
};

TEST_F(OwnershipTest, before_enrolment_a_local_person_owns_the_spec) {
    apply_factory();
    EXPECT_FALSE(life->ownership.break_glass().value());
}

TEST_F(OwnershipTest, after_enrolment_a_local_apply_is_refused_and_told_how_it_could_be_done) {
    apply_factory();
    enrol();
    const auto calls = machine.fake.calls();
    const auto refused = apply(changed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().code, Code::refused);
    EXPECT_THAT(refused.error().front().mend, HasSubstr("--break-glass REASON"));
    EXPECT_EQ(machine.fake.calls(), calls);
    EXPECT_EQ(life->store.spec()->value().document, factory);
}

TEST_F(OwnershipTest, broken_glass_is_remembered_and_recorded_until_the_next_signed_generation) {
    enrol();
    ASSERT_TRUE(apply_signed(sign(7, factory)));
    EXPECT_EQ(in_force(), 7U);
    const auto done = break_glass(changed, "console is down, line stands");
    ASSERT_TRUE(done) << done.error().front().text();
    restart();
    use_keys();
    const auto broken = life->ownership.break_glass().value();
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->reason, "console is down, line stands");
    EXPECT_EQ(broken->actor, "uid:0");
    EXPECT_THAT(event_codes(), Contains("break-glass.begun"));
    EXPECT_EQ(life->store.spec()->value().document, changed);
    EXPECT_EQ(in_force(), 7U);
    EXPECT_FALSE(apply_signed(sign(7, factory)));
    ASSERT_TRUE(apply_signed(sign(8, factory)));
    EXPECT_FALSE(life->ownership.break_glass().value());
    EXPECT_EQ(life->store.spec()->value().document, factory);
}

TEST_F(OwnershipTest, a_signed_spec_works_whoever_brings_it_and_names_its_key) {
    enrol();
    ASSERT_TRUE(apply(sign(1, factory)));
    EXPECT_EQ(in_force(), 1U);
    const auto page = life->events.page({{}, {}, 0, 1000}).value();
    EXPECT_TRUE(std::ranges::any_of(page.events, [&](const auto& stored) {
        return stored.event.code == "desired.taken" && stored.event.actor == "it:" + it.verify_key().id();
    }));
}

TEST_F(OwnershipTest, an_old_generation_is_refused_after_a_restart_too) {
    enrol();
    ASSERT_TRUE(apply_signed(sign(7, factory)));
    restart();
    use_keys();
    const auto refused = apply_signed(sign(7, changed));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().code, Code::conflict);
    EXPECT_THAT(event_codes(), Contains("desired.refused"));
    EXPECT_EQ(life->store.spec()->value().document, factory);
}

TEST_F(OwnershipTest, another_gateways_spec_is_refused_outside_and_inside) {
    enrol();
    EXPECT_FALSE(apply_signed(sign(1, factory, {}, "press-line-4")));
    EXPECT_FALSE(apply_signed(sign(1, factory_with("name: press-line-3", "name: press-line-4"))));
    EXPECT_EQ(in_force(), 0U);
    EXPECT_EQ(machine.fake.calls(), 0U);
}

TEST_F(OwnershipTest, what_a_signed_spec_may_disturb_is_signed_with_it_and_locks_hold) {
    enrol();
    ASSERT_TRUE(apply_signed(sign(1, factory)));
    const auto refused = apply_signed(sign(2, with_more_memory()));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().front().mend, HasSubstr("bulkhead sign --allow-restart robot-cell"));
    EXPECT_EQ(in_force(), 1U);
    ASSERT_TRUE(lock("robot-cell", "calibrating"));
    EXPECT_EQ(apply_signed(sign(2, with_more_memory(), {{robot}, {}, {}})).error().front().code,
              Code::locked);
    ASSERT_TRUE(life->requests.unlock(robot, "uid:7"));
    const auto done = apply_signed(sign(2, with_more_memory(), {{robot}, {}, {}}));
    ASSERT_TRUE(done) << done.error().front().text();
    EXPECT_EQ(machine.starts_of("robot-cell"), 2U);
    EXPECT_EQ(machine.starts_of("press"), 1U);
}

TEST_F(OwnershipTest, what_is_in_force_was_taken_even_if_a_step_of_it_fails) {
    enrol();
    machine.fake.on_action([](fake::Moment, const model::Action& action) -> Result<> {
        if (std::holds_alternative<model::DefineMachine>(action)) return fail(Code::io, "no space");
        return {};
    });
    EXPECT_TRUE(life->requests.take_signed({sign(1, factory), "signed spec"}));
    EXPECT_EQ(in_force(), 1U);
    EXPECT_FALSE(life->requests.take_signed({sign(1, changed), "signed spec"})) << "an old generation";
}

// The line broke before the console heard that it was taken.
TEST_F(OwnershipTest, what_is_in_force_is_taken_when_the_console_sends_it_anew) {
    enrol();
    const Document signed_spec{sign(7, factory), "signed spec"};
    ASSERT_TRUE(life->requests.take_signed(signed_spec));
    restart();
    use_keys();
    const auto calls = machine.fake.calls();
    EXPECT_TRUE(life->requests.take_signed(signed_spec));
    EXPECT_EQ(machine.fake.calls(), calls);
    EXPECT_THAT(event_codes(), testing::Not(Contains("desired.refused")));
}

TEST_F(OwnershipTest, without_a_key_of_it_nothing_signed_is_taken) {
    enrol();
    life->it_keys.clear();
    EXPECT_FALSE(apply_signed(sign(1, factory)));
    EXPECT_EQ(in_force(), 0U);
}

}  // namespace
}  // namespace bulkhead::daemon
