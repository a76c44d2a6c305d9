#include "attestation/log_check.hpp"

#include <array>

#include "attestation/log_reader.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::attestation {
namespace {

constexpr std::array host_facts = {"kernel", "command_line", "bulkheadd"};

// Of a start that runs: the fact is now what the record says.
void change(QuotedLog& log, const Record& record, const std::string& name) {
    if (const auto start = log.running.find(fact(record, "uuid")); start != log.running.end())
        start->second.facts[name] = fact(record, name);
}

void take(QuotedLog& log, const Record& record) {
    const std::string& uuid = fact(record, "uuid");
    switch (record.type) {
        case RecordType::boot:
            log.boot = record;
            break;
        case RecordType::partition_start:
            log.running[uuid] = record;
            break;
        case RecordType::partition_stop:
            log.running.erase(uuid);
            break;
        case RecordType::net_change:
            change(log, record, "switch_policy");
            break;
        case RecordType::device_change:
            change(log, record, "places");
            break;
    }
}

Finding about_log(const Reason& reason, std::string_view quoted, std::string_view replayed) {
    Finding finding = finding_of(reason, crypto::to_hex(quoted), crypto::to_hex(replayed));
    finding.pcr = std::to_string(measurement_pcr);
    return finding;
}

// No prefix of the log leads to the quoted value. What an earlier round saw of the same boot tells why.
Finding why_not(const std::vector<Record>& records, std::string_view boot_id, std::string_view quoted,
                const KnownHost& known) {
    const std::string replayed = replay(records);
    if (known.boot_id != boot_id || known.records == 0)
        return about_log(reason::log_not_quoted, quoted, replayed);
    if (records.size() < known.records) return about_log(reason::log_truncated, quoted, replayed);
    const std::vector<Record> seen(records.begin(),
                                   records.begin() + static_cast<std::ptrdiff_t>(known.records));
    if (crypto::to_hex(replay(seen)) != known.replayed)
        return about_log(reason::log_rewritten, quoted, replayed);
    return about_log(reason::pcr_extended_outside, quoted, replayed);
}

}  // namespace

const std::string& fact(const Record& record, std::string_view name) {
    static const std::string none;
    const auto found = record.facts.find(std::string(name));
    return found == record.facts.end() ? none : found->second;
}

Finding about_fact(const Reason& reason, const Record& record, const std::string& name,
                   std::string expected) {
    Finding finding = finding_of(reason, std::move(expected), fact(record, name));
    finding.text += ": " + name;
    finding.pcr = std::to_string(measurement_pcr);
    finding.record = describe(record);
    return finding;
}

Checked<> check_allowed(const Reason& reason, const Record& record, const std::string& name,
                        const std::map<std::string, std::set<std::string>>& allowed) {
    const auto values = allowed.find(name);
    if (values == allowed.end() || values->second.empty())
        return std::unexpected(about_fact(reason::no_reference, record, name, {}));
    if (values->second.contains(fact(record, name))) return {};
    return std::unexpected(about_fact(reason, record, name, *values->second.begin()));
}

std::map<std::string, Record> running_after(const std::vector<Record>& records) {
    QuotedLog log;
    for (const Record& record : records) take(log, record);
    return log.running;
}

Checked<QuotedLog> check_log(std::string_view log, std::string_view boot_id, std::string_view quoted_pcr,
                             std::uint32_t reset_count, const KnownHost& known) {
    BULKHEAD_TRY_ASSIGN(const std::vector<Record> records, read_log(log));
    if (records.front().boot_id != boot_id)
        return refuse(reason::boot_id_differs, std::string(boot_id), records.front().boot_id);
    QuotedLog quoted{.pcr = std::string(quoted_pcr.size(), '\0')};
    if (quoted.pcr == quoted_pcr)
        return std::unexpected(about_log(reason::boot_not_measured, quoted_pcr, replay(records)));
    while (quoted.pcr != quoted_pcr) {
        if (quoted.records == records.size())
            return std::unexpected(why_not(records, boot_id, quoted_pcr, known));
        const Record& record = records[quoted.records++];
        quoted.pcr = extended(quoted.pcr, record);
        take(quoted, record);
    }
    if (const std::string wanted = std::to_string(reset_count); fact(quoted.boot, "reset_count") != wanted)
        return std::unexpected(about_fact(reason::boot_record_stale, quoted.boot, "reset_count", wanted));
    return quoted;
}

Checked<> check_boot(const Record& boot, const References& references) {
    for (const char* name : host_facts)
        BULKHEAD_TRY(check_allowed(reason::host_differs, boot, name, references.host));
    // More that IT chose to pin.
    for (const auto& [name, values] : references.host)
        BULKHEAD_TRY(check_allowed(reason::host_differs, boot, name, references.host));
    return {};
}

}  // namespace bulkhead::attestation
