#include "partition-manager/daemon/device_gates.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "tests/partition-manager/apply/folder.hpp"

namespace bulkhead::daemon {
namespace {

using passthrough::Gate;

v1alpha1::AttestationView view(const std::string& attestation, std::uint64_t start) {
    v1alpha1::AttestationView view;
    view.set_attestation(attestation);
    view.set_start_number(start);
    return view;
}

constexpr model::DeviceTerms keep{true, model::OnLoss::keep};
constexpr model::DeviceTerms receive_only{true, model::OnLoss::receive_only};
constexpr model::DeviceTerms detach{true, model::OnLoss::detach};

TEST(GateJudgement, opens_for_the_start_that_was_proved_and_for_no_other) {
    EXPECT_EQ(judge({}, keep, view("unknown", 0), 7), (Grant{7, Gate::closed}));
    EXPECT_EQ(judge({}, keep, view("trusted", 6), 7), (Grant{7, Gate::closed}));
    EXPECT_EQ(judge({}, keep, view("stale", 7), 7), (Grant{7, Gate::closed}));
    EXPECT_EQ(judge({}, keep, view("untrusted", 7), 7), (Grant{7, Gate::closed}));
    EXPECT_EQ(judge({}, keep, view("trusted", 7), 7), (Grant{7, Gate::open}));
    EXPECT_EQ(judge({7, Gate::open}, keep, view("trusted", 7), 8), (Grant{8, Gate::closed}));
    EXPECT_EQ(judge({7, Gate::open}, keep, view("trusted", 7), 0), Grant{}) << "no measured start runs";
}

TEST(GateJudgement, changes_nothing_while_nobody_knows) {
    for (const auto& terms : {keep, receive_only, detach})
        for (const auto gate : {Gate::open, Gate::closed, Gate::receive_only})
            for (const char* attestation : {"stale", "unknown"}) {
                const Grant last{7, gate};
                EXPECT_EQ(judge(last, terms, view(attestation, 7), 7), last);
                EXPECT_EQ(judge(last, terms, view(attestation, 0), 7), last);
            }
}

TEST(GateJudgement, does_on_loss_what_the_plant_chose) {
    EXPECT_EQ(judge({7, Gate::open}, keep, view("untrusted", 7), 7), (Grant{7, Gate::open}));
    EXPECT_EQ(judge({7, Gate::open}, receive_only, view("untrusted", 7), 7), (Grant{7, Gate::receive_only}));
    EXPECT_EQ(judge({7, Gate::open}, detach, view("untrusted", 7), 7), (Grant{7, Gate::closed}));
    EXPECT_EQ(judge({7, Gate::open}, detach, view("untrusted", 0), 7), (Grant{7, Gate::closed}))
        << "whatever start it was: none was proved";
    EXPECT_EQ(judge({7, Gate::open}, detach, view("untrusted", 6), 7), (Grant{7, Gate::open}))
        << "that was another start";
    EXPECT_EQ(judge({7, Gate::closed}, receive_only, view("untrusted", 7), 7), (Grant{7, Gate::closed}))
        << "nobody gets by a loss what it never had";
    EXPECT_EQ(judge({7, Gate::receive_only}, receive_only, view("trusted", 7), 7), (Grant{7, Gate::open}));
}

struct DeviceGatesTest : testing::Test {
    DeviceGatesTest() { layout.run = folder / "run"; }
    DeviceGates gates() {
        return {layout, results, [this](const model::PartitionName&) { return start; }};
    }
    void say(const std::string& attestation) {
        v1alpha1::AttestationResults told;
        auto& item = *told.add_items();
        item = view(attestation, attestation == "trusted" ? start : 0);
        item.set_partition(partition.str());
        results.set(told);
    }

    apply::Folder folder;
    SystemClock clock;
    model::Layout layout;
    trust::Results results{clock};
    std::uint64_t start = 7;
    const model::PartitionName partition{"press"};
    model::DeviceUse use{.device = model::DeviceName("plc"), .terms = detach};
};

TEST_F(DeviceGatesTest, remember_over_a_restart_of_the_manager_what_was_granted) {
    auto before = gates();
    EXPECT_EQ(before.of(partition, use), Gate::closed);
    say("trusted");
    EXPECT_EQ(before.of(partition, use), Gate::open);
    results.set({});  // the console is away
    EXPECT_EQ(gates().of(partition, use), Gate::open);
    start = 8;
    EXPECT_EQ(gates().of(partition, use), Gate::closed);
}

TEST_F(DeviceGatesTest, remember_a_loss_too) {
    say("trusted");
    auto before = gates();
    EXPECT_EQ(before.of(partition, use), Gate::open);
    say("untrusted");
    EXPECT_EQ(before.of(partition, use), Gate::closed);
    results.set({});
    EXPECT_EQ(gates().of(partition, use), Gate::closed);
    say("trusted");
    EXPECT_EQ(gates().of(partition, use), Gate::open);
}

TEST_F(DeviceGatesTest, grant_nothing_by_a_record_that_can_not_be_read) {
    ASSERT_TRUE(make_folder(layout.gate(use.device).parent_path()));
    for (const char* text : {"", "7", "7 ajar", "x open", "0 open", " open", "7 open and more"}) {
        ASSERT_TRUE(write_file_atomically(layout.gate(use.device), text));
        EXPECT_EQ(gates().of(partition, use), Gate::closed) << text;
    }
    ASSERT_TRUE(write_file_atomically(layout.gate(use.device), "7 open"));
    EXPECT_EQ(gates().of(partition, use), Gate::open);
}

TEST_F(DeviceGatesTest, are_open_where_nothing_is_required) {
    use.terms = {};
    EXPECT_EQ(gates().of(partition, use), Gate::open);
}

}  // namespace
}  // namespace bulkhead::daemon
