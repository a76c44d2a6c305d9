#include "partition-manager/hypervisor/accelerator.hpp"

#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace bulkhead::hypervisor {
namespace {

constexpr int probe_milliseconds = 3000;
constexpr std::size_t page = 4096;
constexpr std::uint16_t answer_port = 0xe9;

// How far the probe came, as the exit status of its process.
enum Outcome : int {
    works = 0,
    no_device,
    old_api,
    no_machine,
    no_memory,
    no_cpu,
    did_not_run,
    wrong_result
};

std::string_view reason(int outcome) {
    switch (outcome) {
        case no_device:
            return "/dev/kvm does not open";
        case old_api:
            return "/dev/kvm has an unknown version";
        case no_machine:
            return "KVM makes no machine";
        case no_memory:
            return "KVM takes no memory";
        case no_cpu:
            return "KVM makes no virtual CPU";
        case did_not_run:
            return "KVM runs no code";
        default:
            return "KVM runs code wrongly";
    }
}

// The code adds 2 and 3, writes the sum to a port and halts: both exits must arrive, in this order.
// In a forked child of a process with threads: system calls only.
int run_probe() {
    static constexpr std::array<std::uint8_t, 9> code{
        0xb0, 0x02,        // mov al, 2
        0x04, 0x03,        // add al, 3
        0xba, 0xe9, 0x00,  // mov dx, 0xe9
        0xee,              // out dx, al
        0xf4,              // hlt
    };
    const int kvm = ::open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0) return no_device;
    if (::ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) return old_api;
    const int machine = ::ioctl(kvm, KVM_CREATE_VM, 0);
    if (machine < 0) return no_machine;
    void* memory = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return no_memory;
    std::memcpy(memory, code.data(), code.size());
    kvm_userspace_memory_region region{};
    region.guest_phys_addr = page;
    region.memory_size = page;
    region.userspace_addr = reinterpret_cast<std::uintptr_t>(memory);
    if (::ioctl(machine, KVM_SET_USER_MEMORY_REGION, &region) < 0) return no_memory;
    const int cpu = ::ioctl(machine, KVM_CREATE_VCPU, 0);
    if (cpu < 0) return no_cpu;
    const int size = ::ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (size < static_cast<int>(sizeof(kvm_run))) return no_cpu;
    void* shared =
        ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
    if (shared == MAP_FAILED) return no_cpu;
    auto* run = static_cast<kvm_run*>(shared);

    kvm_sregs segments{};
    if (::ioctl(cpu, KVM_GET_SREGS, &segments) < 0) return no_cpu;
    segments.cs.base = 0;
    segments.cs.selector = 0;
    kvm_regs registers{};
    registers.rip = page;
    registers.rflags = 2;  // bit 1 is always set
    if (::ioctl(cpu, KVM_SET_SREGS, &segments) < 0 || ::ioctl(cpu, KVM_SET_REGS, &registers) < 0)
        return no_cpu;

    if (::ioctl(cpu, KVM_RUN, 0) < 0 || run->exit_reason != KVM_EXIT_IO) return did_not_run;
    const auto* sum = static_cast<const std::uint8_t*>(shared) + run->io.data_offset;
    if (run->io.port != answer_port || *sum != 5) return wrong_result;
    if (::ioctl(cpu, KVM_RUN, 0) < 0 || run->exit_reason != KVM_EXIT_HLT) return did_not_run;
    return works;
}

}  // namespace

Result<> probe_kvm() {
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("can't start the probe of KVM");
    if (child == 0) ::_exit(run_probe());
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    pollfd ended{process.get(), POLLIN, 0};
    int ready = 0;
    do ready = ::poll(&ended, 1, probe_milliseconds);
    while (ready < 0 && errno == EINTR);
    // What hangs in the kernel may not even die; then it stays a zombie-to-be rather than stopping us.
    if (ready <= 0) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, WNOHANG);
        return fail(Code::timeout, "KVM hangs", "/dev/kvm");
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status)) return fail(Code::unsupported, "the probe of KVM crashed", "/dev/kvm");
    if (WEXITSTATUS(status) == works) return {};
    return fail(Code::unsupported, std::string(reason(WEXITSTATUS(status))), "/dev/kvm");
}

model::Accelerator decide_accelerator(std::string_view cpuinfo, const std::function<Result<>()>& probe) {
    const auto start = cpuinfo.find("\nflags");
    const auto line = start == std::string_view::npos
                          ? std::string_view()
                          : cpuinfo.substr(start + 1, cpuinfo.find('\n', start + 1) - start - 1);
    std::string extension;
    for (const auto& flag : split_text(line, ' ')) {
        if (flag == "vmx" || flag == "svm") extension = flag;
    }
    if (extension.empty()) return {.name = "tcg", .reason = "CPU has no vmx/svm"};
    if (const auto works = probe(); !works)
        return {.name = "tcg", .reason = "CPU has " + extension + ", but " + works.error().what};
    return {.name = "kvm", .reason = "CPU has " + extension + ", and KVM runs code"};
}

model::Accelerator choose_accelerator() {
    const auto cpuinfo = read_file("/proc/cpuinfo", 16 * 1024 * 1024);
    return decide_accelerator(cpuinfo.value_or(""), probe_kvm);
}

}  // namespace bulkhead::hypervisor
