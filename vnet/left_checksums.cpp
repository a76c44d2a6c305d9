#include "vnet/left_checksums.hpp"

#include <bpf/libbpf.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "vnet/attachment.hpp"
#include "vnet/bpf/left_checksums.h"
#include "vnet/bpf/left_checksums.skel.h"
#include "vnet/bpf_error.hpp"
#include "vnet/explain/words.hpp"
#include "vnet/link.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet {
namespace {

constexpr int patience = 1000;  // milliseconds; the kernel has usually answered when the write returns

struct DestroySkeleton {
    void operator()(bulkhead_left_checksums* skeleton) const { bulkhead_left_checksums__destroy(skeleton); }
};
struct FreeRing {
    void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

// A tap with the program on what comes out of it.
class Probe {
  public:
    static Result<std::unique_ptr<Probe>> open();

    Result<std::optional<left_checksum>> ask(std::span<const std::uint8_t> frame, const VirtioHeader& header);

  private:
    Probe() = default;
    Result<> load();
    Result<> stand_on(const std::string& name);
    static int take(void* probe, void* answer, std::size_t size);

    std::unique_ptr<bulkhead_left_checksums, DestroySkeleton> skeleton_;
    std::unique_ptr<ring_buffer, FreeRing> answers_;
    Fd tap_;
    Fd link_;
    std::optional<left_checksum> answer_;
};

Result<std::unique_ptr<Probe>> Probe::open() {
    std::unique_ptr<Probe> probe(new Probe);
    BULKHEAD_TRY(probe->load());
    BULKHEAD_TRY(probe->stand_on("bhleft" + std::to_string(::getpid() % 10'000'000)));
    return probe;
}

Result<> Probe::load() {
    hush_libbpf();
    skeleton_.reset(bulkhead_left_checksums__open_and_load());
    if (!skeleton_) return fail_errno("the kernel refuses the program that asks about checksums");
    answers_.reset(ring_buffer__new(bpf_map__fd(skeleton_->maps.answers), take, this, nullptr));
    if (!answers_) return fail_errno("can't read the answers about checksums");
    return {};
}

Result<> Probe::stand_on(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(tap_, open_tap(name));
    BULKHEAD_TRY(hush(name));
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    BULKHEAD_TRY_ASSIGN(const auto link, links.find(name));
    if (!link) return fail(Code::internal, "a tap that was just made is gone", name);
    BULKHEAD_TRY_ASSIGN(link_, lend(link->ifindex, Side::ingress,
                                    bpf_program__fd(skeleton_->progs.look_at_checksum), best_means()));
    return links.set_up(*link, true);
}

int Probe::take(void* probe, void* answer, std::size_t size) {
    std::uint32_t said = left_unread;
    if (size == sizeof said) std::memcpy(&said, answer, sizeof said);
    static_cast<Probe*>(probe)->answer_ = static_cast<left_checksum>(said);
    return 0;
}

Result<std::optional<left_checksum>> Probe::ask(std::span<const std::uint8_t> frame,
                                                const VirtioHeader& header) {
    answer_.reset();
    VirtioHeader head = header;
    std::vector<std::uint8_t> body(frame.begin(), frame.end());
    const std::array<iovec, 2> parts{iovec{&head, sizeof head}, iovec{body.data(), body.size()}};
    if (::writev(tap_.get(), parts.data(), parts.size()) < 0) {
        if (errno == EINVAL) return std::nullopt;
        return fail_errno("can't send a frame about checksums");
    }
    int result = ring_buffer__consume(answers_.get());
    if (result == 0) result = ring_buffer__poll(answers_.get(), patience);
    if (result < 0) return fail_bpf(result, "can't read an answer about checksums");
    if (!answer_) return fail(Code::unavailable, "the kernel does not answer about checksums");
    return answer_;
}

struct Kind {
    std::string_view name;
    std::string_view words;
    unsigned start;             // of TCP or UDP in the frame
    unsigned offset;            // of the checksum in it
    std::uint8_t super_frames;  // of UDP: into fragments, which is to be refused
};
// Addresses for documentation, RFC 5737 and RFC 3849.
constexpr std::array kinds{
    Kind{"TCP over IPv4", "tcp 192.0.2.1:4000 > 192.0.2.2:4000 ack", 34, 16, gso_tcp4},
    Kind{"UDP over IPv4", "udp 192.0.2.1:4000 > 192.0.2.2:4000", 34, 6, gso_udp},
    Kind{"TCP over IPv6", "tcp [2001:db8::1]:4000 > [2001:db8::2]:4000 ack", 54, 16, gso_tcp6},
    Kind{"UDP over IPv6", "udp [2001:db8::1]:4000 > [2001:db8::2]:4000", 54, 6, gso_udp},
};

VirtioHeader left_at(unsigned start, unsigned offset) {
    VirtioHeader header;
    header.flags = needs_checksum;
    header.csum_start = static_cast<std::uint16_t>(start);
    header.csum_offset = static_cast<std::uint16_t>(offset);
    return header;
}

Result<std::vector<std::uint8_t>> frame_of(const Kind& kind, std::size_t payload) {
    BULKHEAD_TRY_ASSIGN(const auto words, explain::parse_words(kind.words));
    auto frame = explain::frame_of(words, {{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 0, 1}});
    frame.resize(frame.size() + payload);
    explain::settle_lengths(frame);
    return frame;
}

Result<> hides(const Kind& kind, const std::string& what) {
    return fail(Code::unsupported, "this kernel does not tell " + what + " of " + std::string(kind.name));
}

Result<> expect_in_place(const AskKernel& ask, const Kind& kind, std::span<const std::uint8_t> frame,
                         const VirtioHeader& header) {
    BULKHEAD_TRY_ASSIGN(const auto answer, ask(frame, header));
    return answer == left_in_place ? Result<>{} : hides(kind, "where a checksum ends that is left to do,");
}

// By the one number or by the other, of which a guest says both.
Result<> expect_elsewhere(const AskKernel& ask, const Kind& kind, std::span<const std::uint8_t> frame,
                          VirtioHeader header) {
    for (unsigned at = 0; at < kind.start + kind.offset; ++at)
        for (const auto& [start, offset] : {std::pair{at, 0U}, std::pair{0U, at}}) {
            header.csum_start = static_cast<std::uint16_t>(start);
            header.csum_offset = static_cast<std::uint16_t>(offset);
            BULKHEAD_TRY_ASSIGN(const auto answer, ask(frame, header));
            if (answer && answer != left_elsewhere)
                return hides(kind, "that a checksum would be written at byte " + std::to_string(at));
        }
    return {};
}

Result<> expect_no_fragments(const AskKernel& ask, const Kind& kind, std::span<const std::uint8_t> frame,
                             const VirtioHeader& header) {
    BULKHEAD_TRY_ASSIGN(const auto answer, ask(frame, header));
    return !answer || answer == left_elsewhere ? Result<>{} : hides(kind, "a wish for fragments");
}

Result<> look_at(const AskKernel& ask, const Kind& kind) {
    const VirtioHeader right = left_at(kind.start, kind.offset);
    BULKHEAD_TRY_ASSIGN(const auto frame, frame_of(kind, 100));
    BULKHEAD_TRY(expect_in_place(ask, kind, frame, {}));
    BULKHEAD_TRY(expect_in_place(ask, kind, frame, right));
    BULKHEAD_TRY(expect_elsewhere(ask, kind, frame, right));
    VirtioHeader super = right;
    super.gso_type = kind.super_frames;
    super.gso_size = 1400;
    super.hdr_len = static_cast<std::uint16_t>(kind.start + 20);
    BULKHEAD_TRY_ASSIGN(const auto large, frame_of(kind, 20'000));
    if (kind.super_frames == gso_udp) return expect_no_fragments(ask, kind, large, super);
    BULKHEAD_TRY(expect_in_place(ask, kind, large, super));
    return expect_elsewhere(ask, kind, large, super);
}

}  // namespace

LeftChecksums judge_left_checksums(const AskKernel& ask) {
    for (const Kind& kind : kinds)
        if (const auto seen = look_at(ask, kind); !seen) return {.told = false, .why = seen.error().text()};
    return {.told = true, .why = {}};
}

LeftChecksums find_left_checksums() {
    const auto probe = Probe::open();
    const auto found = probe ? judge_left_checksums([&](const auto& frame, const auto& header) {
        return (*probe)->ask(frame, header);
    })
                             : LeftChecksums{.told = false, .why = probe.error().text()};
    if (!found.told)
        log::warning("guests are offered no offloads: the switch could not guard them",
                     {{"reason", found.why}});
    return found;
}

}  // namespace bulkhead::vnet
