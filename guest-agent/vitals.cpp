#include "guest-agent/vitals.hpp"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>

#include "base/clock.hpp"

namespace bulkhead::agent {
namespace {

// MemAvailable, the kernel's own estimate; sysinfo(2) does not have it.
std::uint64_t available_kib() {
    std::ifstream file("/proc/meminfo");
    std::string name;
    std::string rest;
    std::uint64_t value = 0;
    while (file >> name >> value && std::getline(file, rest))
        if (name == "MemAvailable:") return value;
    return 0;
}

}  // namespace

v1::Hello hello() {
    utsname name{};
    v1::Hello message;
    message.set_agent_version(BULKHEAD_VERSION);
    message.set_boot_id(boot_id());
    if (::uname(&name) == 0) message.set_kernel(name.release);
    return message;
}

v1::Heartbeat vitals() {
    struct sysinfo info{};
    v1::Heartbeat message;
    if (::sysinfo(&info) != 0) return message;
    // sysinfo(2): loads in 1/65536.
    message.set_uptime_ms(
        static_cast<std::uint64_t>(std::chrono::milliseconds(std::chrono::seconds(info.uptime)).count()));
    message.set_load_milli(static_cast<std::uint32_t>(info.loads[0] * 1000 / 65536));
    message.set_memory_total_kib(info.totalram * info.mem_unit / 1024);
    message.set_memory_available_kib(available_kib());
    return message;
}

}  // namespace bulkhead::agent
