// What a hostile guest can send: bytes -> frames -> checked messages. Whatever comes out must be bounded and
// fit for a terminal. The first byte chooses the chunk size, so that every boundary is met.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/frame.hpp"
#include "base/text.hpp"
#include "partition-manager/lifecycle/agent_message.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::lifecycle;

void require(bool condition) {
    if (!condition) std::abort();
}

void require_fit(const std::string& text, std::size_t limit) {
    require(text.size() <= limit && printable(text, limit) == text);
}

void inspect(std::string_view payload) {
    const auto message = decode_agent_message(payload);
    if (!message) return;
    if (const auto* hello = std::get_if<AgentHello>(&*message)) require_fit(hello->boot_id, 64);
    if (const auto* line = std::get_if<OutputLine>(&*message)) require_fit(line->text, 1024);
    if (const auto* quote = std::get_if<QuoteAnswer>(&*message)) {
        require_fit(quote->error, 256);
        require(quote->pcrs.size() <= 24 && quote->attest.size() <= 1024);
        for (const auto& pcr : quote->pcrs) require(pcr.size() <= 32);
    }
    if (const auto* answer = std::get_if<ActivateAnswer>(&*message)) require(answer->activated.size() <= 64);
    if (const auto* beat = std::get_if<AgentHeartbeat>(&*message)) {
        require(beat->disks.size() <= 16 && beat->devices.size() <= 16);
        for (const auto& disk : beat->disks) {
            require_fit(disk.volume, 64);
            require(disk.used_kib <= disk.total_kib);
        }
        require_fit(beat->application.degraded, 256);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t chunk = 1 + data[0];
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    FrameReader reader;
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
        reader.feed(bytes.subspan(at, std::min(chunk, bytes.size() - at)));
        while (const auto frame = reader.next()) {
            require(frame->payload.size() <= frame_payload_limit);
            inspect(frame->payload);
        }
    }
    // A fuzzer does not find CRC-32C by chance: also without frames.
    inspect({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return 0;
}
