#include "partition-manager/hypervisor/accelerator.hpp"

#include <gtest/gtest.h>

namespace bulkhead::hypervisor {
namespace {

Result<> works() {
    return {};
}
Result<> hangs() {
    return fail(Code::timeout, "KVM hangs");
}

TEST(Accelerator, is_tcg_on_a_cpu_without_virtualization_and_kvm_is_not_even_tried) {
    bool tried = false;
    const auto chosen = decide_accelerator("processor\t: 0\nflags\t\t: fpu vme sse2\n", [&]() -> Result<> {
        tried = true;
        return {};
    });
    EXPECT_EQ(chosen, (model::Accelerator{"tcg", "CPU has no vmx/svm"}));
    EXPECT_FALSE(tried);
}

TEST(Accelerator, is_kvm_if_the_cpu_says_so_and_code_ran) {
    EXPECT_EQ(decide_accelerator("flags\t\t: fpu vmx sse2\n", works).name, "tcg")
        << "flags must begin a line";
    EXPECT_EQ(decide_accelerator("processor\t: 0\nflags\t\t: fpu vmx sse2\n", works).name, "kvm");
    EXPECT_EQ(decide_accelerator("processor\t: 0\nflags\t\t: fpu svm\n", works).name, "kvm");
}

TEST(Accelerator, is_tcg_if_kvm_opens_but_runs_nothing) {
    EXPECT_EQ(decide_accelerator("processor\t: 0\nflags\t\t: fpu vmx\n", hangs),
              (model::Accelerator{"tcg", "CPU has vmx, but KVM hangs"}));
}

TEST(Accelerator, ignores_flags_that_only_contain_the_name_and_vmx_in_other_lines) {
    EXPECT_EQ(decide_accelerator("processor\t: 0\nflags\t\t: fpu vmxnet\nvmx flags\t: vmx\n", works).name,
              "tcg");
    EXPECT_EQ(decide_accelerator("", works).name, "tcg");
}

TEST(Accelerator, probe_returns_on_this_host_too) {
    if (const auto result = probe_kvm(); !result) {
        EXPECT_FALSE(result.error().what.empty());
    }
}

}  // namespace
}  // namespace bulkhead::hypervisor
