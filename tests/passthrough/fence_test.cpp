#include "passthrough/fence.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/file.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;

class FenceOf : public testing::Test {
  protected:
    FenceOf() {
        std::string pattern = testing::TempDir() + "passthrough-fence-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        path_ = Fence::path_of(folder_ / "rs485-1.ctl");
    }
    ~FenceOf() override { std::filesystem::remove_all(folder_); }

    static model::Assignment with_token(std::uint64_t token) {
        return {model::DeviceName("rs485-1"), model::PartitionName("robot-cell"), token,
                "/dev/tty with space",
                *model::parse_serial_line(
                    "9600 7E1; rs485 rts on send, 1 ms before, 0 ms after; in turns of 20 ms")};
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
};

TEST_F(FenceOf, a_device_remembers_its_latest_assignment) {
    ASSERT_TRUE(Fence::acquire(path_, with_token(3), 0s));
    EXPECT_EQ(*Fence::recorded(path_), with_token(3));
    ASSERT_TRUE(Fence::acquire(path_, with_token(12), 0s));
    EXPECT_EQ(*Fence::recorded(path_), with_token(12));
}

TEST_F(FenceOf, an_older_token_is_refused_though_nobody_holds_the_lock) {
    ASSERT_TRUE(Fence::acquire(path_, with_token(3), 0s));
    const auto older = Fence::acquire(path_, with_token(2), 0s);
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, Code::refused);
    EXPECT_EQ(Fence::recorded(path_)->token, 3U);
}

TEST_F(FenceOf, the_same_token_is_a_conflict_while_its_owner_lives_and_fine_after) {
    {
        const auto owner = Fence::acquire(path_, with_token(3), 0s);
        const auto twin = Fence::acquire(path_, with_token(3), 10s);
        ASSERT_FALSE(twin);
        EXPECT_EQ(twin.error().code, Code::conflict);
    }
    EXPECT_TRUE(Fence::acquire(path_, with_token(3), 0s));
}

TEST_F(FenceOf, a_newer_token_gives_up_on_an_owner_that_does_not_end) {
    const auto owner = Fence::acquire(path_, with_token(3), 0s);
    const auto newer = Fence::acquire(path_, with_token(4), 1s);
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, Code::timeout);
    EXPECT_EQ(Fence::recorded(path_)->token, 3U);
}

TEST_F(FenceOf, a_lock_on_a_record_that_was_removed_guards_nothing) {
    const auto released = Fence::acquire(path_, with_token(3), 0s);
    std::filesystem::remove(path_);
    EXPECT_TRUE(Fence::acquire(path_, with_token(4), 0s));
}

TEST_F(FenceOf, a_record_torn_by_a_crash_is_no_record) {
    for (const auto* torn : {"", "tok", "token 5\ndevice rs485-1\n", "token -1\n", "\n\n\n"}) {
        ASSERT_TRUE(write_file_atomically(path_, torn));
        EXPECT_FALSE(Fence::recorded(path_)) << torn;
        EXPECT_TRUE(Fence::acquire(path_, with_token(1), 0s)) << torn;
        std::filesystem::remove(path_);
    }
}

TEST_F(FenceOf, a_place_that_would_forge_the_record_is_refused) {
    auto forged = with_token(1);
    forged.at = "/dev/ttyS0\ntoken 999";
    EXPECT_FALSE(Fence::acquire(path_, forged, 0s));
}

}  // namespace
}  // namespace bulkhead::passthrough
