#include "partition-manager/trust/measurement_log.hpp"

#include <span>

#include "crypto/encoding.hpp"

namespace bulkhead::trust {
namespace {

using attestation::measurement_pcr;
using attestation::Record;
using attestation::RecordType;
using storage::Value;

const std::string zeros(32, '\0');

}  // namespace

Result<std::unique_ptr<MeasurementLog>> MeasurementLog::open(storage::Database& database, HostAnchor& host,
                                                             const std::string& boot_id, const Facts& boot,
                                                             Report report) {
    std::unique_ptr<MeasurementLog> log(new MeasurementLog(database, host, std::move(report)));
    BULKHEAD_TRY(log->read());
    BULKHEAD_TRY(log->agree(boot_id, boot));
    return log;
}

Result<> MeasurementLog::read() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT record FROM measurement ORDER BY sequence"));
    for (const auto& row : rows) {
        BULKHEAD_TRY_ASSIGN(const auto record, crypto::from_hex(row.text(0), "measurement"));
        bytes_ += record;
    }
    if (bytes_.empty()) return {};
    auto records = attestation::parse_log(bytes_);
    if (!records) {
        report_("attestation.log", "the measured log can't be read: " + records.error().text());
        outside_ = true;
        return {};
    }
    records_ = std::move(*records);
    boot_id_ = records_.front().boot_id;
    return {};
}

Result<> MeasurementLog::agree(const std::string& boot_id, const Facts& boot) {
    BULKHEAD_TRY_ASSIGN(const auto pcr, host_.read_pcr(measurement_pcr));
    if (pcr == zeros) {
        // Unless the crash came between the very first record and its extension.
        if (records_.size() == 1 && boot_id_ == boot_id) return extend(records_.front());
        return begin(boot_id, boot);
    }
    if (records_.empty()) {
        // Not ours, and nothing to compare with: a log of our own could never match.
        outside_ = true;
        boot_id_ = boot_id;
        report_("attestation.outside", "PCR 13 was extended before there was a log");
        return {};
    }
    if (attestation::replay(records_) == pcr) return {};
    auto before = records_;
    before.pop_back();
    if (attestation::replay(before) == pcr) return extend(records_.back());
    outside_ = true;
    report_("attestation.outside", "PCR 13 was extended outside the log: it is " + crypto::to_hex(pcr) +
                                       ", the log's " + std::to_string(records_.size()) + " records give " +
                                       crypto::to_hex(attestation::replay(records_)) +
                                       "; reboot the gateway to measure anew");
    return {};
}

Result<> MeasurementLog::begin(const std::string& boot_id, const Facts& boot) {
    records_.clear();
    bytes_.clear();
    outside_ = false;
    boot_id_ = boot_id;
    new_ = true;
    BULKHEAD_TRY(database_.script("DELETE FROM measurement; DELETE FROM measured_run;"));
    return append(RecordType::boot, boot);
}

Result<> MeasurementLog::extend(const Record& record) {
    return host_.extend(measurement_pcr, attestation::content_digest(attestation::encode_content(record)));
}

Result<> MeasurementLog::append(RecordType type, Facts facts) {
    const std::scoped_lock lock(mutex_);
    BULKHEAD_TRY(settle());
    const Record record{records_.size(), type, boot_id_, std::move(facts)};
    BULKHEAD_TRY(database_.run("INSERT INTO measurement VALUES (?, ?)",
                               {Value{static_cast<std::int64_t>(record.sequence)},
                                Value{crypto::to_hex(attestation::encode_record(record))}}));
    if (auto extended = extend(record); !extended) {
        unsettled_ = record;
        const auto before = records_.size();
        BULKHEAD_TRY(settle());
        return records_.size() > before ? Result<>() : extended;
    }
    take(record);
    return {};
}

void MeasurementLog::take(const Record& record) {
    records_.push_back(record);
    bytes_ += attestation::encode_record(record);
}

// The TPM may have extended and its answer been lost. Until it says which it was, the record stays on disk:
// the next open() brings both together.
Result<> MeasurementLog::settle() {
    if (!unsettled_) return {};
    BULKHEAD_TRY_ASSIGN(const auto pcr, host_.read_pcr(measurement_pcr));
    auto with = records_;
    with.push_back(*unsettled_);
    if (attestation::replay(with) == pcr)
        take(*unsettled_);
    else
        BULKHEAD_TRY(database_.run("DELETE FROM measurement WHERE sequence = ?",
                                   {Value{static_cast<std::int64_t>(unsettled_->sequence)}}));
    unsettled_.reset();
    return {};
}

std::string MeasurementLog::boot_id() const {
    const std::scoped_lock lock(mutex_);
    return boot_id_;
}

std::string MeasurementLog::bytes() const {
    const std::scoped_lock lock(mutex_);
    return bytes_;
}

bool MeasurementLog::extended_outside() const {
    const std::scoped_lock lock(mutex_);
    return outside_;
}

}  // namespace bulkhead::trust
