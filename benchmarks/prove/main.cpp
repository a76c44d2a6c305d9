// bench-prove --json FILE: `bulkhead prove` over a switch that runs, of 20 tenants with 5 partitions and 50
// conduits each. Root; in namespaces of its own, which end with it.
#include <sched.h>
#include <sys/mount.h>

#include <cstdio>
#include <fstream>

#include "partition-manager/daemon/proof.hpp"
#include "partition-manager/plan/render.hpp"
#include "vnet/driver.hpp"

namespace bulkhead::bench {
namespace {

constexpr unsigned tenants = 20;
constexpr unsigned partitions = 5;  // of each
constexpr unsigned conduits = 50;   // of each
constexpr int rounds = 7;

std::string partition_name(unsigned tenant, unsigned index) {
    return "p" + std::to_string(tenant) + "-" + std::to_string(index % partitions);
}

model::Spec plant() {
    model::Spec spec;
    spec.gateway = model::GatewayName("bench");
    for (unsigned tenant = 0; tenant < tenants; ++tenant) {
        const model::TenantName name("t" + std::to_string(tenant));
        const model::ZoneName zone("z" + std::to_string(tenant));
        const std::uint32_t network = 10U << 24 | 20U << 16 | tenant << 8;
        spec.tenants.push_back({name});
        spec.zones.push_back({zone, name, {model::Ipv4{network}, 24}});
        for (unsigned i = 0; i < partitions; ++i) {
            model::Partition partition;
            partition.name = model::PartitionName(partition_name(tenant, i));
            partition.tenant = name;
            partition.interfaces.push_back({zone, model::Ipv4{network + 10 + i}});
            spec.partitions.push_back(partition);
        }
        for (unsigned i = 0; i < conduits; ++i)
            spec.conduits.push_back(
                {model::ConduitName("c" + std::to_string(tenant) + "-" + std::to_string(i)),
                 model::EndName(partition_name(tenant, i)),
                 model::EndName(partition_name(tenant, i + 1)),
                 {{model::Transport::tcp, static_cast<std::uint16_t>(1000 + i)}},
                 "because"});
    }
    return spec;
}

Result<> enter_namespaces() {
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return fail_errno("can't enter namespaces");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0)
        return fail_errno("can't mount /sys");
    return {};
}

Result<> furnish(vnet::SwitchDriver& driver, const model::Spec& spec) {
    for (const auto& partition : spec.partitions)
        for (const auto& port : plan::ports_of(spec, partition))
            BULKHEAD_TRY(driver.execute(model::CreatePort{port}));
    std::map<model::ConduitName, std::set<model::Rule>> by_conduit;
    for (const auto& [rule, conduit] : plan::rules_of(spec)) by_conduit[conduit].insert(rule);
    for (const auto& [conduit, rules] : by_conduit)
        BULKHEAD_TRY(driver.execute(model::OpenConduit{conduit, rules}));
    return {};
}

// One line of JSON for each round.
Result<> measure(std::ostream& out) {
    BULKHEAD_TRY(enter_namespaces());
    model::Layout layout;
    layout.bpf = "/sys/fs/bpf/bench-prove";
    layout.owner = "bench-prove";
    BULKHEAD_TRY_ASSIGN(const auto driver, vnet::SwitchDriver::open(layout));
    const auto spec = std::make_shared<const model::Spec>(plant());  // shared with the board's readers
    BULKHEAD_TRY(furnish(*driver, *spec));
    const SystemClock clock;
    daemon::Board board;
    daemon::Snapshot snapshot;
    snapshot.spec = spec;
    board.publish(std::move(snapshot));
    const daemon::SwitchSources sources{board,
                                        clock,
                                        [&] { return driver->traffic(); },
                                        [&](std::size_t limit) { return driver->flows(limit); },
                                        [&] { return driver->sight(); },
                                        {},
                                        [] { return daemon::RouterStates(); },
                                        [] { return Result<std::optional<apply::StoredSpec>>(std::nullopt); },
                                        [](const apply::Event&) {}};
    v1alpha1::ProveRequest request;
    request.set_all(true);
    for (int round = 0; round < rounds; ++round) {
        const auto begun = clock.monotonic();
        BULKHEAD_TRY(driver->sight());
        const std::chrono::duration<double> reading = clock.monotonic() - begun;
        BULKHEAD_TRY_ASSIGN(const auto proof, daemon::prove(sources, request));
        if (!proof.proved()) return fail(Code::internal, "not proved: " + proof.ShortDebugString());
        out << R"({"reading": )" << reading.count() << R"(, "proof": )" << proof.milliseconds() / 1000
            << R"(, "cases": )" << proof.cases() << R"(, "rules": )" << proof.rules() << "}\n";
    }
    return vnet::destroy_switch(layout);
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
    if (argc != 3 || std::string(argv[1]) != "--json") {
        std::fputs("usage: bench-prove --json FILE\n", stderr);
        return 2;
    }
    std::ofstream out(argv[2]);
    const auto done = bulkhead::bench::measure(out);
    if (!done) std::fprintf(stderr, "bench-prove: error: %s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
