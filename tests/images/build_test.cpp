// images/build with Debian's packages: needs apt's lists, and the network for packages that are not cached
// yet.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "images/store.hpp"
#include "tests/images/built_image.hpp"

namespace bulkhead::images {
namespace {

const std::string program = std::filesystem::canonical("/proc/self/exe").string();

// A build takes some 10 s of a core: one is shared by all tests, which come after each other as they stand
// here.
class Build : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        first = std::make_unique<BuiltImage>();
        ASSERT_TRUE(first->build(arguments())) << first->said();
    }
    static void TearDownTestSuite() { first.reset(); }

    static std::string arguments() { return "--agent /bin/sh --app one='" + program + "' --app two=/bin/sh"; }
    static std::string of_first(const char* file) { return BuiltImage::content(first->image() / file); }

    static inline std::unique_ptr<BuiltImage> first;
};

TEST_F(Build, makes_an_image_that_the_store_hands_out) {
    const SystemClock clock;
    ImageStore store(first->folder(), clock);
    const auto images = store.verified();
    ASSERT_TRUE(images);
    for (const auto& [name, error] : store.refused()) ADD_FAILURE() << error.text();
    ASSERT_TRUE(images->contains(model::ImageName("partition-base")));
    EXPECT_EQ(images->at(model::ImageName("partition-base")).kernel, first->image() / "vmlinux");
}

TEST_F(Build, makes_the_same_bits_from_the_same_inputs_and_a_lock_file) {
    const BuiltImage second;
    const auto lock = second.script("lock", of_first("packages.lock"));
    // Another order, umask, time zone, language, and working folder.
    ASSERT_TRUE(second.build("--app two=/bin/sh --app one='" + program +
                                 "' --agent /bin/sh --locked --lock '" + lock.string() + "'",
                             "cd /; umask 077; TZ=Asia/Tokyo LC_ALL=C PYTHONHASHSEED=7"))
        << second.said();
    for (const auto* file : {"vmlinux", "initrd.img", "manifest.json", "packages.lock"}) {
        EXPECT_FALSE(of_first(file).empty()) << file;
        EXPECT_EQ(of_first(file), BuiltImage::content(second.image() / file)) << file;
    }
}

TEST_F(Build, leaves_an_image_of_the_same_inputs_alone) {
    const auto written = std::filesystem::last_write_time(first->image() / "vmlinux");
    ASSERT_TRUE(first->build(arguments())) << first->said();
    EXPECT_EQ(std::filesystem::last_write_time(first->image() / "vmlinux"), written);
}

TEST_F(Build, mends_a_broken_image_and_says_where_debian_has_moved_on) {
    const std::string initrd = of_first("initrd.img");
    std::ofstream(first->image() / "initrd.img") << "broken";
    const auto lock = first->script("lock", "busybox-static 1:0.1-1 " + std::string(64, '0') + "\n");
    ASSERT_TRUE(first->build(arguments() + " --lock '" + lock.string() + "'")) << first->said();
    EXPECT_EQ(of_first("initrd.img"), initrd);
    EXPECT_NE(first->said().find("busybox-static 1:0.1-1 -> 1:1."), std::string::npos) << first->said();
    EXPECT_NE(of_first("packages.lock").find("busybox-static 1:1."), std::string::npos);
}

TEST_F(Build, takes_no_package_whose_version_or_bits_are_not_those_of_the_lock) {
    const std::string text = of_first("packages.lock");
    const auto line = text.find("\nbusybox-static ") + 1;
    std::string version = text;
    version.insert(line + 15, "9");
    std::string bits = text;
    bits.replace(text.find('\n', line) - 64, 64, std::string(64, '0'));
    for (const auto& wrong : {version, bits}) {
        const BuiltImage built;
        const auto lock = built.script("lock", wrong);
        EXPECT_FALSE(built.build(arguments() + " --locked --lock '" + lock.string() + "'"));
        EXPECT_NE(built.said().find("busybox-static"), std::string::npos) << built.said();
        EXPECT_FALSE(std::filesystem::exists(built.image()));
    }
}

TEST_F(Build, refuses_in_one_line_and_changes_nothing) {
    const BuiltImage built;
    EXPECT_FALSE(built.build("--agent /nowhere"));
    EXPECT_EQ(built.said(), "images/build: /nowhere: No such file or directory\n");
    EXPECT_FALSE(built.build("--agent /bin/sh --app ../up=/bin/sh"));
    EXPECT_NE(built.said().find("is not NAME=PATH"), std::string::npos) << built.said();
    EXPECT_FALSE(std::filesystem::exists(built.image()));
}

}  // namespace
}  // namespace bulkhead::images
