#include <string>
#include <vector>

#include "crypto/encoding.hpp"
#include "crypto/signing_key.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// "robot-cell 192MiB, press 64MiB", for the partitions of one tenant that use any.
class Usage {
  public:
    template <class Amount>
    void add(const std::string& partition, Amount amount, const std::string& text) {
        if (amount == 0) return;
        total_ += amount;
        parts_.push_back(text.empty() ? partition : partition + " " + text);
    }
    std::uint64_t total() const { return total_; }
    std::string parts() const { return enumerated(parts_); }

  private:
    std::uint64_t total_ = 0;
    std::vector<std::string> parts_;
};

struct TenantUsage {
    Usage cpus, memory, disk, partitions;
};

TenantUsage usage_of(const model::Spec& spec, const model::TenantName& tenant) {
    TenantUsage usage;
    for (const auto& partition : spec.partitions) {
        if (partition.tenant != tenant) continue;
        const std::string name = printed(partition.name.str());
        Bytes disk;
        for (const auto& volume : partition.volumes) disk += volume.size;
        usage.cpus.add(name, partition.cpus, std::to_string(partition.cpus));
        usage.memory.add(name, partition.memory.count, to_string(partition.memory));
        usage.disk.add(name, disk.count, to_string(disk));
        usage.partitions.add(name, 1U, "");
    }
    return usage;
}

// ed25519:BASE64, as `bulkhead key show` prints it.
std::vector<std::string> validate_keys(Validation& run, const std::string& path, const v1alpha1::Tenant& in) {
    constexpr std::string_view prefix = "ed25519:";
    std::vector<std::string> keys;
    Unique unique;
    const auto count = check_count(run.findings, path + ".keys", in.keys_size(), most::keys);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& text = in.keys(static_cast<int>(i));
        const std::string key_path = item(path + ".keys", i);
        const std::string_view rest =
            text.starts_with(prefix) ? std::string_view(text).substr(prefix.size()) : std::string_view();
        auto raw = crypto::from_base64(rest, key_path);
        if (!raw || !crypto::VerifyKey::from_raw(*raw))
            run.findings.add(key_path, in_quotes(text) + " is no public key",
                             "ed25519: and 44 characters of base64", "bulkhead key show NAME.pub prints it");
        else if (const std::string* first = unique.put(*raw, key_path))
            run.findings.add(key_path, in_quotes(text) + " is there twice", {},
                             "remove it here or at " + run.findings.place(*first));
        else
            keys.push_back(std::move(*raw));
    }
    return keys;
}

}  // namespace

void validate_tenants(Validation& run) {
    const auto count = check_count(run.findings, "tenants", run.in.tenants_size(), most::tenants);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.tenants(static_cast<int>(i));
        const std::string path = item("tenants", i);
        run.tenants.declare(run.findings, path + ".name", in.name());
        model::Quota quota{in.quota().cpus(), {}, {}, in.quota().partitions()};
        if (!in.quota().memory().empty())
            quota.memory = check_size(run.findings, path + ".quota.memory", in.quota().memory(), Bytes{0})
                               .value_or(Bytes{});
        if (!in.quota().disk().empty())
            quota.disk =
                check_size(run.findings, path + ".quota.disk", in.quota().disk(), Bytes{0}).value_or(Bytes{});
        quota.connections = in.quota().connections();
        if (const std::string at = path + ".quota.connections"; run.findings.has(at))
            check_range(run.findings, at, quota.connections, 16, 65536);
        run.out.tenants.push_back({model::TenantName(in.name()), quota, validate_keys(run, path, in)});
    }
}

// A quota that could not be read is broken: nothing more is told of it.
void validate_quotas(Validation& run) {
    for (std::size_t i = 0; i < run.out.tenants.size(); ++i) {
        const auto& [name, quota, keys] = run.out.tenants[i];
        if (run.out.find(name) != &run.out.tenants[i]) continue;  // there twice, which is told already
        const TenantUsage usage = usage_of(run.out, name);
        const auto check = [&](std::string_view key, const Usage& used, std::uint64_t allowed,
                               const auto& text) {
            if (used.total() <= allowed) return;
            run.findings.add(item("tenants", i) + ".quota." + std::string(key),
                             "tenant " + in_quotes(name.str()) + " uses " + text(used.total()) + " " +
                                 std::string(key) + " (" + used.parts() + "), its quota is " + text(allowed),
                             {}, "raise the quota, or use less");
        };
        const auto number = [](std::uint64_t n) { return std::to_string(n); };
        const auto bytes = [](std::uint64_t n) { return to_string(Bytes{n}); };
        check("cpus", usage.cpus, quota.cpus, number);
        check("memory", usage.memory, quota.memory.count, bytes);
        check("disk", usage.disk, quota.disk.count, bytes);
        check("partitions", usage.partitions, quota.partitions, number);
    }
}

}  // namespace bulkhead::spec
