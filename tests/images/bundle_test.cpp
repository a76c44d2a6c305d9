#include "images/bundle/bundle.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "images/bundle/build.hpp"
#include "images/bundle/manifest.hpp"

namespace bulkhead::images {
namespace {

constexpr const char* yaml = R"(apiVersion: bulkhead/v1alpha1
kind: Bundle
name: press-watch
version: 1.2.0
tenant: acme
application: bin/watch
arguments: [--fast]
memory: 128MiB
config:
  period: seconds between readings
)";

class TheBundle : public testing::Test {
  protected:
    TheBundle() {
        EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
        write("bundle.yaml", yaml);
        write("bin/watch", "#!/bin/sh\necho reading: 1\n");
        write("share/table.csv", "a,b\n");
        std::filesystem::permissions(folder() / "bin/watch", std::filesystem::perms(0755));
    }
    ~TheBundle() override { std::filesystem::remove_all(folder()); }

    std::filesystem::path folder() const { return folder_.c_str(); }
    void write(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((folder() / name).parent_path());
        ASSERT_TRUE(write_file_atomically(folder() / name, content));
    }
    BundleLayout built() const {
        auto layout = build_bundle(folder());
        EXPECT_TRUE(layout) << (layout ? "" : layout.error().front().text());
        return layout.value_or(BundleLayout());
    }
    BundleLayout signed_by(const crypto::SigningKey& key) const {
        auto layout = sign_bundle(built(), key, "test");
        EXPECT_TRUE(layout) << (layout ? "" : layout.error().text());
        return std::move(*layout);
    }
    std::string refusal_of_build() const {
        const auto layout = build_bundle(folder());
        return layout ? "built" : layout.error().front().text();
    }

    crypto::SigningKey key_ = crypto::SigningKey::generate();
    std::string folder_ = "/tmp/bulkhead-bundle-XXXXXX";
};

// What read_bundle() says of the single-file form, or "fine".
std::string verdict(std::string_view archive, const LayoutLimits& limits = {}) {
    const auto layout = layout_of_tar(archive, limits, "x.tar");
    if (!layout) return layout.error().text();
    const auto bundle = read_bundle(*layout, "x.tar");
    return bundle ? "fine" : bundle.error().text();
}

void expect_part(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(TheBundle, is_built_the_same_twice_whatever_the_times_and_the_order) {
    const auto first = built().to_tar();
    write("share/table.csv", "a,b\n");
    std::filesystem::remove(folder() / "bin/watch");
    write("bin/watch", "#!/bin/sh\necho reading: 1\n");
    std::filesystem::permissions(folder() / "bin/watch", std::filesystem::perms(0700));
    const auto second = built().to_tar();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(*signed_by(key_).to_tar(), *signed_by(key_).to_tar());
}

TEST_F(TheBundle, says_what_is_in_it) {
    const auto layout = built();
    const auto bundle = read_bundle(layout, "x");
    ASSERT_TRUE(bundle) << bundle.error().text();
    EXPECT_EQ(bundle->document.name.str(), "press-watch");
    EXPECT_EQ(bundle->document.arguments, std::vector<std::string>{"--fast"});
    EXPECT_EQ(bundle->document.memory, 128_MiB);
    EXPECT_EQ(bundle->document.config.at("period"), "seconds between readings");
    ASSERT_EQ(bundle->files.size(), 4U);
    EXPECT_EQ(bundle->files[1].path, "bin/watch");
    EXPECT_TRUE(bundle->files[1].executable);
    EXPECT_EQ(bundle->size, 30U);
}

TEST_F(TheBundle, is_the_same_as_a_folder_and_as_a_file) {
    const auto layout = signed_by(key_);
    ASSERT_TRUE(write_layout_folder(layout, folder() / "out"));
    ASSERT_TRUE(write_layout_file(layout, folder() / "out.tar"));
    const auto from_folder = load_layout(folder() / "out", {});
    const auto from_file = load_layout(folder() / "out.tar", {});
    ASSERT_TRUE(from_folder && from_file);
    EXPECT_EQ(*from_folder->to_tar(), *from_file->to_tar());
    EXPECT_EQ(verdict(*from_folder->to_tar()), "fine");
}

TEST_F(TheBundle, is_verified_by_the_key_that_signed_it_and_by_no_other) {
    const auto layout = signed_by(key_);
    const auto bundle = read_bundle(layout, "x");
    ASSERT_TRUE(bundle);
    const std::array ours{key_.verify_key()};
    const auto verified = verify_bundle(*bundle, ours, "x");
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_EQ(*verified, key_.verify_key());
    const std::array others{crypto::SigningKey::generate().verify_key()};
    const auto refused = verify_bundle(*bundle, others, "x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    expect_part(refused.error().text(), key_.verify_key().id());
}

TEST_F(TheBundle, is_refused_unsigned) {
    const auto layout = built();
    const std::array ours{key_.verify_key()};
    const auto refused = verify_bundle(*read_bundle(layout, "x"), ours, "x");
    ASSERT_FALSE(refused);
    expect_part(refused.error().text(), "bundle 'press-watch' is unsigned");
}

TEST_F(TheBundle, keeps_two_signatures_and_one_by_the_same_key_once) {
    const auto other = crypto::SigningKey::generate();
    auto layout = sign_bundle(signed_by(key_), other, "x");
    ASSERT_TRUE(layout);
    layout = sign_bundle(*layout, other, "x");
    ASSERT_TRUE(layout);
    EXPECT_EQ(read_bundle(*layout, "x")->signatures.size(), 2U);
    const std::array second{other.verify_key()};
    EXPECT_TRUE(verify_bundle(*read_bundle(*layout, "x"), second, "x"));
}

TEST_F(TheBundle, does_not_take_the_signature_of_another) {
    auto other = signed_by(key_);
    write("share/table.csv", "c,d\n");
    auto layout = built();
    // The other's signature, made to refer to this one.
    const auto digest = read_bundle(layout, "x")->digest;
    const auto envelope = std::string(read_bundle(other, "x")->signatures[0]);
    OciManifest manifest{.artifact_type = std::string(signature_type)};
    manifest.subject = {std::string(manifest_media_type), digest, 1, {}};
    manifest.config = {std::string(empty_media_type), *layout.add("{}"), 2, {}};
    manifest.layer = {std::string(envelope_media_type), *layout.add(envelope), envelope.size(), {}};
    auto manifests = *parse_index(layout.index(), "x");
    const auto json = manifest_json(manifest);
    manifests.push_back({std::string(manifest_media_type), *layout.add(json), json.size(), {}});
    layout.set_index(index_json(manifests));
    const std::array ours{key_.verify_key()};
    const auto bundle = read_bundle(layout, "x");
    ASSERT_TRUE(bundle) << bundle.error().text();
    const auto refused = verify_bundle(*bundle, ours, "x");
    ASSERT_FALSE(refused);
    expect_part(refused.error().text(), "the signature is for another bundle");
}

TEST_F(TheBundle, is_never_taken_with_one_bit_altered) {
    const auto sound = *signed_by(key_).to_tar();
    ASSERT_EQ(verdict(sound), "fine");
    const std::array ours{key_.verify_key()};
    const auto before = read_bundle(*layout_of_tar(sound, {}, "x"), "x")->digest;
    for (std::size_t i = 0; i < sound.size(); i += 7) {
        std::string altered = sound;
        altered[i] = static_cast<char>(altered[i] ^ (1 << (i % 8)));
        const auto layout = layout_of_tar(altered, {}, "x");
        if (!layout) continue;
        const auto bundle = read_bundle(*layout, "x");
        // Bits that carry nothing (annotations of the index) may differ: what is run is the same then.
        if (bundle && verify_bundle(*bundle, ours, "x")) {
            EXPECT_EQ(bundle->digest, before) << i;
        }
    }
}

TEST_F(TheBundle, is_refused_truncated_anywhere) {
    const auto sound = *signed_by(key_).to_tar();
    for (std::size_t size = 0; size + 512 < sound.size(); size += 100)
        EXPECT_NE(verdict(std::string_view(sound).substr(0, size)), "fine") << size;
    expect_part(verdict(std::string_view(sound).substr(0, 3000)), "truncated");
}

TEST_F(TheBundle, is_refused_larger_than_it_may_be) {
    const auto sound = *built().to_tar();
    expect_part(verdict(sound, {.bytes = 4096}), "at most 4096 bytes");
}

TEST_F(TheBundle, is_refused_with_a_blob_that_nothing_names) {
    auto layout = built();
    ASSERT_TRUE(layout.add("stowaway"));
    expect_part(verdict(*layout.to_tar()), "belongs to nothing");
}

TEST_F(TheBundle, is_refused_with_a_blob_missing) {
    const auto layout = built();
    BundleLayout bare;
    bare.set_index(layout.index());
    expect_part(verdict(*bare.to_tar()), "is missing");
}

TEST_F(TheBundle, is_refused_when_sizes_disagree) {
    auto layout = built();
    auto manifests = *parse_index(layout.index(), "x");
    manifests[0].size += 1;
    layout.set_index(index_json(manifests));
    expect_part(verdict(*layout.to_tar()), "bytes, as its manifest says");
}

TEST_F(TheBundle, is_refused_without_its_application) {
    std::filesystem::remove(folder() / "bin/watch");
    expect_part(refusal_of_build(), "has no file 'bin/watch', its application");
    write("bin/watch", "x");
    expect_part(refusal_of_build(), "'bin/watch' is not executable");
}

TEST_F(TheBundle, is_not_built_of_links_and_devices) {
    std::filesystem::create_symlink("/etc/passwd", folder() / "share/link");
    expect_part(refusal_of_build(), "is a symbolic link");
    std::filesystem::remove(folder() / "share/link");
    ASSERT_EQ(::mkfifo((folder() / "share/pipe").c_str(), 0600), 0);
    expect_part(refusal_of_build(), "is no regular file");
}

TEST_F(TheBundle, tells_each_error_of_its_document_with_its_place) {
    write("bundle.yaml",
          "apiVersion: bulkhead/v1alpha1\nkind: Bundle\nname: Press\nversion: 'a b'\ntenat: acme\n"
          "application: ../etc/passwd\nmemory: 5\nconfig: {9x: y}\n");
    const auto layout = build_bundle(folder());
    ASSERT_FALSE(layout);
    std::string all;
    for (const auto& error : layout.error()) all += error.text() + "\n";
    for (const char* part : {"bundle.yaml:3:7: name is 'Press'", "bundle.yaml:4:10", "unknown key 'tenat'",
                             "write tenant", "tenant is missing", "leads out of the bundle",
                             "bundle.yaml:7:9", "'9x' can't be the name of a setting"})
        expect_part(all, part);
}

TEST_F(TheBundle, says_how_to_begin_where_there_is_none) {
    std::filesystem::remove(folder() / "bundle.yaml");
    expect_part(refusal_of_build(), "bulkhead bundle init");
}

}  // namespace
}  // namespace bulkhead::images
