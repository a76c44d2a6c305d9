// People and their passwords.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

TEST_F(FleetTest, people_sign_in_and_wrong_passwords_must_wait) {
    const auto password = *fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}});
    EXPECT_EQ(fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}}).error().code, Code::conflict);
    EXPECT_EQ(fleet->add_user(admin, {"victor", Role::vendor, {}, {}, {}}).error().code, Code::invalid);
    const auto signed_in = fleet->sign_in("vera", password, "10.0.0.1");
    ASSERT_TRUE(signed_in);
    const auto viewer = fleet->viewer_of(signed_in->session);
    ASSERT_TRUE(viewer);
    EXPECT_EQ(viewer->tenant, "acme");
    EXPECT_FALSE(fleet->viewer_of(signed_in->session + "x"));
    fleet->sign_out(signed_in->session);
    EXPECT_FALSE(fleet->viewer_of(signed_in->session));
    EXPECT_EQ(fleet->sign_in("vera", "wrong", "10.0.0.1").error().what,
              fleet->sign_in("nobody", "wrong", "10.0.0.1").error().what);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(fleet->sign_in("vera", "wrong", "10.0.1." + std::to_string(i)));
    EXPECT_EQ(fleet->sign_in("vera", password, "10.0.0.2").error().code, Code::unavailable);
    clock.pass(seconds{301});
    EXPECT_TRUE(fleet->sign_in("vera", password, "10.0.0.2"));
    clock.pass(std::chrono::hours{13});
    EXPECT_EQ(fleet->counts()->sessions, 0u);
}

TEST_F(FleetTest, a_stranger_who_guesses_does_not_lock_out_who_works) {
    const auto password = *fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}});
    ASSERT_TRUE(fleet->sign_in("vera", password, "10.0.0.1"));
    for (int i = 0; i < 6; ++i) EXPECT_FALSE(fleet->sign_in("vera", "wrong", "10.0.9.9"));
    EXPECT_EQ(fleet->sign_in("vera", password, "10.0.9.9").error().code, Code::unavailable);
    EXPECT_TRUE(fleet->sign_in("vera", password, "10.0.0.1"));
    // From there too, guessing is slow.
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(fleet->sign_in("vera", "wrong", "10.0.0.1"));
    EXPECT_EQ(fleet->sign_in("vera", password, "10.0.0.1").error().code, Code::unavailable);
}

// Each takes 32 MiB and a tenth of a second, and needs no account.
TEST_F(FleetTest, few_passwords_are_hashed_at_once) {
    constexpr int all = 64;
    std::atomic<int> busy = 0;
    std::barrier together(all);
    {
        std::vector<std::jthread> strangers;
        for (int i = 0; i < all; ++i)
            strangers.emplace_back([&, number = std::to_string(i)] {
                together.arrive_and_wait();
                const auto signed_in = fleet->sign_in("nobody-" + number, "wrong", "10.0.0." + number);
                if (signed_in.error().what == "too many sign-ins at once") ++busy;
            });
    }
    EXPECT_GT(busy, 0);
    EXPECT_LT(busy, all);
}

TEST_F(FleetTest, a_session_ends_with_its_time) {
    const auto password = *fleet->add_user(admin, {"anna", Role::auditor, {}, {}, {}});
    const auto signed_in = fleet->sign_in("anna", password, "10.0.0.1");
    clock.pass(std::chrono::hours{12} - seconds{1});
    EXPECT_TRUE(fleet->viewer_of(signed_in->session));
    clock.pass(seconds{1});
    EXPECT_FALSE(fleet->viewer_of(signed_in->session));
}

TEST_F(FleetTest, wrong_old_passwords_hold_up_their_user_alone) {
    const auto password = *fleet->add_user(admin, {"anna", Role::auditor, {}, {}, {}});
    const auto of_vera = *fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}});
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(fleet->change_password(auditor, "wrong", "a new password"));
    EXPECT_EQ(fleet->change_password(auditor, password, "a new password").error().code, Code::unavailable);
    EXPECT_TRUE(fleet->change_password(vendor, of_vera, "a new password"));
    EXPECT_TRUE(fleet->sign_in("anna", password, "10.0.0.1"));
}

TEST_F(FleetTest, a_password_is_changed_by_who_knows_the_old_one) {
    const auto password = *fleet->add_user(admin, {"anna", Role::auditor, {}, {}, {}});
    EXPECT_EQ(fleet->change_password(auditor, "wrong", "a new password").error().code, Code::refused);
    EXPECT_EQ(fleet->change_password(auditor, password, "short").error().code, Code::invalid);
    ASSERT_TRUE(fleet->change_password(auditor, password, "a new password"));
    EXPECT_FALSE(fleet->sign_in("anna", password, "10.0.0.1"));
    EXPECT_TRUE(fleet->sign_in("anna", "a new password", "10.0.0.1"));
}

TEST_F(FleetTest, the_last_admin_stays) {
    ASSERT_TRUE(fleet->add_user(admin, {"admin", Role::it_admin, {}, {}, {}}));
    EXPECT_EQ(fleet->remove_user(admin, "admin").error().code, Code::refused);
    ASSERT_TRUE(fleet->add_user(admin, {"second", Role::it_admin, {}, {}, {}}));
    EXPECT_TRUE(fleet->remove_user(admin, "admin"));
}

}  // namespace
}  // namespace bulkhead::console
