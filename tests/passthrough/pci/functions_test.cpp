#include "passthrough/pci/functions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/passthrough/pci/kernel.hpp"

namespace bulkhead::passthrough::pci {
namespace {

using inventory::testing_support::Host;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::Died;
using testing_support::Kernel;

const std::string address = "0000:00:02.0";
const std::string attribute = "sys/bus/pci/devices/0000:00:02.0/driver_override";

struct FunctionsTest : testing::Test {
    FunctionsTest() {
        make_lab_gateway(host);
        host.file("sys/bus/pci/drivers_probe", "");
        host.file("sys/bus/pci/drivers/kvaser_pci/unbind", "");
        host.file("sys/bus/pci/drivers/vfio-pci/unbind", "");
        kernel.set_default(address, "kvaser_pci");
        layout.run = host.root() / "run";
    }
    // As a new daemon would be: nothing is remembered.
    Functions functions() const {
        return Functions(
            layout, qemu, host.tree(),
            [this](const auto& file, std::string_view text) { return kernel.write(file, text); },
            [this](const auto&) { return is_open; });
    }
    model::Assignment assignment(std::uint64_t token, const std::string& at = address) const {
        return {device, model::PartitionName("press"), token, at, {}, model::DeviceKind::pci};
    }
    Hold held() const {
        const auto holds = functions().look();
        return holds.contains(device) ? holds.at(device) : Hold{};
    }
    void expect_taken(std::uint64_t token) const {
        EXPECT_EQ(held().assignment, assignment(token));
        EXPECT_TRUE(held().serving);
        EXPECT_TRUE(held().present);
        EXPECT_EQ(kernel.driver(address), "vfio-pci");
    }
    void expect_given_back() const {
        EXPECT_EQ(kernel.driver(address), "kvaser_pci");
        EXPECT_EQ(host.tree().attribute(attribute), "(null)");
        EXPECT_THAT(functions().look(), IsEmpty());
    }

    Host host;
    mutable Kernel kernel{host};
    bool is_open = false;  // by QEMU
    model::Layout layout;
    uid_t qemu = ::geteuid() == 0 ? 12345 : 0;
    model::DeviceName device{"can-1"};
};

TEST_F(FunctionsTest, take_a_function_for_vfio_and_give_its_node_to_qemu) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    expect_taken(1);
    struct stat node{};
    ASSERT_EQ(::stat((host.root() / "dev/vfio/1").c_str(), &node), 0);
    EXPECT_EQ(node.st_uid, qemu == 0 ? ::geteuid() : qemu);
    EXPECT_EQ(kernel.driver("0000:00:03.0"), "kvaser_pci");
}

TEST_F(FunctionsTest, give_it_back_to_the_driver_that_had_it) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    ASSERT_TRUE(functions().release(device, 1));
    expect_given_back();
    EXPECT_FALSE(std::filesystem::exists(host.root() / "dev/vfio/1"));
    EXPECT_TRUE(functions().release(device, 1));
}

TEST_F(FunctionsTest, give_one_that_had_no_driver_back_to_none) {
    host.remove("sys/bus/pci/devices/" + address + "/driver");
    ASSERT_TRUE(functions().assign(assignment(1)));
    expect_taken(1);
    ASSERT_TRUE(functions().release(device, 1));
    EXPECT_EQ(kernel.driver(address), "");
}

TEST_F(FunctionsTest, done_twice_is_done_once) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    kernel.die(0, false);  // a write would throw
    ASSERT_TRUE(functions().assign(assignment(1)));
    expect_taken(1);
    kernel.live();
    ASSERT_TRUE(functions().assign(assignment(2)));
    expect_taken(2);
    ASSERT_TRUE(functions().release(device, 2));
    expect_given_back();
}

TEST_F(FunctionsTest, a_crash_at_any_step_is_gone_on_from_or_undone) {
    int crashes = 0;
    for (const bool after : {false, true})
        for (const bool goes_on : {false, true})
            for (int step = 0;; ++step) {
                kernel.die(step, after);
                bool died = false;
                try {
                    ASSERT_TRUE(functions().assign(assignment(1)));
                } catch (const Died&) {
                    died = true;
                }
                kernel.live();
                crashes += died ? 1 : 0;
                // Whoever comes next knows of it before anything else.
                EXPECT_EQ(held().assignment, assignment(1)) << step;
                if (goes_on) {
                    ASSERT_TRUE(functions().assign(assignment(1))) << step;
                    expect_taken(1);
                }
                ASSERT_TRUE(functions().release(device, 1)) << step;
                expect_given_back();
                if (!died) break;
            }
    EXPECT_EQ(crashes, 2 * 2 * 3);  // override, unbind, probe
}

TEST_F(FunctionsTest, a_crash_at_any_step_of_giving_it_back_is_gone_on_from_or_undone) {
    for (const bool after : {false, true})
        for (const bool goes_on : {false, true})
            for (int step = 0; step < 3; ++step) {
                ASSERT_TRUE(functions().assign(assignment(1)));
                kernel.die(step, after);
                EXPECT_THROW((void)functions().release(device, 1), Died);
                kernel.live();
                EXPECT_EQ(held().assignment, assignment(1)) << step;
                if (!goes_on) {
                    ASSERT_TRUE(functions().assign(assignment(1))) << step;
                    expect_taken(1);
                }
                ASSERT_TRUE(functions().release(device, 1)) << step;
                expect_given_back();
            }
}

TEST_F(FunctionsTest, an_older_token_changes_nothing) {
    ASSERT_TRUE(functions().assign(assignment(5)));
    EXPECT_EQ(functions().assign(assignment(4)).error().code, Code::refused);
    EXPECT_TRUE(functions().release(device, 4));
    expect_taken(5);
}

TEST_F(FunctionsTest, a_device_that_is_another_function_now_gives_the_former_back_first) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    ASSERT_TRUE(functions().assign(assignment(2, "0000:00:03.0")));
    EXPECT_EQ(kernel.driver(address), "kvaser_pci");
    EXPECT_EQ(kernel.driver("0000:00:03.0"), "vfio-pci");
    EXPECT_EQ(held().assignment, assignment(2, "0000:00:03.0"));
}

TEST_F(FunctionsTest, what_the_gateway_stands_on_is_not_touched_whatever_the_spec_says) {
    for (const std::string at : {"0000:00:06.0", "0000:00:1f.2", "0000:00:00.0"}) {
        const auto refused = functions().assign(assignment(1, at));
        ASSERT_FALSE(refused) << at;
        EXPECT_EQ(refused.error().code, Code::refused);
        EXPECT_NE(kernel.driver(at), "vfio-pci");
        EXPECT_THAT(functions().look(), IsEmpty());
    }
}

TEST_F(FunctionsTest, a_function_that_was_pulled_out_is_held_and_taken_again_when_it_is_back) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    const std::string place = "pci0000:00/0000:00:02.0";
    host.remove("sys/bus/pci/devices/" + address);
    host.remove("sys/devices/" + place);
    EXPECT_FALSE(held().present);
    EXPECT_TRUE(held().serving);  // there is nothing left to do
    EXPECT_THAT(held().error, HasSubstr("there is no PCI function at 0000:00:02.0"));
    host.pci(place, {"10e8:8406", "0xff0000", "kvaser_pci", "1", "pm"});
    EXPECT_FALSE(held().serving);
    ASSERT_TRUE(functions().assign(assignment(1)));
    expect_taken(1);
    ASSERT_TRUE(functions().release(device, 1));
    expect_given_back();
}

// The kernel holds the lock under which drivers are changed and asked for: a manager that did would wait with
// it, and all partitions with the manager.
TEST_F(FunctionsTest, one_that_was_pulled_out_of_a_partition_that_runs_is_left_alone) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    is_open = true;
    std::filesystem::remove(host.root() / "sys/bus/pci/devices" / address / "driver");
    std::filesystem::remove(host.root() / attribute);
    kernel.die(0, false);  // at any write
    EXPECT_FALSE(held().present);
    EXPECT_TRUE(held().serving);
    EXPECT_THAT(held().error, HasSubstr("it was pulled out, and partition press has what is left of it"));
    EXPECT_TRUE(functions().assign(assignment(1)));
    EXPECT_TRUE(functions().release(device, 1));
    EXPECT_THAT(functions().look(), IsEmpty());
}

TEST_F(FunctionsTest, one_that_is_not_there_yet_is_taken_when_it_comes) {
    ASSERT_TRUE(functions().assign(assignment(1, "0000:00:0a.0")));
    EXPECT_FALSE(held().present);
    ASSERT_TRUE(functions().release(device, 1));
    EXPECT_THAT(functions().look(), IsEmpty());
}

TEST_F(FunctionsTest, another_driver_that_took_it_meanwhile_is_seen) {
    ASSERT_TRUE(functions().assign(assignment(1)));
    host.link("sys/bus/pci/devices/" + address + "/driver", "sys/bus/pci/drivers/kvaser_pci");
    EXPECT_FALSE(held().serving);
    EXPECT_EQ(held().error, "its driver is kvaser_pci, not vfio-pci");
}

TEST_F(FunctionsTest, a_driver_that_does_not_take_it_is_told_with_what_mends_it) {
    host.remove("sys/bus/pci/devices/" + address + "/driver");
    const Binding binding(host.tree(), [](const auto&, std::string_view) { return Result<>(); });
    const auto refused = binding.give_to_vfio(address);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr(address));
}

TEST_F(FunctionsTest, a_record_that_can_not_be_read_is_told_and_nothing_is_done) {
    std::filesystem::create_directories(layout.pci_records());
    std::ofstream(layout.pci_records() / "can-1") << "garbage\n";
    EXPECT_THAT(held().error, HasSubstr("can't be read"));
    EXPECT_EQ(functions().assign(assignment(1)).error().code, Code::corrupt);
    EXPECT_EQ(kernel.driver(address), "kvaser_pci");
}

}  // namespace
}  // namespace bulkhead::passthrough::pci
