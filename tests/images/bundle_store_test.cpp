#include "images/bundle/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "images/bundle/build.hpp"
#include "images/bundle/shelf.hpp"

namespace bulkhead::images {
namespace {

// Files that were written just now count as settled.
class LaterClock final : public Clock {
  public:
    MonotonicTime monotonic() const override { return SystemClock().monotonic(); }
    UtcTime utc() const override { return SystemClock().utc() + std::chrono::hours(1); }
};

class TheBundleStore : public testing::Test {
  protected:
    TheBundleStore() {
        EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
        layout_.state = std::filesystem::path(folder_) / "state";
        spec_.tenants = {{model::TenantName("acme"), {4, 512_MiB, 64_MiB, 4}, {key_.verify_key().raw()}},
                         {model::TenantName("other"), {4, 512_MiB, 64_MiB, 4}, {other_.verify_key().raw()}}};
    }
    ~TheBundleStore() override { std::filesystem::remove_all(folder_); }

    std::string archive(const crypto::SigningKey* key, const std::string& tenant = "acme",
                        const std::string& more = "more") {
        const auto source = std::filesystem::path(folder_) / "source";
        EXPECT_TRUE(make_folder(source / "bin"));
        EXPECT_TRUE(
            write_file_atomically(source / "bundle.yaml",
                                  "apiVersion: bulkhead/v1alpha1\nkind: Bundle\nname: watch\nversion: '1'\n"
                                  "tenant: " +
                                      tenant +
                                      "\napplication: bin/watch\nmemory: 64MiB\n"
                                      "arguments: [one, two words]\nconfig: {period: how often}\n"));
        EXPECT_TRUE(write_file_atomically(source / "bin/watch", "#!/bin/sh\n", 0755));
        EXPECT_TRUE(write_file_atomically(source / "table", more));
        auto layout = build_bundle(source);
        EXPECT_TRUE(layout);
        if (key != nullptr) layout = *sign_bundle(*layout, *key, "x");
        return *layout->to_tar();
    }
    Result<IncomingBundle::Stored> push(std::string_view bytes, std::uint64_t limit = 1 << 20,
                                        std::uint64_t all = 1 << 24) {
        BULKHEAD_TRY_ASSIGN(auto incoming, IncomingBundle::begin(layout_, {.one = limit, .all = all}));
        BULKHEAD_TRY(incoming.add(bytes));
        return incoming.store();
    }
    // Pushes it and lets partition `cell` of tenant acme run it.
    void want(std::string_view bytes) {
        const auto stored = push(bytes);
        ASSERT_TRUE(stored) << stored.error().text();
        want(stored->reference);
    }
    void want(const model::BundleReference& reference) {
        model::Partition cell;
        cell.name = model::PartitionName("cell");
        cell.tenant = model::TenantName("acme");
        cell.memory = 128_MiB;
        cell.application = model::Application{.bundle = reference};
        spec_.partitions = {cell};
    }
    model::BundleReference reference() const { return *spec_.partitions.front().application->bundle; }
    std::filesystem::path stored_file() const {
        return layout_.bundle(reference().name, reference().digest) / "bundle.tar";
    }
    std::string refusal() {
        const auto out = store_.verdicts(spec_);
        return out.refused.empty() ? "none" : out.refused.begin()->second.text();
    }
    void expect_refused(const std::string& part) {
        const auto text = refusal();
        EXPECT_NE(text.find(part), std::string::npos) << text;
        EXPECT_NE(text.find("partition/cell: bundle 'watch@sha256:"), std::string::npos) << text;
    }
    std::size_t left_half_done() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(layout_.bundles()))
            count += entry.path().filename().string().starts_with('.') ? 1 : 0;
        return count;
    }

    crypto::SigningKey key_ = crypto::SigningKey::generate();
    crypto::SigningKey other_ = crypto::SigningKey::generate();
    std::string folder_ = "/tmp/bulkhead-store-XXXXXX";
    model::Layout layout_;
    LaterClock clock_;
    model::Spec spec_;
    BundleStore store_{layout_, clock_};
};

TEST_F(TheBundleStore, verifies_what_a_key_of_the_tenant_signed_and_makes_its_disk) {
    want(archive(&key_));
    const auto out = store_.verdicts(spec_);
    ASSERT_EQ(out.verified.size(), 1U) << refusal();
    const auto& bundle = out.verified.begin()->second;
    EXPECT_EQ(bundle.version, "1");
    EXPECT_EQ(bundle.memory, 64_MiB);
    EXPECT_EQ(bundle.config, std::set<std::string>{"period"});
    const auto disk = read_file(bundle.disk, 64 << 20);
    ASSERT_TRUE(disk);
    EXPECT_EQ(*crypto::sha256(*disk), bundle.disk_digest);
    EXPECT_NE(disk->find(std::string("bin/watch\0one\0two words\0", 24)), std::string::npos);
    EXPECT_EQ(std::filesystem::status(bundle.disk).permissions(), std::filesystem::perms(0444));
    EXPECT_FALSE(std::filesystem::exists(bundle.disk.parent_path() / "work"));
    EXPECT_EQ(store_.verdicts(spec_).verified, out.verified);
}

TEST_F(TheBundleStore, refuses_what_is_unsigned) {
    want(archive(nullptr));
    expect_refused("is unsigned");
    EXPECT_FALSE(std::filesystem::exists(stored_file().parent_path() / "disk.img"));
}

TEST_F(TheBundleStore, refuses_another_tenants_key_although_the_gateway_knows_it) {
    want(archive(&other_));
    expect_refused("which is not trusted here");
}

TEST_F(TheBundleStore, refuses_what_was_made_for_another_tenant) {
    want(archive(&key_, "other"));
    expect_refused("was made for tenant 'other'");
}

TEST_F(TheBundleStore, refuses_where_the_tenant_has_no_key) {
    want(archive(&key_));
    spec_.tenants[0].keys.clear();
    expect_refused("tenant 'acme' has no key that signs bundles");
}

TEST_F(TheBundleStore, refuses_one_altered_bit_even_of_what_it_had_verified) {
    want(archive(&key_));
    ASSERT_EQ(refusal(), "none");
    auto bytes = *read_file(stored_file(), 1 << 20);
    bytes[bytes.find("more")] ^= 1;
    ASSERT_TRUE(write_file_atomically(stored_file(), bytes, 0600));
    expect_refused("it was altered");
}

TEST_F(TheBundleStore, refuses_what_is_truncated) {
    want(archive(&key_));
    std::filesystem::resize_file(stored_file(), 4000);
    expect_refused("is truncated");
}

TEST_F(TheBundleStore, refuses_what_the_tenants_quota_has_no_room_for) {
    want(archive(&key_, "acme", std::string(100'000, 'x')));
    spec_.tenants[0].quota.disk = 1_MiB;
    EXPECT_EQ(refusal(), "none");
    spec_.partitions[0].volumes = {{model::VolumeName("data"), 1_MiB, "/data"}};
    expect_refused("what is left of the disk quota of tenant 'acme'");
}

TEST_F(TheBundleStore, counts_a_bundle_of_two_partitions_once) {
    want(archive(&key_, "acme", std::string(700'000, 'x')));
    spec_.tenants[0].quota.disk = 1_MiB;
    spec_.partitions.push_back(spec_.partitions[0]);
    spec_.partitions[1].name = model::PartitionName("press");
    EXPECT_EQ(store_.verdicts(spec_).verified.size(), 2U) << refusal();
}

TEST_F(TheBundleStore, refuses_what_was_never_pushed) {
    want(model::BundleReference{model::BundleName("watch"), std::string(64, 'a')});
    expect_refused("is not on this gateway");
}

TEST_F(TheBundleStore, refuses_another_bundle_in_the_place_of_the_one_that_was_named) {
    want(archive(&key_));
    const auto first = stored_file();
    want(archive(&key_, "acme", "other content"));
    std::filesystem::copy_file(first, stored_file(), std::filesystem::copy_options::overwrite_existing);
    expect_refused("push it again");
}

TEST_F(TheBundleStore, makes_a_disk_again_that_was_changed) {
    want(archive(&key_));
    const auto disk = store_.verdicts(spec_).verified.begin()->second.disk;
    std::filesystem::permissions(disk, std::filesystem::perms(0644));
    ASSERT_TRUE(write_file_atomically(disk, "something else", 0644));
    const auto out = store_.verdicts(spec_);
    ASSERT_EQ(out.verified.size(), 1U);
    EXPECT_EQ(*crypto::sha256(*read_file(disk, 64 << 20)), out.verified.begin()->second.disk_digest);
    EXPECT_GT(std::filesystem::file_size(disk), 100'000U);
}

TEST_F(TheBundleStore, keeps_nothing_of_a_push_that_is_too_large_or_broken) {
    const auto large = push(archive(&key_, "acme", std::string(100'000, 'x')), 50'000);
    ASSERT_FALSE(large);
    EXPECT_NE(large.error().text().find("larger than 50000 bytes"), std::string::npos);
    EXPECT_FALSE(push(archive(&key_).substr(0, 4000)));
    EXPECT_FALSE(push("no bundle"));
    EXPECT_EQ(left_half_done(), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(layout_.bundles()));
}

TEST_F(TheBundleStore, forgets_what_a_crash_left_half_pushed) {
    ASSERT_TRUE(make_folder(layout_.bundles()));
    ASSERT_TRUE(write_file_atomically(layout_.bundles() / ".incoming-abc", "half"));
    forget_incoming(layout_);
    EXPECT_EQ(left_half_done(), 0U);
}

TEST_F(TheBundleStore, takes_no_bundle_where_the_policy_allows_none) {
    EXPECT_EQ(push(archive(&key_), 0).error().code, Code::refused);
    EXPECT_EQ(push(archive(&key_), 1 << 20, 0).error().code, Code::refused);
}

TEST_F(TheBundleStore, bounds_the_sum_of_all_that_lie_here_and_says_what_mends_it) {
    const auto first = archive(&key_, "acme", "first");
    const auto second = archive(&key_, "acme", "second");
    const auto room = first.size() + second.size() - 1;
    const auto stored = push(first, 1 << 20, room);
    ASSERT_TRUE(stored);
    const auto full = push(second, 1 << 20, room);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, Code::refused);
    for (const auto& part : {std::to_string(second.size()), std::to_string(first.size()),
                             std::to_string(room), std::string("bulkhead bundle remove")})
        EXPECT_NE(full.error().text().find(part), std::string::npos) << part << ": " << full.error().text();
    EXPECT_EQ(left_half_done(), 0U);
    EXPECT_TRUE(push(first, 1 << 20, room)) << "in the place of itself";
    ASSERT_TRUE(remove_shelved(layout_, stored->reference));
    EXPECT_TRUE(push(second, 1 << 20, room));
}

TEST_F(TheBundleStore, forgets_a_bundle_that_is_removed_and_its_disk) {
    want(archive(&key_));
    ASSERT_TRUE(BundleStore(layout_, clock_).verdicts(spec_).refused.empty());
    ASSERT_EQ(shelved_bundles(layout_)->size(), 1U);
    EXPECT_EQ(shelved_bundles(layout_)->front().reference, reference());
    EXPECT_EQ(shelved_bundles(layout_)->front().size, std::filesystem::file_size(stored_file()));
    ASSERT_TRUE(remove_shelved(layout_, reference()));
    EXPECT_TRUE(shelved_bundles(layout_)->empty());
    EXPECT_TRUE(std::filesystem::is_empty(layout_.bundles()));
    EXPECT_EQ(remove_shelved(layout_, reference()).error().code, Code::not_found);
}

}  // namespace
}  // namespace bulkhead::images
