#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

TEST(Devices, refuses_a_place_that_is_no_plain_path) {
    for (const char* at : {"relative", "/dev/../etc/shadow", "/dev//ttyS1", "/dev/ttyS1/", "/", "'/dev/a b'",
                           "/dev/.", "\"/dev/\\u00e4\""})
        EXPECT_NE(told("/dev/serial/by-path/one", at).find("is not a plain absolute path; wanted"),
                  std::string::npos)
            << at;
    EXPECT_EQ(
        told(", at: /dev/serial/by-path/one", ""),
        "f.yaml:8:5: at is missing; wanted an absolute path without '..', best a /dev/serial/by-path link");
}

TEST(Devices, refuses_two_devices_at_one_place) {
    EXPECT_EQ(told("by-path/two", "by-path/one"),
              "f.yaml:9:37: '/dev/serial/by-path/one' is the place of another device; mend it here or at "
              "f.yaml:8:39, or write shared: true at both: they take turns then");
}

TEST(Devices, refuses_a_device_without_kind) {
    EXPECT_EQ(told(", kind: serial", ""), "f.yaml:8:5: kind is missing; wanted serial, pci, usb or can");
}

TEST(Devices, takes_a_pci_function_by_its_address_alone) {
    const auto use = [](const std::string& at, const std::string& more) {
        return told({{"kind: serial, at: /dev/serial/by-path/two", "kind: pci, at: " + at},
                     {"{device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}",
                      "{device: can-1" + more + "}"}});
    };
    EXPECT_EQ(use("\"0000:00:02.0\"", ""), "accepted");
    EXPECT_EQ(use("\"0000:00:02.0\"", ", protocol: can, bitrate: 500000"), "accepted");
    EXPECT_NE(use("\"00:02.0\"", "")
                  .find("'00:02.0' is no PCI address; wanted domain, bus, slot and function of a PCI "
                        "function, such as 0000:00:02.0; write 0000:00:02.0"),
              std::string::npos);
    for (const char* at :
         {"/dev/ttyS1", "\"0000:00:20.0\"", "\"0000:00:02.8\"", "\"0000:00:02.0 \"", "\"0000:0G:02.0\""})
        EXPECT_NE(use(at, "").find("is no PCI address"), std::string::npos) << at;
    EXPECT_NE(use("\"0000:00:02.0\"", ", line: 9600 8N1")
                  .find("line is of a serial device, and this is a PCI function"),
              std::string::npos);
    EXPECT_NE(use("\"0000:00:02.0\"", ", protocol: slcan, bitrate: 500000")
                  .find("slcan is spoken on a serial line"),
              std::string::npos);
    EXPECT_NE(use("\"0000:00:02.0\"", ", protocol: can").find("500000, 800000, 1000000 with protocol: can"),
              std::string::npos);
    EXPECT_NE(use("\"0000:00:02.0\"", ", bitrate: 500000").find("remove it, or add protocol: can"),
              std::string::npos);
}

std::string on_port(const std::string& at, const std::string& use = "") {
    return told({{"kind: serial, at: /dev/serial/by-path/two", "kind: usb, at: " + at},
                 {"{device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}",
                  "{device: can-1" + use + "}"}});
}

TEST(Devices, takes_a_usb_port_by_its_bus_and_ports) {
    for (const char* at :
         {"1-2", "\"1-2.3\"", "12-14.1.2.3.4.15", "1-2, expect: {vendor: \"0403\", product: 6F0a}"})
        EXPECT_EQ(on_port(at), "accepted") << at;
    EXPECT_EQ(on_port("1-2:1.0"),
              "f.yaml:9:34: '1-2:1.0' is no USB port; wanted a bus and the ports on the way, such as 1-2.3; "
              "write 1-2");
    EXPECT_EQ(
        on_port("usb1"),
        "f.yaml:9:34: 'usb1' is a root hub: all ports of its bus stay with the gateway; wanted a bus and "
        "the ports on the way, such as 1-2.3; name one of its ports; bulkhead get devices shows them");
    EXPECT_EQ(
        told({{"kind: serial, at: /dev/serial/by-path/two", "kind: usb"},
              {"{device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}", "{device: can-1}"}}),
        "f.yaml:9:5: at is missing; wanted a bus and the ports on the way, such as 1-2.3");
    for (const char* at :
         {"0-1", "1-0", "1-01", "1-2.", "1", "1-2-3", "/dev/bus/usb/001/002", "1-1.1.1.1.1.1.1"})
        EXPECT_NE(on_port(at).find("is no USB port; wanted a bus and the ports on the way, such as 1-2.3; "
                                   "bulkhead get devices shows them"),
                  std::string::npos)
            << at;
}

TEST(Devices, refuses_an_expectation_that_no_device_could_meet) {
    EXPECT_NE(on_port("1-2, expect: {vendor: \"403\", product: \"6001\"}").find("'403' is no number of USB"),
              std::string::npos);
    EXPECT_NE(on_port("1-2, expect: {vendor: \"0403\"}").find("product is missing"), std::string::npos);
    EXPECT_NE(told("by-path/two", "by-path/two, expect: {vendor: \"0403\", product: \"6001\"}")
                  .find("only a USB device says who it is; remove it"),
              std::string::npos);
}

TEST(DeviceUses, refuses_of_a_usb_device_what_only_the_host_could_do) {
    EXPECT_NE(on_port("1-2", ", line: 9600 8N1").find("line is of a serial device, and this is a USB device"),
              std::string::npos);
    EXPECT_NE(on_port("1-2", ", protocol: slcan, bitrate: 500000")
                  .find("the host does not know what is spoken to a USB device; remove it, or assign its "
                        "serial port: kind: serial"),
              std::string::npos);
    EXPECT_NE(on_port("1-2", ", guard: {allow: [send 0x181]}").find("a guard sees nothing of a USB device"),
              std::string::npos);
}

// One partition, and beside it another that has a port on the same bus.
std::string on_bus(const std::string& device, const std::string& use, const std::string& other = "",
                   const std::string& other_use = "") {
    std::vector<Edit> edits{
        {"kind: serial, at: /dev/serial/by-path/two}",
         "kind: can, " + device + "}" + (other.empty() ? "" : "\n  - {name: can-2, " + other + "}")},
        {"{device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}",
         "{device: can-1" + use + "}"}};
    if (!other_use.empty())
        edits.push_back({"    lock: null", "    devices: [{device: can-2" + other_use + "}]"});
    return told(edits);
}

TEST(Devices, takes_a_can_bus_by_the_place_of_its_controller) {
    for (const char* at : {"\"0000:00:08.0\"", "\"0000:00:08.0/1\"", "\"1-2:1.0\"", "vcan0", "spi0.0"})
        EXPECT_EQ(on_bus("at: " + std::string(at), ", bitrate: 500000"), "accepted") << at;
    EXPECT_EQ(on_bus("at: vcan0", ", bitrate: 500000, protocol: can"), "accepted");
    EXPECT_NE(
        on_bus("at: \"can:0000:00:08.0/1\"", ", bitrate: 500000")
            .find("is no place of a CAN controller; wanted where its controller is, such as 0000:00:08.0 "
                  "or 1-2:1.0; write 0000:00:08.0/1"),
        std::string::npos);
    for (const char* at : {"/dev/ttyS1", "\"a b\"", "\"../../etc\"", "\"..\"", "\"vcan0/\"", "\"vcan0/256\""})
        EXPECT_NE(
            on_bus("at: " + std::string(at), ", bitrate: 500000").find("is no place of a CAN controller"),
            std::string::npos)
            << at;
    EXPECT_NE(on_bus("shared: true", ", bitrate: 500000").find("at is missing"), std::string::npos);
}

TEST(Devices, lets_ports_on_one_bus_share_its_place_if_all_say_so) {
    const std::string at = "at: \"0000:00:08.0\"";
    const std::string shared = at + ", shared: true";
    const std::string rate = ", bitrate: 500000";
    EXPECT_EQ(on_bus(shared, rate, "kind: can, " + shared, rate), "accepted");
    EXPECT_EQ(on_bus(shared, rate), "accepted");
    for (const auto& [one, other] : {std::pair(at, at), std::pair(shared, at), std::pair(at, shared)})
        EXPECT_NE(on_bus(one, rate, "kind: can, " + other, rate)
                      .find("'0000:00:08.0' is the place of another device; write shared: true at both, here "
                            "and at f.yaml:9:34"),
                  std::string::npos)
            << one << ", " << other;
    // Passed whole, and mediated.
    EXPECT_NE(on_bus(shared, rate, "kind: pci, " + at, "")
                  .find("'0000:00:08.0' is the place of another device; mend it here or at f.yaml:9:34"),
              std::string::npos);
}

TEST(Devices, refuses_to_share_what_has_one_owner) {
    EXPECT_NE(
        on_port("1-2, shared: true")
            .find("only a serial line and a CAN bus can be shared, and this is a USB device; remove it"),
        std::string::npos);
}

// Two partitions at one line, each by a device of its own.
std::string on_line(const std::string& device, const std::string& use, const std::string& other,
                    const std::string& other_use) {
    return told({{"by-path/one}", "by-path/one" + device + "}\n  - {name: rs485-2, kind: serial, at: " +
                                      "/dev/serial/by-path/one" + other + "}"},
                 {"{device: rs485-1, line: 9600 8N1}", "{device: rs485-1, " + use + "}"},
                 {"    lock: null", "    devices: [{device: rs485-2, " + other_use + "}]"}});
}

TEST(Devices, lets_partitions_take_turns_at_one_line_if_all_say_so) {
    const std::string shared = ", shared: true";
    const std::string use = "line: 9600 8N1, protocol: modbus";
    EXPECT_EQ(on_line(shared, use, shared, use), "accepted");
    for (const auto& [one, other] : {std::pair(std::string(), std::string()),
                                     std::pair(shared, std::string()), std::pair(std::string(), shared)})
        EXPECT_NE(on_line(one, use, other, use)
                      .find("'/dev/serial/by-path/one' is the place of another device; mend it here or at "
                            "f.yaml:8:39, or write shared: true at both: they take turns then"),
                  std::string::npos)
            << one << " and " << other;
    // Alone, until another one comes.
    EXPECT_EQ(told({{"by-path/one", "by-path/one, shared: true"},
                    {"{device: rs485-1, line: 9600 8N1}", "{device: rs485-1, " + use + "}"}}),
              "accepted");
}

TEST(DeviceUses, wants_one_setting_of_one_line) {
    const std::string shared = ", shared: true";
    const std::string use = "line: 9600 8N1, protocol: modbus";
    for (const auto& [other, told] : {std::pair("line: 19200 8N1, protocol: modbus",
                                                "it is worked as 19200 8N1; in turns of 1000 ms, and "),
                                      std::pair("line: 9600 8N1, protocol: modbus, answerWithin: 200",
                                                "it is worked as 9600 8N1; in turns of 200 ms, and "),
                                      std::pair("line: 9600 8N1, protocol: modbus, rs485: {}",
                                                "it is worked as 9600 8N1; rs485 rts on send, 0 ms before, 0 "
                                                "ms after; in turns of 1000 ms, and ")})
        EXPECT_NE(
            on_line(shared, use, shared, other)
                .find(std::string(told) +
                      "the line at '/dev/serial/by-path/one' has another use: 9600 8N1; in turns of 1000 "
                      "ms; wanted the same line, rs485 and answerWithin at all; mend it here or at "
                      "f.yaml:24:39"),
            std::string::npos)
            << on_line(shared, use, shared, other);
    EXPECT_EQ(on_line(shared, use + ", answerWithin: 200", shared, use + ", answerWithin: 200"), "accepted");
    EXPECT_NE(on_line(shared, use + ", answerWithin: 9", shared, use)
                  .find("can't be 9; wanted a whole number from 10 to "
                        "10000"),
              std::string::npos);
    EXPECT_NE(on_line(shared, use, shared, "line: 9600 8N1")
                  .find("device 'rs485-2' is shared, request by request; wanted protocol: modbus; add it, or "
                        "remove shared from the device"),
              std::string::npos);
    EXPECT_NE(
        told("{device: rs485-1, line: 9600 8N1}", "{device: rs485-1, " + use + ", answerWithin: 200}")
            .find("the turns at a line are of one that is shared; remove it, or write shared: true at the "
                  "device"),
        std::string::npos);
}

TEST(DeviceUses, lets_no_more_than_eight_take_turns_at_one_line) {
    const auto with = [](unsigned count) {
        std::string devices = "by-path/one, shared: true}";
        std::string partitions = "    lock: null";
        for (unsigned i = 2; i <= count; ++i) {
            const auto name = std::to_string(i);
            devices +=
                "\n  - {name: rs485-" + name + ", kind: serial, shared: true, at: /dev/serial/by-path/one}";
            if (i % 3 == 2)
                partitions += "\n  - {name: p" + name +
                              ", tenant: it, image: partition-base, cpus: 1, memory: 64MiB, devices: [";
            partitions += "{device: rs485-" + name + ", line: 9600 8N1, protocol: modbus}" +
                          (i % 3 == 1 || i == count ? "]}" : ", ");
        }
        return told(
            {{"by-path/one}", devices},
             {"cpus: 1, memory: 512MiB, partitions: 1}", "cpus: 4, memory: 512MiB, partitions: 4}"},
             {"{device: rs485-1, line: 9600 8N1}", "{device: rs485-1, line: 9600 8N1, protocol: modbus}"},
             {"    lock: null", partitions}});
    };
    EXPECT_EQ(with(8), "accepted");
    EXPECT_NE(with(9).find("too many share the line at '/dev/serial/by-path/one'; wanted at most 8"),
              std::string::npos)
        << with(9);
}

TEST(DeviceUses, wants_one_bitrate_on_one_bus) {
    const std::string shared = "at: \"0000:00:08.0\", shared: true";
    EXPECT_NE(on_bus(shared, "").find("bitrate is missing; wanted one of 10000"), std::string::npos);
    EXPECT_EQ(
        on_bus(shared, ", bitrate: 500000", "kind: can, " + shared, ", bitrate: 250000"),
        "f.yaml:33:40: 250000 bit/s, and the bus at '0000:00:08.0' has another use at 500000; wanted one "
        "bit rate on a bus; mend it here or at f.yaml:24:75");
    EXPECT_EQ(on_bus(shared, ", bitrate: 500000", "kind: can, at: vcan0", ", bitrate: 250000"), "accepted");
}

TEST(DeviceUses, takes_the_guard_of_a_mediated_bus_and_no_other_protocol) {
    const std::string at = "at: \"0000:00:08.0\"";
    EXPECT_EQ(on_bus(at, ", bitrate: 500000, guard: {allow: [send 0x201 at 20/s, receive 0x180/0x7f0]}"),
              "accepted");
    EXPECT_NE(on_bus(at, ", bitrate: 500000, guard: {allow: [send 0x201], rate: 5/s}")
                  .find("on a CAN bus each rule has a rate of its own"),
              std::string::npos);
    EXPECT_NE(on_bus(at, ", bitrate: 500000, guard: {allow: []}").find("at least one thing that is allowed"),
              std::string::npos);
    for (const char* protocol : {"serial", "slcan", "modbus"})
        EXPECT_NE(on_bus(at, ", bitrate: 500000, protocol: " + std::string(protocol))
                      .find("a CAN bus speaks can alone; remove it"),
                  std::string::npos)
            << protocol;
    EXPECT_NE(on_bus(at, ", bitrate: 500000, line: 9600 8N1")
                  .find("line is of a serial device, and this is a CAN bus; remove it"),
              std::string::npos);
}

TEST(DeviceUses, refuses_can_on_a_serial_line) {
    EXPECT_NE(told("protocol: slcan", "protocol: can")
                  .find("can is of a CAN controller, and this is a serial line"),
              std::string::npos);
}

TEST(DeviceUses, takes_how_a_driver_turns_a_line_around) {
    const auto with = [](const std::string& rs485) {
        return told("{device: rs485-1, line: 9600 8N1}",
                    "{device: rs485-1, line: 9600 8N1, rs485: " + rs485 + "}");
    };
    EXPECT_EQ(with("{}"), "accepted");
    EXPECT_EQ(with("{rtsAfterSend: true, delayRtsBeforeSend: 100, delayRtsAfterSend: 1, rxDuringTx: true}"),
              "accepted");
    EXPECT_NE(
        with("{rtsOnSend: true, rtsAfterSend: true}").find("RTS can't be high while sending and after it"),
        std::string::npos);
    EXPECT_NE(with("{delayRtsBeforeSend: 101}").find("can't be 101; wanted a whole number from 0 to 100"),
              std::string::npos);
    EXPECT_NE(on_port("1-2", ", rs485: {}").find("rs485 is of a serial device, and this is a USB device"),
              std::string::npos);
}

TEST(DeviceUses, refuses_a_device_claimed_twice) {
    EXPECT_EQ(told("    lock: null", "    devices: [{device: can-1, line: 9600 8N1}]"),
              "f.yaml:32:24: device 'can-1' is in use by partition 'robot-cell' already; wanted one use per "
              "device; remove it here or at f.yaml:23:59");
}

TEST(DeviceUses, refuses_a_device_that_is_not_there) {
    EXPECT_EQ(told("device: can-1", "device: can-2"),
              "f.yaml:23:59: there is no device 'can-2'; wanted one of rs485-1, can-1; write can-1");
}

TEST(DeviceUses, refuses_a_wrong_line) {
    EXPECT_EQ(told("9600 8N1", "9601 8N1"),
              "f.yaml:23:39: no serial port of Linux runs at 9601 bit/s; wanted a standard speed such as "
              "9600, 19200 "
              "or 115200");
    EXPECT_EQ(told(", line: 9600 8N1", ""),
              "f.yaml:23:15: line is missing; wanted a serial line setting such as 9600 8N1");
}

TEST(DeviceUses, wants_a_bitrate_for_slcan_and_for_nothing_else) {
    const std::string rates = "one of 10000, 20000, 50000, 100000, 125000, 250000, 500000, 800000, 1000000";
    EXPECT_EQ(told("bitrate: 500000", "bitrate: 500001"),
              "f.yaml:23:110: no CAN bus of ours runs at 500001 bit/s; wanted " + rates);
    EXPECT_EQ(told(", bitrate: 500000", ""),
              "f.yaml:23:50: bitrate is missing; wanted " + rates + " with protocol: slcan");
    EXPECT_EQ(told("protocol: slcan, ", ""),
              "f.yaml:23:93: bitrate is of a CAN bus, and this is a serial line; remove it, or add protocol: "
              "slcan");
    EXPECT_EQ(told("protocol: slcan, bitrate: 500000", "protocol: serial"), "accepted");
    EXPECT_EQ(
        told("protocol: slcan", "protocol: slcn"),
        "f.yaml:23:94: protocol can't be 'slcn'; wanted one of serial, slcan, can, modbus; write slcan\n"
        "f.yaml:23:109: bitrate is of a CAN bus, and this is a serial line; remove it, or add protocol: "
        "slcan");
}

TEST(DeviceUses, takes_a_guard_where_the_host_knows_what_is_said) {
    const std::string modbus = "{device: rs485-1, line: 9600 8N1, protocol: modbus, guard: ";
    const auto on_line = [&](const std::string& guard) {
        return told("{device: rs485-1, line: 9600 8N1}", modbus + guard + "}");
    };
    EXPECT_EQ(on_line("{allow: [unit 1 read holding-registers 0-9, unit 1-3 functions 8 17], rate: 50/s}"),
              "accepted");
    EXPECT_EQ(
        told("bitrate: 500000", "bitrate: 500000, guard: {allow: [receive 0x180/0x7f0, send 0x181 at 20/s]}"),
        "accepted");
    EXPECT_NE(on_line("{allow: [unit 1 read steam 0]}").find("'steam' is no table of Modbus"),
              std::string::npos);
    EXPECT_NE(on_line("{allow: []}").find("at least one thing that is allowed"), std::string::npos);
    EXPECT_NE(on_line("{allow: [unit 1 read coils 0], rate: fast}").find("'fast' is no rate of requests"),
              std::string::npos);
    EXPECT_NE(told("bitrate: 500000", "bitrate: 500000, guard: {allow: [send 0x800]}")
                  .find("is no identifier of CAN"),
              std::string::npos);
    EXPECT_NE(told("{device: rs485-1, line: 9600 8N1}",
                   "{device: rs485-1, line: 9600 8N1, guard: {allow: [unit 1 read coils 0]}}")
                  .find("a guard must know what is spoken on the line"),
              std::string::npos);
    EXPECT_NE(told({{"kind: serial, at: /dev/serial/by-path/two", "kind: pci, at: \"0000:00:02.0\""},
                    {"{device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}",
                     "{device: can-1, protocol: can, bitrate: 500000, guard: {allow: [send 0x181]}}"}})
                  .find("a guard sees nothing of a PCI function: its guest works it alone"),
              std::string::npos);
}

TEST(DeviceUses, refuses_more_than_the_guest_has_ports) {
    EXPECT_NE(
        told(
            {{"  - {name: can-1,",
              "  - {name: a, kind: serial, at: /dev/a}\n"
              "  - {name: b, kind: serial, at: /dev/b}\n  - {name: can-1,"},
             {"{device: rs485-1, line: 9600 8N1}",
              "{device: rs485-1, line: 9600 8N1}, {device: a, line: 9600 8N1}, {device: b, line: 9600 8N1}"}})
            .find("4 serial devices are too many; wanted at most 3"),
        std::string::npos);
}

std::string with_terms(const std::string& terms) {
    return told("bitrate: 500000}", "bitrate: 500000, " + terms + "}");
}

TEST(Devices, may_require_that_their_partition_is_trusted) {
    EXPECT_EQ(with_terms("requires: nothing"), "accepted");
    EXPECT_EQ(with_terms("requires: trusted"), "accepted");
    EXPECT_EQ(with_terms("requires: trusted, onLoss: {action: keep}"), "accepted");
    EXPECT_EQ(with_terms("requires: trusted, onLoss: {action: detach, because: nobody may move it then}"),
              "accepted");
    const auto refused = [](const std::string& terms, const std::string& words) {
        const auto text = with_terms(terms);
        return text.find(words) == std::string::npos ? text : "refused";
    };
    EXPECT_EQ(refused("requires: faith", "requires can't be 'faith'; wanted one of nothing, trusted"),
              "refused");
    EXPECT_EQ(refused("onLoss: {action: keep}",
                      "there is no trust that could be lost; add requires: trusted, or remove it"),
              "refused");
    EXPECT_EQ(refused("requires: trusted, onLoss: {action: detach}", "because is missing"), "refused");
    EXPECT_EQ(refused("requires: trusted, onLoss: {because: safety}", "action is missing"), "refused");
    EXPECT_EQ(refused("requires: trusted, onLoss: {action: explode, because: safety}",
                      "'explode' is nothing to do with a device; wanted keep, receive-only or detach"),
              "refused");
}

TEST(Devices, are_held_back_where_the_host_carries_what_is_said) {
    EXPECT_NE(told({{"kind: serial, at: /dev/serial/by-path/two", "kind: pci, at: \"0000:00:02.0\""},
                    {"{device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}",
                     "{device: can-1, requires: trusted}"}})
                  .find("the host can't hold a PCI function back from a guest that runs"),
              std::string::npos);
    EXPECT_EQ(on_port("1-2.3", ", requires: trusted, onLoss: {action: detach, because: safety}"), "accepted");
    EXPECT_NE(on_port("1-2.3", ", requires: trusted, onLoss: {action: receive-only, because: safety}")
                  .find("the host does not know what changes a USB device; wanted keep or detach"),
              std::string::npos);
}

}  // namespace
}  // namespace bulkhead::spec
