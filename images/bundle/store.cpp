#include "images/bundle/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <utility>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "images/bundle/disk.hpp"
#include "images/bundle/mapped_file.hpp"
#include "images/bundle/shelf.hpp"

namespace bulkhead::images {
namespace {

constexpr const char* disk_name = "disk.img";
constexpr const char* disk_digest_name = "disk.sha256";

Result<std::vector<crypto::VerifyKey>> keys_of(const model::Tenant& tenant) {
    std::vector<crypto::VerifyKey> keys;
    for (const auto& raw : tenant.keys) {
        BULKHEAD_TRY_ASSIGN(auto key, crypto::VerifyKey::from_raw(raw));
        keys.push_back(std::move(key));
    }
    if (keys.empty())
        return fail(Code::refused, "tenant '" + tenant.name.str() + "' has no key that signs bundles", {},
                    "tenants[].keys in the gateway's spec",
                    "ask the vendor for the public key: bulkhead key show NAME.pub");
    return keys;
}

// What a verdict depends on beside the file.
std::string terms_of(const model::Tenant& tenant) {
    std::string terms = tenant.name.str();
    for (const auto& key : tenant.keys) terms += "\n" + key;
    return terms;
}

Bytes volumes_of(const model::Spec& spec, const model::TenantName& tenant) {
    Bytes sum;
    for (const auto& partition : spec.partitions)
        if (partition.tenant == tenant)
            for (const auto& volume : partition.volumes) sum += volume.size;
    return sum;
}

}  // namespace

BundleVerdicts BundleStore::verdicts(const model::Spec& spec) {
    BundleVerdicts out;
    for (const auto& tenant : spec.tenants) {
        const auto volumes = volumes_of(spec, tenant.name);
        Bytes room{tenant.quota.disk.count - std::min(tenant.quota.disk.count, volumes.count)};
        std::map<model::BundleReference, Result<model::Bundle>> known;  // each counts once
        for (const auto& partition : spec.partitions) {
            if (partition.tenant != tenant.name || !partition.application || !partition.application->bundle)
                continue;
            const auto& reference = *partition.application->bundle;
            auto found = known.find(reference);
            if (found == known.end()) found = known.emplace(reference, verify(reference, tenant, room)).first;
            if (found->second) {
                out.verified.emplace(partition.name, *found->second);
            } else {
                Error error = found->second.error();
                error.where = "partition/" + partition.name.str() + ": bundle '" + reference.str() + "'";
                out.refused.emplace(partition.name, std::move(error));
            }
        }
    }
    return out;
}

Result<model::Bundle> BundleStore::verify(const model::BundleReference& reference,
                                          const model::Tenant& tenant, Bytes& room) {
    const auto folder = layout_.bundle(reference.name, reference.digest);
    const auto path = folder / bundle_file;
    auto opened = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!opened) {
        std::error_code ec;
        if (std::filesystem::exists(path, ec)) return std::unexpected(opened.error());
        return fail(Code::not_found, "is not on this gateway", {}, "a bundle that was pushed",
                    "bulkhead bundle push FILE");
    }
    BULKHEAD_TRY_ASSIGN(const Stamp stamp, stamp_of(*opened, path.string()));
    if (stamp.size > room.count)
        return fail(Code::refused, "has " + std::to_string(stamp.size) + " bytes", {},
                    "at most " + std::to_string(room.count) +
                        " bytes, which is what is left of the disk quota of tenant '" + tenant.name.str() +
                        "'",
                    "raise the quota, or use less");
    room.count -= stamp.size;

    const auto disk = folder / disk_name;
    const auto seen = seen_.find(path);
    if (seen != seen_.end() && seen->second.stamp == stamp && seen->second.terms == terms_of(tenant)) {
        const auto fd = open_file(disk, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        const auto now = fd ? stamp_of(*fd, disk.string()) : Result<Stamp>(std::unexpected(fd.error()));
        if (now && *now == seen->second.disk) return seen->second.bundle;
    }
    BULKHEAD_TRY_ASSIGN(auto bundle, read_and_verify(reference, tenant, folder, *opened));
    BULKHEAD_TRY_ASSIGN(const Fd made, open_file(disk, O_RDONLY | O_NOFOLLOW));
    BULKHEAD_TRY_ASSIGN(const Stamp disk_stamp, stamp_of(made, disk.string()));
    if (is_settled(stamp, clock_.utc()) && is_settled(disk_stamp, clock_.utc()))
        seen_.insert_or_assign(path, Seen{stamp, disk_stamp, terms_of(tenant), bundle});
    return bundle;
}

Result<model::Bundle> BundleStore::read_and_verify(const model::BundleReference& reference,
                                                   const model::Tenant& tenant,
                                                   const std::filesystem::path& folder, const Fd& fd) {
    const std::string where = (folder / bundle_file).string();
    BULKHEAD_TRY_ASSIGN(const auto keys, keys_of(tenant));
    const LayoutLimits limits;
    BULKHEAD_TRY_ASSIGN(const auto mapped, MappedFile::of(fd, limits.bytes, where));
    BULKHEAD_TRY_ASSIGN(const auto layout, layout_of_tar(mapped.bytes(), limits, where));
    BULKHEAD_TRY_ASSIGN(const auto bundle, read_bundle(layout, where));
    const auto& document = bundle.document;
    if (bundle.digest != reference.digest || document.name != reference.name)
        return fail(Code::corrupt, "is " + document.name.str() + "@sha256:" + bundle.digest, where,
                    reference.str(), "push it again: bulkhead bundle push FILE");
    if (document.tenant != tenant.name)
        return fail(Code::refused, "was made for tenant '" + document.tenant.str() + "'", where,
                    "a bundle for tenant '" + tenant.name.str() + "'", "name a bundle of this tenant");
    BULKHEAD_TRY(verify_bundle(bundle, keys, where));
    BULKHEAD_TRY_ASSIGN(auto digest, disk_digest(bundle, folder));
    model::Bundle out{reference, document.version,   document.memory,
                      {},        folder / disk_name, std::move(digest)};
    for (const auto& [key, meaning] : document.config) out.config.insert(key);
    return out;
}

// A disk that is not as it was made is made again.
Result<std::string> BundleStore::disk_digest(const Bundle& bundle, const std::filesystem::path& folder) {
    const auto digest_of = [&]() -> Result<std::string> {
        BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(folder / disk_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
        BULKHEAD_TRY(stamp_of(fd, (folder / disk_name).string()));
        return crypto::sha256_of_rest(fd.get(), (folder / disk_name).string());
    };
    const auto written = read_file(folder / disk_digest_name, 128);
    if (const auto there = digest_of(); there && written && *there == *written) return *there;
    BULKHEAD_TRY(make_bundle_disk(bundle, folder / disk_name, folder / "work"));
    BULKHEAD_TRY_ASSIGN(auto made, digest_of());
    BULKHEAD_TRY(write_file_atomically(folder / disk_digest_name, made, 0600));
    return made;
}

Result<IncomingBundle> IncomingBundle::begin(const model::Layout& layout, BundleLimits limits) {
    if (limits.one == 0 || limits.all == 0)
        return fail(Code::refused, "no rule of the policy allows bundles", {},
                    "rules about bundle.size and bundles.size", "add them to the gateway's policy");
    // QEMU passes through to the disks, and nobody lists.
    BULKHEAD_TRY(make_folder(layout.bundles(), 0711));
    std::string path = (layout.bundles() / ".incoming-XXXXXX").string();
    Fd fd(::mkostemp(path.data(), O_CLOEXEC));
    if (!fd) return fail_errno("can't make a file", path);
    return IncomingBundle(layout, limits, path, std::move(fd));
}

IncomingBundle::~IncomingBundle() {
    if (fd_ && !path_.empty()) (void)remove_file(path_);
}

Result<> IncomingBundle::add(std::string_view bytes) {
    if (bytes.size() > limits_.one - size_)
        return fail(Code::refused, "the bundle is larger than " + std::to_string(limits_.one) + " bytes", {},
                    "what the gateway's policy allows (bundle.size)", "leave out what is not needed");
    size_ += bytes.size();
    while (!bytes.empty()) {
        const auto written = ::write(fd_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("can't write", path_.string());
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> IncomingBundle::check_room(const model::BundleReference& reference) const {
    BULKHEAD_TRY_ASSIGN(const auto others, size_of_shelved(layout_, reference));
    if (others + size_ <= limits_.all) return {};
    return fail(
        Code::refused,
        "the bundle has " + std::to_string(size_) + " bytes, and those on this gateway have " +
            std::to_string(others),
        reference.str(),
        "at most " + std::to_string(limits_.all) + " bytes in sum (bundles.size of the gateway's policy)",
        "take away one that no partition runs: bulkhead bundle list, then bulkhead bundle remove "
        "NAME@sha256:DIGEST");
}

Result<IncomingBundle::Stored> IncomingBundle::store() {
    BULKHEAD_TRY_ASSIGN(const auto mapped, MappedFile::of(fd_, limits_.one, "the bundle"));
    BULKHEAD_TRY_ASSIGN(const auto layout,
                        layout_of_tar(mapped.bytes(), {.bytes = limits_.one}, "the bundle"));
    BULKHEAD_TRY_ASSIGN(auto bundle, read_bundle(layout, "the bundle"));
    Stored stored{std::move(bundle.document), {}};
    stored.reference = {stored.document.name, bundle.digest};
    BULKHEAD_TRY(check_room(stored.reference));
    const auto folder = layout_.bundle(stored.reference.name, stored.reference.digest);
    BULKHEAD_TRY(make_folder(folder.parent_path(), 0711));
    BULKHEAD_TRY(make_folder(folder, 0711));
    if (::fsync(fd_.get()) != 0) return fail_errno("can't sync", path_.string());
    if (::rename(path_.c_str(), (folder / bundle_file).c_str()) != 0)
        return fail_errno("can't rename", path_.string());
    path_.clear();
    BULKHEAD_TRY_ASSIGN(const Fd there, open_file(folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(there.get()) != 0) return fail_errno("can't sync the folder", folder.string());
    return stored;
}

void forget_incoming(const model::Layout& layout) {
    std::error_code ec;
    std::vector<std::filesystem::path> left;
    for (const auto& entry : std::filesystem::directory_iterator(layout.bundles(), ec))
        if (entry.path().filename().string().starts_with(".incoming-")) left.push_back(entry.path());
    for (const auto& path : left) (void)remove_file(path);
}

}  // namespace bulkhead::images
