#include "partition-manager/daemon/device_gates.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/file.hpp"
#include "passthrough/owner_connection.hpp"
#include "tests/partition-manager/apply/folder.hpp"
#include "tests/partition-manager/daemon/gated_owner.hpp"

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

// An owner of the press's device, which answers on a thread of its own, as a process would.
struct StartingTest : DeviceGatesTest {
    StartingTest() {
        std::filesystem::create_directories(control.parent_path());
        owner.emplace(*loop, control, use.device);
        answering = std::thread([this] { EXPECT_TRUE(loop->run()); });
        spec.devices = {{use.device, model::DeviceKind::serial, "/dev/ttyS1"}};
        spec.partitions.emplace_back().name = partition;
        spec.partitions.front().devices = {use};
        say("trusted");
    }
    ~StartingTest() override { have_asked(); }

    // As the manager's loop does, whenever it looks.
    void keep_gate(DeviceGates& judging) {
        constexpr std::chrono::seconds patience(10);
        auto asked = passthrough::OwnerConnection::open(control);
        ASSERT_TRUE(asked) << asked.error().text();
        const auto told = asked->state(patience);
        ASSERT_TRUE(told) << told.error().text();
        const auto wanted = judging.of(partition, use);
        if (wanted == told->gate) return;
        EXPECT_TRUE(asked->set(wanted, patience));
    }
    // Ends the owner.
    std::vector<Gate> have_asked() {
        if (answering.joinable()) {
            loop->post([this] { loop->stop(); });
            answering.join();
        }
        return owner->gates;
    }

    const std::filesystem::path control = layout.serial_control(use.device);
    std::unique_ptr<Loop> loop = *Loop::open();
    std::optional<GatedOwner> owner;
    std::thread answering;
    model::Spec spec;
};

// Until its TPM is up and the start is written down, the loop goes on judging by the start before.
TEST_F(StartingTest, is_on_record_before_gates_are_closed_so_that_nobody_opens_them_again) {
    auto judging = gates();
    keep_gate(judging);
    ASSERT_TRUE(judging.before_start(&spec, partition, [&]() -> Result<> {
        keep_gate(judging);
        start = 8;
        return {};
    }));
    keep_gate(judging);
    EXPECT_EQ(have_asked(), (std::vector{Gate::open, Gate::closed}));
}

TEST_F(StartingTest, leaves_gates_as_they_are_if_it_is_not_on_record) {
    auto judging = gates();
    keep_gate(judging);
    const auto failed = judging.before_start(
        &spec, partition, [] { return Result<>(fail(Code::unavailable, "the TPM does not answer")); });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().what, "the TPM does not answer");
    EXPECT_EQ(have_asked(), std::vector{Gate::open});
}

TEST_F(DeviceGatesTest, are_open_where_nothing_is_required) {
    use.terms = {};
    EXPECT_EQ(gates().of(partition, use), Gate::open);
}

}  // namespace
}  // namespace bulkhead::daemon
