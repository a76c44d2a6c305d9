// Makes partitions into libvirt domains.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "model/driver.hpp"
#include "model/layout.hpp"
#include "model/machine_facts.hpp"
#include "partition-manager/hypervisor/connection.hpp"
#include "partition-manager/hypervisor/domain_xml.hpp"

namespace bulkhead::hypervisor {

// Sees and touches only domains that carry the layout's owner; whatever else runs in libvirt is somebody
// else's.
class MachineDriver final : public model::Driver {
  public:
    // Asks the guest's agent to power off; false if it has none that listens. Called on the worker thread.
    using RequestShutdown = std::function<bool(const model::PartitionName&)>;

    // Prepares and measures a start; an error keeps the machine from starting. On the worker's thread.
    using BeforeStart = std::function<Result<>(const model::MachineFacts&)>;
    // Told what was seen, each time. On the worker's thread.
    using AfterObserve = std::function<void(const model::Observed&)>;

    struct Options {
        model::Layout layout;
        model::Accelerator accelerator;
        HostSupport host;
        RequestShutdown request_shutdown;                 // none: the power button is pressed
        std::chrono::milliseconds shutdown_time{15'000};  // for a guest to power off by itself
        bool tpm = false;                                 // the host has one: partitions get one too
        bool offloads = false;     // the switch can guard what guests leave to the host
        BeforeStart before_start;  // none: starts are not measured
        AfterObserve after_observe;
    };

    // The connection must outlive the driver.
    MachineDriver(Connection& connection, Options options)
        : connection_(connection), options_(std::move(options)) {}

    std::string_view name() const override { return "hypervisor"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // The serial console of a running partition: a raw terminal, non-blocking. Several openers share its
    // bytes.
    Result<Fd> open_console(const model::PartitionName& partition);
    std::filesystem::path console_log(const model::PartitionName& partition) const;
    // Of a running partition.
    Result<pid_t> qemu_pid(const model::PartitionName& partition);

    // What would be measured before a start of this machine, if it were defined now.
    Result<model::MachineFacts> facts_of(const model::Machine& machine);

    // Stops without asking and undefines all that is ours. Volumes stay.
    Result<> destroy_all();

  private:
    // Nothing if there is none; Code::conflict if the name is taken by a domain that is not ours.
    Result<std::optional<Domain>> find(const model::PartitionName& partition);
    Result<Domain> find_running(const model::PartitionName& partition);
    bool is_ours(const Domain& domain) const;

    Result<> define(const model::Machine& machine);
    Result<> undefine(const model::PartitionName& partition);
    Result<> start(const model::PartitionName& partition);
    Result<> stop(const model::PartitionName& partition);
    Result<> start_measured(const Domain& domain);
    Result<model::MachineFacts> facts_of_xml(const std::string& xml);
    Result<> prepare_folders(const model::PartitionName& partition) const;
    Result<> ask_to_power_off(const model::PartitionName& partition, const Domain& domain);

    Connection& connection_;
    Options options_;
};

}  // namespace bulkhead::hypervisor
