#include <algorithm>

#include "crypto/encoding.hpp"
#include "spec/cpu_list.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

constexpr Bytes least_memory = 64_MiB;
constexpr std::uint32_t default_io_weight = 500;
constexpr std::size_t longest_setting = 1024;
constexpr std::size_t least_box = 48;  // X25519 key, and what AES-256-GCM adds to nothing
constexpr std::size_t longest_box = 2048;

// A setting becomes an environment variable BULKHEAD_<KEY> in capitals.
bool is_setting_key(std::string_view key) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !key.empty() && key.size() <= 63 && letter(key[0]) &&
           std::ranges::all_of(key, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::string in_capitals(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
    return text;
}

void validate_config(Validation& run, const std::string& path,
                     const std::map<std::string, std::string>& config) {
    check_count(run.findings, path, static_cast<int>(config.size()), most::config);
    Unique variables;
    for (const auto& [key, value] : config) {
        const std::string key_path = path + "." + key;
        if (!is_setting_key(key))
            run.findings.add(key_path, in_quotes(key) + " can't be the name of a setting",
                             "a letter, then letters, digits and '_', at most 63");
        else if (const std::string* first = variables.put(in_capitals(key), key_path))
            run.findings.add(
                key_path,
                in_quotes(key) + " and '" + field_name(*first) + "' are both BULKHEAD_" + in_capitals(key),
                {}, "rename it here or at " + run.findings.place(*first));
        check_text(run.findings, key_path, value, longest_setting);
    }
}

// All of a partition's secrets fit into one frame to its agent.
void validate_secrets(Validation& run, const std::string& path,
                      const std::map<std::string, std::string>& secrets) {
    check_count(run.findings, path, static_cast<int>(secrets.size()), most::secrets);
    for (const auto& [name, box] : secrets) {
        const std::string key_path = path + "." + name;
        if (!is_setting_key(name))
            run.findings.add(key_path, in_quotes(name) + " can't be the name of a secret",
                             "a letter, then letters, digits and '_', at most 63");
        const auto bytes = crypto::from_base64(box, key_path);
        if (!bytes || bytes->size() < least_box || box.size() > longest_box)
            run.findings.add(key_path, "it is no sealed secret", "base64 as bulkhead secret seal prints it",
                             "seal it with: bulkhead secret seal");
    }
}

std::vector<unsigned> validate_pin(Validation& run, const std::string& path, const v1alpha1::Partition& in) {
    if (in.pin().empty()) return {};
    auto pin = parse_cpu_list(in.pin());
    if (!pin) {
        run.findings.add(path, pin.error());
        return {};
    }
    if (pin->size() < in.cpus())
        run.findings.add(path,
                         in_quotes(in.pin()) + " names " + std::to_string(pin->size()) + " host CPUs for " +
                             std::to_string(in.cpus()) + " virtual ones",
                         "at least as many as cpus");
    return std::move(*pin);
}

std::uint32_t validate_io_weight(Validation& run, const std::string& path, std::uint32_t weight) {
    if (!run.findings.has(path)) return default_io_weight;
    check_range(run.findings, path, weight, 100, 1000);
    return weight;
}

model::Application validate_application(Validation& run, const std::string& path,
                                        const v1alpha1::Application& in) {
    model::Application out{in.path(), {in.config().begin(), in.config().end()}};
    out.secrets = {in.secrets().begin(), in.secrets().end()};
    if (in.bundle().empty()) {
        check_label(run.findings, path + ".path", in.path());
    } else if (!in.path().empty()) {
        run.findings.add(path + ".bundle", "an application has either a path or a bundle", {},
                         "remove one of them");
    } else if (auto bundle = model::parse_bundle_reference(in.bundle())) {
        out.bundle = std::move(*bundle);
    } else {
        run.findings.add(path + ".bundle", bundle.error());
    }
    validate_config(run, path + ".config", out.config);
    validate_secrets(run, path + ".secrets", out.secrets);
    return out;
}

void validate_partition(Validation& run, const v1alpha1::Partition& in, const std::string& path) {
    auto& findings = run.findings;
    model::Partition out;
    out.name = model::PartitionName(in.name());
    out.tenant = model::TenantName(in.tenant());
    run.tenants.refer(findings, path + ".tenant", in.tenant());
    check_label(findings, path + ".image", in.image());
    out.image = model::ImageName(in.image());
    out.cpus = check_range(findings, path + ".cpus", in.cpus(), 1, 64) ? in.cpus() : 0;
    out.pin = validate_pin(run, path + ".pin", in);
    out.memory = check_size(findings, path + ".memory", in.memory(), least_memory).value_or(Bytes{});
    out.io_weight = validate_io_weight(run, path + ".ioWeight", in.ioweight());
    if (in.has_application()) {
        out.application = validate_application(run, path + ".application", in.application());
    }
    if (in.has_lock()) {
        check_required_text(findings, path + ".lock.by", in.lock().by(), 63);
        check_required_text(findings, path + ".lock.reason", in.lock().reason(), 256);
        out.lock = model::Lock{in.lock().by(), in.lock().reason()};
    }
    run.out.partitions.push_back(std::move(out));
}

}  // namespace

void validate_partitions(Validation& run) {
    const auto count = check_count(run.findings, "partitions", run.in.partitions_size(), most::partitions);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.partitions(static_cast<int>(i));
        const std::string path = item("partitions", i);
        run.partitions.declare(run.findings, path + ".name", in.name(), 40);
        run.ends.declare(run.findings, path + ".name", in.name(), 40);
        validate_partition(run, in, path);
        validate_volumes(run, i);
    }
}

}  // namespace bulkhead::spec
