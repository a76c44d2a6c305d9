// images/build with Debian's packages: needs apt's lists, and the network for packages that are not cached
// yet.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/clock.hpp"
#include "images/store.hpp"
#include "tests/images/built_image.hpp"

namespace bulkhead::images {
namespace {

const std::string program = std::filesystem::canonical("/proc/self/exe").string();

std::string applications() {
    return " --app one='" + program + "' --app two=/bin/sh ";
}

TEST(Build, makes_the_same_bits_from_the_same_inputs) {
    const BuiltImage first;
    const BuiltImage second;
    ASSERT_TRUE(first.build("--agent /bin/sh --app one='" + program + "' --app two=/bin/sh")) << first.said();
    // Another order, umask, time zone, language, and working folder.
    ASSERT_TRUE(second.build("--app two=/bin/sh --app one='" + program + "' --agent /bin/sh",
                             "cd /; umask 077; TZ=Asia/Tokyo LC_ALL=C PYTHONHASHSEED=7"))
        << second.said();
    for (const auto* file : {"vmlinux", "initrd.img", "manifest.json", "packages.lock"}) {
        EXPECT_FALSE(BuiltImage::content(first.image() / file).empty()) << file;
        EXPECT_EQ(BuiltImage::content(first.image() / file), BuiltImage::content(second.image() / file))
            << file;
    }
}

TEST(Build, makes_an_image_that_the_store_hands_out) {
    const BuiltImage built;
    ASSERT_TRUE(built.build("--agent /bin/sh" + applications())) << built.said();
    const SystemClock clock;
    ImageStore store(built.folder(), clock);
    const auto images = store.verified();
    ASSERT_TRUE(images);
    for (const auto& [name, error] : store.refused()) ADD_FAILURE() << error.text();
    ASSERT_TRUE(images->contains(model::ImageName("partition-base")));
    EXPECT_EQ(images->at(model::ImageName("partition-base")).kernel, built.image() / "vmlinux");
}

TEST(Build, leaves_an_image_of_the_same_inputs_alone_and_mends_a_broken_one) {
    const BuiltImage built;
    ASSERT_TRUE(built.build("--agent /bin/sh")) << built.said();
    const auto written = [&](const char* file) {
        struct stat status{};
        EXPECT_EQ(::stat((built.image() / file).c_str(), &status), 0);
        return status.st_ino;
    };
    const auto before = written("vmlinux");
    const std::string initrd = BuiltImage::content(built.image() / "initrd.img");
    ASSERT_TRUE(built.build("--agent /bin/sh")) << built.said();
    EXPECT_EQ(written("vmlinux"), before);
    std::ofstream(built.image() / "initrd.img") << "broken";
    ASSERT_TRUE(built.build("--agent /bin/sh")) << built.said();
    EXPECT_NE(written("vmlinux"), before);
    EXPECT_EQ(BuiltImage::content(built.image() / "initrd.img"), initrd);
}

TEST(Build, goes_on_when_debian_has_moved_on_and_says_from_what_to_what) {
    const BuiltImage built;
    const auto lock = built.script("lock", "busybox-static 1:0.1-1 " + std::string(64, '0') + "\n");
    ASSERT_TRUE(built.build("--agent /bin/sh --lock '" + lock.string() + "'")) << built.said();
    EXPECT_NE(built.said().find("busybox-static 1:0.1-1 -> 1:1."), std::string::npos) << built.said();
    EXPECT_NE(BuiltImage::content(built.image() / "packages.lock").find("busybox-static 1:1."),
              std::string::npos);
}

TEST(Build, insists_on_its_lock_file_when_told_to) {
    const BuiltImage free;
    ASSERT_TRUE(free.build("--agent /bin/sh")) << free.said();
    const BuiltImage built;
    const auto lock = built.script("lock", BuiltImage::content(free.image() / "packages.lock"));
    ASSERT_TRUE(built.build("--agent /bin/sh --locked --lock '" + lock.string() + "'")) << built.said();
    EXPECT_EQ(BuiltImage::content(free.image() / "manifest.json"),
              BuiltImage::content(built.image() / "manifest.json"));

    std::string text = BuiltImage::content(lock);
    text.replace(text.find("\nbusybox-static ") + 16, 0, "9");
    built.script("lock", text);
    EXPECT_FALSE(built.build("--agent /bin/sh --locked --refresh --lock '" + lock.string() + "'"));
}

TEST(Build, takes_no_package_whose_bits_are_not_those_of_the_lock) {
    const BuiltImage free;
    ASSERT_TRUE(free.build("--agent /bin/sh")) << free.said();
    const BuiltImage built;
    std::string text = BuiltImage::content(free.image() / "packages.lock");
    const auto line_end = text.find('\n', text.find("\ncan-utils ") + 1);
    text.replace(line_end - 64, 64, std::string(64, '0'));
    const auto lock = built.script("lock", text);
    EXPECT_FALSE(built.build("--agent /bin/sh --locked --lock '" + lock.string() + "'"));
    EXPECT_NE(built.said().find("can-utils"), std::string::npos) << built.said();
    EXPECT_FALSE(std::filesystem::exists(built.image()));
}

TEST(Build, refuses_in_one_line_and_changes_nothing) {
    const BuiltImage built;
    EXPECT_FALSE(built.build("--agent /nowhere"));
    EXPECT_EQ(built.said(), "images/build: /nowhere: No such file or directory\n");
    EXPECT_FALSE(built.build("--agent /bin/sh --app ../up=/bin/sh"));
    EXPECT_NE(built.said().find("is not NAME=PATH"), std::string::npos) << built.said();
    EXPECT_FALSE(std::filesystem::exists(built.image()));
}

}  // namespace
}  // namespace bulkhead::images
