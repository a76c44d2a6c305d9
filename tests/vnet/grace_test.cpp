// A program that is held up while it runs, as by a processor that is taken away from a virtual gateway.
#include "vnet/grace.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

namespace bulkhead::vnet::test {
namespace {

using namespace std::chrono_literals;

// What the program and this test tell each other, in memory that both have.
struct Progress {
    std::uint32_t begun;
    std::uint32_t let_go;
    std::uint32_t ended;
};

class HeldUp : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(object_);
        ASSERT_EQ(::bpf_object__load(object_.get()), 0);
        const int map = ::bpf_object__find_map_fd_by_name(object_.get(), ".bss");
        memory_ = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
        ASSERT_NE(memory_, MAP_FAILED);
    }
    void TearDown() override { ::munmap(memory_, sizeof(Progress)); }
    volatile Progress& progress() const { return *static_cast<volatile Progress*>(memory_); }
    // Returns when it has ended.
    void run() const {
        std::array<std::byte, 64> frame{};
        bpf_test_run_opts options{
            .sz = sizeof options, .data_in = frame.data(), .data_size_in = frame.size()};
        const auto* program = ::bpf_object__find_program_by_name(object_.get(), "held_up");
        EXPECT_EQ(::bpf_prog_test_run_opts(::bpf_program__fd(program), &options), 0);
    }

  private:
    const std::unique_ptr<bpf_object, decltype(&::bpf_object__close)> object_{
        ::bpf_object__open_file(std::getenv("BULKHEAD_HELD_UP"), nullptr), ::bpf_object__close};
    void* memory_ = nullptr;
};

TEST_F(HeldUp, is_waited_for) {
    const std::jthread running([this] { run(); });
    while (progress().begun == 0) std::this_thread::yield();
    const std::jthread later([this] {
        std::this_thread::sleep_for(100ms);
        progress().let_go = 1;
    });
    ASSERT_TRUE(wait_for_frames_on_their_way());
    EXPECT_EQ(progress().ended, 1U);
}

}  // namespace
}  // namespace bulkhead::vnet::test
