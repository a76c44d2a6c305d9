// The virtual switch as the planner sees it: ports and conduits. State lives in the kernel (taps, their
// programs, pinned maps) and nowhere else, so a daemon that starts again finds all of it, and frames pass or
// drop the same while there is none.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/driver.hpp"
#include "model/layout.hpp"
#include "vnet/link.hpp"
#include "vnet/port_table.hpp"
#include "vnet/program.hpp"
#include "vnet/rule_table.hpp"

namespace bulkhead::vnet {

// Frames since the port was made.
struct PortTraffic {
    std::uint64_t received = 0;                    // from the partition
    std::uint64_t delivered = 0;                   // to the partition
    std::map<std::string, std::uint64_t> dropped;  // by reason (README.md); only those that occurred
};

struct ConduitTraffic {
    std::uint64_t packets = 0;  // both ways; a segment of a super-frame counts as one
    std::uint64_t bytes = 0;
};

struct Traffic {
    std::map<model::PortName, PortTraffic> ports;
    std::map<std::uint32_t, ConduitTraffic> conduits;  // by model::conduit_id
    PortTraffic strangers;                             // interfaces that carry the programs but are no port
};

class SwitchDriver final : public model::Driver {
  public:
    // Loads the programs, adopting what an earlier process left below layout.bpf; programs of an older build
    // are replaced on each tap in one step. Mounts /sys/fs/bpf if that is not done. Needs CAP_NET_ADMIN,
    // CAP_BPF and CAP_PERFMON (the verifier asks for it for computed offsets into counters); for the mount
    // CAP_SYS_ADMIN. Bound to the caller's network namespace.
    static Result<std::unique_ptr<SwitchDriver>> open(const model::Layout& layout);

    std::string_view name() const override { return "switch"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // May be called from any thread.
    Result<Traffic> traffic() const;

  private:
    SwitchDriver(model::Layout layout, std::unique_ptr<Program> program, Links links);
    Result<> replace_programs();
    Result<> create(const model::Port& port);
    Result<Link> make_tap(const model::Port& port);
    Result<> remove(const model::PortName& name);
    Result<bool> is_whole(const PortRecord& record, const Link& link) const;

    const model::Layout layout_;
    const std::unique_ptr<Program> program_;
    Links links_;
    PortTable ports_;
    RuleTable rules_;
};

// Removes every tap of this layout's owner, and the pins: nothing of the switch stays. For teardown; guests
// that still run lose their network.
Result<> destroy_switch(const model::Layout& layout);

}  // namespace bulkhead::vnet
