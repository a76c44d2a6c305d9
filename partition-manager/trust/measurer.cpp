#include "partition-manager/trust/measurer.hpp"

#include <fcntl.h>
#include <sys/utsname.h>

#include "attestation/wire/attest.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "storage/value.hpp"

namespace bulkhead::trust {
namespace {

using attestation::RecordType;
using storage::as_number;
using storage::Value;

constexpr std::size_t command_line_limit = 64 * 1024;

std::string spec_fact(const std::map<std::string, std::string>& facts, const std::string& name) {
    const auto found = facts.find(name);
    return found == facts.end() ? std::string() : found->second;
}

}  // namespace

Result<MeasurementLog::Facts> boot_facts(HostAnchor& host) {
    MeasurementLog::Facts facts;
    utsname kernel{};
    if (::uname(&kernel) != 0) return fail_errno("can't ask the kernel for its version");
    BULKHEAD_TRY_ASSIGN(facts["kernel"], crypto::sha256(std::string(kernel.release) + " " + kernel.version +
                                                        " " + kernel.machine));
    BULKHEAD_TRY_ASSIGN(const auto command_line, read_file("/proc/cmdline", command_line_limit));
    BULKHEAD_TRY_ASSIGN(facts["command_line"], crypto::sha256(trimmed(command_line)));
    BULKHEAD_TRY_ASSIGN(const Fd self, open_file("/proc/self/exe", O_RDONLY));
    BULKHEAD_TRY_ASSIGN(facts["bulkheadd"], crypto::sha256_of_rest(self.get(), "/proc/self/exe"));
    BULKHEAD_TRY_ASSIGN(const auto quote, host.quote(std::string(32, '\0'), {attestation::measurement_pcr}));
    BULKHEAD_TRY_ASSIGN(const auto attest, attestation::wire::parse_attest(quote.attest));
    facts["reset_count"] = std::to_string(attest.reset_count);
    return facts;
}

Result<std::unique_ptr<Measurer>> Measurer::open(Parts parts) {
    std::unique_ptr<Measurer> measurer(new Measurer(std::move(parts)));
    BULKHEAD_TRY(measurer->read_runs());
    if (auto ended = measurer->end_unstarted(); !ended)
        log::error("can't measure", {{"error", ended.error().text()}});
    return measurer;
}

// Starts that were measured and then not carried out, because the manager died in between.
Result<> Measurer::end_unstarted() {
    const auto records = attestation::parse_log(parts_.log.bytes());
    if (!records) return {};  // an empty one, or one that was reported when it was opened
    std::map<std::string, MeasurementLog::Facts> started;
    for (const auto& record : *records) {
        const auto uuid = spec_fact(record.facts, "uuid");
        if (record.type == RecordType::partition_start)
            started[uuid] = record.facts;
        else if (record.type == RecordType::partition_stop)
            started.erase(uuid);
    }
    for (const auto& [uuid, facts] : started)
        if (!runs_.contains(uuid))
            BULKHEAD_TRY(parts_.log.append(RecordType::partition_stop,
                                           {{"uuid", uuid},
                                            {"partition", spec_fact(facts, "partition")},
                                            {"start_number", spec_fact(facts, "start_number")}}));
    return {};
}

Result<> Measurer::read_runs() {
    BULKHEAD_TRY_ASSIGN(
        const auto rows,
        parts_.database.query("SELECT uid, partition, start_number, switch_policy, endorsement "
                              "FROM measured_run"));
    for (const auto& row : rows) {
        Run run{.partition = model::PartitionName(row.text(1)),
                .start_number = static_cast<std::uint64_t>(row.number(2)),
                .switch_policy = row.text(3)};
        BULKHEAD_TRY_ASSIGN(const auto bytes, crypto::from_hex(row.text(4), "endorsement"));
        if (!run.endorsement.ParseFromString(bytes))
            return fail(Code::corrupt, "an endorsement can't be read", "measured_run " + row.text(0));
        runs_.emplace(row.text(0), std::move(run));
    }
    return read_places();
}

Result<> Measurer::read_places() {
    BULKHEAD_TRY_ASSIGN(const auto rows, parts_.database.query("SELECT uid, device, at FROM measured_place"));
    for (const auto& row : rows) runs_[row.text(0)].places[model::DeviceName(row.text(1))] = row.text(2);
    return {};
}

Result<std::map<std::string, std::string>> Measurer::digests_of(const model::MachineFacts& facts) {
    std::map<std::string, std::string> digests;
    BULKHEAD_TRY_ASSIGN(digests["kernel"], parts_.digest(facts.kernel));
    BULKHEAD_TRY_ASSIGN(digests["initrd"], parts_.digest(facts.initrd));
    BULKHEAD_TRY_ASSIGN(digests["command_line"], crypto::sha256(facts.command_line));
    digests["image"] = facts.image_digest;
    BULKHEAD_TRY_ASSIGN(digests["argv"], crypto::sha256(facts.emulator_command));
    BULKHEAD_TRY_ASSIGN(digests["qemu"], parts_.digest(facts.emulator));
    BULKHEAD_TRY_ASSIGN(digests["swtpm"], parts_.digest(parts_.swtpm));
    BULKHEAD_TRY_ASSIGN(digests["firmware"], parts_.digest(facts.firmware));
    return digests;
}

Result<std::uint64_t> Measurer::next_start(const std::string& uid) {
    BULKHEAD_TRY(parts_.database.run("UPDATE vtpm SET starts = starts + 1 WHERE uid = ?", {Value{uid}}));
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        parts_.database.query("SELECT starts FROM vtpm WHERE uid = ?", {Value{uid}}));
    if (rows.empty()) return fail(Code::internal, "a start without a TPM", uid);
    return static_cast<std::uint64_t>(rows.front().number(0));
}

Result<> Measurer::before_start(const model::MachineFacts& facts) {
    const auto spec = parts_.spec();
    const auto* partition = spec ? spec->find(facts.partition) : nullptr;
    if (partition == nullptr)
        return fail(Code::conflict, "is in no spec: its start can't be measured", facts.partition.str());
    if (!facts.tpm)
        return fail(Code::conflict, "is defined without a TPM", facts.partition.str(),
                    "one, as this host has one", "apply the spec again");
    // A start that follows a stop which nobody has seen yet.
    if (const auto before = runs_.find(facts.uid); before != runs_.end()) {
        const Run ended = before->second;
        BULKHEAD_TRY(note_stop(facts.uid, ended));
    }
    BULKHEAD_TRY_ASSIGN(auto record, digests_of(facts));
    BULKHEAD_TRY_ASSIGN(auto endorsement, parts_.vtpms.start(facts.partition, facts.uid));
    BULKHEAD_TRY_ASSIGN(const auto start_number, next_start(facts.uid));
    record.merge(attestation::spec_facts(*spec, *partition));
    record["uuid"] = facts.uid;
    record["partition"] = facts.partition.str();
    record["start_number"] = std::to_string(start_number);
    record["vek_name"] = crypto::to_hex(endorsement.vek_name());
    const auto policy = record["switch_policy"];
    BULKHEAD_TRY(parts_.log.append(RecordType::partition_start, std::move(record)));
    return note_run(facts.uid, {facts.partition, start_number, policy,
                                attestation::places_of(*spec, *partition), std::move(endorsement)});
}

// The places go with the row that is replaced.
Result<> Measurer::note_run(const std::string& uid, const Run& run) {
    const auto written = parts_.database.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.database.run(
            "INSERT OR REPLACE INTO measured_run VALUES (?, ?, ?, ?, ?)",
            {Value{uid}, Value{run.partition.str()}, as_number(run.start_number), Value{run.switch_policy},
             Value{crypto::to_hex(run.endorsement.SerializeAsString())}}));
        for (const auto& [device, at] : run.places)
            BULKHEAD_TRY(parts_.database.run("INSERT INTO measured_place VALUES (?, ?, ?)",
                                             {Value{uid}, Value{device.str()}, Value{at}}));
        return {};
    });
    BULKHEAD_TRY(written);
    set(uid, &run);
    return {};
}

Result<> Measurer::note_stop(const std::string& uid, const Run& run) {
    parts_.vtpms.stop(run.partition);
    BULKHEAD_TRY(
        parts_.log.append(RecordType::partition_stop, {{"uuid", uid},
                                                       {"partition", run.partition.str()},
                                                       {"start_number", std::to_string(run.start_number)}}));
    BULKHEAD_TRY(parts_.database.run("DELETE FROM measured_run WHERE uid = ?", {Value{uid}}));
    set(uid, nullptr);
    return {};
}

void Measurer::set(const std::string& uid, const Run* run) {
    const std::scoped_lock lock(mutex_);
    if (run == nullptr)
        runs_.erase(uid);
    else
        runs_[uid] = *run;
}

// A stop that can't be written down leaves a log that claims too much, and the console hears no quote of it:
// no reason to stop managing the gateway. It is tried again with the next look.
void Measurer::follow(const model::Observed& observed) {
    for (const auto& [uid, run] : runs())
        if (auto followed = follow_run(observed, uid, run); !followed)
            log::error("can't measure",
                       {{"partition", run.partition.str()}, {"error", followed.error().text()}});
}

Result<> Measurer::follow_run(const model::Observed& observed, const std::string& uid, Run run) {
    const auto machine = observed.machines.find(run.partition);
    if (machine == observed.machines.end() || machine->second.uid != uid ||
        machine->second.power == model::Power::off)
        return note_stop(uid, run);
    BULKHEAD_TRY(follow_places(observed, uid, run));
    const auto spec = parts_.spec();
    const auto* partition = spec ? spec->find(run.partition) : nullptr;
    if (partition == nullptr) return {};
    auto policy = spec_fact(attestation::spec_facts(*spec, *partition), "switch_policy");
    if (policy == run.switch_policy) return {};
    return note_net_change(uid, std::move(run), std::move(policy));
}

// Of what its machine has alone: a device that it gets beside is told by its next start.
Result<> Measurer::follow_places(const model::Observed& observed, const std::string& uid, Run& run) {
    auto places = run.places;
    for (auto& [device, at] : places)
        if (const auto seen = observed.assignments.find(device);
            seen != observed.assignments.end() && seen->second.assignment.partition == run.partition)
            at = seen->second.assignment.at;
    if (places == run.places) return {};
    run.places = std::move(places);
    BULKHEAD_TRY(
        parts_.log.append(RecordType::device_change, {{"uuid", uid},
                                                      {"partition", run.partition.str()},
                                                      {"places", attestation::places_fact(run.places)}}));
    return note_run(uid, run);
}

// Conduits change live. The record comes with the spec that asks for it; the rules follow within this
// operation.
Result<> Measurer::note_net_change(const std::string& uid, Run run, std::string switch_policy) {
    run.switch_policy = std::move(switch_policy);
    BULKHEAD_TRY(parts_.log.append(
        RecordType::net_change,
        {{"uuid", uid}, {"partition", run.partition.str()}, {"switch_policy", run.switch_policy}}));
    return note_run(uid, run);
}

Runs Measurer::runs() const {
    const std::scoped_lock lock(mutex_);
    return runs_;
}

std::uint64_t Measurer::start_of(const model::PartitionName& partition) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [uid, run] : runs_)
        if (run.partition == partition) return run.start_number;
    return 0;
}

Result<attestation::References> Measurer::references(const std::vector<model::MachineFacts>& machines,
                                                     const model::Spec& spec) {
    attestation::References references;
    if (const auto records = attestation::parse_log(parts_.log.bytes()); records && !records->empty())
        for (const char* name : {"kernel", "command_line", "bulkheadd"})
            if (const auto fact = records->front().facts.find(name); fact != records->front().facts.end())
                references.host[name].insert(fact->second);
    for (const auto& machine : machines) {
        const auto* partition = spec.find(machine.partition);
        if (partition == nullptr) continue;
        BULKHEAD_TRY_ASSIGN(const auto digests, digests_of(machine));
        for (const char* name : {"qemu", "swtpm", "firmware"})
            references.platform[name].insert(digests.at(name));
        for (const char* name : {"kernel", "initrd", "command_line", "image"})
            references.images[partition->image.str()][name] = digests.at(name);
        references.argv[machine.partition.str()] = digests.at("argv");
    }
    return references;
}

}  // namespace bulkhead::trust
