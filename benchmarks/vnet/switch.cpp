#include "benchmarks/vnet/switch.hpp"

#include <net/if.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

#include "vnet/driver.hpp"
#include "vnet/inspection.hpp"
#include "vnet/port_table.hpp"
#include "vnet/program.hpp"
#include "vnet/rule_table.hpp"
#include "vnet/state.hpp"

namespace bulkhead::bench {
namespace {

model::Layout layout_of_start() {
    model::Layout layout;
    layout.bpf = "/sys/fs/bpf/bench-start";
    layout.owner = "bench";
    return layout;
}

}  // namespace

// What SwitchDriver is made of, but for the interfaces: those are somebody else's here.
struct Switch::Parts {
    Parts(std::filesystem::path folder, std::unique_ptr<vnet::Program> loaded)
        : pins(std::move(folder)),
          program(std::move(loaded)),
          ports(program->maps(), state),
          rules(program->maps(), state) {}

    std::filesystem::path pins;
    std::unique_ptr<vnet::Program> program;
    vnet::State state;
    vnet::PortTable ports;
    vnet::RuleTable rules;
};

Switch::Switch(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
}

Switch::~Switch() {
    std::error_code ignored;  // of a bpffs that is the benchmark's own
    std::filesystem::remove_all(parts_->pins, ignored);
}

Result<std::unique_ptr<Switch>> Switch::open(const std::filesystem::path& pins) {
    BULKHEAD_TRY(vnet::ensure_bpffs(pins));
    BULKHEAD_TRY_ASSIGN(auto program, vnet::Program::open(pins));
    auto parts = std::make_unique<Parts>(pins, std::move(program));
    BULKHEAD_TRY(vnet::load(parts->program->maps(), parts->state, parts->rules));
    return std::unique_ptr<Switch>(new Switch(std::move(parts)));
}

// As SwitchDriver does it with a port that changes: its rules are opened anew.
Result<> Switch::admit(const model::Port& port, const std::string& interface) {
    const unsigned ifindex = ::if_nametoindex(interface.c_str());
    if (ifindex == 0 && !interface.empty()) return fail_errno("no such interface", interface);
    std::set<model::Rule> rules;
    if (parts_->state.network.ports.contains(port.name)) {
        rules = parts_->rules.of(port.name);
        BULKHEAD_TRY(parts_->rules.close(rules));
        BULKHEAD_TRY(parts_->ports.expel(port.name));
    }
    BULKHEAD_TRY(parts_->ports.record(port));
    if (ifindex != 0) BULKHEAD_TRY(parts_->program->guard(ifindex));
    BULKHEAD_TRY(parts_->ports.admit(port.name, ifindex));
    return parts_->rules.open(rules);
}

Result<> Switch::open(const std::set<model::Rule>& rules) {
    return parts_->rules.open(rules);
}

Result<> Switch::close(const std::set<model::Rule>& rules) {
    return parts_->rules.close(rules);
}

Result<std::unique_ptr<model::Driver>> start(const std::vector<model::Port>& ports,
                                             const std::set<model::Rule>& rules) {
    BULKHEAD_TRY_ASSIGN(auto driver, vnet::SwitchDriver::open(layout_of_start()));
    for (const model::Port& port : ports) BULKHEAD_TRY(driver->execute(model::CreatePort{port}));
    BULKHEAD_TRY(driver->execute(model::OpenConduit{model::ConduitName("bench"), rules}));
    return driver;
}

Result<> take_down() {
    return vnet::destroy_switch(layout_of_start());
}

// `memlock` of a BPF descriptor: the kernel's own figure, whoever it is charged to.
Result<std::uint64_t> bpf_memory() {
    std::uint64_t total = 0;
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo", ec)) {
        std::ifstream file(entry.path());
        for (std::string key, value; file >> key && std::getline(file, value);)
            if (key == "memlock:") total += std::stoull(value);
    }
    if (ec || total == 0)
        return fail(Code::io, "the kernel tells no memory of BPF maps", "/proc/self/fdinfo");
    return total;
}

}  // namespace bulkhead::bench
