// The virtual switch as the planner sees it: ports and conduits. State lives in the kernel (interfaces, their
// programs, pinned maps); what is remembered here is read from there, so a daemon that starts again finds all
// of it, and frames pass or drop the same while there is none.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "model/driver.hpp"
#include "model/layout.hpp"
#include "vnet/inspection.hpp"
#include "vnet/interfaces.hpp"
#include "vnet/link.hpp"
#include "vnet/port_table.hpp"
#include "vnet/program.hpp"
#include "vnet/rule_table.hpp"
#include "vnet/traffic.hpp"
#include "vnet/trial.hpp"

namespace bulkhead::vnet {

class SwitchDriver final : public model::Driver {
  public:
    // Loads the programs, adopting what an earlier process left below layout.bpf; programs of an older build
    // are replaced on each interface in one step. Mounts /sys/fs/bpf if that is not done. Needs
    // CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON (the verifier asks for it for computed offsets into counters);
    // for the mount CAP_SYS_ADMIN. Bound to the caller's network namespace.
    static Result<std::unique_ptr<SwitchDriver>> open(const model::Layout& layout,
                                                      Means means = best_means());

    std::string_view name() const override { return "switch"; }
    bool handles(const model::Action& action) const override;
    // Closes what is open and should not be; what is missing is told, and made again by a plan.
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // May be called from any thread.
    Result<Traffic> traffic() const;
    Result<std::vector<Flow>> flows(std::size_t limit) const;
    // All of it at one moment, for explaining and proving.
    Result<Sight> sight();
    // What would become of each frame if it came in over the port's interface now. Sends and changes nothing.
    // Code::not_found if no such port stands on an interface.
    Result<Trials> try_frames(const model::PortName& port, const std::vector<Frame>& frames);
    // Whether the process at the other end of a router's or guard's port is there; asked when its interface
    // is gone. With the process there, somebody took it away; without it, the two went together, which is
    // nobody's doing at the switch. Set before the first look.
    using IsThere = std::function<bool(const model::Port&)>;
    void other_ends_by(IsThere is_there) { is_there_ = std::move(is_there); }

    // Looks as observe() does, and says whether a port or a rule is not as it should be that was so the last
    // time.
    Result<bool> has_drifted();
    // What was found that nobody here did, since the last call.
    std::vector<std::string> take_findings();

  private:
    SwitchDriver(const model::Layout& layout, std::unique_ptr<Program> program, Links links);
    Result<> load();
    Result<> replace_programs();
    Result<> create(const model::Port& port);
    Result<> create_end(const model::Port& port);
    Result<> stand(const model::Port& port, const std::optional<Link>& there);
    Result<> remove(const model::PortName& name);
    // Why it is not whole; empty if it is.
    Result<std::string> flaw_of(const PlacedPort& placed, const Link& link) const;
    Result<std::string> flaw_of(const PlacedPort& placed, const std::vector<Link>& links) const;
    void note_flaws(const std::map<model::PortName, std::string>& flaws);
    // Its interface went with the process at its other end.
    bool went_with_its_process(const model::PortName& name) const;
    Result<> look(model::Observed& observed);
    Result<Sight> see();
    // Rules that a change of the port or its interface touches.
    std::set<model::Rule> rules_of(const model::PortName& name) const;
    void note(const Findings& findings);

    const model::Layout layout_;
    const std::unique_ptr<Program> program_;
    mutable std::mutex mutex_;  // held by every call from outside
    Links links_;
    Interfaces interfaces_;
    State state_;
    PortTable ports_;
    RuleTable rules_;
    IsThere is_there_;
    std::vector<std::string> findings_;
    std::uint64_t drifts_ = 0;         // that were ever found
    std::set<model::PortName> whole_;  // as last seen
    bool unsure_ = false;              // something failed halfway: look before anything else is done
};

// Removes every interface of this layout's owner that was made, gives back the others, and removes the pins:
// nothing of the switch stays. For teardown; guests that still run lose their network.
Result<> destroy_switch(const model::Layout& layout);

}  // namespace bulkhead::vnet
