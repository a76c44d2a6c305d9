// The host's log against its quoted PCR 13: what was running when the quote was made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/event_log.hpp"
#include "attestation/reasons.hpp"
#include "attestation/verifier.hpp"

namespace bulkhead::attestation {

struct QuotedLog {
    Record boot;
    // PARTITION_STARTs without a later stop, by uuid. `switch_policy` is that of the latest NET_CHANGE,
    // and `places` that of the latest DEVICE_CHANGE.
    std::map<std::string, Record> running;
    std::uint64_t records = 0;  // that were quoted; what follows them in the log is not looked at
    std::string pcr;            // 32 bytes
};

// The log may be longer than what was quoted, never shorter.
Checked<QuotedLog> check_log(std::string_view log, std::string_view boot_id, std::string_view quoted_pcr,
                             std::uint32_t reset_count, const KnownHost& known);
// QuotedLog::running after these records.
std::map<std::string, Record> running_after(const std::vector<Record>& records);
// What the host runs against what IT signed.
Checked<> check_boot(const Record& boot, const References& references);

// A fact of a record; empty if it has none of that name.
const std::string& fact(const Record& record, std::string_view name);
// A finding about one fact of one record.
Finding about_fact(const Reason& reason, const Record& record, const std::string& name, std::string expected);
// That the fact has one of the allowed values; none allowed: no_reference.
Checked<> check_allowed(const Reason& reason, const Record& record, const std::string& name,
                        const std::map<std::string, std::set<std::string>>& allowed);

}  // namespace bulkhead::attestation
