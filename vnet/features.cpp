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
    if (wrong.empty()) return {.name = std::move(name), .present = true, .detail = std::move(what)};
    return {.name = std::move(name), .detail = what + ": " + wrong, .mend = std::move(mend)};
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
    const auto found = links->find(tap);
    if (!found) return found.error().text();
    const auto& link = *found;
    return link ? why_no_clsact(link->ifindex) : "there is no tap to try it on";
}

// What partitions were told when the manager started; no kernel needs mending for it.
Feature offloads(const LeftChecksums& left) {
    const std::string what = "checksums left to the host: ";
    if (left.told)
        return {.name = "offloads",
                .present = true,
                .detail = what + "this kernel tells where they end, so partitions are offered offloads",
                .needed = false};
    return {.name = "offloads",
            .detail = what + "hidden, so partitions are offered no offloads and their TCP is slower (" +
                      left.why + ")",
            .mend = "boot a kernel that tells where they end, such as Linux 6.18",
            .needed = false};
}

}  // namespace

std::vector<Feature> features(const LeftChecksums& left_checksums) {
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
        offloads(left_checksums),
    };
}

}  // namespace bulkhead::vnet
