// Real domains on a libvirtd that is ours alone (tests/system/private-libvirtd runs this program).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <pugixml.hpp>
#include <sstream>
#include <thread>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "base/unix_socket.hpp"
#include "partition-manager/hypervisor/accelerator.hpp"
#include "partition-manager/hypervisor/capabilities.hpp"
#include "partition-manager/hypervisor/driver.hpp"
#include "partition-manager/hypervisor/volume_driver.hpp"
#include "tests/partition-manager/hypervisor/initramfs.hpp"
#include "tests/partition-manager/hypervisor/machine.hpp"
#include "tests/partition-manager/hypervisor/temp_folder.hpp"

namespace bulkhead::hypervisor {
namespace {

using namespace std::chrono_literals;

class EventLog {
  public:
    void add(const DomainEvent& event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(event);
        changed_.notify_all();
    }
    // The detail of the first such event of this domain from now on or before, or nothing.
    std::optional<std::string> await(DomainEvent::Kind kind, const std::string& name,
                                     std::chrono::seconds time = 20s) {
        std::unique_lock lock(mutex_);
        std::optional<std::string> detail;
        changed_.wait_for(lock, time, [&] {
            for (const auto& event : events_) {
                if (event.kind == kind && event.name == name) detail = event.detail;
            }
            return detail.has_value();
        });
        return detail;
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        events_.clear();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<DomainEvent> events_;
};

class Libvirt : public testing::Test {
  protected:
    void SetUp() override {
        const char* image = std::getenv("BULKHEAD_TEST_IMAGE");
        if (image == nullptr) GTEST_SKIP() << "BULKHEAD_TEST_IMAGE names no folder of a partition image";
        kernel_ = std::filesystem::path(image) / "vmlinux";
        layout_ = {
            .state = folder_.path() / "state", .run = folder_.path() / "run", .owner = "hypervisor-test"};
        machine_ = small_machine("hypervisor-test-one");
        machine_.image.kernel = kernel_;
        machine_.image.initrd = folder_.path() / "initrd.img";
        machine_.image.command_line =
            "console=ttyS0 quiet tsc=reliable no_timer_check cryptomgr.notests panic=-1";
        machine_.volumes = {{{machine_.name, model::VolumeName("data")}, 16_MiB}};
        machine_.devices = {{model::DeviceName("rs485-1")}};
        const auto init = read_file(GUEST_INIT, 16 << 20);
        ASSERT_TRUE(init) << init.error().text();
        ASSERT_TRUE(write_file_atomically(machine_.image.initrd, initramfs(*init)));
        ASSERT_TRUE(make_folder(layout_.run));
        ASSERT_TRUE(make_folder(layout_.state));
        // QEMU connects to the owner of the line before the guest runs.
        const auto line = layout_.serial_socket(machine_.devices.front().name);
        ASSERT_TRUE(make_folder(line.parent_path()));
        auto owner = listen_unix(line, 0666);
        ASSERT_TRUE(owner) << owner.error().text();
        owner_ = std::move(*owner);
        VolumeDriver volumes(layout_);
        ASSERT_TRUE(volumes.execute(model::CreateVolume{machine_.volumes.front()}));
        connection_.emplace("qemu:///system", [this](const DomainEvent& event) { events_.add(event); });
        driver_.emplace(*connection_, options(layout_));
    }
    void TearDown() override {
        if (driver_) {
            const auto done = driver_->destroy_all();
            EXPECT_TRUE(done) << done.error().text();
        }
    }

    MachineDriver::Options options(const model::Layout& layout) {
        return {.layout = layout,
                .accelerator = choose_accelerator(),
                .host = probe_host_support(),
                .request_shutdown = [this](const auto&) { return tell_guest("poweroff\n"); },
                .shutdown_time = 10s};
    }
    void execute(const model::Action& action) {
        const auto done = driver_->execute(action);
        ASSERT_TRUE(done) << done.error().text();
    }
    model::ObservedMachine seen() {
        model::Observed observed;
        const auto done = driver_->observe(observed);
        EXPECT_TRUE(done) << done.error().text();
        return observed.machines[machine_.name];
    }
    void run_guest() {
        ASSERT_NO_FATAL_FAILURE(execute(model::DefineMachine{machine_}));
        ASSERT_NO_FATAL_FAILURE(execute(model::StartMachine{machine_.name}));
        ASSERT_TRUE(await_console_log("guest is up"));
    }
    bool await_console_log(const std::string& text) {
        const auto end = std::chrono::steady_clock::now() + 40s;
        while (std::chrono::steady_clock::now() < end) {
            const auto log = read_file(driver_->console_log(machine_.name), 4 << 20);
            if (log && log->find(text) != std::string::npos) return true;
            std::this_thread::sleep_for(20ms);
        }
        return false;
    }
    bool tell_guest(std::string_view line) {
        auto console = driver_->open_console(machine_.name);
        EXPECT_TRUE(console) << console.error().text();
        if (!console) return false;
        // Stays open: QEMU looks once a second whether somebody is there, and reads nothing from who has
        // left.
        console_ = std::move(*console);
        return ::write(console_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
    }
    pid_t qemu() {
        const auto pid = driver_->qemu_pid(machine_.name);
        EXPECT_TRUE(pid) << pid.error().text();
        return pid.value_or(0);
    }
    static pid_t libvirtd() {
        const auto text = read_file("/run/libvirtd.pid", 32);
        return text ? static_cast<pid_t>(parse_number(trimmed(*text), 2, 1 << 22).value_or(0)) : 0;
    }

    TempFolder folder_;
    model::Layout layout_;
    model::Machine machine_;
    std::filesystem::path kernel_;
    Fd owner_;
    Fd console_;
    EventLog events_;
    std::optional<Connection> connection_;
    std::optional<MachineDriver> driver_;
};

TEST_F(Libvirt, defines_starts_stops_and_undefines_and_each_twice) {
    for (int i = 0; i < 2; ++i) execute(model::DefineMachine{machine_});
    EXPECT_EQ(seen(), (model::ObservedMachine{machine_.name, machine_.uid, machine_.fingerprint,
                                              model::Power::off, machine_.image.digest}));
    const auto begin = std::chrono::steady_clock::now();
    execute(model::StartMachine{machine_.name});
    EXPECT_EQ(seen().power, model::Power::running);
    const auto pid = qemu();
    execute(model::StartMachine{machine_.name});
    EXPECT_EQ(qemu(), pid) << "a second start disturbs nothing";
    ASSERT_TRUE(await_console_log("guest is up"));
    const auto boot = std::chrono::steady_clock::now() - begin;
    RecordProperty("start_to_init_ms", static_cast<int>(boot / 1ms));
    std::printf("start to init: %lld ms\n", static_cast<long long>(boot / 1ms));
    EXPECT_EQ(events_.await(DomainEvent::Kind::started, machine_.name.str()), "");

    execute(model::StopMachine{machine_.name});
    EXPECT_EQ(seen().power, model::Power::off);
    EXPECT_EQ(events_.await(DomainEvent::Kind::stopped, machine_.name.str()), "shutdown")
        << "it was asked, not killed";
    execute(model::StopMachine{machine_.name});
    for (int i = 0; i < 2; ++i) execute(model::UndefineMachine{machine_.name});
    EXPECT_EQ(seen().uid, "");
}

TEST_F(Libvirt, kills_a_guest_that_does_not_power_off_in_time) {
    ASSERT_NO_FATAL_FAILURE(run_guest());
    auto deaf = options(layout_);
    deaf.request_shutdown = [](const auto&) { return true; };
    deaf.shutdown_time = 500ms;
    MachineDriver driver(*connection_, deaf);
    ASSERT_TRUE(driver.execute(model::StopMachine{machine_.name}));
    EXPECT_EQ(seen().power, model::Power::off);
    EXPECT_EQ(events_.await(DomainEvent::Kind::stopped, machine_.name.str()), "destroyed");
}

TEST_F(Libvirt, a_reboot_of_the_guest_is_a_stop) {
    ASSERT_NO_FATAL_FAILURE(run_guest());
    ASSERT_TRUE(tell_guest("reboot\n"));
    EXPECT_TRUE(events_.await(DomainEvent::Kind::stopped, machine_.name.str()));
    EXPECT_EQ(seen().power, model::Power::off);
}

TEST_F(Libvirt, neither_sees_nor_touches_domains_of_others) {
    ASSERT_NO_FATAL_FAILURE(execute(model::DefineMachine{machine_}));
    auto stranger_layout = layout_;
    stranger_layout.owner = "hypervisor-stranger";
    MachineDriver stranger(*connection_, options(stranger_layout));
    model::Observed observed;
    ASSERT_TRUE(stranger.observe(observed));
    EXPECT_TRUE(observed.machines.empty());
    const std::vector<model::Action> steps{model::DefineMachine{machine_}, model::StartMachine{machine_.name},
                                           model::StopMachine{machine_.name},
                                           model::UndefineMachine{machine_.name}};
    for (const auto& step : steps) {
        const auto done = stranger.execute(step);
        ASSERT_FALSE(done) << model::verb(step);
        EXPECT_EQ(done.error().code, Code::conflict) << done.error().text();
    }
    ASSERT_TRUE(stranger.destroy_all());
    EXPECT_EQ(seen().uid, machine_.uid);
}

TEST_F(Libvirt, takes_a_new_definition_and_another_uid_when_off) {
    ASSERT_NO_FATAL_FAILURE(execute(model::DefineMachine{machine_}));
    machine_.fingerprint = "cafe";
    machine_.uid = "3f2b1c00-5a5e-4d7e-9a10-0123456789ac";
    ASSERT_NO_FATAL_FAILURE(execute(model::DefineMachine{machine_}));
    EXPECT_EQ(seen().fingerprint, "cafe");
    EXPECT_EQ(seen().uid, machine_.uid);
}

TEST_F(Libvirt, a_running_machine_shows_the_fingerprint_that_it_runs_with) {
    ASSERT_NO_FATAL_FAILURE(run_guest());
    machine_.fingerprint = "cafe";
    ASSERT_NO_FATAL_FAILURE(execute(model::DefineMachine{machine_}));
    EXPECT_EQ(seen().fingerprint, "f00d");
    ASSERT_NO_FATAL_FAILURE(execute(model::StopMachine{machine_.name}));
    EXPECT_EQ(seen().fingerprint, "cafe");
}

TEST_F(Libvirt, leaves_volumes_to_qemu_and_closes_the_agents_folder_to_all_but_root) {
    const auto volume = layout_.volume(machine_.name, model::VolumeName("data"));
    ASSERT_NO_FATAL_FAILURE(run_guest());
    struct stat status{};
    ASSERT_EQ(::stat(volume.c_str(), &status), 0);
    EXPECT_NE(status.st_uid, 0U);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto socket = layout_.agent_socket(machine_.name);
    ASSERT_EQ(::stat(socket.c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    ASSERT_EQ(::stat(socket.parent_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(Libvirt, confines_qemu) {
    ASSERT_NO_FATAL_FAILURE(run_guest());
    std::ifstream file("/proc/" + std::to_string(qemu()) + "/status");
    std::stringstream status;
    status << file.rdbuf();
    const auto text = status.str();
    EXPECT_EQ(text.find("Uid:\t0\t"), std::string::npos) << "a user of its own";
    EXPECT_NE(text.find("CapEff:\t0000000000000000"), std::string::npos) << text;
    EXPECT_NE(text.find("Seccomp:\t2"), std::string::npos) << text;
    const auto start = text.find("VmRSS:");
    std::printf("QEMU %s\n", text.substr(start, text.find('\n', start) - start).c_str());
}

TEST_F(Libvirt, killed_says_so_and_partitions_run_on_and_are_found_again) {
    ASSERT_NO_FATAL_FAILURE(run_guest());
    const auto pid = qemu();
    ASSERT_GT(libvirtd(), 1);
    ASSERT_EQ(::kill(libvirtd(), SIGKILL), 0);
    EXPECT_TRUE(events_.await(DomainEvent::Kind::disconnected, ""));
    model::Observed observed;
    const auto blind = driver_->observe(observed);
    ASSERT_FALSE(blind);
    EXPECT_EQ(blind.error().code, Code::unavailable) << blind.error().text();
    EXPECT_NE(blind.error().mend.find("libvirtd"), std::string::npos);
    EXPECT_EQ(::kill(pid, 0), 0) << "QEMU runs on";

    events_.clear();
    ASSERT_EQ(std::system("libvirtd -d"), 0);
    EXPECT_EQ(seen().power, model::Power::running);
    EXPECT_EQ(qemu(), pid);
    EXPECT_TRUE(events_.await(DomainEvent::Kind::connected, ""));
    ASSERT_NO_FATAL_FAILURE(execute(model::StopMachine{machine_.name}));
    EXPECT_TRUE(events_.await(DomainEvent::Kind::stopped, machine_.name.str())) << "events come again";
}

TEST_F(Libvirt, that_hangs_costs_a_call_less_than_a_minute_and_is_used_again_when_it_wakes) {
    ASSERT_NO_FATAL_FAILURE(execute(model::DefineMachine{machine_}));
    const auto daemon = libvirtd();
    ASSERT_EQ(::kill(daemon, SIGSTOP), 0);
    const auto begin = std::chrono::steady_clock::now();
    model::Observed observed;
    const auto blind = driver_->observe(observed);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 50s);
    ::kill(daemon, SIGCONT);
    ASSERT_FALSE(blind);
    EXPECT_TRUE(blind.error().code == Code::unavailable || blind.error().code == Code::timeout)
        << blind.error().text();
    EXPECT_EQ(seen().uid, machine_.uid);
}

TEST_F(Libvirt, offers_what_doctor_asks_for) {
    for (const auto& capability : capabilities(*connection_, choose_accelerator(), probe_host_support())) {
        EXPECT_NE(capability.verdict, Verdict::missing) << capability.name << ": " << capability.detail;
        std::printf("%-14s %-8s %s\n", capability.name.c_str(),
                    std::string(to_string(capability.verdict)).c_str(), capability.detail.c_str());
    }
}

}  // namespace
}  // namespace bulkhead::hypervisor
