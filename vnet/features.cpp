#include "vnet/features.hpp"

#include <unistd.h>

#include <fstream>

#include "base/text.hpp"
#include "vnet/link.hpp"
#include "vnet/program.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet {
namespace {

Feature feature(std::string name, std::string what, const std::string& wrong, std::string mend) {
    if (wrong.empty()) return {std::move(name), true, std::move(what), {}};
    return {std::move(name), false, what + ": " + wrong, std::move(mend)};
}

std::string why_no_bpffs() {
    std::ifstream systems("/proc/filesystems");
    for (std::string line; std::getline(systems, line);)
        if (trimmed(split_text(line, '\t').back()) == "bpf") return {};
    return "the kernel has no such file system";
}

std::string why_no_clsact_on(const std::string& tap) {
    const auto links = Links::open();
    if (!links) return links.error().text();
    const auto link = links->find(tap);
    if (!link) return link.error().text();
    if (!*link) return "there is no tap to try it on";
    return why_no_clsact((*link)->ifindex);
}

}  // namespace

std::vector<Feature> features() {
    const std::string kernel = "use a kernel that has it, such as Debian's";
    const std::string probe = "bhprobe" + std::to_string(::getpid() % 10'000'000);
    const auto tap = open_tap(probe);  // gone with its descriptor
    const std::string no_tap = tap ? "" : tap.error().text();
    return {
        feature("CONFIG_TUN", "TAP devices", no_tap, "modprobe tun, as root"),
        feature("CONFIG_NET_CLS_BPF", "BPF programs that judge frames", why_no_classifier_programs(), kernel),
        feature("CONFIG_NET_SCH_INGRESS", "the clsact qdisc", tap ? why_no_clsact_on(probe) : no_tap,
                "modprobe sch_ingress, as root"),
        feature("CONFIG_BPF_SYSCALL", "the bpf file system", why_no_bpffs(), kernel),
        feature("CONFIG_BPF_JIT", "compiled BPF programs", why_no_jit(), "sysctl net.core.bpf_jit_enable=1"),
    };
}

}  // namespace bulkhead::vnet
