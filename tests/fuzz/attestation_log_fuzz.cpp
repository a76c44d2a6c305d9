// The measured log, as a gateway may send it. What is taken has one encoding only, so writing it gives the
// same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "attestation/log_check.hpp"
#include "attestation/log_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bulkhead::attestation;
    const std::string_view log(reinterpret_cast<const char*>(data), size);
    const auto records = read_log(log);
    if (!records) {
        if (records.error().reason.empty() || records.error().seen.size() > 200) std::abort();
        return 0;
    }
    std::string again;
    for (const Record& record : *records) again += encode_record(record);
    if (again != log) std::abort();
    const auto checked = check_log(log, records->front().boot_id, replay(*records), 1, {});
    if (checked && checked->records != records->size()) std::abort();
    return 0;
}
