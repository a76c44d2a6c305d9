// The twin of the live programs: it says what they then do, and asking it does nothing.
#include "vnet/twin.hpp"

#include <net/if.h>

#include "tests/vnet/lab.hpp"
#include "vnet/explain/drop_name.hpp"

namespace bulkhead::vnet::test {
namespace {

class TwinOfTheSwitch : public Plant {
  protected:
    void SetUp() override {
        Plant::SetUp();
        program = open_maps();
        ASSERT_TRUE(program);
        auto made = Twin::open(*program);
        ASSERT_TRUE(made) << made.error().text();
        twin = std::move(*made);
    }
    static unsigned interface(const model::Port& port) { return ::if_nametoindex(port.name.str().c_str()); }
    std::string ask(const Bytes& frame, const model::Port& port) {
        const auto said = twin->ask(std::as_bytes(std::span(frame)), interface(port));
        EXPECT_TRUE(said) << said.error().text();
        if (!said) return "";
        if (said->verdict == 0) return "passes";
        return said->verdict == 0x100
                   ? "answered"
                   : std::string(explain::drop_name(static_cast<switch_drop>(said->verdict - 1)));
    }
    // Asks first; then the frame is sent.
    void expect_drops_as_told(Guest& sender, const model::Port& port, const Bytes& frame) {
        expect_drops(sender, port, frame, ask(frame, port));
    }

    std::unique_ptr<Program> program;
    std::unique_ptr<Twin> twin;
};

TEST_F(TwinOfTheSwitch, tells_the_reason_under_which_a_frame_is_then_dropped) {
    for (const Bytes& frame :
         {opening(robot, press, 40000, 8883), opening(robot, admin, 40000, 22),
          tcp(robot, admin, 40000, 8883), opening(press, admin, 40000, 8883), arp_request(robot, press),
          arp_reply(robot, admin), opening(robot, beyond, 40000, 80),
          tagged(opening(robot, admin, 40000, 8883), 0x8100, 7)})
        expect_drops_as_told(*robot_guest, robot, frame);
    expect_drops_as_told(*admin_guest, admin, opening(admin, robot, 8883, 22));
    expect_drops_as_told(*monitor, mirror, opening(robot, admin, 40000, 8883));
}

TEST_F(TwinOfTheSwitch, tells_where_a_frame_goes_and_by_which_connection) {
    const Bytes first = opening(robot, admin, 40000, 8883);
    const Bytes answer = tcp(admin, robot, 8883, 40000, syn | ack);
    EXPECT_EQ(ask(answer, admin), "no_connection");
    EXPECT_EQ(ask(arp_request(robot, admin), robot), "answered");
    const auto said = twin->ask(std::as_bytes(std::span(first)), interface(robot));
    ASSERT_TRUE(said && said->verdict == 0);
    EXPECT_EQ(said->ifindex, interface(admin));
    expect_silence();
    robot_guest->send(first);
    EXPECT_EQ(admin_guest->receive(), first);
    const auto live = program->maps().seen.connections.entries();
    ASSERT_TRUE(live && live->size() == 1);
    const auto back = twin->ask(std::as_bytes(std::span(answer)), interface(admin), {.connections = *live});
    ASSERT_TRUE(back && back->verdict == 0);
    EXPECT_EQ(back->ifindex, interface(robot));
    EXPECT_EQ(ask(answer, admin), "no_connection") << "remembers nothing of its own";
}

TEST_F(TwinOfTheSwitch, changes_nothing) {
    const auto before = driver->traffic();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ask(opening(robot, admin, 40000, 8883), robot), "passes");
        EXPECT_EQ(ask(opening(robot, press, 40000, 8883), robot), "no_conduit");
    }
    EXPECT_TRUE(driver->flows(10)->empty());
    EXPECT_EQ(driver->traffic()->ports.at(robot.name).received, before->ports.at(robot.name).received);
    EXPECT_EQ(dropped(robot), 0U);
    expect_silence();
}

TEST_F(TwinOfTheSwitch, sees_a_change_of_the_policy_at_once) {
    const Bytes frame = opening(robot, admin, 40000, 22);
    EXPECT_EQ(ask(frame, robot), "service");
    open(rule(robot, admin, model::Transport::tcp, 22, "shell"));
    EXPECT_EQ(ask(frame, robot), "passes");
}

TEST_F(TwinOfTheSwitch, asks_the_second_check_too) {
    const Bytes frame = opening(robot, admin, 40000, 8883);
    const auto bytes = std::as_bytes(std::span(frame));
    EXPECT_TRUE(*twin->may_leave(bytes, interface(admin), interface(robot)));
    EXPECT_FALSE(*twin->may_leave(bytes, interface(press), interface(robot)));
    EXPECT_FALSE(*twin->may_leave(bytes, interface(admin), 0)) << "from the host";
}

}  // namespace
}  // namespace bulkhead::vnet::test
