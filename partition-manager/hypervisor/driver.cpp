#include "partition-manager/hypervisor/driver.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "partition-manager/hypervisor/reach.hpp"

namespace bulkhead::hypervisor {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

std::unexpected<Error> at(const model::PartitionName& partition, Error error) {
    error.where = partition.str();
    return std::unexpected(std::move(error));
}

}  // namespace

bool MachineDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::DefineMachine>(action) ||
           std::holds_alternative<model::UndefineMachine>(action) ||
           std::holds_alternative<model::StartMachine>(action) ||
           std::holds_alternative<model::StopMachine>(action);
}

Result<> MachineDriver::observe(model::Observed& observed) {
    BULKHEAD_TRY_ASSIGN(const auto host, connection_.host());
    observed.host = {.cpus = host.cpus,
                     .memory = host.memory,
                     .accelerator = options_.accelerator,
                     .hypervisor = host.versions,
                     .tpm = options_.tpm,
                     .offloads = options_.offloads};
    BULKHEAD_TRY_ASSIGN(const auto domains, connection_.domains());
    for (const auto& domain : domains) {
        const auto mark = parse_mark(domain.metadata);
        if (mark.owner != options_.layout.owner) continue;
        const model::PartitionName name(domain.name);
        observed.machines[name] = {.name = name,
                                   .uid = domain.uuid,
                                   .fingerprint = mark.fingerprint,
                                   .power = domain.power,
                                   .image_digest = mark.image};
    }
    if (options_.after_observe) options_.after_observe(observed);
    return {};
}

Result<> MachineDriver::execute(const model::Action& action) {
    return std::visit(Overloaded{
                          [&](const model::DefineMachine& step) { return define(step.machine); },
                          [&](const model::UndefineMachine& step) { return undefine(step.partition); },
                          [&](const model::StartMachine& step) { return start(step.partition); },
                          [&](const model::StopMachine& step) { return stop(step.partition); },
                          [&](const auto&) -> Result<> {
                              return fail(Code::internal, "not a step of this driver",
                                          model::subject(action));
                          },
                      },
                      action);
}

bool MachineDriver::is_ours(const Domain& domain) const {
    return parse_mark(domain.metadata).owner == options_.layout.owner;
}

Result<std::optional<Domain>> MachineDriver::find(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(auto domain, connection_.find(partition.str()));
    if (domain && !is_ours(*domain))
        return fail(Code::conflict, "libvirt has a domain of this name that is not ours", partition.str(),
                    "a free name",
                    "rename the partition, or look at it (virsh dumpxml " + partition.str() +
                        ") and rename or remove it");
    return domain;
}

Result<Domain> MachineDriver::find_running(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(auto domain, find(partition));
    if (!domain || domain->power == model::Power::off)
        return fail(Code::unavailable, "does not run", partition.str(), "",
                    "run: bulkhead start " + partition.str());
    return std::move(*domain);
}

Result<> MachineDriver::define(const model::Machine& machine) {
    const auto lines =
        std::ranges::count(machine.devices, model::DeviceKind::serial, &model::MachineDevice::kind);
    if (static_cast<std::size_t>(lines) > serial_devices_limit)
        return fail(Code::unsupported, std::to_string(lines) + " serial devices", machine.name.str(),
                    "at most " + std::to_string(serial_devices_limit));
    BULKHEAD_TRY_ASSIGN(const auto known, find(machine.name));
    // libvirt does not change a domain's UUID: the old definition has to go first.
    if (known && known->uuid != machine.uid) {
        if (known->power != model::Power::off)
            return fail(Code::conflict, "runs with another identity, " + known->uuid, machine.name.str(),
                        machine.uid, "run: bulkhead stop " + machine.name.str());
        BULKHEAD_TRY(connection_.undefine(known->uuid));
    }
    auto done = connection_.define(domain_xml(machine, options_.layout, options_.accelerator, options_.host));
    if (!done) return at(machine.name, done.error());
    return {};
}

Result<> MachineDriver::undefine(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(const auto domain, find(partition));
    if (!domain) return {};
    if (domain->power != model::Power::off)
        return fail(Code::conflict, "still runs", partition.str(), "",
                    "run: bulkhead stop " + partition.str());
    if (auto done = connection_.undefine(domain->uuid); !done && done.error().code != Code::not_found)
        return at(partition, done.error());
    return remove_file(options_.layout.agent_socket(partition));
}

Result<> MachineDriver::start(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(const auto domain, find(partition));
    if (!domain) return fail(Code::not_found, "is not defined", partition.str());
    if (domain->power == model::Power::running) return {};
    auto done = [&]() -> Result<> {
        if (domain->power == model::Power::paused) return connection_.resume(domain->uuid);
        BULKHEAD_TRY(prepare_folders(partition));
        return start_measured(*domain);
    }();
    if (!done) return at(partition, done.error());
    return {};
}

Result<> MachineDriver::start_measured(const Domain& domain) {
    if (options_.before_start) {
        BULKHEAD_TRY_ASSIGN(const auto xml, connection_.stored_xml(domain.uuid));
        BULKHEAD_TRY_ASSIGN(const auto facts, facts_of_xml(xml));
        BULKHEAD_TRY(options_.before_start(facts));
    }
    return connection_.start(domain.uuid);
}

Result<model::MachineFacts> MachineDriver::facts_of_xml(const std::string& xml) {
    auto facts = hypervisor::facts_of(xml);
    BULKHEAD_TRY_ASSIGN(auto command, connection_.emulator_command(xml));
    facts.emulator_command = normalised_command(std::move(command), facts.uid);
    // libvirt fills the emulator in when it takes a definition; until then only the command line names it.
    if (facts.emulator.empty())
        facts.emulator = facts.emulator_command.substr(0, facts.emulator_command.find(' '));
    return facts;
}

Result<model::MachineFacts> MachineDriver::facts_of(const model::Machine& machine) {
    return facts_of_xml(domain_xml(machine, options_.layout, options_.accelerator, options_.host));
}

Result<> MachineDriver::prepare_folders(const model::PartitionName& partition) const {
    // libvirtd makes the socket and hands it to QEMU open, so nobody but root has to get in here.
    const auto socket = options_.layout.agent_socket(partition);
    BULKHEAD_TRY(make_folder(socket.parent_path(), 0700));
    BULKHEAD_TRY(remove_file(socket));
    BULKHEAD_TRY(make_folder(console_log(partition).parent_path(), 0700));
    // QEMU connects to the lines and opens the volumes itself, as its own user.
    for (const auto& folder : {options_.layout.run, options_.layout.state, options_.layout.images})
        BULKHEAD_TRY(require_reachable(folder));
    return {};
}

Result<> MachineDriver::stop(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(const auto domain, find(partition));
    if (!domain || domain->power == model::Power::off) return {};
    if (domain->power == model::Power::running && options_.shutdown_time.count() > 0) {
        if (auto asked = ask_to_power_off(partition, *domain); !asked) {
            log::warning("can't ask the guest to power off",
                         {{"partition", partition.str()}, {"reason", asked.error().text()}});
        } else {
            BULKHEAD_TRY_ASSIGN(const bool off,
                                connection_.wait_until_off(domain->uuid, options_.shutdown_time));
            if (off) return {};
            log::warning("the guest did not power off in time", {{"partition", partition.str()}});
        }
    }
    if (auto done = connection_.destroy(domain->uuid); !done) return at(partition, done.error());
    return {};
}

Result<> MachineDriver::ask_to_power_off(const model::PartitionName& partition, const Domain& domain) {
    if (options_.request_shutdown && options_.request_shutdown(partition)) return {};
    return connection_.press_power_button(domain.uuid);
}

std::filesystem::path MachineDriver::console_log(const model::PartitionName& partition) const {
    return console_log_path(options_.layout, partition);
}

Result<Fd> MachineDriver::open_console(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(const auto domain, find_running(partition));
    BULKHEAD_TRY_ASSIGN(const auto xml, connection_.live_xml(domain.uuid));
    const auto path = console_path(xml);
    if (path.empty()) return fail(Code::unavailable, "has no console", partition.str());
    BULKHEAD_TRY_ASSIGN(Fd terminal, open_file(path, O_RDWR | O_NOCTTY | O_NONBLOCK));
    termios settings{};
    if (::tcgetattr(terminal.get(), &settings) != 0) return fail_errno("is not a terminal", path);
    ::cfmakeraw(&settings);
    if (::tcsetattr(terminal.get(), TCSANOW, &settings) != 0)
        return fail_errno("can't set the terminal", path);
    return terminal;
}

Result<pid_t> MachineDriver::qemu_pid(const model::PartitionName& partition) {
    BULKHEAD_TRY_ASSIGN(const auto domain, find_running(partition));
    const std::filesystem::path path = "/run/libvirt/qemu/" + domain.name + ".pid";
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(path, 32));
    BULKHEAD_TRY_ASSIGN(const auto pid, parse_number(trimmed(text), 2, 1 << 22));
    // A file of a QEMU that died may name a process that is somebody else by now.
    BULKHEAD_TRY_ASSIGN(const auto arguments,
                        read_file("/proc/" + std::to_string(pid) + "/cmdline", 1 << 20));
    if (arguments.find(domain.uuid) == std::string::npos)
        return fail(Code::unavailable, "QEMU is gone", partition.str());
    return static_cast<pid_t>(pid);
}

Result<> MachineDriver::destroy_all() {
    BULKHEAD_TRY_ASSIGN(const auto domains, connection_.domains());
    for (const auto& domain : domains) {
        if (!is_ours(domain)) continue;
        BULKHEAD_TRY(connection_.destroy(domain.uuid));
        if (auto done = connection_.undefine(domain.uuid); !done && done.error().code != Code::not_found)
            return done;
        BULKHEAD_TRY(remove_file(options_.layout.agent_socket(model::PartitionName(domain.name))));
    }
    return {};
}

}  // namespace bulkhead::hypervisor
