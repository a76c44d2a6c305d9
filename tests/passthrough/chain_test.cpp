// The whole way, from the simulated device to the vendor's application, with socat in the place of the
// virtual machine's UART.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/passthrough/line.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

TEST(Chain, readings_of_a_plc_reach_the_application_and_survive_a_restart_of_the_plc) {
    const Line line;
    const std::vector<std::string> plc_command{program("PLC_SIMULATOR"), "--pace", "--link", line.device()};
    auto plc = std::make_unique<Child>(plc_command);
    ASSERT_NE(plc->line_with("unit 1"), "");
    const auto owner = line.start_owner();
    ASSERT_NE(owner->line_with("\"serving\""), "");
    const std::string guest_tty = line.folder / "ttyS1";
    Child uart({"/usr/bin/socat", "-d", "-d", "UNIX-CONNECT:" + line.socket().string(),
                "PTY,raw,echo=0,link=" + guest_tty});
    ASSERT_NE(uart.line_with("starting data transfer"), "");

    Child application({program("MODBUS_COLLECTOR")}, {"BULKHEAD_DEVICES=rs485-1=" + guest_tty,
                                                      "BULKHEAD_REGISTERS=0-9", "BULKHEAD_PERIOD=250ms"});
    const std::string first = application.line_with("reading: spindle 1");
    EXPECT_NE(first, "");
    EXPECT_NE(application.line_with("reading: spindle 1"), first) << "the reading moves";

    plc.reset();  // killed: its link stays behind
    EXPECT_EQ(application.line_with("degraded"), "degraded: no answer from unit 1 for 5 s");
    plc = std::make_unique<Child>(plc_command);
    EXPECT_EQ(application.line_with("ok"), "ok");
    EXPECT_NE(application.line_with("reading: spindle 1"), "");

    plc->signal(SIGTERM);
    EXPECT_EQ(plc->wait(), 0);
    EXPECT_FALSE(std::filesystem::is_symlink(line.device()));
}

TEST(Chain, frames_of_a_press_reach_the_guest_once_it_opens_the_adapter) {
    const Line line;
    const Child adapter({program("CAN_ADAPTER_SIMULATOR"), "--link", line.device()});
    const auto owner = line.start_owner(1, "115200 8N1");
    ASSERT_NE(owner->line_with("\"serving\""), "");
    ASSERT_TRUE(state_when(line.control(), [](const auto& state) { return state.present; }));
    const Fd guest = connect_guest(line.socket());
    send_all(guest.get(), "C\rS6\rO\r");  // as slcand does
    const std::string heard = receive(guest.get(), 2048);
    ASSERT_TRUE(heard.starts_with("\a\r\r")) << "closing a closed channel is an error, the rest is done";
    EXPECT_NE(heard.find("\rt1812"), std::string::npos);
    EXPECT_NE(heard.find("\rt1822"), std::string::npos);
    EXPECT_NE(heard.find("\rt701105\r"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::passthrough
