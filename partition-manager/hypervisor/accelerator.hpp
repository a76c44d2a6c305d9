// Which accelerator QEMU shall use. /dev/kvm may open on a host on which no guest ever runs its first line (a
// nested paravirtual one), so KVM has to be advertised by the CPU and to have run code for us.
#pragma once

#include <functional>
#include <string_view>

#include "base/error.hpp"
#include "model/observed.hpp"

namespace bulkhead::hypervisor {

// Pure: `cpuinfo` is the text of /proc/cpuinfo. The probe is asked only if the CPU can do it.
model::Accelerator decide_accelerator(std::string_view cpuinfo, const std::function<Result<>()>& probe);

// Runs a few real-mode instructions in a virtual CPU, in a process of its own that is killed after 3 s.
Result<> probe_kvm();

// Decides for this host. Call once, before a seccomp filter forbids /dev/kvm.
model::Accelerator choose_accelerator();

}  // namespace bulkhead::hypervisor
