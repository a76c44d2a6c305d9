// Someone else among the programs of an interface, with links (Linux 6.6) and with filters (before): it is
// found by looking, nothing passes that should not, and the same action as always mends it.
#include <bpf/bpf.h>
#include <net/if.h>

#include <chrono>
#include <thread>

#include "base/fd.hpp"
#include "tests/vnet/drift.hpp"

namespace bulkhead::vnet::test {
namespace {

constexpr auto tcx_ingress = static_cast<bpf_attach_type>(46);  // linux/bpf.h of Linux 6.6

class Attached : public Drift, public ::testing::WithParamInterface<Means> {
  protected:
    void SetUp() override {
        if (best_means() == Means::filters && GetParam() == Means::links)
            GTEST_SKIP() << "this kernel has no tcx links";
        Drift::SetUp();
    }
    Means means() const override { return GetParam(); }
    Fd wrong_program() const { return Fd(bpf_obj_get((pins() / "egress").c_str())); }
    Fd ingress_link() const {
        const auto name = "ingress_" + std::to_string(::if_nametoindex(tap.c_str()));
        return Fd(bpf_obj_get((Program::links_of(pins()) / name).c_str()));
    }
    // Puts the egress program in the place of the ingress program: loaded by us, and wrong there.
    void exchange() const {
        if (means() == Means::links)
            ASSERT_EQ(bpf_link_update(ingress_link().get(), wrong_program().get(), nullptr), 0);
        else
            run("tc filter replace dev " + tap + " ingress pref 1 handle 1 bpf da object-pinned " +
                (pins() / "egress").string());
    }
    void take_off() const {
        if (means() == Means::links)
            ASSERT_EQ(bpf_link_detach(ingress_link().get()), 0);
        else
            run("tc filter del dev " + tap + " ingress");
    }
    // The kernel ends a link that has lost its last name when it comes to it.
    void wait_until_nothing_is_attached() const {
        const int interface = static_cast<int>(::if_nametoindex(tap.c_str()));
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (unsigned count = 1; count != 0; std::this_thread::yield()) {
            count = 0;
            ASSERT_EQ(bpf_prog_query(interface, tcx_ingress, 0, nullptr, nullptr, &count), 0);
            ASSERT_LT(std::chrono::steady_clock::now(), patience) << "the link stays";
        }
    }
    void expect_nothing_passes() {
        robot_guest->send(opening(robot, admin, 40000, 8883));
        expect_silence();
    }
};

TEST_P(Attached, programs_that_someone_exchanged_are_told) {
    exchange();
    expect_told("programs are not on it");
    expect_nothing_passes();
    expect_port_mended();
}

TEST_P(Attached, a_program_that_someone_took_off_is_told) {
    take_off();
    expect_nothing_passes();
    expect_told("programs are not on it");
    expect_port_mended();
}

TEST_P(Attached, a_pin_that_someone_removed_is_told_where_it_held_the_program) {
    if (means() == Means::filters) GTEST_SKIP() << "a filter has no pin";
    const auto name = "ingress_" + std::to_string(::if_nametoindex(tap.c_str()));
    ASSERT_TRUE(std::filesystem::remove(Program::links_of(pins()) / name));
    wait_until_nothing_is_attached();
    expect_nothing_passes();
    expect_told("programs are not on it");
    expect_port_mended();
}

TEST_P(Attached, a_filter_of_someone_else_is_told_and_goes_with_the_mending) {
    // As ours would stand, where ours are links.
    const std::string place = means() == Means::links ? "pref 1 handle 1" : "pref 2";
    run("tc qdisc replace dev " + tap + " clsact && tc filter add dev " + tap + " ingress " + place +
        " bpf da object-pinned " + (pins() / "egress").string());
    expect_told("someone else's filter");
    expect_port_mended();
    run("test $(tc filter show dev " + tap + " ingress | grep -c egress) = 0");
}

// Before ours it could let everything pass, to the host: it is told by looking, as the kernel tells nobody.
TEST_P(Attached, a_tcx_program_of_someone_else_is_told_and_goes_with_the_mending) {
    if (best_means() == Means::filters) GTEST_SKIP() << "this kernel has no tcx";
    constexpr unsigned before = 1U << 3;  // BPF_F_BEFORE
    const int interface = static_cast<int>(::if_nametoindex(tap.c_str()));
    ASSERT_EQ(bpf_prog_attach(wrong_program().get(), interface, tcx_ingress, before), 0);
    expect_told("someone else's program");
    expect_port_mended();
}

// The qdisc goes with all that is on it; links don't care.
TEST_P(Attached, a_qdisc_that_someone_removed) {
    if (means() == Means::links) {
        run("tc qdisc add dev " + tap + " clsact && tc qdisc del dev " + tap + " clsact");
        EXPECT_FALSE(*driver->has_drifted());
        return expect_works();
    }
    run("tc qdisc del dev " + tap + " clsact");
    expect_nothing_passes();
    expect_told("programs are not on it");
    expect_port_mended();
}

TEST_P(Attached, a_second_daemon_finds_them_whole) {
    driver = open();
    for (const auto& [name, seen] : observe().ports) EXPECT_TRUE(seen.guarded) << name.str();
    expect_works();
}

INSTANTIATE_TEST_SUITE_P(Both, Attached, ::testing::Values(Means::links, Means::filters),
                         [](const auto& each) { return each.param == Means::links ? "links" : "filters"; });

}  // namespace
}  // namespace bulkhead::vnet::test
