// A switch in namespaces of its own: network, mounts and pins of the test vanish with its process.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "model/layout.hpp"
#include "tests/vnet/frames.hpp"
#include "vnet/driver.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet::test {

// Holds the tap of a port as QEMU would. The kernel forwards within send(), so what a frame causes has
// happened when send() returns.
class Guest {
  public:
    explicit Guest(const model::PortName& port);

    void send(const Bytes& frame, const VirtioHeader& header = {});
    // As send(), but the kernel may refuse the frame; it does while the tap is down.
    bool try_send(const Bytes& frame, const VirtioHeader& header = {});
    // The next frame that waits; nothing if none does.
    std::optional<Bytes> receive();
    // Takes checksums and segments undone, as a guest's driver with offloads does.
    void offload();
    const VirtioHeader& last_header() const { return last_header_; }

  private:
    Fd tap_;
    VirtioHeader last_header_{};
};

// Stands at the far end of a pair, as a machine behind a wire or a router does.
class Station {
  public:
    explicit Station(const std::string& interface);

    void send(const Bytes& frame);
    // The next frame that waits, with its tag; nothing if none does.
    std::optional<Bytes> receive();

  private:
    Fd socket_;
};

// A command of the shell that must succeed.
void run(const std::string& command);

class Lab : public ::testing::Test {
  protected:
    static void SetUpTestSuite();
    void SetUp() override;
    void TearDown() override;

    std::unique_ptr<SwitchDriver> open() const;
    static std::filesystem::path pins() { return layout.bpf / ("format-" + std::to_string(SWITCH_FORMAT)); }
    // The same programs and maps in another hand.
    static std::unique_ptr<Program> open_maps();
    // How the programs come on interfaces; of a fixture that is about it.
    virtual Means means() const { return best_means(); }
    static model::Port port(const std::string& partition, const std::string& zone,
                            const std::string& address);
    static model::Rule rule(const model::Port& from, const model::Port& to, model::Transport transport,
                            unsigned number, const std::string& conduit);
    model::Observed observe();
    void execute(const model::Action& action);
    // Three ports and what may flow: readings robot -> admin tcp/8883, pings robot -> admin icmp,
    // logs press -> admin udp/514. Between robot and press there is nothing.
    void furnish();
    // A port for a guard of the robot's tenant; its leg is up, and no guard is there.
    model::Port make_guard();
    std::uint64_t dropped(const model::Port& port, const std::string& reason);
    std::uint64_t dropped(const model::Port& port);  // for all reasons
    static const model::Layout layout;
    const model::Port robot = port("robot-cell", "acme-cell", "10.20.1.10");
    const model::Port press = port("press", "borealis-cell", "10.20.2.10");
    const model::Port admin = port("it-admin", "management", "10.20.9.2");
    const model::Rule readings = rule(robot, admin, model::Transport::tcp, 8883, "readings");
    const model::Rule pings = rule(robot, admin, model::Transport::icmp, 0, "pings");
    const model::Rule logs = rule(press, admin, model::Transport::udp, 514, "logs");
    std::unique_ptr<SwitchDriver> driver;
};

// With all of that made, and a guest on each port.
class Furnished : public Lab {
  protected:
    void SetUp() override;
    // Nobody but `receiver` got anything; it got `frame`.
    void expect_passes(Guest& sender, Guest& receiver, const Bytes& frame);
    void expect_passes(Guest& sender, Guest& receiver, const Bytes& frame, const Bytes& arrives);
    // Nobody got anything, and the drop was counted once under this reason and no other.
    void expect_drops(Guest& sender, const model::Port& port, const Bytes& frame, const std::string& reason);

    // Nobody's queue holds anything.
    virtual void expect_silence();
    // Some kernels (Debian's 6.1.192) don't tell where a checksum that is left to do ends. There each frame
    // that leaves one is refused, and no guest is offered to (hypervisor/domain_xml.cpp).
    bool kernel_hides_checksums();

    std::optional<Guest> robot_guest;
    std::optional<Guest> press_guest;
    std::optional<Guest> admin_guest;
};

// A plant: robot's zone has a router, with a leg that the test plays and networks beyond it (203.0.113.0/24
// and 2001:db8:f::/48); a wire with a PLC behind it, under tag 10, in the zone of the press; and a mirror of
// the readings. Beside what Furnished has: surf robot -> outside tcp/443, names robot -> router udp/53, poll
// robot
// -> PLC tcp/502, profinet press -> robot, both as layer 2.
class Plant : public Furnished {
  protected:
    void SetUp() override;
    void TearDown() override;
    void expect_silence() override;
    // As for guests, and a frame of the leg or the PLC.
    void expect_drops_of(Station& sender, const model::Port& port, const Bytes& frame,
                         const std::string& reason);
    void open(const model::Rule& each);

    model::Port router;
    model::Port outside;
    model::Port wire;
    model::Port plc;
    model::Port mirror;
    model::Port beyond;  // a machine in the outside, as frames need it
    std::optional<Station> leg;
    std::optional<Station> field;
    std::optional<Guest> monitor;
};

}  // namespace bulkhead::vnet::test
