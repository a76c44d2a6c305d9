// examples/networks/guarded-modbus.yaml at work: read and planned, its steps taken by the real switch and the
// real bulkhead-guard. Its partitions are pens, and its controller is one behind a wire, with libmodbus.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "model/spec.hpp"
#include "tests/vnet/guard/machines.hpp"
#include "tests/vnet/lab.hpp"
#include "tests/vnet/planned.hpp"
#include "tests/vnet/router/pen.hpp"
#include "vnet/guard/driver.hpp"

namespace bulkhead::vnet::guard::test {

class GuardedSite : public vnet::test::Lab {
  protected:
    void SetUp() override;
    void TearDown() override;

    vnet::test::Planned planned() const;
    void converge() { planned().converge(spec); }
    // What the guard of the tenant says of the conduit.
    model::GuardCounts counts(const model::TenantName& tenant, const std::string& conduit) const;
    pid_t pid_of(const model::TenantName& tenant) const;
    // Kills the guard, and waits until the kernel has taken its end of the pair away.
    void kill_guard(const model::TenantName& tenant);
    model::Port port_of(const std::string& partition) const;
    // A pen in the partition's place, with its address and its zone's gateway.
    std::unique_ptr<router::test::Pen> pen_of(const std::string& partition, const std::string& network) const;
    // Frames on an interface of the network of a process.
    static std::unique_ptr<vnet::test::Station> station_in(pid_t pid, const std::string& interface);
    // bulkhead-guard speaks from these ports alone, and clients' kernels from others.
    static bool is_guards(unsigned port) { return port >= 10000 && port <= 32767; }
    // From which a guard speaks to the controller now, as the switch has it; 0: from none.
    unsigned port_of_guard() const;

    static constexpr const char* controller = "10.20.3.40";
    const model::TenantName acme{"acme"};
    const model::TenantName borealis{"borealis"};
    model::Spec spec;
    std::filesystem::path folder;
    model::Layout guards;  // the lab's, with a folder of its own
    std::unique_ptr<GuardDriver> guard_driver;
    std::optional<router::test::Pen> plc_pen;
    std::unique_ptr<router::test::Pen> recipes_pen;
    std::unique_ptr<router::test::Pen> press_pen;
    std::optional<Server> plc;
};

}  // namespace bulkhead::vnet::guard::test
