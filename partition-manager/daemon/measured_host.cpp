#include "partition-manager/daemon/measured_host.hpp"

#include "base/log.hpp"
#include "partition-manager/hypervisor/reach.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::daemon {
namespace {

constexpr const char* firmware_log = "/sys/kernel/security/tpm0/binary_bios_measurements";

}  // namespace

UsableTpm open_tpm(const std::string& tcti) {
    if (tcti.empty()) return {nullptr, "no TPM on this host"};
    auto anchor = trust::HostAnchor::open(tcti);
    if (anchor) return {std::move(*anchor), {}};
    log::error("the host's TPM can't be used: nothing is measured",
               {{"tpm", tcti}, {"error", anchor.error().text()}});
    return {nullptr, "the host's TPM can't be used: " + anchor.error().text()};
}

Result<std::unique_ptr<MeasuredHost>> MeasuredHost::open(Parts given,
                                                         std::unique_ptr<trust::HostAnchor> anchor) {
    std::unique_ptr<MeasuredHost> host(new MeasuredHost(std::move(given)));
    const Parts& parts = host->parts_;
    host->anchor_ = std::move(anchor);
    BULKHEAD_TRY_ASSIGN(const auto boot, trust::boot_facts(*host->anchor_));
    BULKHEAD_TRY_ASSIGN(host->log_,
                        trust::MeasurementLog::open(
                            parts.database, *host->anchor_, boot_id(), boot,
                            [record = parts.record](const std::string& code, const std::string& text) {
                                log::warning(text);
                                record({code, "manager", {}, {}, {}, text});
                            }));
    host->vtpms_ = std::make_unique<trust::Vtpms>(host->vtpm_options(), parts.database, *host->anchor_);
    std::set<std::string> uids;
    BULKHEAD_TRY_ASSIGN(const auto known, parts.store.uids());
    for (const auto& [name, uid] : known) uids.insert(uid);
    BULKHEAD_TRY(host->vtpms_->retain(uids));
    BULKHEAD_TRY_ASSIGN(host->measurer_,
                        trust::Measurer::open({parts.database, *host->log_, *host->vtpms_,
                                               [own = host.get()](const std::filesystem::path& path) {
                                                   return own->digests_.of(path);
                                               },
                                               parts.options.swtpm, parts.spec}));
    host->attester_ = std::make_unique<trust::Attester>(host->attester_parts());
    host->prover_ = std::make_unique<Worker>("attest");
    return host;
}

Result<std::string> MeasuredHost::references(const model::Spec& spec,
                                             std::map<model::ImageName, model::Image> images, bool offloads,
                                             hypervisor::MachineDriver& machines) {
    plan::Known known;
    known.tpm = true;
    known.offloads = offloads;
    known.images = std::move(images);
    BULKHEAD_TRY_ASSIGN(known.uids, parts_.store.uids());
    for (const auto& partition : spec.partitions)
        if (auto& uid = known.uids[partition.name]; uid.empty()) uid = apply::new_uuid();
    BULKHEAD_TRY_ASSIGN(const auto desired, plan::render(spec, known));
    std::vector<model::MachineFacts> machine_facts;
    for (const auto& [name, machine] : desired.machines) {
        BULKHEAD_TRY_ASSIGN(auto facts, machines.facts_of(machine));
        machine_facts.push_back(std::move(facts));
    }
    BULKHEAD_TRY_ASSIGN(const auto found, measurer_->references(machine_facts, spec));
    return attestation::to_json(found);
}

trust::Vtpms::Options MeasuredHost::vtpm_options() const {
    return {parts_.options.layout,
            parts_.options.swtpm,
            [this](const std::vector<std::string>& argv, const std::vector<int>& fds, uid_t user) {
                return parts_.launcher.start(argv, {fds, user});
            },
            first_own_user,
            own_users,
            hypervisor::qemu_user_id()};
}

trust::Attester::Parts MeasuredHost::attester_parts() {
    const bool hardware = parts_.options.tpm.starts_with("device:");
    return {parts_.loop,
            anchor_->ak_name(),
            [this](std::string_view qualifying, const std::vector<unsigned>& pcrs) {
                return anchor_->quote(qualifying, pcrs);
            },
            *log_,
            *measurer_,
            [this](const model::PartitionName& partition, const agent::v1::QuoteRequest& request,
                   std::function<void(trust::GuestQuote)> done) {
                return parts_.guests.ask_quote(
                    partition, request, [done = std::move(done)](const lifecycle::QuoteAnswer& answer) {
                        done({answer.error, answer.attest, answer.signature, answer.pcrs, answer.ak_public,
                              answer.ek_public});
                    });
            },
            [this](const model::PartitionName& partition, const agent::v1::ActivateRequest& request,
                   std::function<void(trust::GuestActivation)> done) {
                return parts_.guests.ask_activation(
                    partition, request, [done = std::move(done)](const lifecycle::ActivateAnswer& answer) {
                        done({answer.error, answer.activated});
                    });
            },
            [this](std::function<void()> work) {
                if (prover_) prover_->submit(std::move(work));
            },
            hardware ? std::filesystem::path(firmware_log) : std::filesystem::path()};
}

}  // namespace bulkhead::daemon
