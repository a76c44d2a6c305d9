#include "partition-manager/hypervisor/capabilities.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/partition-manager/hypervisor/temp_folder.hpp"

namespace bulkhead::hypervisor {
namespace {

TEST(HostSupport, of_a_host_without_cgroups_promises_no_limit) {
    const auto host = probe_host_support("proc /proc proc rw 0 0\n");
    EXPECT_FALSE(host.cpu_limit || host.memory_limit || host.io_weight);
}

TEST(HostSupport, of_cgroups_of_version_1_is_what_their_files_are) {
    const TempFolder folder;
    const auto mount = [&](const std::string& name) {
        std::filesystem::create_directory(folder.path() / name);
        return "cgroup " + (folder.path() / name).string() + " cgroup rw," + name + " 0 0\n";
    };
    const auto mounts = mount("cpu") + mount("memory") + mount("blkio");
    std::ofstream(folder.path() / "cpu" / "cpu.cfs_quota_us") << "-1";
    std::ofstream(folder.path() / "memory" / "memory.limit_in_bytes") << "1";
    auto host = probe_host_support(mounts);
    EXPECT_TRUE(host.cpu_limit);
    EXPECT_TRUE(host.memory_limit);
    EXPECT_FALSE(host.io_weight) << "blkio without weights";
    std::ofstream(folder.path() / "blkio" / "blkio.bfq.weight") << "100";
    EXPECT_TRUE(probe_host_support(mounts).io_weight);
}

TEST(HostSupport, of_cgroups_of_version_2_is_what_their_list_says) {
    const TempFolder folder;
    std::ofstream(folder.path() / "cgroup.controllers") << "cpuset cpu io memory pids\n";
    const auto host = probe_host_support("cgroup2 " + folder.path().string() + " cgroup2 rw 0 0\n");
    EXPECT_TRUE(host.cpu_limit && host.memory_limit && host.io_weight);
}

TEST(Capabilities, without_libvirtd_say_so_and_how_to_mend_it) {
    // A driver that needs no daemon and does not exist.
    Connection connection("qemu+unix:///system?socket=/nonexistent");
    const auto found = capabilities(connection, {"tcg", "CPU has no vmx/svm"}, {.io_weight = false});
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().name, "libvirt");
    EXPECT_EQ(found.front().verdict, Verdict::missing);
    EXPECT_NE(found.front().mend.find("libvirtd"), std::string::npos);
    const auto weight =
        std::find_if(found.begin(), found.end(), [](const auto& c) { return c.name == "io-weight"; });
    ASSERT_NE(weight, found.end());
    EXPECT_EQ(weight->verdict, Verdict::limited);
}

}  // namespace
}  // namespace bulkhead::hypervisor
