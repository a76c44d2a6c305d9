#include "images/store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "crypto/digest.hpp"

namespace bulkhead::images {
namespace {

class ShiftedClock final : public Clock {
  public:
    MonotonicTime monotonic() const override { return SystemClock().monotonic(); }
    UtcTime utc() const override { return SystemClock().utc() + ahead; }
    std::chrono::hours ahead{0};
};

// By this process, from files and all else.
std::uint64_t bytes_read() {
    std::uint64_t count = 0;
    std::string key;
    std::ifstream("/proc/self/io") >> key >> count;
    EXPECT_EQ(key, "rchar:");
    return count;
}

class Store : public testing::Test {
  protected:
    static std::filesystem::path make_temporary_folder() {
        std::string pattern = testing::TempDir() + "bulkhead-images-XXXXXX";
        return ::mkdtemp(pattern.data());
    }
    ~Store() override { std::filesystem::remove_all(folder_); }

    static std::string manifest(const std::string& name, const std::string& kernel,
                                const std::string& initrd) {
        const auto part = [](const std::string& content) {
            return "\"size\": " + std::to_string(content.size()) + ", \"sha256\": \"" +
                   *crypto::sha256(content) + "\"}";
        };
        return R"({"apiVersion": "bulkhead/v1alpha1", "kind": "Image", "name": ")" + name +
               R"(", "suite": "bookworm", "commandLine": "quiet", "parts": {"kernel": {"file": "vmlinux", )" +
               part(kernel) + R"(, "initrd": {"file": "initrd.img", )" + part(initrd) + R"(}, "agent": {)" +
               part("agent") + R"(, "applications": {}, "packages": []})";
    }
    void install(const std::string& name, const std::string& kernel = "kernel") {
        ASSERT_TRUE(make_folder(folder_ / name));
        ASSERT_TRUE(write_file_atomically(folder_ / name / "vmlinux", kernel));
        ASSERT_TRUE(write_file_atomically(folder_ / name / "initrd.img", "initrd"));
        ASSERT_TRUE(
            write_file_atomically(folder_ / name / "manifest.json", manifest(name, kernel, "initrd")));
    }
    // Overwrites in place and puts the times back, as one would who wants to go unnoticed.
    static void tamper(const std::filesystem::path& path, std::string_view content) {
        struct stat before{};
        ASSERT_EQ(::stat(path.c_str(), &before), 0);
        const Fd fd = std::move(*open_file(path, O_WRONLY));
        ASSERT_EQ(::pwrite(fd.get(), content.data(), content.size(), 0),
                  static_cast<ssize_t>(content.size()));
        const std::array<timespec, 2> times{before.st_atim, before.st_mtim};
        ASSERT_EQ(::futimens(fd.get(), times.data()), 0);
    }
    std::int64_t change_time(const std::string& file) {
        const auto fd = open_file(folder_ / file, O_RDONLY);
        return stamp_of(*fd, file)->changed;
    }
    // The reason for which `name` is refused; the image must not be among the verified ones.
    Error refused(const std::string& name) {
        const auto images = store_.verified();
        EXPECT_TRUE(images);
        EXPECT_FALSE(images && images->contains(model::ImageName(name)));
        const auto found = store_.refused().find(model::ImageName(name));
        EXPECT_NE(found, store_.refused().end());
        return found == store_.refused().end() ? Error{} : found->second;
    }

    std::filesystem::path folder_ = make_temporary_folder();
    ShiftedClock clock_;
    ImageStore store_{folder_, clock_};
};

TEST_F(Store, hands_out_an_image_whose_parts_match) {
    install("base");
    const auto images = store_.verified();
    ASSERT_TRUE(images);
    ASSERT_EQ(images->size(), 1U);
    const auto& image = images->at(model::ImageName("base"));
    EXPECT_EQ(image.digest, *crypto::sha256(manifest("base", "kernel", "initrd")));
    EXPECT_EQ(image.kernel, folder_ / "base/vmlinux");
    EXPECT_EQ(image.initrd, folder_ / "base/initrd.img");
    EXPECT_EQ(image.kernel_digest, *crypto::sha256("kernel"));
    EXPECT_EQ(image.initrd_digest, *crypto::sha256("initrd"));
    EXPECT_EQ(image.command_line, "quiet");
    EXPECT_TRUE(store_.refused().empty());
}

TEST_F(Store, without_a_folder_has_no_images) {
    ImageStore store(folder_ / "absent", clock_);
    const auto images = store.verified();
    ASSERT_TRUE(images);
    EXPECT_TRUE(images->empty());
}

TEST_F(Store, whose_folder_is_a_file_is_an_error) {
    ASSERT_TRUE(write_file_atomically(folder_ / "file", ""));
    EXPECT_FALSE(ImageStore(folder_ / "file", clock_).verified());
}

TEST_F(Store, refuses_a_tampered_part_and_names_both_digests) {
    install("base");
    tamper(folder_ / "base/initrd.img", "evilrd");
    const Error error = refused("base");
    EXPECT_EQ(error.code, Code::corrupt);
    EXPECT_EQ(error.where, (folder_ / "base/initrd.img").string());
    EXPECT_NE(error.what.find("the initrd has SHA-256 " + *crypto::sha256("evilrd")), std::string::npos);
    EXPECT_NE(error.wanted.find(*crypto::sha256("initrd")), std::string::npos);
    EXPECT_NE(error.mend.find("images/build"), std::string::npos);
}

// No pause between the two looks: a stamp that was taken within a tick of the clock must not be trusted.
TEST_F(Store, sees_a_part_tampered_with_right_after_it_was_verified) {
    install("base");
    ASSERT_EQ(store_.verified()->size(), 1U);
    tamper(folder_ / "base/vmlinux", "KERNEL");
    EXPECT_EQ(refused("base").code, Code::corrupt);
    tamper(folder_ / "base/vmlinux", "kernel");
    EXPECT_EQ(store_.verified()->size(), 1U);
}

TEST_F(Store, reads_a_settled_part_once) {
    const std::string kernel(4UL * 1024 * 1024, 'k');
    install("base", kernel);
    clock_.ahead = std::chrono::hours(1);
    const auto before = bytes_read();
    ASSERT_EQ(store_.verified()->size(), 1U);
    const auto first = bytes_read();
    EXPECT_GE(first - before, kernel.size());
    ASSERT_EQ(store_.verified()->size(), 1U);
    EXPECT_LT(bytes_read() - first, 64U * 1024);
}

TEST_F(Store, reads_a_settled_part_again_when_it_was_tampered_with) {
    for (const auto ahead : {std::chrono::hours(1), -std::chrono::hours(1)}) {
        clock_.ahead = ahead;
        install("base");
        ASSERT_EQ(store_.verified()->size(), 1U);
        // The kernel stamps changes with its own coarse clock: change until that has moved on.
        const auto changed = change_time("base/vmlinux");
        while (change_time("base/vmlinux") == changed) tamper(folder_ / "base/vmlinux", "KERNEL");
        EXPECT_EQ(refused("base").code, Code::corrupt);
    }
}

TEST_F(Store, refuses_a_missing_part_by_its_role) {
    install("base");
    ASSERT_TRUE(remove_file(folder_ / "base/vmlinux"));
    const Error error = refused("base");
    EXPECT_EQ(error.code, Code::not_found);
    EXPECT_EQ(error.what, "the kernel is missing");
}

TEST_F(Store, refuses_a_folder_without_a_manifest) {
    ASSERT_TRUE(make_folder(folder_ / "base"));
    EXPECT_EQ(refused("base").what, "the manifest is missing");
}

TEST_F(Store, refuses_a_truncated_manifest) {
    install("base");
    std::filesystem::resize_file(folder_ / "base/manifest.json", 40);
    EXPECT_EQ(refused("base").code, Code::corrupt);
}

TEST_F(Store, refuses_a_part_that_is_a_link_out_of_its_image) {
    install("base");
    ASSERT_TRUE(write_file_atomically(folder_ / "outside", "kernel"));
    ASSERT_TRUE(remove_file(folder_ / "base/vmlinux"));
    std::filesystem::create_symlink(folder_ / "outside", folder_ / "base/vmlinux");
    EXPECT_EQ(refused("base").code, Code::io);
}

TEST_F(Store, refuses_a_pipe_in_place_of_a_part_without_waiting_for_it) {
    install("base");
    ASSERT_TRUE(remove_file(folder_ / "base/vmlinux"));
    ASSERT_EQ(::mkfifo((folder_ / "base/vmlinux").c_str(), 0600), 0);
    EXPECT_EQ(refused("base").what, "is not a regular file");
}

// Sparse: 1 TiB that would take hours to read.
TEST_F(Store, refuses_a_huge_part_without_reading_it) {
    install("base");
    std::filesystem::resize_file(folder_ / "base/initrd.img", 1ULL << 40U);
    const auto start = std::clock();
    EXPECT_NE(refused("base").what.find("1099511627776 bytes"), std::string::npos);
    EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC);
}

TEST_F(Store, refuses_a_huge_manifest_without_reading_it) {
    install("base");
    std::filesystem::resize_file(folder_ / "base/manifest.json", 1ULL << 40U);
    EXPECT_NE(refused("base").what.find("larger"), std::string::npos);
}

TEST_F(Store, refuses_a_part_that_others_can_write) {
    install("base");
    ASSERT_EQ(::chmod((folder_ / "base/vmlinux").c_str(), 0664), 0);
    const Error error = refused("base");
    EXPECT_EQ(error.code, Code::refused);
    EXPECT_NE(error.mend.find("chmod go-w"), std::string::npos);
}

TEST_F(Store, refuses_an_image_that_bears_another_name) {
    install("base");
    std::filesystem::rename(folder_ / "base", folder_ / "other");
    EXPECT_NE(refused("other").wanted.find("'other'"), std::string::npos);
}

TEST_F(Store, hands_out_whole_images_beside_a_broken_one) {
    install("base");
    install("broken");
    tamper(folder_ / "broken/vmlinux", "KERNEL");
    const auto images = store_.verified();
    ASSERT_TRUE(images);
    EXPECT_EQ(images->size(), 1U);
    EXPECT_TRUE(images->contains(model::ImageName("base")));
    EXPECT_EQ(store_.refused().size(), 1U);
}

TEST_F(Store, takes_an_image_back_once_it_is_mended) {
    install("base");
    ASSERT_TRUE(remove_file(folder_ / "base/vmlinux"));
    EXPECT_EQ(refused("base").code, Code::not_found);
    install("base");
    EXPECT_EQ(store_.verified()->size(), 1U);
    EXPECT_TRUE(store_.refused().empty());
}

}  // namespace
}  // namespace bulkhead::images
