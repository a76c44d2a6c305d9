#include "attestation/event_log.hpp"

#include <algorithm>
#include <array>

#include "attestation/cbor.hpp"
#include "attestation/log_reader.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::attestation {
namespace {

// Keys of a record: TCG Canonical Event Log 1.0, clause 5.2; the content's is ours, outside the assigned
// ones.
constexpr std::uint64_t key_recnum = 0;
constexpr std::uint64_t key_pcr = 1;
constexpr std::uint64_t key_digests = 3;
constexpr std::uint64_t key_content = 128;
constexpr std::uint64_t sha256 = 0x000b;  // TPM_ALG_ID
// Keys of a content.
constexpr std::uint64_t key_type = 0;
constexpr std::uint64_t key_sequence = 1;
constexpr std::uint64_t key_boot_id = 2;
constexpr std::uint64_t key_facts = 3;

constexpr std::size_t digest_size = 32;
constexpr std::size_t boot_id_limit = 64;
constexpr std::size_t fact_limit = 64;
constexpr std::size_t name_limit = 64;
constexpr std::size_t value_limit = 1024;
constexpr std::array types = {RecordType::boot, RecordType::partition_start, RecordType::partition_stop,
                              RecordType::net_change, RecordType::device_change};

// RFC 8949 clause 4.2.1: keys in the order of their encoded bytes, whose first says the length.
bool comes_before(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::unexpected<Finding> malformed(std::size_t index, const std::string& why) {
    Finding finding = finding_of(reason::log_malformed, {}, why);
    finding.record = std::to_string(index);
    return std::unexpected(finding);
}

std::unexpected<Finding> about(const Reason& reason, const Record& record, std::string expected,
                               std::string seen) {
    Finding finding = finding_of(reason, std::move(expected), std::move(seen));
    finding.pcr = std::to_string(measurement_pcr);
    finding.record = describe(record);
    return std::unexpected(finding);
}

Checked<Record> read_content(std::string_view content, std::size_t index) {
    CborReader reader(content);
    if (reader.map(4) != 4) reader.refuse("its content is not a map of four");
    reader.key(key_type);
    const std::string type(reader.text(name_limit));
    reader.key(key_sequence);
    Record record{.sequence = reader.number()};
    reader.key(key_boot_id);
    record.boot_id = reader.text(boot_id_limit);
    reader.key(key_facts);
    std::string last;
    for (std::size_t pairs = reader.map(fact_limit); pairs > 0 && !reader.failed(); --pairs) {
        const std::string name(reader.text(name_limit));
        const std::string value(reader.text(value_limit));
        if (!record.facts.empty() && !comes_before(last, name))
            reader.refuse("its facts are not in their order");
        record.facts[name] = value;
        last = name;
    }
    if (!reader.failed() && !reader.rest().empty()) reader.refuse("its content goes on behind its end");
    if (reader.failed()) return malformed(index, reader.why());
    const auto* known = std::ranges::find(types, type, [](RecordType one) { return to_string(one); });
    if (known == types.end()) {
        Finding finding = finding_of(reason::record_unknown, {}, type);
        finding.record = std::to_string(index);
        return std::unexpected(finding);
    }
    record.type = *known;
    return record;
}

Checked<Record> read_record(CborReader& reader, std::size_t index) {
    const std::size_t before = reader.rest().size();
    if (reader.map(4) != 4) reader.refuse("it is not a map of four");
    reader.key(key_recnum);
    const std::uint64_t recnum = reader.number();
    reader.key(key_pcr);
    const std::uint64_t pcr = reader.number();
    reader.key(key_digests);
    if (reader.map(1) != 1) reader.refuse("it has not one digest");
    reader.key(sha256);
    const std::string_view digest = reader.bytes(digest_size);
    reader.key(key_content);
    const std::string_view content = reader.bytes(record_limit);
    if (!reader.failed() && before - reader.rest().size() > record_limit) reader.refuse("it is too large");
    if (!reader.failed() && pcr != measurement_pcr) reader.refuse("it is of PCR " + std::to_string(pcr));
    if (reader.failed()) return malformed(index, reader.why());
    BULKHEAD_TRY_ASSIGN(Record record, read_content(content, index));
    if (const std::string right = content_digest(content); digest != right)
        return about(reason::record_forged, record, crypto::to_hex(right), crypto::to_hex(digest));
    if (recnum != index || record.sequence != index)
        return about(reason::record_order, record, std::to_string(index), std::to_string(recnum));
    if ((index == 0) != (record.type == RecordType::boot))
        return about(reason::record_order, record, "BOOT at the begin, and nowhere else",
                     std::string(to_string(record.type)));
    return record;
}

}  // namespace

std::string_view to_string(RecordType type) {
    switch (type) {
        case RecordType::boot:
            return "BOOT";
        case RecordType::partition_start:
            return "PARTITION_START";
        case RecordType::partition_stop:
            return "PARTITION_STOP";
        case RecordType::net_change:
            return "NET_CHANGE";
        case RecordType::device_change:
            return "DEVICE_CHANGE";
    }
    return "BOOT";
}

std::string describe(const Record& record) {
    std::string text = std::to_string(record.sequence) + " " + std::string(to_string(record.type));
    if (const auto partition = record.facts.find("partition"); partition != record.facts.end())
        text += " " + printable(partition->second, name_limit);
    return text;
}

std::string encode_content(const Record& record) {
    std::vector<std::pair<std::string_view, std::string_view>> facts(record.facts.begin(),
                                                                     record.facts.end());
    std::ranges::sort(facts, comes_before, [](const auto& fact) { return fact.first; });
    CborWriter writer;
    writer.map(4).number(key_type).text(to_string(record.type));
    writer.number(key_sequence).number(record.sequence).number(key_boot_id).text(record.boot_id);
    writer.number(key_facts).map(facts.size());
    for (const auto& [name, value] : facts) writer.text(name).text(value);
    return writer.take();
}

std::string content_digest(std::string_view content) {
    return crypto::sha256_raw(content);
}

std::string encode_record(const Record& record) {
    const std::string content = encode_content(record);
    CborWriter writer;
    writer.map(4).number(key_recnum).number(record.sequence).number(key_pcr).number(measurement_pcr);
    writer.number(key_digests).map(1).number(sha256).bytes(content_digest(content));
    writer.number(key_content).bytes(content);
    return writer.take();
}

Checked<std::vector<Record>> read_log(std::string_view log) {
    if (log.empty()) return refuse(reason::log_missing);
    if (log.size() > log_limit)
        return refuse(reason::log_too_large, std::to_string(log_limit), std::to_string(log.size()));
    CborReader reader(log);
    std::vector<Record> records;
    while (!reader.rest().empty()) {
        BULKHEAD_TRY_ASSIGN(Record record, read_record(reader, records.size()));
        if (!records.empty() && record.boot_id != records.front().boot_id)
            return about(reason::record_of_other_boot, record, records.front().boot_id, record.boot_id);
        records.push_back(std::move(record));
    }
    return records;
}

Result<std::vector<Record>> parse_log(std::string_view log) {
    auto records = read_log(log);
    if (records) return std::move(*records);
    const Finding& finding = records.error();
    return fail(Code::corrupt, finding.text + (finding.seen.empty() ? "" : ": " + finding.seen),
                finding.record.empty() ? "log" : "record " + finding.record, finding.expected);
}

std::string extended(std::string_view pcr, const Record& record) {
    return crypto::sha256_raw(std::string(pcr) + content_digest(encode_content(record)));
}

std::string replay(const std::vector<Record>& records) {
    std::string pcr(digest_size, '\0');
    for (const Record& record : records) pcr = extended(pcr, record);
    return pcr;
}

}  // namespace bulkhead::attestation
