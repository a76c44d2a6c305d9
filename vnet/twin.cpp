#include "vnet/twin.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "vnet/bpf_error.hpp"
#include "vnet/program.hpp"
#include "vnet/skeleton.hpp"

namespace bulkhead::vnet {
namespace {

// What the twin does not share: all that the programs write.
constexpr std::array<std::string_view, 10> own{"connections",      "drafts",   "usage",   "swept",
                                               "buckets",          "locals",   "denials", "port_counters",
                                               "conduit_counters", "explained"};

constexpr std::uint32_t room = 64;  // for connections

// Of a hash.
template <class Key, class Value>
Result<> replace(Map<Key, Value>& map, const std::vector<std::pair<Key, Value>>& rows) {
    BULKHEAD_TRY_ASSIGN(const auto before, map.entries());
    for (const auto& [key, value] : before) BULKHEAD_TRY(map.erase(key));
    for (const auto& [key, value] : rows) BULKHEAD_TRY(map.put(key, value));
    return {};
}

// Of an array, of whose rows those `before` alone may not be zero.
template <class Value>
Result<> overwrite(Map<std::uint32_t, Value>& map, const std::vector<std::pair<std::uint32_t, Value>>& before,
                   const std::vector<std::pair<std::uint32_t, Value>>& rows) {
    for (const auto& [index, value] : before) BULKHEAD_TRY(map.put(index, Value{}));
    for (const auto& [index, value] : rows) BULKHEAD_TRY(map.put(index, value));
    return {};
}

struct Run {
    std::uint32_t verdict;
};

Result<Run> run(int program, std::span<const std::byte> frame, const __sk_buff& context) {
    bpf_test_run_opts options{.sz = sizeof options,
                              .data_in = frame.data(),
                              .data_size_in = static_cast<std::uint32_t>(frame.size()),
                              .ctx_in = &context,
                              .ctx_size_in = sizeof context};
    if (const int result = bpf_prog_test_run_opts(program, &options); result != 0)
        return fail_bpf(result, "the kernel does not run the switch's twin");
    return Run{options.retval};
}

}  // namespace

Twin::Twin(std::unique_ptr<Skeleton> skeleton) : skeleton_(std::move(skeleton)) {
}

Twin::~Twin() = default;

Result<std::unique_ptr<Twin>> Twin::open(const Program& program) {
    hush_libbpf();
    auto skeleton = std::make_unique<Skeleton>();
    skeleton->bpf.reset(bulkhead_switch__open());
    if (!skeleton->bpf) return fail_errno("can't open the switch's programs");
    skeleton->bpf->rodata->explaining = 1;
    bpf_map__set_max_entries(skeleton->bpf->maps.connections, room);
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, skeleton->bpf->obj) {
        const std::string_view name = bpf_map__name(map);
        if (bpf_map__is_internal(map) || std::ranges::find(own, name) != own.end()) continue;
        if (const int result = bpf_map__reuse_fd(map, program.map(name)); result != 0)
            return fail_bpf(result, "the switch's twin can't see a map", std::string(name));
    }
    if (const int result = bulkhead_switch__load(skeleton->bpf.get()); result != 0)
        return fail_bpf(result, "the kernel refuses the switch's twin");
    return std::unique_ptr<Twin>(new Twin(std::move(skeleton)));
}

// Takes what it learned from the frame before with what it was told then.
Result<> Twin::remember(const Moment& moment) {
    auto maps = maps_of(*skeleton_->bpf->obj);
    BULKHEAD_TRY(replace(maps.seen.connections, moment.connections));
    BULKHEAD_TRY(replace(maps.seen.locals, moment.locals));
    BULKHEAD_TRY(overwrite(maps.policy.buckets, held_.buckets, moment.buckets));
    // One more of each tenant may have been opened since.
    BULKHEAD_TRY_ASSIGN(const auto usage, maps.seen.usage.entries());
    BULKHEAD_TRY(overwrite(maps.seen.usage, usage, moment.usage));
    held_ = moment;
    return {};
}

Result<switch_explained> Twin::ask(std::span<const std::byte> frame, unsigned ifindex, const Moment& moment,
                                   unsigned segment) {
    BULKHEAD_TRY(remember(moment));
    const Map<std::uint32_t, switch_explained> answers(bpf_map__fd(skeleton_->bpf->maps.explained));
    auto emptied = answers;
    constexpr std::uint32_t unanswered = 0xffffffff;
    BULKHEAD_TRY(emptied.put(0, switch_explained{unanswered, 0, 0, 0, 0, 0, 0}));
    __sk_buff context{};
    context.ifindex = ifindex;
    context.ingress_ifindex = ifindex;
    context.gso_size = segment;
    BULKHEAD_TRY(run(bpf_program__fd(skeleton_->bpf->progs.switch_ingress), frame, context));
    BULKHEAD_TRY_ASSIGN(const auto answer, answers.find(0));
    if (!answer || answer->verdict == unanswered)
        return fail(Code::internal, "the switch's twin came to no verdict");
    return *answer;
}

Result<bool> Twin::may_leave(std::span<const std::byte> frame, unsigned ifindex, unsigned came_over) {
    __sk_buff context{};
    context.ifindex = ifindex;
    context.ingress_ifindex = came_over;
    BULKHEAD_TRY_ASSIGN(const Run done,
                        run(bpf_program__fd(skeleton_->bpf->progs.switch_egress), frame, context));
    return done.verdict == TC_ACT_OK;
}

}  // namespace bulkhead::vnet
