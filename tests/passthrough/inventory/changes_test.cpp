#include "passthrough/inventory/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/passthrough/inventory/host.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::Host;

const std::string bus = "pci0000:00/0000:00:05.0/usb1/";

struct ChangesTest : testing::Test {
    std::vector<std::string> note() {
        std::vector<std::string> words;
        for (const auto& change : changes.note(host.look())) {
            static constexpr const char* what[] = {"appeared ", "vanished ", "moved "};
            words.push_back(what[static_cast<int>(change.what)] + change.device.id +
                            (change.from.empty() ? "" : " from " + change.from));
        }
        return words;
    }
    Host host;
    Changes changes;
};

TEST_F(ChangesTest, what_is_there_at_first_is_no_news) {
    host.usb(bus + "1-1", {});
    EXPECT_THAT(note(), IsEmpty());
    EXPECT_THAT(note(), IsEmpty());
}

TEST_F(ChangesTest, what_comes_and_goes_is_told_once) {
    note();
    host.usb(bus + "1-1", {});
    EXPECT_THAT(note(), ElementsAre("appeared usb:1-1"));
    EXPECT_THAT(note(), IsEmpty());
    host.unplug_usb(bus + "1-1");
    EXPECT_THAT(note(), ElementsAre("vanished usb:1-1"));
}

TEST_F(ChangesTest, a_device_that_says_who_it_is_is_known_again_at_another_port) {
    host.usb(bus + "1-1", {.number = "A50285BI"});
    note();
    host.unplug_usb(bus + "1-1");
    EXPECT_THAT(note(), ElementsAre("vanished usb:1-1"));
    host.usb(bus + "1-4", {.number = "A50285BI"});
    EXPECT_THAT(note(), ElementsAre("moved usb:1-4 from usb:1-1"));
    host.unplug_usb(bus + "1-4");
    host.usb(bus + "1-2", {.number = "A50285BI"});
    EXPECT_THAT(note(), ElementsAre("moved usb:1-2 from usb:1-4"));
}

TEST_F(ChangesTest, of_equal_devices_without_a_number_nothing_is_guessed) {
    host.usb(bus + "1-1", {});
    note();
    host.unplug_usb(bus + "1-1");
    host.usb(bus + "1-4", {});
    EXPECT_THAT(note(), ElementsAre("appeared usb:1-4", "vanished usb:1-1"));
}

TEST_F(ChangesTest, two_of_one_number_did_not_move) {
    host.usb(bus + "1-1", {.number = "0001"});
    note();
    host.usb(bus + "1-2", {.number = "0001"});
    EXPECT_THAT(note(), ElementsAre("appeared usb:1-2"));
}

TEST_F(ChangesTest, another_device_at_the_same_port_is_told) {
    host.usb(bus + "1-1", {.number = "one"});
    note();
    host.unplug_usb(bus + "1-1");
    host.usb(bus + "1-1", {.number = "two"});
    EXPECT_THAT(note(), ElementsAre("appeared usb:1-1"));
}

}  // namespace
}  // namespace bulkhead::passthrough::inventory
