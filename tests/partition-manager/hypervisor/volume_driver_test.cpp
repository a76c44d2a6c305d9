#include "partition-manager/hypervisor/volume_driver.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "base/file.hpp"
#include "tests/partition-manager/hypervisor/temp_folder.hpp"

namespace bulkhead::hypervisor {
namespace {

class Volumes : public testing::Test {
  protected:
    Volumes() : layout_{.state = folder_.path() / "state"}, driver_(layout_) {}

    std::filesystem::path path() const { return layout_.volume(id_.partition, id_.volume); }
    model::Observed observed() {
        model::Observed seen;
        const auto done = driver_.observe(seen);
        EXPECT_TRUE(done) << done.error().text();
        return seen;
    }

    TempFolder folder_;
    model::Layout layout_;
    VolumeDriver driver_;
    model::VolumeId id_{model::PartitionName("robot-cell"), model::VolumeName("data")};
};

TEST_F(Volumes, are_none_before_the_first) {
    EXPECT_TRUE(observed().volumes.empty());
}

TEST_F(Volumes, are_made_as_clean_file_systems_with_their_space_taken) {
    const auto made = driver_.execute(model::CreateVolume{{id_, 16_MiB}});
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(observed().volumes.at(id_).size, 16_MiB);
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_GE(status.st_blocks * 512, static_cast<blkcnt_t>((16_MiB).count));
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(std::system(("/usr/sbin/e2fsck -fn " + path().string() + " >/dev/null 2>&1").c_str()), 0);
}

TEST_F(Volumes, that_are_there_already_are_not_touched) {
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{id_, 16_MiB}}));
    struct stat before{};
    ASSERT_EQ(::stat(path().c_str(), &before), 0);
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{id_, 16_MiB}}));
    struct stat after{};
    ASSERT_EQ(::stat(path().c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

TEST_F(Volumes, of_another_size_are_not_overwritten) {
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{id_, 16_MiB}}));
    const auto again = driver_.execute(model::CreateVolume{{id_, 32_MiB}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::conflict);
    EXPECT_EQ(observed().volumes.at(id_).size, 16_MiB);
}

TEST_F(Volumes, half_made_by_a_crash_are_not_seen_and_made_anew) {
    ASSERT_TRUE(make_folder(path().parent_path(), 0711));
    std::ofstream(path().string() + ".new") << "half";
    EXPECT_TRUE(observed().volumes.empty());
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{id_, 16_MiB}}));
    EXPECT_EQ(observed().volumes.size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(path().string() + ".new"));
}

TEST_F(Volumes, larger_than_the_disk_are_refused_and_leave_nothing) {
    const auto made = driver_.execute(model::CreateVolume{{id_, Bytes{std::uint64_t{4} << 40}}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::unavailable) << made.error().text();
    EXPECT_NE(made.error().mend.find("df -h"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path().string() + ".new"));
    EXPECT_TRUE(observed().volumes.empty());
}

TEST_F(Volumes, are_deleted_with_their_folder_and_twice_is_fine) {
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{id_, 16_MiB}}));
    ASSERT_TRUE(driver_.execute(model::DeleteVolume{id_}));
    EXPECT_TRUE(observed().volumes.empty());
    EXPECT_FALSE(std::filesystem::exists(path().parent_path()));
    EXPECT_TRUE(driver_.execute(model::DeleteVolume{id_}));
}

TEST_F(Volumes, of_a_partition_outlive_their_neighbours) {
    const model::VolumeId other{id_.partition, model::VolumeName("log")};
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{id_, 16_MiB}}));
    ASSERT_TRUE(driver_.execute(model::CreateVolume{{other, 16_MiB}}));
    ASSERT_TRUE(driver_.execute(model::DeleteVolume{id_}));
    EXPECT_EQ(observed().volumes.size(), 1U);
    EXPECT_TRUE(observed().volumes.contains(other));
}

TEST_F(Volumes, behind_a_closed_folder_name_it_and_the_command_that_mends) {
    ASSERT_TRUE(make_folder(layout_.state, 0700));
    const auto made = driver_.execute(model::CreateVolume{{id_, 16_MiB}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().where, layout_.state.string());
    EXPECT_NE(made.error().mend.find("chmod o+x"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::hypervisor
