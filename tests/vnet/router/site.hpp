// A gateway's network at work: examples/networks/one-gateway.yaml, read and planned, its steps taken by the
// real switch and the real bulkhead-router; its partitions and the world beyond are pens.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/helper_connection.hpp"
#include "model/observed.hpp"
#include "tests/vnet/lab.hpp"
#include "tests/vnet/planned.hpp"
#include "tests/vnet/router/pen.hpp"
#include "vnet/router/driver.hpp"

namespace bulkhead::vnet::router::test {

// Until the command succeeds: those who serve start in their own time.
void await(const Pen& pen, const std::string& command);

class Site : public vnet::test::Lab {
  protected:
    void SetUp() override;
    void TearDown() override;

    // As a manager that has just started would: looks, plans, and takes the steps for ports, conduits and
    // routers until one fails. How many it took.
    std::size_t apply();
    // Until nothing is left to do.
    void converge();
    model::Observed look();
    // Removes all, as a teardown does.
    void remove_all();
    vnet::test::Planned planned() const;
    model::Port port_of(const std::string& partition) const;
    // What the router says of itself, as soon as `wanted` holds.
    State wait_for(const std::function<bool(const State&)>& wanted);
    pid_t router_pid();
    // Asks for addresses and sets what it is given: its lease, or what went wrong.
    std::string ask_for_address(const Pen& pen, int tries = 10);

    const model::TenantName acme{"acme"};
    model::Spec spec;
    model::Spec none;
    std::filesystem::path folder;
    model::Layout routers;  // the lab's, with a folder of its own
    std::unique_ptr<RouterDriver> router_driver;
    std::optional<Pen> world;  // behind both uplinks: 203.0.113.7 serves HTTP, .53 names
    std::optional<Pen> robot_pen;
    std::optional<Pen> collector_pen;
};

}  // namespace bulkhead::vnet::router::test
