// What the host measured into PCR 13, as a TCG Canonical Event Log (CEL-CBOR): one record for each boot,
// start and stop. A record's digest is SHA-256 over the exact bytes of its content, which hold type, sequence
// and boot id, so that no record can be moved, repeated or taken from another boot. Bounded reader: hostile
// input.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::attestation {

inline constexpr unsigned measurement_pcr = 13;
inline constexpr std::size_t log_limit = std::size_t{1024} * 1024;  // bytes
inline constexpr std::size_t record_limit = 16 * 1024;

enum class RecordType { boot, partition_start, partition_stop, net_change, device_change };
// BOOT, PARTITION_START, PARTITION_STOP, NET_CHANGE, DEVICE_CHANGE
std::string_view to_string(RecordType type);

// Facts are named digests (lower-case hexadecimal) and short texts of at most 1024 bytes; at most 64. Of a
// BOOT: kernel, command_line, bulkheadd, reset_count. Of a PARTITION_START: uuid, partition, start_number,
// kernel, initrd, command_line, image, argv, qemu, swtpm, firmware, devices, places, switch_policy,
// application, vek_name, limits. Of a PARTITION_STOP: uuid, partition, start_number. Of a NET_CHANGE, which
// is made when conduits change under a running partition: uuid, partition, switch_policy. Of a DEVICE_CHANGE,
// which is made when a running partition has a device at another place: uuid, partition, places.
// reset_count and start_number are decimal; reset_count is that of the TPM that is quoted; vek_name is the
// hexadecimal Name.
struct Record {
    std::uint64_t sequence = 0;  // from 0, which is a BOOT
    RecordType type = RecordType::boot;
    std::string boot_id;
    std::map<std::string, std::string> facts;
    bool operator==(const Record&) const = default;
};

// The content that is measured, and its SHA-256 (32 bytes).
std::string encode_content(const Record& record);
std::string content_digest(std::string_view content);
// The CEL-CBOR record around a content: recnum, pcr, digests, content.
std::string encode_record(const Record& record);

// Reads a whole log. Errors name the record and what is wrong with it: unknown or trailing bytes, unknown
// type, a sequence that jumps, another boot id, a digest that is not that of its content.
Result<std::vector<Record>> parse_log(std::string_view log);
// PCR 13 (32 bytes) after these records, from zero.
std::string replay(const std::vector<Record>& records);

}  // namespace bulkhead::attestation
