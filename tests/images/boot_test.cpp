// Boots the image under plain QEMU, with a script in the agent's place that looks around and powers off.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "images/store.hpp"
#include "tests/images/built_image.hpp"

namespace bulkhead::images {
namespace {

constexpr auto agent = R"sh(#!/bin/sh
echo "checks follow"
say() { echo "check $1: $2"; }
if grep -q test=idle /proc/cmdline; then sleep 15; echo agent-done; poweroff -f; fi
if [ ! -e /run/once ]; then touch /run/once; exit 7; fi
say respawned yes
say port $(readlink /dev/virtio-ports/org.bulkhead.agent.0)
say line "$(stat -c '%a %G' /dev/ttyS1)"
say user "$(id app)"
for module in slcan can_raw virtio_net virtio_blk ext4; do say $module $(lsmod | grep -c "^$module "); done
say lo $(ip -o -4 addr show lo | grep -c 127.0.0.1/8)
say ipv6 $(ip -o -6 addr show | wc -l)
say app $(/opt/bulkhead/apps/probe --gtest_list_tests | grep -c '^Boot')
say tmp $(stat -c %a /tmp)
set -- $(grep MemAvailable /proc/meminfo)
say memory $(($2 / 1024))
say oops $(dmesg | grep -c -e Oops -e 'Call Trace')
poweroff -f
)sh";

// Everything the console said until QEMU ended by itself; it is killed after two minutes.
std::string boot(const model::Image& image, const std::string& more_command_line = "",
                 const std::string& input = "") {
    const std::string command =
        (input.empty() ? std::string() : "(sleep 1; " + input + ") | ") +
        "timeout 120 qemu-system-x86_64 -M q35 -accel tcg -cpu max -m 192 -bios /usr/share/qemu/qboot.rom"
        " -kernel '" +
        image.kernel.string() + "' -initrd '" + image.initrd.string() + "' -append '" + image.command_line +
        " " + more_command_line +
        "' -nodefaults -no-reboot -display none -serial stdio -device virtio-serial-pci"
        " -chardev null,id=agent -device virtserialport,chardev=agent,name=org.bulkhead.agent.0"
        " -chardev null,id=line -device isa-serial,chardev=line" +
        (input.empty() ? " </dev/null" : "") + "; echo \"qemu ended with $?\"";
    const std::unique_ptr<FILE, decltype([](FILE* f) { ::pclose(f); })> pipe(::popen(command.c_str(), "r"));
    std::string text;
    for (int c = 0; pipe && (c = std::fgetc(pipe.get())) != EOF;) text += static_cast<char>(c);
    return text;
}

class Boot : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        built = std::make_unique<BuiltImage>();
        const auto script = built->script("agent", agent);
        const auto self = std::filesystem::canonical("/proc/self/exe").string();
        ASSERT_TRUE(built->build("--agent '" + script.string() + "' --app probe='" + self + "'"))
            << built->said();
        const SystemClock clock;
        const auto images = ImageStore(built->folder(), clock).verified();
        ASSERT_TRUE(images && images->size() == 1);
        image = images->begin()->second;
    }
    static void TearDownTestSuite() { built.reset(); }

    static inline std::unique_ptr<BuiltImage> built;
    static inline model::Image image;
};

TEST_F(Boot, gives_the_agent_all_that_it_needs_and_powers_off) {
    const std::string console = boot(image, "bulkhead.partition=robot-cell");
    for (const auto* wanted :
         {"Bulkhead partition robot-cell", "it takes no input", "check respawned: yes",
          "check port: ../vport", "check line: 660 dialout",
          "check user: uid=1000(app) gid=1000(app) groups=1000(app),20(dialout)", "check slcan: 1",
          "check can_raw: 1", "check virtio_net: 1", "check virtio_blk: 1", "check ext4: 1", "check lo: 1",
          "check ipv6: 0", "check app: 1", "check tmp: 1777", "check oops: 0", "qemu ended with 0"})
        EXPECT_NE(console.find(wanted), std::string::npos) << wanted << "\n" << console;
    const auto at = console.find("check memory: ");
    ASSERT_NE(at, std::string::npos);
    // 110 with nothing but the agent; the probe, with its debug information, takes its part.
    EXPECT_GE(std::stoi(console.substr(at + 14)), 88) << "MiB available of 192";
}

TEST_F(Boot, gives_a_shell_on_the_console_only_when_the_command_line_says_so) {
    const std::string ask = "for i in 1 2 3 4 5 6 7 8 9; do echo 'echo shell-$((6 * 7))'; sleep 1; done";
    EXPECT_NE(boot(image, "test=idle bulkhead.console=shell", ask).find("shell-42"), std::string::npos);
    const std::string without = boot(image, "test=idle", ask);
    EXPECT_EQ(without.find("shell-42"), std::string::npos) << without;
    EXPECT_NE(without.find("agent-done"), std::string::npos) << without;
}

}  // namespace
}  // namespace bulkhead::images
