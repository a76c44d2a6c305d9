#include "partition-manager/plan/fingerprint.hpp"

#include <set>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "crypto/digest.hpp"
#include "model/address.hpp"
#include "model/guest_line.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {
namespace {

// Values carry their length, so that no value can pose as two.
class Canonical {
  public:
    void add(std::string_view name, std::string_view value) {
        text_ += std::string(name) + " " + std::to_string(value.size()) + ":" + std::string(value) + "\n";
    }
    void add(std::string_view name, std::uint64_t value) { add(name, std::to_string(value)); }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

std::string address_text(const model::Spec& spec, const model::Interface& interface) {
    if (interface.mirror) return "mirror";
    const auto* zone = spec.find(interface.zone);
    return interface.zone.str() + " " + to_string(interface.address) +
           (zone == nullptr ? "" : "/" + std::to_string(zone->subnet.length)) +
           (interface.address6 ? " " + to_string(*interface.address6) : "");
}

std::string list(const std::vector<unsigned>& numbers) {
    std::string text;
    for (const unsigned number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
    return text;
}

// "name from -> to" for each value that changed.
class Differences {
  public:
    void compare(const std::string& name, const std::string& from, const std::string& to) {
        if (from == to) return;
        text_ += (text_.empty() ? "" : ", ") + name + " " + (from.empty() ? "none" : from) + " -> " +
                 (to.empty() ? "none" : to);
    }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

std::string can_text(const model::DeviceUse& use) {
    if (use.protocol == model::DeviceProtocol::slcan) return " slcan " + std::to_string(use.bitrate);
    return use.protocol == model::DeviceProtocol::can ? " can " + std::to_string(use.bitrate) : "";
}

std::string place_text(const model::Spec& spec, const model::DeviceUse& use) {
    const auto* device = spec.find(use.device);
    if (device == nullptr || device->kind == model::DeviceKind::serial) return model::guest_setting(use.line);
    // Which port of the gateway it is at is its owner's business, as with a line.
    return device->kind == model::DeviceKind::pci ? device->at : std::string(to_string(device->kind));
}

std::string_view word_of(model::DeviceKind kind) {
    return kind == model::DeviceKind::serial ? "line" : to_string(kind);
}

std::string devices_text(const model::Spec& spec, const model::Partition& partition) {
    std::string text;
    for (const auto& use : partition.devices)
        text += (text.empty() ? "" : " + ") + use.device.str() + " " + place_text(spec, use) + can_text(use);
    return text;
}

std::string volumes_text(const model::Partition& partition) {
    std::string text;
    for (const auto& volume : partition.volumes)
        text += (text.empty() ? "" : " + ") + volume.name.str() + " " + to_string(volume.size) + " " +
                volume.mount;
    return text;
}

std::string interfaces_text(const model::Spec& spec, const model::Partition& partition) {
    std::string text;
    for (const auto& interface : partition.interfaces)
        text += (text.empty() ? "" : " + ") + address_text(spec, interface);
    return text;
}

std::string application_config(const model::Partition& partition, const std::string& key) {
    if (!partition.application) return {};
    const auto found = partition.application->config.find(key);
    return found == partition.application->config.end() ? std::string() : found->second;
}

std::set<std::string> application_keys(const model::Partition& from, const model::Partition& to) {
    std::set<std::string> keys;
    for (const auto* partition : {&from, &to})
        if (partition->application)
            for (const auto& [key, value] : partition->application->config) keys.insert(key);
    return keys;
}

std::string application_path(const model::Partition& partition) {
    return partition.application ? partition.application->title() : std::string();
}

}  // namespace

Result<std::string> fingerprint(const model::Spec& spec, const model::Partition& partition,
                                const std::string& image_digest, OfHost of_host) {
    Canonical canonical;
    canonical.add("format", 1);
    canonical.add("tenant", partition.tenant.str());
    canonical.add("image", image_digest);
    if (of_host.tpm) canonical.add("tpm", "crb");
    if (of_host.offloads) canonical.add("offloads", "virtio");
    canonical.add("cpus", partition.cpus);
    canonical.add("pin", list(partition.pin));
    canonical.add("memory", partition.memory.count);
    canonical.add("io_weight", partition.io_weight);
    for (const auto& volume : partition.volumes) {
        canonical.add("volume", volume.name.str());
        canonical.add("size", volume.size.count);
        canonical.add("mount", volume.mount);
    }
    for (const auto& use : partition.devices) {
        canonical.add("device", use.device.str());
        canonical.add(word_of(spec.kind_of(use.device)), place_text(spec, use));
        if (use.protocol == model::DeviceProtocol::slcan) canonical.add("slcan", use.bitrate);
        if (use.protocol == model::DeviceProtocol::can) canonical.add("can", use.bitrate);
    }
    const auto ports = ports_of(spec, partition);
    for (std::size_t i = 0; i < ports.size(); ++i) {
        canonical.add("interface", address_text(spec, partition.interfaces[i]));
        canonical.add("port", ports[i].name.str());
        canonical.add("mac", to_string(ports[i].mac));
    }
    if (partition.application) {
        canonical.add("application", partition.application->path);
        if (partition.application->bundle) canonical.add("bundle", partition.application->bundle->str());
        for (const auto& [key, value] : partition.application->config) {
            canonical.add("key", key);
            canonical.add("value", value);
        }
    }
    return crypto::sha256(canonical.text());
}

std::string differences(const model::Spec& before, const model::Partition& from, const model::Spec& after,
                        const model::Partition& to) {
    Differences all;
    all.compare("tenant", from.tenant.str(), to.tenant.str());
    all.compare("image", from.image.str(), to.image.str());
    all.compare("cpus", std::to_string(from.cpus), std::to_string(to.cpus));
    all.compare("pin", list(from.pin), list(to.pin));
    all.compare("memory", to_string(from.memory), to_string(to.memory));
    all.compare("ioWeight", std::to_string(from.io_weight), std::to_string(to.io_weight));
    all.compare("volumes", volumes_text(from), volumes_text(to));
    all.compare("devices", devices_text(before, from), devices_text(after, to));
    all.compare("interfaces", interfaces_text(before, from), interfaces_text(after, to));
    all.compare("application", application_path(from), application_path(to));
    for (const auto& key : application_keys(from, to))
        all.compare("application " + key, application_config(from, key), application_config(to, key));
    return all.text();
}

}  // namespace bulkhead::plan
