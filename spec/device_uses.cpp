#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// S0 to S8 of the SLCAN (Lawicel) protocol, in bits per second.
constexpr std::array<std::uint32_t, 9> slcan_bitrates{10'000,  20'000,  50'000,  100'000,  125'000,
                                                      250'000, 500'000, 800'000, 1'000'000};

// Who uses each device: the partition's name, and the path of the use.
using Owners = std::map<std::string, std::pair<std::string, std::string>>;

void check_owner(Validation& run, const std::string& path, const std::string& device,
                 const std::string& partition, Owners& owners) {
    if (run.devices.refer(run.findings, path, device) == Declared::npos) return;
    const auto [owner, fresh] = owners.try_emplace(device, partition, path);
    if (fresh) return;
    const auto& [name, place] = owner->second;
    run.findings.add(
        path, "device " + in_quotes(device) + " is in use by partition " + in_quotes(name) + " already",
        "one use per device", "remove it here or at " + run.findings.place(place));
}

void check_line(Validation& run, const std::string& path, const std::string& text, model::DeviceUse& out) {
    if (text.empty()) return missing(run.findings, path, "a serial line setting such as 9600 8N1");
    if (const auto line = model::parse_serial_line(text))
        out.line = *line;
    else
        run.findings.add(path, line.error());
}

void check_protocol(Validation& run, const std::string& path, const v1alpha1::DeviceUse& in,
                    model::DeviceUse& out) {
    const std::string bitrate = path + ".bitrate";
    if (in.protocol() != v1alpha1::DeviceUse::slcan) {
        if (run.findings.has(bitrate))
            run.findings.add(bitrate, "bitrate is of a CAN bus, and this is a serial line", {},
                             "remove it, or add protocol: slcan");
        return;
    }
    out.protocol = model::DeviceProtocol::slcan;
    out.bitrate = in.bitrate();
    std::vector<std::string> known;
    for (const auto rate : slcan_bitrates) known.push_back(std::to_string(rate));
    if (!run.findings.has(bitrate))
        missing(run.findings, bitrate, one_of(known) + " with protocol: slcan");
    else if (std::ranges::find(slcan_bitrates, in.bitrate()) == slcan_bitrates.end())
        run.findings.add(bitrate, "no SLCAN adapter runs a bus at " + std::to_string(in.bitrate()) + " bit/s",
                         one_of(known));
}

}  // namespace

void validate_device_uses(Validation& run) {
    Owners owners;
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& in = run.in.partitions(static_cast<int>(i));
        const std::string list = item("partitions", i) + ".devices";
        const auto count = check_count(run.findings, list, in.devices_size(), most::serial_devices);
        for (std::size_t j = 0; j < count; ++j) {
            const auto& use = in.devices(static_cast<int>(j));
            const std::string path = item(list, j);
            model::DeviceUse out{.device = model::DeviceName(use.device())};
            check_owner(run, path + ".device", use.device(), in.name(), owners);
            check_line(run, path + ".line", use.line(), out);
            check_protocol(run, path, use, out);
            run.out.partitions[i].devices.push_back(std::move(out));
        }
    }
}

}  // namespace bulkhead::spec
