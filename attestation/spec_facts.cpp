// The spec's part of a PARTITION_START: canonical text, one line for each fact that matters, and its SHA-256.
#include <algorithm>

#include "attestation/reference.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "model/guest_line.hpp"

namespace bulkhead::attestation {
namespace {

using model::Partition;
using model::Spec;

// Lines of words; each word with its length before it, so that no value can look like two.
class Lines {
  public:
    template <class... Words>
    void add(const Words&... words) {
        (add_word(words), ...);
        text_ += '\n';
    }
    std::string digest() const { return crypto::to_hex(crypto::sha256_raw(text_)); }

  private:
    void add_word(std::uint64_t number) { add_word(std::to_string(number)); }
    void add_word(unsigned number) { add_word(std::to_string(number)); }
    void add_word(std::string_view word) {
        text_ += std::to_string(word.size()) + ":";
        text_ += word;
        text_ += ' ';
    }
    std::string text_;
};

// How it is worked, as the fact says it.
std::string_view mode_of(const Spec& spec, const model::DeviceUse& use) {
    if (spec.kind_of(use.device) == model::DeviceKind::pci)
        return use.protocol == model::DeviceProtocol::can ? "pci can" : "pci";
    if (const auto kind = spec.kind_of(use.device);
        kind == model::DeviceKind::usb || kind == model::DeviceKind::can)
        return to_string(kind);
    return use.protocol == model::DeviceProtocol::slcan ? "slcan" : "serial";
}

bool is_movable(const Spec& spec, const model::DeviceUse& use) {
    return spec.kind_of(use.device) != model::DeviceKind::pci;
}

// In the order of the spec: the guest's ttyS1, ttyS2, ... follow from it. Of each, what its start fixes; of a
// line, what the guest is told: the rest changes without a start.
std::string devices(const Spec& spec, const Partition& partition) {
    Lines lines;
    for (const auto& use : partition.devices) {
        const auto* device = spec.find(use.device);
        const bool is_fixed = device != nullptr && !is_movable(spec, use);
        lines.add("device", use.device.str(), is_fixed ? device->at : "", model::guest_setting(use.line),
                  mode_of(spec, use), use.bitrate);
    }
    return lines.digest();
}

template <class T, class Key>
std::vector<T> sorted(std::vector<T> items, Key key) {
    std::ranges::sort(items, {}, key);
    return items;
}

// Its own addresses, and every conduit that it is an end of, with the other end's addresses. The reason of a
// conduit is for people and changes nothing.
std::string switch_policy(const Spec& spec, const Partition& partition) {
    Lines lines;
    const auto add_address6 = [&](const std::optional<model::Ipv6>& address) {
        if (address) lines.add("address6", to_string(*address));
    };
    const auto add_interface = [&](const std::string& name, const model::Interface& interface) {
        const auto* zone = spec.find(interface.zone);
        lines.add(interface.mirror ? "mirror" : "interface", name, interface.zone.str(),
                  to_string(interface.address), zone == nullptr ? "" : to_string(zone->subnet),
                  zone == nullptr ? "" : zone->tenant.str());
        add_address6(interface.address6);
        if (interface.rate != 0) lines.add("rate", interface.rate);
        if (interface.dhcp) lines.add("dhcp");
    };
    const auto add_end = [&](const model::EndName& name) {
        if (const auto* one = spec.find(model::PartitionName(name.str())))
            for (const auto& interface : one->interfaces) add_interface(name.str(), interface);
        if (const auto* outside = spec.find_outside(name)) {
            lines.add("outside", name.str());
            for (const auto& prefix : sorted(outside->prefixes, [](const auto& one) { return one; }))
                lines.add("prefix", to_string(prefix));
        }
        const auto [host, zone] = spec.find_host(name);
        if (host == nullptr) return;
        lines.add("host", name.str(), zone->name.str(), to_string(host->mac), to_string(host->address),
                  zone->wire->interface, zone->wire->vlan);
        add_address6(host->address6);
    };
    const model::EndName self(partition.name.str());
    add_end(self);
    for (const auto& conduit : sorted(spec.conduits, &model::Conduit::name)) {
        const bool mirrored = conduit.mirror == partition.name;
        if (conduit.from != self && conduit.to != self && !mirrored) continue;
        lines.add("conduit", conduit.name.str(), conduit.from.str(), conduit.to.str());
        if (conduit.rate != 0) lines.add("rate", conduit.rate);
        if (conduit.mirror) lines.add("copies", conduit.mirror->str());
        for (const auto& service : sorted(conduit.allow, [](const auto& one) { return one; }))
            lines.add("allow", to_string(service));
        if (conduit.from != self) add_end(conduit.from);
        if (conduit.to != self) add_end(conduit.to);
    }
    return lines.digest();
}

std::string application(const Partition& partition) {
    Lines lines;
    if (partition.application) {
        const auto& bundle = partition.application->bundle;
        lines.add("application", partition.application->path);
        if (bundle) lines.add("bundle", bundle->str());
        for (const auto& [key, value] : partition.application->config) lines.add("config", key, value);
    }
    return lines.digest();
}

std::string limits(const Partition& partition) {
    Lines lines;
    lines.add("tenant", partition.tenant.str());
    lines.add("cpus", partition.cpus);
    lines.add("memory", partition.memory.count);
    lines.add("io-weight", partition.io_weight);
    for (const unsigned cpu : partition.pin) lines.add("pin", cpu);
    for (const auto& volume : partition.volumes)
        lines.add("volume", volume.name.str(), volume.size.count, volume.mount);
    return lines.digest();
}

}  // namespace

Places places_of(const Spec& spec, const Partition& partition) {
    Places places;
    for (const auto& use : partition.devices)
        if (const auto* device = spec.find(use.device); device != nullptr && is_movable(spec, use))
            places[use.device] = device->at;
    return places;
}

std::string places_fact(const Places& places) {
    Lines lines;
    for (const auto& [device, at] : places) lines.add("place", device.str(), at);
    return lines.digest();
}

std::map<std::string, std::string> spec_facts(const Spec& spec, const Partition& partition) {
    std::map<std::string, std::string> facts{{"devices", devices(spec, partition)},
                                             {"switch_policy", switch_policy(spec, partition)},
                                             {"application", application(partition)},
                                             {"limits", limits(partition)}};
    if (const auto places = places_of(spec, partition); !places.empty())
        facts["places"] = places_fact(places);
    return facts;
}

}  // namespace bulkhead::attestation
