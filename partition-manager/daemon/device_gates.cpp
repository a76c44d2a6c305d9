#include "partition-manager/daemon/device_gates.hpp"

#include <chrono>
#include <limits>
#include <optional>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "passthrough/owner_connection.hpp"
#include "passthrough/owner_control.hpp"

namespace bulkhead::daemon {
namespace {

using namespace std::chrono_literals;
using passthrough::Gate;

constexpr std::size_t longest_record = 64;
constexpr std::chrono::milliseconds closing_deadline = 2s;

Gate after_loss(model::OnLoss on_loss, Gate last) {
    switch (on_loss) {
        case model::OnLoss::keep:
            return last;
        case model::OnLoss::receive_only:
            return Gate::receive_only;
        case model::OnLoss::detach:
            return Gate::closed;
    }
    return Gate::closed;
}

std::optional<Gate> parse_gate(std::string_view text) {
    for (const auto gate : {Gate::open, Gate::closed, Gate::receive_only})
        if (text == to_string(gate)) return gate;
    return std::nullopt;
}

}  // namespace

Grant judge(const Grant& last, const model::DeviceTerms& terms, const v1alpha1::AttestationView& view,
            std::uint64_t start) {
    if (!terms.trusted) return {start, Gate::open};
    if (start == 0) return {};
    const bool of_this_start = view.start_number() == start;
    if (of_this_start && view.attestation() == "trusted") return {start, Gate::open};
    if (last.start != start) return {start, Gate::closed};
    // An alarm names a start only if it got as far as that.
    const bool alarm = view.attestation() == "untrusted" && (of_this_start || view.start_number() == 0);
    if (!alarm || last.gate == Gate::closed) return last;
    return {start, after_loss(terms.on_loss, last.gate)};
}

Gate DeviceGates::of(const model::PartitionName& partition, const model::DeviceUse& use) {
    if (!use.terms.trusted) return Gate::open;
    const std::scoped_lock lock(mutex_);
    const auto [known, fresh] = grants_.try_emplace(use.device);
    if (fresh) known->second = read(use.device);
    const Grant now = judge(known->second, use.terms, results_.view(partition.str()), start_of_(partition));
    if (now != known->second) write(use.device, now);
    known->second = now;
    return now.gate;
}

Result<> DeviceGates::before_start(const model::Spec* spec, const model::PartitionName& partition,
                                   const std::function<Result<>()>& put_on_record) const {
    BULKHEAD_TRY(put_on_record());
    return spec == nullptr ? Result<>() : close(*spec, partition);
}

Result<> DeviceGates::close(const model::Spec& spec, const model::PartitionName& name) const {
    const auto* partition = spec.find(name);
    if (partition == nullptr) return {};
    for (const auto& use : partition->devices) {
        if (!use.terms.trusted) continue;
        auto owner = passthrough::OwnerConnection::open(
            passthrough::owner_control(layout_, spec.kind_of(use.device), use.device));
        // One that is not there begins with a closed gate.
        if (!owner) continue;
        BULKHEAD_TRY(owner->set(Gate::closed, closing_deadline));
    }
    return {};
}

// "12 open". Whatever can't be read grants nothing.
Grant DeviceGates::read(const model::DeviceName& device) const {
    const auto text = read_file(layout_.gate(device), longest_record);
    if (!text) return {};
    const auto space = text->find(' ');
    const auto start = parse_number(text->substr(0, space), 1, std::numeric_limits<std::uint64_t>::max());
    const auto gate = space == std::string::npos ? std::nullopt : parse_gate(text->substr(space + 1));
    return start && gate ? Grant{*start, *gate} : Grant{};
}

void DeviceGates::write(const model::DeviceName& device, const Grant& grant) const {
    const auto path = layout_.gate(device);
    auto written = make_folder(path.parent_path(), 0700);
    if (written)
        written = write_file_atomically(
            path, std::to_string(grant.start) + " " + std::string(to_string(grant.gate)), 0600);
    if (!written)
        log::error("a device's gate is not written down: it will be closed if the manager starts again",
                   {{"device", device.str()}, {"error", written.error().text()}});
}

}  // namespace bulkhead::daemon
