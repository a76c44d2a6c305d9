#include "images/manifest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace bulkhead::images {
namespace {

const std::string digest_a(64, 'a');
const std::string digest_b(64, 'b');

std::string document() {
    return R"({"apiVersion": "bulkhead/v1alpha1", "kind": "Image", "name": "partition-base", "suite": "bookworm",
 "commandLine": "console=ttyS0 quiet",
 "parts": {"kernel": {"file": "vmlinux", "size": 5, "sha256": ")" +
           digest_a + R"("}, "initrd": {"file": "initrd.img", "size": 6, "sha256": ")" + digest_b + R"("}},
 "agent": {"size": 7, "sha256": ")" +
           digest_a + R"("}, "applications": {"modbus-collector": {"size": 8, "sha256": ")" + digest_b +
           R"("}},
 "packages": [{"name": "busybox-static", "version": "1:1.35", "sha256": ")" +
           digest_a + R"("}]})";
}

std::string with(std::string_view from, std::string_view to) {
    std::string text = document();
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

Error refused(const std::string& text) {
    auto manifest = parse_manifest(text, "m.json");
    EXPECT_FALSE(manifest) << text;
    return manifest ? Error{} : manifest.error();
}

TEST(Manifest, is_read_whole) {
    const auto manifest = parse_manifest(document(), "m.json");
    ASSERT_TRUE(manifest) << manifest.error().text();
    EXPECT_EQ(manifest->name.str(), "partition-base");
    EXPECT_EQ(manifest->suite, "bookworm");
    EXPECT_EQ(manifest->command_line, "console=ttyS0 quiet");
    EXPECT_EQ(manifest->kernel, (Part{"vmlinux", {5, digest_a}}));
    EXPECT_EQ(manifest->initrd, (Part{"initrd.img", {6, digest_b}}));
    EXPECT_EQ(manifest->agent, (Content{7, digest_a}));
    EXPECT_EQ(manifest->applications.at("modbus-collector"), (Content{8, digest_b}));
    ASSERT_EQ(manifest->packages.size(), 1U);
    EXPECT_EQ(manifest->packages[0].version, "1:1.35");
}

TEST(Manifest, cut_anywhere_is_refused) {
    const std::string text = document();
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_EQ(refused(text.substr(0, length)).code, Code::corrupt) << length;
}

TEST(Manifest, file_that_is_a_path_is_refused) {
    for (const auto* file :
         {"../vmlinux", "/etc/shadow", "a/b", "..", ".", ".hidden", "a\\u0000b", "a b", ""}) {
        const Error error = refused(with("\"vmlinux\"", "\"" + std::string(file) + "\""));
        EXPECT_EQ(error.code, Code::corrupt);
        EXPECT_TRUE(error.what.starts_with("parts.kernel.file: ")) << error.what;
    }
}

TEST(Manifest, application_name_that_is_a_path_is_refused) {
    EXPECT_EQ(refused(with("\"modbus-collector\"", "\"../../bin/sh\"")).code, Code::corrupt);
}

TEST(Manifest, unknown_key_is_refused_and_the_nearest_is_named) {
    const Error error = refused(with("\"suite\"", "\"suit\""));
    EXPECT_NE(error.what.find("'suit'"), std::string::npos);
    EXPECT_EQ(error.wanted, "suite");
}

TEST(Manifest, key_given_twice_is_refused) {
    EXPECT_NE(refused(with("\"size\": 5", "\"size\": 5, \"size\": 6")).what.find("twice"), std::string::npos);
    EXPECT_NE(refused(with("{\"apiVersion\"", "{\"kind\": \"Image\", \"apiVersion\"")).what.find("twice"),
              std::string::npos);
}

TEST(Manifest, missing_key_is_named) {
    EXPECT_EQ(refused(with("\"size\": 6, ", "")).what, "parts.initrd: has no 'size'");
}

TEST(Manifest, of_another_schema_is_newer) {
    EXPECT_EQ(refused(with("v1alpha1", "v2")).code, Code::newer);
}

TEST(Manifest, value_of_another_type_is_refused) {
    const std::pair<const char*, const char*> cases[] = {
        {"\"size\": 5", "\"size\": -5"},
        {"\"size\": 5", "\"size\": 5.0"},
        {"\"size\": 5", "\"size\": \"5\""},
        {"\"size\": 5", "\"size\": 18446744073709551616"},
        {"\"size\": 5", "\"size\": 4294967297"},
        {"\"partition-base\"", "\"Partition Base\""},
        {"\"partition-base\"", "null"},
        {"\"console=ttyS0 quiet\"", "\"quiet\\ninit=/bin/sh\""},
        {"\"Image\"", "\"Bundle\""},
        {"\"packages\": [", "\"packages\": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]], "},
        {"\"packages\": [", "\"packages\": [3, "},
        {"aaaa", "AAAA"},
    };
    for (const auto& [from, to] : cases) EXPECT_EQ(refused(with(from, to)).code, Code::corrupt) << to;
    for (const auto* text : {"null", "[]", "3", "\"\"", "{}", "\xff", "{\"a\":\"\xff\"}"})
        EXPECT_EQ(refused(text).code, Code::corrupt) << text;
}

TEST(Manifest, command_line_longer_than_the_kernel_takes_is_refused) {
    EXPECT_TRUE(parse_manifest(with("console=ttyS0 quiet", std::string(2047, 'x')), "m.json"));
    EXPECT_FALSE(parse_manifest(with("console=ttyS0 quiet", std::string(2048, 'x')), "m.json"));
}

TEST(Manifest, deep_or_large_document_is_refused) {
    EXPECT_FALSE(parse_manifest(std::string(500'000, '['), "m.json"));
    EXPECT_NE(refused(std::string(100, '[') + std::string(100, ']')).what.find("nested"), std::string::npos);
    EXPECT_NE(refused(document() + std::string(manifest_limit, ' ')).what.find("larger"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::images
