#include "vnet/router/lacks.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "base/program.hpp"

namespace bulkhead::vnet::router {
namespace {

// One line for ip or nft that needs one thing more than those before it.
struct Trial {
    const char* name;
    const char* program;
    const char* input;
    const char* module;
};
constexpr std::array router_trials{
    Trial{"CONFIG_VETH", "/usr/sbin/ip", "link add name t0 type veth peer name t1\n", "veth"},
    Trial{"CONFIG_MACVLAN", "/usr/sbin/ip", "link add link t0 name t2 type macvlan mode private\n",
          "macvlan"},
    Trial{"CONFIG_IP_MULTIPLE_TABLES", "/usr/sbin/ip", "rule add pref 20 oif t0 table 101\n", ""},
    Trial{"CONFIG_NF_TABLES_INET", "/usr/sbin/nft",
          "table inet t {\n\tchain f {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n",
          "nf_tables"},
    Trial{"CONFIG_NFT_CT", "/usr/sbin/nft", "add rule inet t f ct state established accept\n", "nft_ct"},
    Trial{"CONFIG_NFT_NAT", "/usr/sbin/nft",
          "table inet t {\n\tchain d {\n\t\ttype nat hook prerouting priority dstnat;\n\t\ttcp dport 1 dnat "
          "ip to "
          "192.0.2.1:1\n\t}\n}\n",
          "nft_nat"},
    Trial{"CONFIG_NFT_MASQ", "/usr/sbin/nft",
          "table inet t {\n\tchain s {\n\t\ttype nat hook postrouting priority "
          "srcnat;\n\t\tmasquerade\n\t}\n}\n",
          "nft_masq"},
};

// Of guards of conduits.
constexpr std::array guard_trials{
    Trial{"CONFIG_VETH", "/usr/sbin/ip", "link add name t0 type veth peer name t1\n", "veth"},
    Trial{"CONFIG_IP_MULTIPLE_TABLES", "/usr/sbin/ip", "rule add pref 10 iif t0 table 100\n", ""},
};

// For some uplinks alone.
constexpr std::array vlan_trials{
    Trial{"CONFIG_VETH", "/usr/sbin/ip", "link add name t0 type veth peer name t1\n", "veth"},
    Trial{"CONFIG_VLAN_8021Q", "/usr/sbin/ip", "link add link t0 name t3 type vlan id 20\n", "8021q"},
};

struct Program {
    const char* path;
    const char* package;
};
constexpr std::array programs{Program{"/usr/sbin/ip", "iproute2"}, Program{"/usr/sbin/nft", "nftables"},
                              Program{"/usr/sbin/dnsmasq", "dnsmasq-base"}};

Result<> run(const Trial& trial, const std::string& folder) {
    const auto file = folder + "/trial";
    BULKHEAD_TRY(write_file_atomically(file, trial.input, 0600));
    const bool is_ip = std::string_view(trial.program).ends_with("/ip");
    const std::array<std::string, 2> arguments{is_ip ? "-batch" : "-f", file};
    return run_program(trial.program, arguments, {}, {});
}

// In the child: the number of the first trial that fails, or that of trials.
int first_failure(std::span<const Trial> trials, const std::string& folder) {
    if (::unshare(CLONE_NEWNET) != 0) return -1;
    for (std::size_t i = 0; i < trials.size(); ++i)
        if (!run(trials[i], folder)) return static_cast<int>(i);
    return static_cast<int>(trials.size());
}

// In a network namespace of its own: what the kernel does not do, if there is anything.
std::optional<model::Lack> lack_of(std::span<const Trial> trials, const std::string& folder) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(first_failure(trials, folder) & 0xFF);
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    const auto failed = static_cast<std::size_t>(WIFEXITED(status) ? WEXITSTATUS(status) : 0xFF);
    if (child < 0 || failed > trials.size())
        return model::Lack{"CONFIG_NET_NS", "no network namespace can be made",
                           "use a kernel that has it, such as Debian's"};
    if (failed == trials.size()) return std::nullopt;
    const auto& trial = trials[failed];
    return model::Lack{trial.name, "the kernel does not do what needs it",
                       *trial.module == '\0'
                           ? std::string("use a kernel that has it, such as Debian's")
                           : std::string("modprobe ") + trial.module + ", then restart bulkheadd"};
}

std::vector<model::Lack> lacking_programs() {
    std::vector<model::Lack> found;
    for (const auto& program : programs)
        if (::access(program.path, X_OK) != 0)
            found.push_back({program.path, "there is no such program",
                             std::string("apt install ") + program.package + ", then restart bulkheadd"});
    return found;
}

}  // namespace

std::vector<model::Lack> lacks() {
    auto found = lacking_programs();
    if (!found.empty()) return found;
    std::string folder = "/tmp/bulkhead-trial-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return {{"/tmp", "no folder can be made there", {}}};
    if (auto lack = lack_of(router_trials, folder)) found.push_back(std::move(*lack));
    if (auto lack = lack_of(vlan_trials, folder); lack && found.empty()) {
        lack->for_vlans = true;
        found.push_back(std::move(*lack));
    }
    if (auto lack = lack_of(guard_trials, folder)) {
        lack->for_guards = true;
        found.push_back(std::move(*lack));
    }
    std::error_code ec;
    std::filesystem::remove_all(folder, ec);
    return found;
}

}  // namespace bulkhead::vnet::router
