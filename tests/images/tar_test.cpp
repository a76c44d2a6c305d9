#include "images/bundle/tar.hpp"

#include <gtest/gtest.h>

namespace bulkhead::images {
namespace {

std::string archive_of(std::vector<TarEntry> entries) {
    return write_tar(std::move(entries)).value_or("can't be written");
}

// The first header of `archive` with some bytes replaced and the checksum set right.
std::string with_header(std::string archive, std::size_t at, std::string_view bytes) {
    archive.replace(at, bytes.size(), bytes);
    archive.replace(148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(archive[i]);
    std::string text(6, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, sum /= 8)
        *digit = static_cast<char>('0' + sum % 8);
    archive.replace(148, 8, text + std::string("\0 ", 2));
    return archive;
}

std::string refusal(std::string_view archive, std::size_t entries = 100) {
    const auto read = read_tar(archive, {entries}, "x.tar");
    return read ? "fine" : read.error().what;
}

const std::string sound = archive_of({{.path = "bin/app", .executable = true, .content = "hello"}});

TEST(Tar, reads_what_it_wrote_in_the_order_of_the_paths) {
    const std::string deep = std::string(90, 'a') + "/" + std::string(90, 'b');
    const auto archive = archive_of({{.path = "z", .content = "last"},
                                     {.path = deep, .content = "long"},
                                     {.path = "bin", .folder = true},
                                     {.path = "bin/app", .executable = true, .content = std::string_view()}});
    const auto entries = read_tar(archive, {4}, "x");
    ASSERT_TRUE(entries) << entries.error().text();
    ASSERT_EQ(entries->size(), 4U);
    EXPECT_EQ((*entries)[0].path, deep);
    EXPECT_TRUE((*entries)[1].folder);
    EXPECT_TRUE((*entries)[2].executable);
    EXPECT_EQ((*entries)[3].content, "last");
}

TEST(Tar, refuses_every_kind_of_entry_that_is_no_file_or_folder) {
    EXPECT_EQ(refusal(with_header(sound, 156, "1")), "'bin/app' is a hard link");
    EXPECT_EQ(refusal(with_header(sound, 156, "2")), "'bin/app' is a symbolic link");
    EXPECT_EQ(refusal(with_header(sound, 156, "3")), "'bin/app' is a device");
    EXPECT_EQ(refusal(with_header(sound, 156, "4")), "'bin/app' is a device");
    EXPECT_EQ(refusal(with_header(sound, 156, "6")), "'bin/app' is a named pipe");
    EXPECT_EQ(refusal(with_header(sound, 156, "x")), "'bin/app' is an extended header");
    EXPECT_EQ(refusal(with_header(sound, 156, "L")), "'bin/app' is an extended header");
}

TEST(Tar, refuses_paths_that_escape) {
    EXPECT_EQ(refusal(with_header(sound, 0, "/bin/ap")), "the path '/bin/ap' is absolute");
    EXPECT_EQ(refusal(with_header(sound, 0, "../a/pp")), "the path '../a/pp' leads out of the bundle");
    EXPECT_EQ(refusal(with_header(sound, 0, "a/../pp")), "the path 'a/../pp' leads out of the bundle");
    EXPECT_EQ(refusal(with_header(sound, 0, "a//../p")), "the path 'a//../p' has an empty part or '.'");
    EXPECT_NE(refusal(with_header(sound, 0, "a\n\x1b/app")).find("characters that no path should have"),
              std::string::npos);
    EXPECT_EQ(refusal(with_header(sound, 0, std::string(7, '\0'))), "an empty path");
}

TEST(Tar, refuses_a_path_twice_and_a_file_as_a_folder) {
    const auto twice = sound.substr(0, 1024) + sound;
    EXPECT_EQ(refusal(twice), "'bin/app' is there twice");
    const auto below =
        with_header(archive_of({{.path = "bin", .content = "x"}}), 0, "bin").substr(0, 1024) + sound;
    EXPECT_EQ(refusal(below), "'bin/app' lies below the file 'bin'");
}

TEST(Tar, refuses_more_entries_than_allowed) {
    EXPECT_EQ(refusal(archive_of({{.path = "a"}, {.path = "b"}, {.path = "c"}}), 2),
              "has more than 2 files and folders");
}

TEST(Tar, refuses_absurd_sizes_before_anything_is_allocated) {
    EXPECT_NE(
        refusal(with_header(sound, 124, "77777777777")).find("truncated: 'bin/app' has 8589934591 bytes"),
        std::string::npos);
    EXPECT_NE(
        refusal(with_header(sound, 124, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")).find("no size"),
        std::string::npos);
}

TEST(Tar, refuses_a_wrong_checksum_and_another_magic) {
    auto altered = sound;
    altered[0] = 'c';
    EXPECT_NE(refusal(altered).find("wrong checksum"), std::string::npos);
    EXPECT_NE(refusal(with_header(sound, 257, "ustar  ")).find("no ustar header"), std::string::npos);
}

TEST(Tar, refuses_what_is_cut_short_or_hides_bytes) {
    for (std::size_t size = 0; size < sound.size(); size += 13)
        EXPECT_NE(refusal(std::string_view(sound).substr(0, size)), "fine") << size;
    EXPECT_EQ(refusal(sound + "x"), "the archive has bytes behind its end");
    auto slack = sound;
    slack[512 + 5] = 'x';
    EXPECT_EQ(refusal(slack), "the archive has bytes behind 'bin/app'");
}

TEST(Tar, does_not_write_a_path_that_no_header_holds) {
    EXPECT_FALSE(write_tar({{.path = std::string(150, 'x')}}));
    EXPECT_FALSE(write_tar({{.path = "../x"}}));
}

}  // namespace
}  // namespace bulkhead::images
